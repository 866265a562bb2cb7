/* RecLM-eval's own definitions (its id version; spec'd in docs/metrics.md). */
#include "tests/harness/metrics/lists.h"

/* Three relevant a, b, c; list x a b y z. k = 2: the one hit at rank 2 over an ideal of one hit;
 * k = 5: hits at 2 and 3 over an ideal of two. */
START_TEST(missed_items_cost_nothing)
{
    const rec_ranking *r = LIST(3, 0, 1, 1, 0, 0);
    ck_assert_near(value("reclm_ndcg@2", r), 1 / log2(3));
    ck_assert_near(value("reclm_map@2", r), 0.5);
    ck_assert_near(value("reclm_ndcg@5", r), (1 / log2(3) + 0.5) / (1 + 1 / log2(3)));
    ck_assert_near(value("reclm_ndcg@5", r), 0.6934264036172708);
    ck_assert_near(value("reclm_map@5", r), 0.5833333333333333);
    ck_assert_near(value("reclm_recall@5", r), 2.0 / 3);
    ck_assert_double_eq(value("reclm_hit@1", r), 0.0);
    ck_assert_double_eq(value("reclm_hit@2", r), 1.0);
    ck_assert_double_eq(value("reclm_mrr@5", r), 0.5);
}
END_TEST

START_TEST(precision_divides_by_the_length)
{
    ck_assert_double_eq(value("reclm_precision@10", LIST(1, 0, 1)), 0.5);
    ck_assert_double_eq(value("precision@10", LIST(1, 0, 1)), 0.1);
}
END_TEST

/* List a, a, b with targets a, b: the repeat counts again here; standard metrics keep the first. */
START_TEST(repeats_count_again)
{
    ck_assert_double_eq(value("reclm_recall@3", LIST(2, 1, 1, 1)), 1.5);
    ck_assert_double_eq(value("recall@3", LIST(2, 1, 1)), 1.0);
    ck_assert_near(value("precision@3", LIST(2, 1, 1)), 2.0 / 3);
}
END_TEST

START_TEST(empty_lists_are_zero)
{
    const char *names[] = {"ndcg", "recall", "hit", "precision", "map", "mrr"};
    for (size_t i = 0; i < 6; i++) {
        char label[32];
        snprintf(label, sizeof label, "reclm_%s@5", names[i]);
        ck_assert_double_eq(value(label, EMPTY(1)), 0.0);
        ck_assert_double_eq(value(label, LIST(1, 0, 0)), 0.0);
        ck_assert_double_eq(value(label, LIST(1, 1)), 1.0);
        ck_assert_double_nan(value(label, EMPTY(0)));
    }
}
END_TEST

REC_SUITE("harness/metrics/reclm", tcase_add_test(t, missed_items_cost_nothing);
          tcase_add_test(t, precision_divides_by_the_length);
          tcase_add_test(t, repeats_count_again); tcase_add_test(t, empty_lists_are_zero);)
