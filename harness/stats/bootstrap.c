/* harness/stats/bootstrap.c: resample clusters with replacement, many times, and look at where
 * the means fall. "An Introduction to the Bootstrap", 1993, sections 13.3 (percentile) and 14.3
 * (BCa: bias correction from the share of means below the observed one, acceleration from the
 * jackknife). Clusters of unequal size are resampled whole and weigh by their samples. Resample
 * b has its own random stream, so that tiles can run in any order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "harness/stats/stats.h"

enum { RESAMPLES_PER_TILE = 32 };

/* The sample, added up to one row per cluster. */
typedef struct cluster_sums {
    size_t n, n_columns;
    double *sums;   /* (n, n_columns) */
    double *counts; /* (n) */
} cluster_sums;

typedef struct labelled {
    uint32_t label;
    size_t index;
} labelled;

static int compare_labels(const void *left, const void *right)
{
    const labelled *a = left, *b = right;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void add_row(cluster_sums *c, size_t row, const double *x)
{
    for (size_t m = 0; m < c->n_columns; m++)
        c->sums[row * c->n_columns + m] += x[m];
    c->counts[row] += 1.0;
}

static rec_status sum_clusters(cluster_sums *c, const double *x, size_t n_columns,
                               const uint32_t *cluster, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    labelled *order = NULL;
    c->n_columns = n_columns;
    REC_TRY_NEW(c->sums, n * n_columns, err);
    REC_TRY_NEW(c->counts, n, err);
    REC_TRY_NEW(order, n, err);
    for (size_t i = 0; i < n; i++)
        order[i] = (labelled){.label = cluster != NULL ? cluster[i] : 0, .index = i};
    if (cluster != NULL)
        qsort(order, n, sizeof *order, compare_labels);
    for (size_t i = 0; i < n; i++) {
        if (cluster == NULL || i == 0 || order[i].label != order[i - 1].label)
            c->n++;
        add_row(c, c->n - 1, x + order[i].index * n_columns);
    }
cleanup:
    free(order);
    return status;
}

static void cluster_sums_deinit(cluster_sums *c)
{
    free(c->sums);
    free(c->counts);
}

typedef struct resampling {
    const cluster_sums *clusters;
    size_t n_resamples;
    uint64_t seed;
    double *means; /* (n_columns, n_resamples) */
} resampling;

/* sums (n_columns): of one resample; returns its number of samples. */
static double draw_resample(double *sums, const cluster_sums *c, rec_rng *rng)
{
    double count = 0.0;
    memset(sums, 0, c->n_columns * sizeof *sums);
    for (size_t i = 0; i < c->n; i++) {
        size_t row = rec_rng_below(rng, (uint32_t)c->n);
        const double *values = c->sums + row * c->n_columns;
        for (size_t m = 0; m < c->n_columns; m++)
            sums[m] += values[m];
        count += c->counts[row];
    }
    return count;
}

static rec_status resample_tile(void *context, size_t tile, rec_error *err)
{
    rec_status status = REC_OK;
    const resampling *w = context;
    size_t n_columns = w->clusters->n_columns, first = tile * RESAMPLES_PER_TILE;
    double *sums = NULL;
    REC_TRY_NEW(sums, n_columns, err);
    for (size_t b = first; b < first + RESAMPLES_PER_TILE && b < w->n_resamples; b++) {
        rec_rng rng = rec_rng_keyed(w->seed, "stats/bootstrap", b);
        double count = draw_resample(sums, w->clusters, &rng);
        for (size_t m = 0; m < n_columns; m++)
            w->means[m * w->n_resamples + b] = sums[m] / count;
    }
cleanup:
    free(sums);
    return status;
}

static int compare_doubles(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Linear interpolation between order statistics, as numpy.quantile does by default. */
static double quantile(const double *sorted, size_t n, double p)
{
    double place = p * (double)(n - 1), below = floor(place);
    size_t i = (size_t)below;
    if (i + 1 >= n)
        return sorted[n - 1];
    return sorted[i] + (place - below) * (sorted[i + 1] - sorted[i]);
}

/* Mean of column m over all clusters but one; all of them when left_out is n. */
static double mean_without(const cluster_sums *c, size_t m, double sum, double count,
                           size_t left_out)
{
    if (left_out == c->n)
        return sum / count;
    return (sum - c->sums[left_out * c->n_columns + m]) / (count - c->counts[left_out]);
}

static double observed_mean(double *sum, double *count, const cluster_sums *c, size_t m)
{
    *sum = 0.0;
    *count = 0.0;
    for (size_t i = 0; i < c->n; i++) {
        *sum += c->sums[i * c->n_columns + m];
        *count += c->counts[i];
    }
    return *sum / *count;
}

/* Eq. (14.15): sum of cubes over 6 (sum of squares)^1.5 of mean - value of the jackknife. */
static double acceleration(const cluster_sums *c, size_t m)
{
    double sum, count, centre = 0.0, squares = 0.0, cubes = 0.0;
    observed_mean(&sum, &count, c, m);
    for (size_t i = 0; i < c->n; i++)
        centre += mean_without(c, m, sum, count, i) / (double)c->n;
    for (size_t i = 0; i < c->n; i++) {
        double u = centre - mean_without(c, m, sum, count, i);
        squares += u * u;
        cubes += u * u * u;
    }
    return squares > 0.0 ? cubes / (6.0 * pow(squares, 1.5)) : 0.0;
}

/* Eq. (14.14), with means equal to the observed one counted half. */
static double bias_correction(const double *means, size_t n, double observed)
{
    double below = 0.0;
    for (size_t b = 0; b < n; b++)
        below += means[b] < observed ? 1.0 : means[b] == observed ? 0.5 : 0.0;
    double half = 0.5 / (double)n; /* a share of 0 or 1 would be an infinite correction */
    return rec_normal_quantile(fmin(fmax(below / (double)n, half), 1.0 - half));
}

/* Eq. (14.10): the quantile to read instead of p. */
static double bca_level(double p, double bias, double acceleration)
{
    double z = bias + rec_normal_quantile(p);
    return rec_normal_cdf(bias + z / (1.0 - acceleration * z));
}

static rec_interval interval_of(double *means, const resampling *w, size_t m, double level,
                                rec_bootstrap_kind kind)
{
    double low = (1.0 - level) / 2.0, high = (1.0 + level) / 2.0;
    qsort(means, w->n_resamples, sizeof *means, compare_doubles);
    if (means[0] == means[w->n_resamples - 1]) /* no spread: BCa would divide 0 by 0 */
        return (rec_interval){means[0], means[0]};
    if (kind == REC_BOOTSTRAP_BCA) {
        double sum, count, observed = observed_mean(&sum, &count, w->clusters, m);
        double bias = bias_correction(means, w->n_resamples, observed);
        double a = acceleration(w->clusters, m);
        low = bca_level(low, bias, a);
        high = bca_level(high, bias, a);
    }
    return (rec_interval){quantile(means, w->n_resamples, low),
                          quantile(means, w->n_resamples, high)};
}

/* means: new (n_columns, n_resamples) of the caller; NULL for fewer than two clusters. */
static rec_status resample(resampling *w, rec_error *err)
{
    rec_status status = REC_OK;
    if (w->n_resamples == 0)
        return rec_fail(err, REC_ERR_CONFIG, "bootstrap: the number of resamples must be positive");
    if (w->clusters->n > UINT32_MAX)
        return rec_fail(err, REC_ERR_CONFIG, "bootstrap: more than 2^32 clusters");
    if (w->clusters->n < 2)
        return REC_OK;
    REC_TRY_NEW(w->means, w->clusters->n_columns * w->n_resamples, err);
    REC_TRY(rec_parallel_tiles((w->n_resamples + RESAMPLES_PER_TILE - 1) / RESAMPLES_PER_TILE,
                               resample_tile, w, err));
cleanup:
    return status;
}

static rec_status check_level(double level, rec_error *err)
{
    return level > 0.0 && level < 1.0
               ? REC_OK
               : rec_fail(err, REC_ERR_CONFIG, "bootstrap: level %g is not between 0 and 1", level);
}

rec_status rec_bootstrap_intervals(rec_interval *out, const double *x, size_t n_columns,
                                   const uint32_t *cluster, size_t n, double level,
                                   rec_bootstrap_kind kind, size_t n_resamples, uint64_t seed,
                                   rec_error *err)
{
    rec_status status = REC_OK;
    cluster_sums clusters = {0};
    resampling w = {.clusters = &clusters, .n_resamples = n_resamples, .seed = seed};
    REC_TRY(check_level(level, err));
    REC_TRY(sum_clusters(&clusters, x, n_columns, cluster, n, err));
    REC_TRY(resample(&w, err));
    for (size_t m = 0; m < n_columns; m++)
        out[m] = w.means == NULL ? (rec_interval){NAN, NAN}
                                 : interval_of(w.means + m * n_resamples, &w, m, level, kind);
cleanup:
    free(w.means);
    cluster_sums_deinit(&clusters);
    return status;
}

rec_status rec_bootstrap_interval(rec_interval *out, const double *x, const uint32_t *cluster,
                                  size_t n, double level, rec_bootstrap_kind kind,
                                  size_t n_resamples, uint64_t seed, rec_error *err)
{
    return rec_bootstrap_intervals(out, x, 1, cluster, n, level, kind, n_resamples, seed, err);
}

rec_status rec_bootstrap_stderr(double *out, const double *x, const uint32_t *cluster, size_t n,
                                size_t n_resamples, uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    cluster_sums clusters = {0};
    resampling w = {.clusters = &clusters, .n_resamples = n_resamples, .seed = seed};
    REC_TRY(sum_clusters(&clusters, x, 1, cluster, n, err));
    REC_TRY(resample(&w, err));
    *out = w.means == NULL ? NAN : rec_sd(w.means, n_resamples);
cleanup:
    free(w.means);
    cluster_sums_deinit(&clusters);
    return status;
}

/* Share of resampled means that are at least as far from the observed mean as this is from 0. Means
 * that are equal on paper differ by rounding: `tolerance` apart counts as equal. */
static double shifted_p(const double *means, size_t n, double observed, double tolerance)
{
    size_t extreme = 0;
    for (size_t b = 0; b < n; b++)
        extreme += fabs(means[b] - observed) >= fabs(observed) - tolerance;
    return ((double)extreme + 1.0) / ((double)n + 1.0);
}

rec_status rec_bootstrap_test(rec_test_result *out, rec_interval *interval, const double *a,
                              const double *b, size_t n, double level, rec_bootstrap_kind kind,
                              size_t n_resamples, uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    double *d = NULL, size = 0.0;
    cluster_sums pairs = {0};
    resampling w = {.clusters = &pairs, .n_resamples = n_resamples, .seed = seed};
    *out = (rec_test_result){.statistic = NAN, .p = NAN, .n = n};
    REC_TRY(check_level(level, err));
    REC_TRY_NEW(d, n, err);
    for (size_t i = 0; i < n; i++) {
        d[i] = a[i] - b[i];
        size += fabs(d[i]);
    }
    REC_TRY(sum_clusters(&pairs, d, 1, NULL, n, err));
    REC_TRY(resample(&w, err));
    out->statistic = rec_mean(d, n);
    if (w.means != NULL)
        out->p = shifted_p(w.means, n_resamples, out->statistic, 1e-12 * size / (double)n);
    if (interval != NULL)
        *interval =
            w.means != NULL ? interval_of(w.means, &w, 0, level, kind) : (rec_interval){NAN, NAN};
cleanup:
    free(w.means);
    free(d);
    cluster_sums_deinit(&pairs);
    return status;
}
