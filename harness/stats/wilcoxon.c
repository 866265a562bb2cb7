/* harness/stats/wilcoxon.c: signed ranks of the differences. "Individual comparisons by ranking
 * methods", Biometrics Bulletin 1(6), 1945. Zero differences are dropped, equal sizes share the
 * mean rank. SciPy's wilcoxon(zero_method="wilcox", correction=False) is the same. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/stats/stats.h"

enum { EXACT_MAX = 25 };

static int compare_sizes(const void *left, const void *right)
{
    double a = fabs(*(const double *)left), b = fabs(*(const double *)right);
    return (a > b) - (a < b);
}

typedef struct signed_ranks {
    double plus, minus; /* rank sums */
    double tied;        /* sum over groups of equal sizes of t^3 - t */
} signed_ranks;

/* d (n) sorted by size. */
static signed_ranks rank_sums(const double *d, size_t n)
{
    signed_ranks sums = {0};
    for (size_t start = 0, end; start < n; start = end) {
        end = start + 1;
        while (end < n && fabs(d[end]) == fabs(d[start]))
            end++;
        double t = (double)(end - start), rank = ((double)(start + end) + 1.0) / 2.0;
        sums.tied += t * t * t - t;
        for (size_t i = start; i < end; i++)
            *(d[i] > 0.0 ? &sums.plus : &sums.minus) += rank;
    }
    return sums;
}

/* P(rank sum <= w): of the 2^n subsets of 1..n, those whose sum is at most w. */
static double exact_cdf(size_t w, size_t n)
{
    double n_subsets[EXACT_MAX * (EXACT_MAX + 1) / 2 + 1] = {1.0}; /* by sum; exact: below 2^25 */
    size_t greatest = 0;
    for (size_t rank = 1; rank <= n; rank++) {
        greatest += rank;
        for (size_t sum = greatest; sum >= rank; sum--)
            n_subsets[sum] += n_subsets[sum - rank];
    }
    double count = 0.0;
    for (size_t sum = 0; sum <= w; sum++)
        count += n_subsets[sum];
    return ldexp(count, -(int)n);
}

static double normal_p(double w, size_t count, double tied)
{
    double n = (double)count;
    double variance = (n * (n + 1.0) * (2.0 * n + 1.0) - tied / 2.0) / 24.0;
    double z = (w - n * (n + 1.0) / 4.0) / sqrt(variance);
    return 2.0 * rec_normal_cdf(-fabs(z));
}

rec_status rec_wilcoxon(rec_test_result *out, const double *a, const double *b, size_t n,
                        rec_error *err)
{
    rec_status status = REC_OK;
    double *d = NULL;
    size_t count = 0;
    REC_TRY_NEW(d, n, err);
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            d[count++] = a[i] - b[i];
    qsort(d, count, sizeof *d, compare_sizes);
    signed_ranks sums = rank_sums(d, count);
    double smaller = fmin(sums.plus, sums.minus);
    *out = (rec_test_result){.statistic = smaller, .p = 1.0, .n = count};
    if (count > EXACT_MAX || sums.tied > 0.0)
        out->p = fmin(1.0, normal_p(smaller, count, sums.tied));
    else if (count > 0)
        out->p = fmin(1.0, 2.0 * exact_cdf((size_t)smaller, count));
cleanup:
    free(d);
    return status;
}
