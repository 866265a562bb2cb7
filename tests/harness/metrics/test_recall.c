#include "tests/harness/metrics/lists.h"

/* 2 of 4 relevant items in the list, at ranks 2 and 4. */
START_TEST(by_hand)
{
    const rec_ranking *r = LIST(4, 0, 1, NAN, 2);
    ck_assert_double_eq(value("recall@1", r), 0.0);
    ck_assert_double_eq(value("recall@2", r), 0.25);
    ck_assert_double_eq(value("recall@4", r), 0.5);
    ck_assert_double_eq(value("recall@100", r), 0.5);
    ck_assert_double_eq(value("recall", r), 0.5);
}
END_TEST

START_TEST(perfect_worst_and_empty)
{
    ck_assert_double_eq(value("recall@2", LIST(2, 1, 1, 0)), 1.0);
    ck_assert_double_eq(value("recall@2", LIST(2, 0, -1, 1)), 0.0);
    ck_assert_double_eq(value("recall@2", EMPTY(2)), 0.0);
    ck_assert_double_eq(value("recall", EMPTY(2)), 0.0);
    ck_assert_double_nan(value("recall@2", LIST(0, 0, 0)));
}
END_TEST

REC_SUITE("harness/metrics/recall", tcase_add_test(t, by_hand);
          tcase_add_test(t, perfect_worst_and_empty);)
