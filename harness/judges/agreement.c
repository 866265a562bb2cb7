#include "harness/judges/agreement.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

static size_t count_class(const int *of, const int *other, size_t n, int class)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += of[i] == class && other[i] >= 0;
    return count;
}

double rec_cohen_kappa(const int *a, const int *b, size_t n, size_t n_classes)
{
    size_t n_pairs = 0, n_equal = 0;
    for (size_t i = 0; i < n; i++) {
        n_pairs += a[i] >= 0 && b[i] >= 0;
        n_equal += a[i] >= 0 && a[i] == b[i];
    }
    double expected = 0.0, total = (double)n_pairs;
    for (int c = 0; c < (int)n_classes && n_pairs > 0; c++)
        expected +=
            (double)count_class(a, b, n, c) / total * (double)count_class(b, a, n, c) / total;
    if (n_pairs == 0 || expected >= 1.0)
        return NAN;
    return ((double)n_equal / total - expected) / (1.0 - expected);
}

/* Coincidences of the distinct values, ascending. */
typedef struct coincidences {
    double *values; /* owned (n) */
    double *counts; /* owned (n, n): o of the paper */
    double *totals; /* owned (n): row sums */
    size_t n;
} coincidences;

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static rec_status distinct_values(coincidences *c, const double *ratings, size_t n, rec_error *err)
{
    c->values = rec_alloc(n, sizeof *c->values, err);
    if (c->values == NULL)
        return REC_ERR_RESOURCE;
    size_t n_rated = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(ratings[i]))
            c->values[n_rated++] = ratings[i];
    qsort(c->values, n_rated, sizeof *c->values, compare_values);
    for (size_t i = 0; i < n_rated; i++)
        if (c->n == 0 || c->values[c->n - 1] != c->values[i])
            c->values[c->n++] = c->values[i];
    return REC_OK;
}

static size_t place_of(const coincidences *c, double value)
{
    const double *at = bsearch(&value, c->values, c->n, sizeof *c->values, compare_values);
    return (size_t)(at - c->values);
}

/* Every ordered pair of ratings of a unit with m of them adds 1 / (m - 1). */
static void add_unit(coincidences *c, const double *ratings, size_t n_judges, size_t stride)
{
    size_t m = 0;
    for (size_t j = 0; j < n_judges; j++)
        m += isnan(ratings[j * stride]) ? 0 : 1;
    for (size_t i = 0; i < n_judges && m > 1; i++)
        for (size_t j = 0; j < n_judges; j++) {
            double x = ratings[i * stride], y = ratings[j * stride];
            if (i != j && !isnan(x) && !isnan(y))
                c->counts[place_of(c, x) * c->n + place_of(c, y)] += 1.0 / (double)(m - 1);
        }
}

static double disagreement(const coincidences *c, size_t i, size_t j, rec_alpha_level level)
{
    double between = 0.0;
    switch (level) {
    case REC_ALPHA_NOMINAL:
        return i != j;
    case REC_ALPHA_INTERVAL:
        return (c->values[i] - c->values[j]) * (c->values[i] - c->values[j]);
    default:
        for (size_t k = i < j ? i : j; k <= (i < j ? j : i); k++)
            between += c->totals[k];
        between -= (c->totals[i] + c->totals[j]) / 2.0;
        return between * between;
    }
}

static double alpha_of(const coincidences *c, rec_alpha_level level)
{
    double observed = 0.0, expected = 0.0, total = 0.0;
    for (size_t i = 0; i < c->n; i++)
        total += c->totals[i];
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < c->n; j++) {
            double d = disagreement(c, i, j, level);
            observed += c->counts[i * c->n + j] * d;
            expected += c->totals[i] * c->totals[j] * d;
        }
    return expected > 0.0 ? 1.0 - (total - 1.0) * observed / expected : NAN;
}

rec_status rec_krippendorff_alpha(double *out, const double *ratings, size_t n_judges,
                                  size_t n_units, rec_alpha_level level, rec_error *err)
{
    coincidences c = {.n = 0};
    rec_status status;
    *out = NAN;
    REC_TRY(distinct_values(&c, ratings, n_judges * n_units, err));
    REC_TRY_NEW(c.counts, c.n * c.n, err);
    REC_TRY_NEW(c.totals, c.n, err);
    for (size_t u = 0; u < n_units; u++)
        add_unit(&c, ratings + u, n_judges, n_units);
    for (size_t i = 0; i < c.n; i++)
        for (size_t j = 0; j < c.n; j++)
            c.totals[i] += c.counts[i * c.n + j];
    *out = alpha_of(&c, level);
cleanup:
    free(c.values);
    free(c.counts);
    free(c.totals);
    return status;
}
