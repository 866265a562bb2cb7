#include "core/parallel.h"
#include "core/rng.h"
#include "tests/harness/stats/golden.h"

static rec_interval interval(const double *x, const uint32_t *cluster, size_t n,
                             rec_bootstrap_kind kind, size_t n_resamples, uint64_t seed)
{
    rec_interval out = {0};
    ck_assert_ok(rec_bootstrap_interval(&out, x, cluster, n, 0.95, kind, n_resamples, seed, err));
    return out;
}

static const rec_bootstrap_kind kinds[] = {REC_BOOTSTRAP_PERCENTILE, REC_BOOTSTRAP_BCA};

/* SciPy with 200,000 resamples; the ends of 20,000 vary by about a hundredth of the width. */
START_TEST(near_scipy)
{
    FILE *file = golden_open("bootstrap.txt");
    size_t n;
    while (fscanf(file, "%zu", &n) == 1) {
        double x[80], ends[4];
        golden_numbers(x, n, file);
        golden_numbers(ends, 4, file);
        for (size_t k = 0; k < 2; k++) {
            rec_interval ci = interval(x, NULL, n, kinds[k], 20000, 3);
            double tol = (ends[2 * k + 1] - ends[2 * k]) / 50;
            ck_assert_golden(ci.low, ends[2 * k], tol, "low");
            ck_assert_golden(ci.high, ends[2 * k + 1], tol, "high");
        }
    }
    fclose(file);
}
END_TEST

/* 10,000 resamples: within 2 % of s / sqrt(n), the plug-in s (divisor n) made Bessel's. */
START_TEST(standard_error_of_a_mean)
{
    enum { N = 500 };
    double x[N], stderr_boot;
    rec_rng rng = rec_rng_keyed(4, "test/bootstrap", 0);
    for (size_t i = 0; i < N; i++)
        x[i] = rec_rng_uniform(&rng);
    ck_assert_ok(rec_bootstrap_stderr(&stderr_boot, x, NULL, N, 10000, 11, err));
    ck_assert_double_eq_tol(stderr_boot / rec_stderr(x, N), 1.0, 0.02);
}
END_TEST

/* 95 % intervals of the mean of 60 normals hold the true mean 93 to 97 times in 100. */
START_TEST(coverage)
{
    enum { EXPERIMENTS = 2000, N = 60, RESAMPLES = 400 };
    size_t n_covered[2] = {0};
    rec_parallel_set_threads(1); /* thousands of small loops */
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        rec_rng rng = rec_rng_keyed(6, "test/coverage", e);
        double x[N];
        for (size_t i = 0; i < N; i++)
            x[i] = rec_rng_normal(&rng);
        for (size_t k = 0; k < 2; k++) {
            rec_interval ci = interval(x, NULL, N, kinds[k], RESAMPLES, e);
            n_covered[k] += ci.low <= 0.0 && 0.0 <= ci.high;
        }
    }
    for (size_t k = 0; k < 2; k++) {
        ck_assert_double_ge((double)n_covered[k] / EXPERIMENTS, 0.93);
        ck_assert_double_le((double)n_covered[k] / EXPERIMENTS, 0.97);
    }
}
END_TEST

START_TEST(same_bytes_for_any_thread_count)
{
    double x[40];
    uint32_t cluster[40];
    for (size_t i = 0; i < 40; i++) {
        x[i] = sin((double)i);
        cluster[i] = (uint32_t)(i * 7 % 9);
    }
    for (size_t k = 0; k < 2; k++) {
        rec_parallel_set_threads(2);
        rec_interval two = interval(x, cluster, 40, kinds[k], 1000, 8);
        rec_parallel_set_threads(1);
        rec_interval one = interval(x, cluster, 40, kinds[k], 1000, 8);
        ck_assert_int_eq(memcmp(&one, &two, sizeof one), 0);
        rec_interval other = interval(x, cluster, 40, kinds[k], 1000, 9);
        ck_assert_int_ne(memcmp(&one, &other, sizeof one), 0);
    }
}
END_TEST

