#include "tests/harness/metrics/lists.h"

/* Two hits: P = 2/4, R = 2/4 at 4; P = 2/8 at 8 gives 2 / (4 + 2) = 1/3. */
START_TEST(by_hand)
{
    const rec_ranking *r = LIST(4, 0, 1, NAN, 2);
    ck_assert_double_eq(value("f1@1", r), 0.0);
    ck_assert_near(value("f1@2", r), 1.0 / 3); /* P 1/2, R 1/4 */
    ck_assert_double_eq(value("f1@4", r), 0.5);
    ck_assert_near(value("f1@8", r), 1.0 / 3);
    ck_assert_double_eq(value("f1", r), 0.5);
}
END_TEST

START_TEST(perfect_worst_and_empty)
{
    ck_assert_double_eq(value("f1@2", LIST(2, 1, 1, 0)), 1.0);
    ck_assert_double_eq(value("f1@2", LIST(2, 0, -1, 1)), 0.0);
    ck_assert_double_eq(value("f1@2", EMPTY(2)), 0.0);
    ck_assert_double_eq(value("f1", EMPTY(2)), 0.0);
    ck_assert_double_nan(value("f1@2", LIST(0, 0, 0)));
}
END_TEST

REC_SUITE("harness/metrics/f1", tcase_add_test(t, by_hand);
          tcase_add_test(t, perfect_worst_and_empty);)
