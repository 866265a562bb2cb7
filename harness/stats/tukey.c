/* harness/stats/tukey.c: honestly significant difference. Each pair's |mean difference| over
 * sqrt(mean square error / n) against the studentised range of all systems, so that the whole table
 * of pairs is controlled. One-way: "Comparing individual means in the analysis of variance",
 * Biometrics 5(2), 1949, as in SciPy's tukey_hsd. Blocked by sample: the error is the residual of
 * the two-way layout, "Multiple testing in statistical analysis of systems-based information
 * retrieval experiments", ACM TOIS 30(1), 2012, section 4.2. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/stats/stats.h"

typedef struct layout {
    const double *x; /* (n_systems, n) */
    size_t n_systems, n;
    const double *system_means; /* (n_systems) */
    bool blocked;
} layout;

/* What a value is expected to be, from its system and, when blocked, its sample. */
static double squared_residuals_of_sample(const layout *l, size_t sample, double grand_mean)
{
    double shift = 0.0, squares = 0.0;
    if (l->blocked) {
        for (size_t s = 0; s < l->n_systems; s++)
            shift += l->x[s * l->n + sample];
        shift = shift / (double)l->n_systems - grand_mean;
    }
    for (size_t s = 0; s < l->n_systems; s++) {
        double residual = l->x[s * l->n + sample] - l->system_means[s] - shift;
        squares += residual * residual;
    }
    return squares;
}

static double error_df(const layout *l)
{
    double m = (double)l->n_systems, n = (double)l->n;
    return l->blocked ? (m - 1.0) * (n - 1.0) : m * (n - 1.0);
}

static double mean_square_error(const layout *l)
{
    double grand_mean = rec_mean(l->system_means, l->n_systems), squares = 0.0;
    for (size_t j = 0; j < l->n; j++)
        squares += squared_residuals_of_sample(l, j, grand_mean);
    return squares / error_df(l);
}

static double pair_p(const layout *l, double difference, double mse)
{
    if (difference == 0.0)
        return 1.0;
    double q = fabs(difference) / sqrt(mse / (double)l->n);
    return rec_studentized_range_sf(q, l->n_systems, error_df(l));
}

rec_status rec_tukey_hsd(double *p, const double *x, size_t n_systems, size_t n, bool blocked,
                         rec_error *err)
{
    rec_status status = REC_OK;
    double *means = NULL;
    REC_TRY_NEW(means, n_systems, err);
    for (size_t s = 0; s < n_systems; s++)
        means[s] = rec_mean(x + s * n, n);
    layout l = {.x = x, .n_systems = n_systems, .n = n, .system_means = means, .blocked = blocked};
    double mse = n_systems > 1 && n > 1 ? mean_square_error(&l) : NAN;
    for (size_t a = 0; a < n_systems; a++) {
        p[a * n_systems + a] = 1.0;
        for (size_t b = 0; b < a; b++)
            p[a * n_systems + b] = p[b * n_systems + a] =
                isnan(mse) ? NAN : pair_p(&l, means[a] - means[b], mse);
    }
cleanup:
    free(means);
    return status;
}
