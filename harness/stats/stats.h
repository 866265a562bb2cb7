/**
 * Intervals, paired tests and corrections. Every p-value is two-sided. Inputs are per-sample
 * values; pairs with a NaN on either side must have been removed.
 */
#ifndef REC_HARNESS_STATS_STATS_H
#define REC_HARNESS_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

typedef struct rec_interval {
    double low, high;
} rec_interval;

/** Mean and its standard error s / sqrt(n), s with n - 1; NaN for n < 2 (stderr) or n = 0. */
double rec_mean(const double *x, size_t n);
double rec_stderr(const double *x, size_t n);
double rec_sd(const double *x, size_t n);

/** Student t interval of the mean at `level` (0.95); NaN for n < 2. */
rec_interval rec_t_interval(const double *x, size_t n, double level);

typedef enum rec_bootstrap_kind { REC_BOOTSTRAP_PERCENTILE, REC_BOOTSTRAP_BCA } rec_bootstrap_kind;

/**
 * Bootstrap interval of the mean; resamples whole clusters when cluster (n) is given (equal numbers
 * are one cluster, e.g. the user). Same bytes for the same seed and any thread count. NaN for fewer
 * than two clusters. REC_ERR_CONFIG for a level outside (0, 1) or no resamples.
 */
rec_status rec_bootstrap_interval(rec_interval *out, const double *x, const uint32_t *cluster,
                                  size_t n, double level, rec_bootstrap_kind kind,
                                  size_t n_resamples, uint64_t seed, rec_error *err);

/**
 * The same for several metrics of the same samples, drawn once for all: each column has exactly the
 * interval that rec_bootstrap_interval gives it, at a fraction of the time.
 * @param out  (n_columns)
 * @param x    (n, n_columns) row-major, no NaN
 */
rec_status rec_bootstrap_intervals(rec_interval *out, const double *x, size_t n_columns,
                                   const uint32_t *cluster, size_t n, double level,
                                   rec_bootstrap_kind kind, size_t n_resamples, uint64_t seed,
                                   rec_error *err);

/** Standard error of the mean by the bootstrap: sd of the resampled means. */
rec_status rec_bootstrap_stderr(double *out, const double *x, const uint32_t *cluster, size_t n,
                                size_t n_resamples, uint64_t seed, rec_error *err);

typedef struct rec_test_result {
    double statistic, p; /* p is NaN where the test is undefined (fewer than two pairs for t) */
    size_t n;            /* pairs used */
} rec_test_result;

/** Statistic t. All differences zero: t = 0, p = 1; all equal and not zero: t infinite, p = 0. */
rec_test_result rec_paired_t(const double *a, const double *b, size_t n);
/** Zeros dropped; exact null for n <= 25 without ties, else normal with tie correction. Statistic:
 * the smaller rank sum. No pair left: p = 1. */
rec_status rec_wilcoxon(rec_test_result *out, const double *a, const double *b, size_t n,
                        rec_error *err);
/** Exact binomial; ties dropped. Statistic: pairs with a > b. */
rec_test_result rec_sign_test(const double *a, const double *b, size_t n);
/** Sign flips of the differences: exact for n <= 20, else n_draws with p = (b + 1) / (m + 1).
 * Statistic: mean difference. */
rec_status rec_permutation_test(rec_test_result *out, const double *a, const double *b, size_t n,
                                size_t n_draws, uint64_t seed, rec_error *err);
/**
 * Paired bootstrap over independent units (users, items: the values of one unit averaged before).
 * p: the resampled means of the differences, moved to have mean 0, that are at least as far out as the
 * observed mean (shift method): (b + 1) / (m + 1), so never 0. "A comparison of statistical
 * significance tests for information retrieval evaluation", CIKM 2007, section 3.4; "An Introduction to
 * the Bootstrap", 1993, section 16.4. Same bytes for the same seed and any thread count.
 * @param out       statistic: mean difference a - b; p is NaN for fewer than two pairs
 * @param interval  of the mean difference, from the same resamples; may be NULL
 */
rec_status rec_bootstrap_test(rec_test_result *out, rec_interval *interval, const double *a,
                              const double *b, size_t n, double level, rec_bootstrap_kind kind,
                              size_t n_resamples, uint64_t seed, rec_error *err);
/** McNemar on binary outcomes (0 or not): exact binomial on the discordant pairs, which are the n
 * used. Statistic: pairs where only a succeeded. */
rec_test_result rec_mcnemar(const double *a, const double *b, size_t n);

/**
 * Tukey's honestly significant difference over all pairs of systems.
 * @param p  (n_systems, n_systems), symmetric, diagonal 1
 * @param x  (n_systems, n) row-major values
 * @param blocked  column j of all systems is one sample (the two-way layout of a shared test set:
 *                 differences between samples are taken out); false: independent samples
 */
rec_status rec_tukey_hsd(double *p, const double *x, size_t n_systems, size_t n, bool blocked,
                         rec_error *err);

/** Cohen's d of the differences: mean / sd; 0 when all are zero. */
double rec_effect_size(const double *a, const double *b, size_t n);

/** Adjusted p-values in place, NaN entries ignored. */
rec_status rec_adjust_holm(double *p, size_t n, rec_error *err);
rec_status rec_adjust_hochberg(double *p, size_t n, rec_error *err);
rec_status rec_adjust_benjamini_hochberg(double *p, size_t n, rec_error *err);

/* distribution functions behind them, for tests and other modules */
double rec_student_t_cdf(double t, double df);
double rec_student_t_two_sided(double t, double df); /* P(|T| >= |t|), accurate far out */
double rec_student_t_quantile(double p, double df);
/** P(X >= x) of a chi-square variable with df degrees of freedom. */
double rec_chi_square_sf(double x, size_t df);
double rec_normal_cdf(double z);
double rec_normal_quantile(double p);
/** P(X <= k) of n fair coins. */
double rec_fair_coin_cdf(size_t k, size_t n);
/** P(Q > q) of the range of n_groups normals over an independent estimate of their sd. */
double rec_studentized_range_sf(double q, size_t n_groups, double df);

#endif
