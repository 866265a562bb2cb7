/* Distribution functions against SciPy. */
#include "tests/harness/stats/golden.h"

static double evaluate(const char *name, double a, double b)
{
    if (strcmp(name, "t_cdf") == 0)
        return rec_student_t_cdf(b, a);
    if (strcmp(name, "t_two_sided") == 0)
        return rec_student_t_two_sided(b, a);
    if (strcmp(name, "t_quantile") == 0)
        return rec_student_t_quantile(b, a);
    if (strcmp(name, "normal_cdf") == 0)
        return rec_normal_cdf(b);
    if (strcmp(name, "normal_quantile") == 0)
        return rec_normal_quantile(b);
    if (strcmp(name, "coin_cdf") == 0)
        return rec_fair_coin_cdf((size_t)b, (size_t)a);
    ck_assert_int_eq(strncmp(name, "range_", 6), 0);
    return rec_studentized_range_sf(b, (size_t)atoi(name + 6), a);
}

/* 1e-12 of the value, 1e-10 from 1e4 degrees of freedom on, where the continued fraction needs
 * hundreds of terms; the studentised range is an integral in SciPy too: 1e-9 absolute. */
START_TEST(equal_to_scipy)
{
    FILE *file = golden_open("distributions.txt");
    char name[32], what[96];
    double numbers[3];
    size_t n = 0;
    for (; fscanf(file, "%31s", name) == 1; n++) {
        golden_numbers(numbers, 3, file);
        snprintf(what, sizeof what, "%s(%g, %g)", name, numbers[0], numbers[1]);
        double relative = numbers[0] >= 1e4 ? 1e-10 : 1e-12;
        double tol = strncmp(name, "range_", 6) == 0 ? 1e-9 : relative * fabs(numbers[2]) + 1e-17;
        ck_assert_golden(evaluate(name, numbers[0], numbers[1]), numbers[2], tol, what);
    }
    ck_assert_uint_gt(n, 500);
    fclose(file);
}
END_TEST

START_TEST(quantile_inverts_cdf)
{
    for (double p = 0.001; p < 1; p += 0.037) {
        ck_assert_double_eq_tol(rec_normal_cdf(rec_normal_quantile(p)), p, 1e-15);
        for (double df = 1; df < 2000; df = df * 3 + 0.5)
            ck_assert_double_eq_tol(rec_student_t_cdf(rec_student_t_quantile(p, df), df), p, 1e-14);
    }
}
END_TEST

START_TEST(ends)
{
    ck_assert_double_eq(rec_normal_quantile(0), -INFINITY);
    ck_assert_double_eq(rec_normal_quantile(1), INFINITY);
    ck_assert_double_nan(rec_normal_quantile(1.5));
    ck_assert_double_nan(rec_student_t_quantile(NAN, 3));
    ck_assert_double_nan(rec_student_t_two_sided(1, 0));
    ck_assert_double_eq(rec_student_t_two_sided(INFINITY, 3), 0.0);
    ck_assert_double_eq(rec_student_t_two_sided(0, 3), 1.0);
    ck_assert_double_eq(rec_student_t_cdf(1.5, INFINITY), rec_normal_cdf(1.5));
    ck_assert_double_nan(rec_studentized_range_sf(1, 1, 3));
    ck_assert_double_eq(rec_studentized_range_sf(0, 3, 3), 1.0);
    ck_assert_double_eq(rec_fair_coin_cdf(0, 0), 1.0);
}
END_TEST

REC_SUITE("harness/stats/distributions", tcase_add_test(t, equal_to_scipy);
          tcase_add_test(t, quantile_inverts_cdf); tcase_add_test(t, ends);)