/* Every sample four times over: clusters tell that there are 25 observations and not 100. */
START_TEST(clusters_are_resampled_whole)
{
    double x[100], once[25];
    uint32_t cluster[100];
    for (size_t i = 0; i < 100; i++) {
        x[i] = once[i / 4] = cos((double)(i / 4));
        cluster[i] = 1000 - (uint32_t)(i / 4);
    }
    rec_interval naive = interval(x, NULL, 100, REC_BOOTSTRAP_PERCENTILE, 4000, 1);
    rec_interval whole = interval(x, cluster, 100, REC_BOOTSTRAP_PERCENTILE, 4000, 1);
    rec_interval plain = interval(once, NULL, 25, REC_BOOTSTRAP_PERCENTILE, 4000, 1);
    ck_assert_double_eq_tol((whole.high - whole.low) / (naive.high - naive.low), 2.0, 0.1);
    ck_assert_double_eq_tol((whole.high - whole.low) / (plain.high - plain.low), 1.0, 0.05);
}
END_TEST

START_TEST(columns_equal_single_calls)
{
    double rows[30][3];
    for (size_t i = 0; i < 30; i++)
        for (size_t m = 0; m < 3; m++)
            rows[i][m] = sin((double)(i * 3 + m * m));
    for (size_t k = 0; k < 2; k++) {
        rec_interval all[3];
        ck_assert_ok(
            rec_bootstrap_intervals(all, &rows[0][0], 3, NULL, 30, 0.9, kinds[k], 500, 2, err));
        for (size_t m = 0; m < 3; m++) {
            double column[30];
            for (size_t i = 0; i < 30; i++)
                column[i] = rows[i][m];
            rec_interval one;
            ck_assert_ok(
                rec_bootstrap_interval(&one, column, NULL, 30, 0.9, kinds[k], 500, 2, err));
            ck_assert_int_eq(memcmp(&one, &all[m], sizeof one), 0);
        }
    }
}
END_TEST

START_TEST(degenerate)
{
    const double same[] = {0.5, 0.5, 0.5};
    for (size_t k = 0; k < 2; k++) {
        rec_interval ci = interval(same, NULL, 3, kinds[k], 100, 1);
        ck_assert_double_eq(ci.low, 0.5);
        ck_assert_double_eq(ci.high, 0.5);
        ck_assert_double_nan(interval(same, NULL, 1, kinds[k], 100, 1).low);
        ck_assert_double_nan(interval(same, NULL, 0, kinds[k], 100, 1).low);
        ck_assert_double_nan(interval(same, (const uint32_t[]){4, 4, 4}, 3, kinds[k], 9, 1).high);
    }
    rec_interval out;
    ck_assert_fails(rec_bootstrap_interval(&out, same, NULL, 3, 1.0, kinds[0], 9, 1, err),
                    REC_ERR_CONFIG, "level 1");
    ck_assert_fails(rec_bootstrap_interval(&out, same, NULL, 3, 0.9, kinds[0], 0, 1, err),
                    REC_ERR_CONFIG, "resamples");
}
END_TEST

/* Pairs of random baselines: no difference in at least 90 of 100 comparisons at 5 %. */
START_TEST(equal_systems_are_not_different)
{
    enum { N = 100 };
    size_t n_same[3] = {0};
    for (uint64_t c = 0; c < 100; c++) {
        rec_rng rng = rec_rng_keyed(7, "test/null", c);
        double a[N], b[N];
        for (size_t i = 0; i < N; i++) { /* reciprocal rank of one target among 20 */
            a[i] = 1.0 / (1.0 + (double)rec_rng_below(&rng, 20));
            b[i] = 1.0 / (1.0 + (double)rec_rng_below(&rng, 20));
        }
        rec_test_result permutation, wilcoxon;
        ck_assert_ok(rec_permutation_test(&permutation, a, b, N, 999, c, err));
        ck_assert_ok(rec_wilcoxon(&wilcoxon, a, b, N, err));
        n_same[0] += rec_paired_t(a, b, N).p > 0.05;
        n_same[1] += permutation.p > 0.05;
        n_same[2] += wilcoxon.p > 0.05;
    }
    for (size_t m = 0; m < 3; m++)
        ck_assert_uint_ge(n_same[m], 90);
}
END_TEST

