#include "tests/harness/stats/golden.h"

START_TEST(equal_to_scipy)
{
    FILE *file = golden_open("tukey.txt");
    size_t m, n, n_lines = 0;
    for (; fscanf(file, "%zu %zu", &m, &n) == 2; n_lines++) {
        double x[5 * 40], expected[25], p[25];
        golden_numbers(x, m * n, file);
        for (int blocked = 0; blocked < 2; blocked++) {
            golden_numbers(expected, m * m, file);
            ck_assert_ok(rec_tukey_hsd(p, x, m, n, blocked, err));
            for (size_t i = 0; i < m * m; i++)
                ck_assert_golden(p[i], expected[i], 1e-9, blocked ? "blocked" : "one-way");
        }
    }
    ck_assert_uint_eq(n_lines, 3);
    fclose(file);
}
END_TEST

/* Two systems on shared samples: the blocked form is the paired t test (q = sqrt 2 |t|). */
START_TEST(two_systems_are_a_paired_t)
{
    const double x[] = {0.1, 0.5, 0.3, 0.9, 0.2, 0.4, 0.4, 1.0};
    double p[4];
    ck_assert_ok(rec_tukey_hsd(p, x, 2, 4, true, err));
    ck_assert_double_eq_tol(p[1], rec_paired_t(x, x + 4, 4).p, 1e-9);
    ck_assert_double_eq(p[0], 1.0);
}
END_TEST

START_TEST(degenerate)
{
    const double same[] = {0.1, 0.2, 0.1, 0.2}, apart[] = {1, 1, 2, 2};
    double p[4];
    ck_assert_ok(rec_tukey_hsd(p, same, 2, 2, true, err));
    ck_assert_double_eq(p[1], 1.0);
    ck_assert_ok(rec_tukey_hsd(p, apart, 2, 2, false, err)); /* no error at all */
    ck_assert_double_eq(p[1], 0.0);
    ck_assert_ok(rec_tukey_hsd(p, apart, 2, 1, false, err));
    ck_assert_double_nan(p[1]);
}
END_TEST

REC_SUITE("harness/stats/tukey", tcase_add_test(t, equal_to_scipy);
          tcase_add_test(t, two_systems_are_a_paired_t); tcase_add_test(t, degenerate);)
