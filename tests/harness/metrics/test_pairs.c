/* auc and gauc. */
#include "tests/harness/metrics/lists.h"

/* Relevant at 1 and 4 of 5: pairs (1; 2, 3, 5) right, (4; 5) right: 4 of 6. */
START_TEST(by_hand)
{
    const rec_ranking *r = LIST(2, 1, 0, NAN, 1, 0);
    ck_assert_near(value("auc", r), 4.0 / 6);
    ck_assert_near(value("gauc", r), 4.0 / 6);
    ck_assert_double_eq(rec_metric_find("gauc")->weight(r), 2.0);
    ck_assert(rec_metric_find("auc")->weight == NULL);
    ck_assert_double_eq(value("auc", LIST(1, 1, 0)), 1.0);
    ck_assert_double_eq(value("auc", LIST(1, 0, 1)), 0.0);
}
END_TEST

/* The same order cut at one place, known by its ranks; then with a third relevant item that is not
 * ranked: it loses to the 3 irrelevant ones. */
START_TEST(ranks_beyond_the_list)
{
    rec_ranking r = *LIST(2, 1);
    r.n_pool = 5;
    r.relevant_ranks = (const size_t[]){4, 1};
    ck_assert_near(value("auc", &r), 4.0 / 6);
    r.n_relevant = 3;
    r.relevant_ranks = (const size_t[]){4, 0, 1};
    ck_assert_near(value("auc", &r), 4.0 / 9);
}
END_TEST

START_TEST(undefined_without_a_pair)
{
    ck_assert_double_nan(value("auc", LIST(0, 0, 0)));
    ck_assert_double_nan(value("auc", LIST(2, 1, 1)));
    ck_assert_double_nan(value("gauc", EMPTY(1)));
}
END_TEST

REC_SUITE("harness/metrics/pairs", tcase_add_test(t, by_hand);
          tcase_add_test(t, ranks_beyond_the_list); tcase_add_test(t, undefined_without_a_pair);)
