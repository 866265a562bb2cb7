/* harness/stats/adjust.c: p-values of a family of m hypotheses, adjusted so that comparing each
 * with alpha controls the family. With p_(1) <= ... <= p_(m):
 *   Holm      max_{j <= i} (m - j + 1) p_(j)   Scandinavian Journal of Statistics 6(2), 1979
 *   Hochberg  min_{j >= i} (m - j + 1) p_(j)   Biometrika 75(4), 1988
 *   Benjamini-Hochberg  min_{j >= i} m p_(j) / j   JRSS B 57(1), 1995 (false discovery rate)
 * each at most 1. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/stats/stats.h"

typedef struct ranked_p {
    double p;
    size_t index;
} ranked_p;

static int compare_p(const void *left, const void *right)
{
    const ranked_p *a = left, *b = right;
    if (a->p != b->p)
        return a->p < b->p ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static double by_rank_left(size_t j, size_t m) /* m - j + 1, j from 1 */
{
    return (double)(m - j + 1);
}

static double by_share(size_t j, size_t m)
{
    return (double)m / (double)j;
}

static void step_down(ranked_p *sorted, size_t m, double (*factor)(size_t j, size_t m))
{
    double worst = 0.0;
    for (size_t j = 1; j <= m; j++) {
        worst = fmax(worst, factor(j, m) * sorted[j - 1].p);
        sorted[j - 1].p = fmin(1.0, worst);
    }
}

static void step_up(ranked_p *sorted, size_t m, double (*factor)(size_t j, size_t m))
{
    double best = 1.0;
    for (size_t j = m; j >= 1; j--) {
        best = fmin(best, factor(j, m) * sorted[j - 1].p);
        sorted[j - 1].p = best;
    }
}

typedef void (*step_fn)(ranked_p *sorted, size_t m, double (*factor)(size_t j, size_t m));

static rec_status adjust(double *p, size_t n, step_fn step, double (*factor)(size_t j, size_t m),
                         rec_error *err)
{
    rec_status status = REC_OK;
    ranked_p *sorted = NULL;
    size_t m = 0;
    REC_TRY_NEW(sorted, n, err);
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            sorted[m++] = (ranked_p){.p = p[i], .index = i};
    qsort(sorted, m, sizeof *sorted, compare_p);
    step(sorted, m, factor);
    for (size_t j = 0; j < m; j++)
        p[sorted[j].index] = sorted[j].p;
cleanup:
    free(sorted);
    return status;
}

rec_status rec_adjust_holm(double *p, size_t n, rec_error *err)
{
    return adjust(p, n, step_down, by_rank_left, err);
}

rec_status rec_adjust_hochberg(double *p, size_t n, rec_error *err)
{
    return adjust(p, n, step_up, by_rank_left, err);
}

rec_status rec_adjust_benjamini_hochberg(double *p, size_t n, rec_error *err)
{
    return adjust(p, n, step_up, by_share, err);
}
