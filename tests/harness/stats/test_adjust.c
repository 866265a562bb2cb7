#include "tests/harness/stats/golden.h"

typedef rec_status (*adjust_fn)(double *p, size_t n, rec_error *err);
static const adjust_fn adjust[] = {rec_adjust_holm, rec_adjust_hochberg,
                                   rec_adjust_benjamini_hochberg};

START_TEST(equal_to_goldens)
{
    FILE *file = golden_open("adjust.txt");
    size_t n, n_lines = 0;
    for (; fscanf(file, "%zu", &n) == 1; n_lines++) {
        double p[50], expected[50], adjusted[50];
        golden_numbers(p, n, file);
        for (size_t method = 0; method < 3; method++) {
            golden_numbers(expected, n, file);
            memcpy(adjusted, p, n * sizeof *p);
            ck_assert_ok(adjust[method](adjusted, n, err));
            for (size_t i = 0; i < n; i++)
                ck_assert_golden(adjusted[i], expected[i], 1e-12, "adjusted p");
        }
    }
    ck_assert_uint_eq(n_lines, 10);
    fclose(file);
}
END_TEST

/* p = .01 .04 .03 of m = 3, a NaN aside. Holm: .03, then 2 x .03 = .06, then max(.04, .06).
 * Hochberg: from the top .04, min(.04, 2 x .03), min(.04, 3 x .01). BH: .04, min(.04, .045),
 * min(.03, .04). */
START_TEST(by_hand)
{
    const double expected[3][3] = {{0.03, 0.06, 0.06}, {0.03, 0.04, 0.04}, {0.03, 0.04, 0.04}};
    for (size_t method = 0; method < 3; method++) {
        double p[] = {0.01, NAN, 0.04, 0.03};
        ck_assert_ok(adjust[method](p, 4, err));
        ck_assert_double_nan(p[1]);
        ck_assert_double_eq_tol(p[0], expected[method][0], 1e-15);
        ck_assert_double_eq_tol(p[2], expected[method][1], 1e-15);
        ck_assert_double_eq_tol(p[3], expected[method][2], 1e-15);
        ck_assert_ok(adjust[method](NULL, 0, err));
    }
}
END_TEST

REC_SUITE("harness/stats/adjust", tcase_add_test(t, equal_to_goldens); tcase_add_test(t, by_hand);)
