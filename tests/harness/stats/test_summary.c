#include "tests/harness/stats/golden.h"

/* 1 2 3 4 10: mean 4, squares 9 + 4 + 1 + 0 + 36 = 50, sd sqrt(50 / 4). */
START_TEST(by_hand)
{
    const double x[] = {1, 2, 3, 4, 10};
    ck_assert_double_eq(rec_mean(x, 5), 4.0);
    ck_assert_double_eq_tol(rec_sd(x, 5), sqrt(12.5), 1e-15);
    ck_assert_double_eq_tol(rec_stderr(x, 5), sqrt(2.5), 1e-15);
    rec_interval ci = rec_t_interval(x, 5, 0.95); /* t(0.975, 4) = 2.7764451 */
    ck_assert_double_eq_tol(ci.low, 4 - 2.7764451051977987 * sqrt(2.5), 1e-12);
    ck_assert_double_eq_tol(ci.high, 4 + 2.7764451051977987 * sqrt(2.5), 1e-12);
}
END_TEST

START_TEST(undefined)
{
    const double x[] = {1};
    ck_assert_double_nan(rec_mean(x, 0));
    ck_assert_double_eq(rec_mean(x, 1), 1.0);
    ck_assert_double_nan(rec_sd(x, 1));
    ck_assert_double_nan(rec_stderr(x, 1));
    ck_assert_double_nan(rec_t_interval(x, 1, 0.95).low);
    ck_assert_double_nan(rec_effect_size(x, x, 1));
}
END_TEST

/* Spread 1 around a mean of 1e9 survives. */
START_TEST(large_mean)
{
    const double x[] = {1e9, 1e9 + 1, 1e9 + 2};
    ck_assert_double_eq(rec_sd(x, 3), 1.0);
}
END_TEST

REC_SUITE("harness/stats/summary", tcase_add_test(t, by_hand); tcase_add_test(t, undefined);
          tcase_add_test(t, large_mean);)