enum { N_FEW = 5, N_ALL = 5 * 5 * 5 * 5 * 5 };

/* Every resample of five differences, each as likely as any other: what drawing tends to. */
static void enumerate(double *p, rec_interval *middle_half, const double *d)
{
    double means[N_ALL], observed = 0.0;
    size_t extreme = 0;
    for (size_t i = 0; i < N_FEW; i++)
        observed += d[i] / N_FEW;
    for (size_t r = 0; r < N_ALL; r++) {
        size_t digits = r;
        means[r] = 0.0;
        for (size_t i = 0; i < N_FEW; i++, digits /= N_FEW)
            means[r] += d[digits % N_FEW] / N_FEW;
        extreme += fabs(means[r] - observed) >= fabs(observed) - 1e-9;
    }
    for (size_t i = 1; i < N_ALL; i++)
        for (size_t j = i; j > 0 && means[j - 1] > means[j]; j--) {
            double swap = means[j];
            means[j] = means[j - 1];
            means[j - 1] = swap;
        }
    *p = (double)extreme / N_ALL;
    *middle_half = (rec_interval){means[N_ALL / 4], means[3 * N_ALL / 4]};
}

/* Four standard errors of a share of 40,000 draws are below .01. */
START_TEST(test_draws_what_enumeration_counts)
{
    const double zero[N_FEW] = {0};
    const double cases[][N_FEW] = {
        {0.2, 0.5, -0.1, 0.4, 0.3}, {-1, 2, 0.5, -0.25, 1}, {-3, -1, -2, 0.5, -1.5}};
    for (size_t c = 0; c < 3; c++) {
        double p;
        rec_interval half, drawn;
        rec_test_result r;
        enumerate(&p, &half, cases[c]);
        ck_assert_ok(rec_bootstrap_test(&r, &drawn, cases[c], zero, N_FEW, 0.5,
                                        REC_BOOTSTRAP_PERCENTILE, 40000, 5, err));
        ck_assert_double_eq_tol(r.p, p, 0.01);
        ck_assert_double_eq_tol(drawn.low, half.low, 0.03);
        ck_assert_double_eq_tol(drawn.high, half.high, 0.03);
        ck_assert_double_eq_tol(r.statistic, rec_mean(cases[c], N_FEW), 1e-15);
        ck_assert_uint_eq(r.n, N_FEW);
    }
}
END_TEST

/* Many pairs: the resampled mean is normal with the plug-in standard error, so
 * p = 2 (1 - Phi(|mean| / (sd sqrt((n - 1) / n) / sqrt(n)))). Two-sided, whichever is better. */
START_TEST(test_tends_to_the_normal)
{
    enum { N = 400 };
    double a[N], b[N], d[N];
    rec_rng rng = rec_rng_keyed(9, "test/bootstrap_test", 0);
    for (size_t i = 0; i < N; i++) {
        a[i] = rec_rng_uniform(&rng);
        b[i] = a[i] + 0.3 * rec_rng_normal(&rng) - 0.025;
        d[i] = a[i] - b[i];
    }
    rec_test_result forward, backward;
    ck_assert_ok(
        rec_bootstrap_test(&forward, NULL, a, b, N, 0.95, REC_BOOTSTRAP_BCA, 40000, 1, err));
    ck_assert_ok(
        rec_bootstrap_test(&backward, NULL, b, a, N, 0.95, REC_BOOTSTRAP_BCA, 40000, 1, err));
    double z = fabs(rec_mean(d, N)) / (rec_stderr(d, N) * sqrt((N - 1.0) / N));
    ck_assert_double_eq_tol(forward.p, 2.0 * rec_normal_cdf(-z), 0.01);
    ck_assert_double_eq(forward.p, backward.p);
    ck_assert_double_eq(forward.statistic, -backward.statistic);
}
END_TEST

