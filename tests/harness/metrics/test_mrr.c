#include "tests/harness/metrics/lists.h"

START_TEST(by_hand)
{
    const rec_ranking *r = LIST(2, 0, NAN, 1, 1);
    ck_assert_double_eq(value("mrr@2", r), 0.0);
    ck_assert_near(value("mrr@3", r), 1.0 / 3);
    ck_assert_near(value("mrr@50", r), 1.0 / 3);
    ck_assert_double_eq(value("mrr@1", LIST(1, 1)), 1.0);
    ck_assert_double_eq(value("mrr@1", EMPTY(1)), 0.0);
    ck_assert_double_nan(value("mrr@1", LIST(0, 0)));
}
END_TEST

/* One relevant item: hit = recall, map = mrr, precision k = hit, ndcg >= mrr, and none but
 * precision falls with k. */
START_TEST(single_target_invariants)
{
    for (size_t rank = 1; rank <= 6; rank++) {
        float gains[6] = {0};
        gains[rank - 1] = 1;
        rec_ranking r = {.gains = gains, .n_ranked = 6, .n_relevant = 1};
        double before[4] = {0};
        for (size_t k = 1; k <= 8; k++) {
            double ndcg = rec_metric_find("ndcg")->value_at(&r, k);
            double hit = rec_metric_find("hit")->value_at(&r, k);
            double recall = rec_metric_find("recall")->value_at(&r, k);
            double precision = rec_metric_find("precision")->value_at(&r, k);
            double map = rec_metric_find("map")->value_at(&r, k);
            double mrr = rec_metric_find("mrr")->value_at(&r, k);
            ck_assert_double_eq(hit, recall);
            ck_assert_double_eq(map, mrr);
            ck_assert_near(precision * (double)k, hit);
            ck_assert_double_ge(ndcg, mrr);
            double now[4] = {ndcg, hit, map, mrr};
            for (size_t m = 0; m < 4; m++)
                ck_assert_double_ge(now[m], before[m]);
            memcpy(before, now, sizeof now);
        }
    }
}
END_TEST

REC_SUITE("harness/metrics/mrr", tcase_add_test(t, by_hand);
          tcase_add_test(t, single_target_invariants);)
