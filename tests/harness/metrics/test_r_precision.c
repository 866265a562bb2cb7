#include "tests/harness/metrics/lists.h"

START_TEST(by_hand)
{
    ck_assert_near(value("r_precision", LIST(3, 1, 0, 2, 1)), 2.0 / 3);
    ck_assert_double_eq(value("r_precision", LIST(2, 1, 1)), 1.0);
    ck_assert_double_eq(value("r_precision", LIST(1, 0, 1)), 0.0);
    ck_assert_double_eq(value("r_precision", LIST(4, 1)), 0.25); /* shorter than R */
    ck_assert_double_eq(value("r_precision", EMPTY(1)), 0.0);
    ck_assert_double_nan(value("r_precision", EMPTY(0)));
}
END_TEST

START_TEST(ranks_beyond_the_list)
{
    rec_ranking r = *LIST(4, 1);
    r.relevant_ranks = (const size_t[]){1, 4, 5, 0};
    ck_assert_double_eq(value("r_precision", &r), 0.5);
}
END_TEST

REC_SUITE("harness/metrics/r_precision", tcase_add_test(t, by_hand);
          tcase_add_test(t, ranks_beyond_the_list);)