/* No difference: p = 1. The same difference everywhere: no resample is far out, p = 1 / (m + 1). */
START_TEST(test_at_the_ends)
{
    const double one[] = {1.1, 1.2, 1.3}, other[] = {0.6, 0.7, 0.8};
    rec_test_result r;
    rec_interval ci;
    ck_assert_ok(rec_bootstrap_test(&r, &ci, one, one, 3, 0.95, REC_BOOTSTRAP_BCA, 99, 1, err));
    ck_assert_double_eq(r.p, 1.0);
    ck_assert_double_eq(ci.low, 0.0);
    ck_assert_ok(rec_bootstrap_test(&r, &ci, one, other, 3, 0.95, REC_BOOTSTRAP_BCA, 99, 1, err));
    ck_assert_double_eq_tol(r.p, 0.01, 1e-15);
    ck_assert_double_eq_tol(ci.high, 0.5, 1e-12);
    ck_assert_ok(rec_bootstrap_test(&r, &ci, one, other, 1, 0.95, REC_BOOTSTRAP_BCA, 99, 1, err));
    ck_assert_double_nan(r.p);
    ck_assert_double_nan(ci.low);
    ck_assert_fails(rec_bootstrap_test(&r, &ci, one, other, 3, 1.5, REC_BOOTSTRAP_BCA, 99, 1, err),
                    REC_ERR_CONFIG, "level 1.5");
    ck_assert_fails(rec_bootstrap_test(&r, &ci, one, other, 3, 0.95, REC_BOOTSTRAP_BCA, 0, 1, err),
                    REC_ERR_CONFIG, "resamples");
}
END_TEST

START_TEST(test_has_the_same_bytes_for_any_thread_count)
{
    double a[50], b[50];
    rec_test_result one, two, other;
    for (size_t i = 0; i < 50; i++) {
        a[i] = sin((double)i);
        b[i] = sin(0.9 * (double)i) - 0.1;
    }
    rec_parallel_set_threads(2);
    ck_assert_ok(rec_bootstrap_test(&two, NULL, a, b, 50, 0.95, REC_BOOTSTRAP_BCA, 999, 1, err));
    rec_parallel_set_threads(1);
    ck_assert_ok(rec_bootstrap_test(&one, NULL, a, b, 50, 0.95, REC_BOOTSTRAP_BCA, 999, 1, err));
    ck_assert_ok(rec_bootstrap_test(&other, NULL, a, b, 50, 0.95, REC_BOOTSTRAP_BCA, 999, 2, err));
    ck_assert_double_eq(one.p, two.p);
    ck_assert_double_ne(one.p, other.p);
}
END_TEST

REC_SUITE("harness/stats/bootstrap", tcase_add_test(t, near_scipy);
          tcase_add_test(t, standard_error_of_a_mean); tcase_add_test(t, coverage);
          tcase_add_test(t, same_bytes_for_any_thread_count);
          tcase_add_test(t, clusters_are_resampled_whole);
          tcase_add_test(t, columns_equal_single_calls); tcase_add_test(t, degenerate);
          tcase_add_test(t, equal_systems_are_not_different);
          tcase_add_test(t, test_draws_what_enumeration_counts);
          tcase_add_test(t, test_tends_to_the_normal); tcase_add_test(t, test_at_the_ends);
          tcase_add_test(t, test_has_the_same_bytes_for_any_thread_count);)
