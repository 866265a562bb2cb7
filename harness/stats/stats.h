/**
 * Intervals, paired tests and corrections. Every p-value is two-sided. Inputs are per-sample values;
 * pairs with a NaN on either side must have been removed.
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

/** Student t interval of the mean at `level` (0.95). */
rec_interval rec_t_interval(const double *x, size_t n, double level);

typedef enum rec_bootstrap_kind { REC_BOOTSTRAP_PERCENTILE, REC_BOOTSTRAP_BCA } rec_bootstrap_kind;

/** Bootstrap interval of the mean; resamples whole clusters when cluster (n) is given. Same bytes
 * for the same seed and any thread count. */
rec_status rec_bootstrap_interval(rec_interval *out, const double *x, const uint32_t *cluster,
                                  size_t n, double level, rec_bootstrap_kind kind,
                                  size_t n_resamples, uint64_t seed, rec_error *err);

typedef struct rec_test_result {
    double statistic, p;
    size_t n; /* pairs used */
} rec_test_result;

rec_test_result rec_paired_t(const double *a, const double *b, size_t n);
/** Zeros dropped; exact null for n <= 25 without ties, else normal with tie correction. */
rec_status rec_wilcoxon(rec_test_result *out, const double *a, const double *b, size_t n,
                        rec_error *err);
rec_test_result rec_sign_test(const double *a, const double *b, size_t n); /* exact binomial */
/** Sign flips of the differences: exact for n <= 20, else n_draws with p = (b + 1) / (m + 1). */
rec_status rec_permutation_test(rec_test_result *out, const double *a, const double *b, size_t n,
                                size_t n_draws, uint64_t seed, rec_error *err);
/** McNemar on binary outcomes: exact binomial on the discordant pairs. */
rec_test_result rec_mcnemar(const double *a, const double *b, size_t n);

/** Cohen's d of the differences: mean / sd. */
double rec_effect_size(const double *a, const double *b, size_t n);

/** Adjusted p-values in place, NaN entries ignored. */
void rec_adjust_holm(double *p, size_t n);
void rec_adjust_hochberg(double *p, size_t n);
rec_status rec_adjust_benjamini_hochberg(double *p, size_t n, rec_error *err);

/* distribution functions behind them, for tests and other modules */
double rec_student_t_cdf(double t, double df);
double rec_student_t_quantile(double p, double df);
double rec_normal_cdf(double z);
double rec_normal_quantile(double p);

#endif
