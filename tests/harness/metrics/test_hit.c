#include "tests/harness/metrics/lists.h"

/* The first relevant item is at rank 2. */
START_TEST(by_hand)
{
    const rec_ranking *r = LIST(4, 0, 1, NAN, 2);
    ck_assert_double_eq(value("hit@1", r), 0.0);
    ck_assert_double_eq(value("hit@2", r), 1.0);
    ck_assert_double_eq(value("hit@100", r), 1.0);
    ck_assert_double_eq(value("hit", r), 1.0);
}
END_TEST

START_TEST(perfect_worst_and_empty)
{
    ck_assert_double_eq(value("hit@2", LIST(2, 1, 1, 0)), 1.0);
    ck_assert_double_eq(value("hit@2", LIST(2, 0, -1, 1)), 0.0);
    ck_assert_double_eq(value("hit@2", EMPTY(2)), 0.0);
    ck_assert_double_eq(value("hit", EMPTY(2)), 0.0);
    ck_assert_double_nan(value("hit@2", LIST(0, 0, 0)));
}
END_TEST

REC_SUITE("harness/metrics/hit", tcase_add_test(t, by_hand);
          tcase_add_test(t, perfect_worst_and_empty);)
