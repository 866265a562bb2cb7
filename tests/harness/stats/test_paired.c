/* Paired t, Wilcoxon, sign, McNemar and permutation tests against SciPy and by hand. */
#include "core/parallel.h"
#include "tests/harness/stats/golden.h"

enum { MAX_PAIRS = 300 };

/* t, its p, rank sum, its p, positive differences, binomial p, permutation p (NaN past 12 pairs) */
static void check_line(const double *a, const double *b, size_t n, const double *expected,
                       bool binary, const char *what)
{
    rec_test_result t = rec_paired_t(a, b, n), sign = rec_sign_test(a, b, n), r;
    if (!isnan(expected[0])) {
        ck_assert_golden(t.statistic, expected[0], 1e-9 * fabs(expected[0]) + 1e-14, what);
        ck_assert_golden(t.p, expected[1], 1e-9, what);
    }
    ck_assert_ok(rec_wilcoxon(&r, a, b, n, err));
    ck_assert_golden(r.statistic, expected[2], 0, what);
    ck_assert_golden(r.p, expected[3], 1e-12, what);
    ck_assert_golden(sign.statistic, expected[4], 0, what);
    ck_assert_golden(sign.p, expected[5], 1e-12, what);
    if (binary) {
        rec_test_result mcnemar = rec_mcnemar(a, b, n);
        ck_assert_golden(mcnemar.p, expected[5], 1e-12, what);
        ck_assert_uint_eq(mcnemar.n, sign.n);
    }
    if (!isnan(expected[6])) {
        ck_assert_ok(rec_permutation_test(&r, a, b, n, 1, 1, err));
        ck_assert_golden(r.p, expected[6], 1e-12, what);
    }
}

START_TEST(equal_to_scipy)
{
    FILE *file = golden_open("paired.txt");
    char kind[32], what[64];
    size_t n, n_lines = 0;
    for (; fscanf(file, "%31s %zu", kind, &n) == 2; n_lines++) {
        double a[MAX_PAIRS], b[MAX_PAIRS], expected[7];
        ck_assert_uint_le(n, MAX_PAIRS);
        golden_numbers(a, n, file);
        golden_numbers(b, n, file);
        golden_numbers(expected, 7, file);
        snprintf(what, sizeof what, "%s, %zu pairs", kind, n);
        check_line(a, b, n, expected, strcmp(kind, "binary") == 0, what);
    }
    ck_assert_uint_eq(n_lines, 33);
    fclose(file);
}
END_TEST

/* Differences 1, 2, 3: t = 2 / (1 / sqrt 3). Wilcoxon: all positive, p = 2 / 8. Sign: the same.
 * Permutation: only +++ and --- reach |6|: 2 / 8. */
START_TEST(by_hand)
{
    const double a[] = {1, 2, 3}, b[] = {0, 0, 0};
    rec_test_result r = rec_paired_t(a, b, 3);
    ck_assert_double_eq_tol(r.statistic, 2 * sqrt(3), 1e-14);
    ck_assert_double_eq_tol(rec_effect_size(a, b, 3), 2, 1e-14);
    ck_assert_ok(rec_wilcoxon(&r, a, b, 3, err));
    ck_assert_double_eq(r.p, 0.25);
    ck_assert_double_eq(rec_sign_test(a, b, 3).p, 0.25);
    ck_assert_ok(rec_permutation_test(&r, a, b, 3, 0, 0, err));
    ck_assert_double_eq(r.p, 0.25);
    ck_assert_double_eq(r.statistic, 2.0);
    /* 0.1 + 0.2 - 0.3 is not 0 in binary, yet the choices it separates are equal on paper */
    const double c[] = {0.1, 0.2, 0.3};
    ck_assert_ok(rec_permutation_test(&r, c, b, 3, 0, 0, err));
    ck_assert_double_eq(r.p, 0.25);
    const double e[] = {0.3, -0.1, -0.2}; /* sum 0: every choice is at least as far */
    ck_assert_ok(rec_permutation_test(&r, e, b, 3, 0, 0, err));
    ck_assert_double_eq(r.p, 1.0);
}
END_TEST

START_TEST(no_difference)
{
    const double a[] = {0.1, 0.2, 0.3};
    rec_test_result r = rec_paired_t(a, a, 3);
    ck_assert_double_eq(r.statistic, 0.0);
    ck_assert_double_eq(r.p, 1.0);
    ck_assert_double_eq(rec_effect_size(a, a, 3), 0.0);
    ck_assert_ok(rec_wilcoxon(&r, a, a, 3, err));
    ck_assert_double_eq(r.p, 1.0);
    ck_assert_uint_eq(r.n, 0);
    ck_assert_double_eq(rec_sign_test(a, a, 3).p, 1.0);
    ck_assert_double_eq(rec_mcnemar(a, a, 3).p, 1.0);
    ck_assert_ok(rec_permutation_test(&r, a, a, 3, 10, 1, err));
    ck_assert_double_eq(r.p, 1.0);
}
END_TEST

START_TEST(constant_difference_and_too_few)
{
    const double a[] = {2, 3, 4}, b[] = {1, 2, 3};
    rec_test_result r = rec_paired_t(a, b, 3);
    ck_assert_double_eq(r.statistic, INFINITY);
    ck_assert_double_eq(r.p, 0.0);
    ck_assert_double_nan(rec_paired_t(a, b, 1).p);
    ck_assert_ok(rec_permutation_test(&r, a, b, 0, 10, 1, err));
    ck_assert_double_nan(r.p);
}
END_TEST

/* 21 pairs are drawn, 20 enumerated: the drawn p lies near the exact one and never reaches 0. */
START_TEST(drawn_permutations)
{
    double a[21], b[21] = {0};
    for (size_t i = 0; i < 21; i++)
        a[i] = i % 3 == 0 ? -0.9 - 0.01 * (double)i : 0.7 + 0.02 * (double)i;
    b[20] = a[20]; /* a zero difference: the 20 others give the same p exactly */
    rec_test_result exact, drawn, again;
    ck_assert_ok(rec_permutation_test(&exact, a, b, 20, 0, 0, err));
    ck_assert_ok(rec_permutation_test(&drawn, a, b, 21, 20000, 5, err));
    ck_assert_double_eq_tol(drawn.p, exact.p, 4 * sqrt(exact.p * (1 - exact.p) / 20000));
    rec_parallel_set_threads(1);
    ck_assert_ok(rec_permutation_test(&again, a, b, 21, 20000, 5, err));
    ck_assert_double_eq(again.p, drawn.p);
    for (size_t i = 0; i < 21; i++)
        a[i] = 1.0 + 0.1 * (double)i;
    ck_assert_ok(rec_permutation_test(&drawn, a, b, 21, 999, 5, err));
    ck_assert_double_eq(drawn.p, 1.0 / 1000);
}
END_TEST

REC_SUITE("harness/stats/paired", tcase_add_test(t, equal_to_scipy); tcase_add_test(t, by_hand);
          tcase_add_test(t, no_difference); tcase_add_test(t, constant_difference_and_too_few);
          tcase_add_test(t, drawn_permutations);)
