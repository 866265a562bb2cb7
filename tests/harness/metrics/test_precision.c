#include "tests/harness/metrics/lists.h"

/* The divisor is k, past the end of the list too; the list itself when there is no cut. */
START_TEST(by_hand)
{
    const rec_ranking *r = LIST(4, 0, 1, NAN, 2);
    ck_assert_double_eq(value("precision@1", r), 0.0);
    ck_assert_double_eq(value("precision@2", r), 0.5);
    ck_assert_double_eq(value("precision@4", r), 0.5);
    ck_assert_double_eq(value("precision@8", r), 0.25);
    ck_assert_double_eq(value("precision", r), 0.5);
    /* one target in a list of two: a tenth at k = 10 */
    ck_assert_double_eq(value("precision@10", LIST(1, 0, 1)), 0.1);
}
END_TEST

START_TEST(perfect_worst_and_empty)
{
    ck_assert_double_eq(value("precision@2", LIST(2, 1, 1, 0)), 1.0);
    ck_assert_double_eq(value("precision@2", LIST(2, 0, -1, 1)), 0.0);
    ck_assert_double_eq(value("precision@2", EMPTY(2)), 0.0);
    ck_assert_double_eq(value("precision", EMPTY(2)), 0.0);
    ck_assert_double_nan(value("precision@2", LIST(0, 0, 0)));
}
END_TEST

REC_SUITE("harness/metrics/precision", tcase_add_test(t, by_hand);
          tcase_add_test(t, perfect_worst_and_empty);)
