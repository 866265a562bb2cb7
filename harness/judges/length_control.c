#include "harness/judges/length_control.h"

#include <math.h>

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* Standard deviation (n - 1) of the differences of samples that have a preference. */
static double spread(const double *share, const double *a, const double *b, size_t n)
{
    double sum = 0.0, squares = 0.0, count = 0.0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(share[i])) {
            sum += a[i] - b[i];
            count += 1.0;
        }
    for (size_t i = 0; i < n; i++)
        if (!isnan(share[i]))
            squares += pow(a[i] - b[i] - sum / count, 2.0);
    return count > 1.0 ? sqrt(squares / (count - 1.0)) : 0.0;
}

/* Penalised log-likelihood's gradient and (negated) second derivatives in (theta, phi). */
typedef struct slope {
    double g[2], h00, h01, h11;
} slope;

static const double penalty = 0.01; /* of theta^2 / 2 and phi^2 / 2 */

static slope slope_at(double theta, double phi, double sd, const double *share, const double *a,
                      const double *b, size_t n)
{
    slope s = {.g = {-penalty * theta, -penalty * phi}, .h00 = penalty, .h11 = penalty};
    for (size_t i = 0; i < n; i++) {
        if (isnan(share[i]))
            continue;
        double x = sd > 0.0 ? tanh((a[i] - b[i]) / sd) : 0.0;
        double p = sigmoid(theta + phi * x), w = p * (1.0 - p);
        s.g[0] += share[i] - p;
        s.g[1] += (share[i] - p) * x;
        s.h00 += w;
        s.h01 += w * x;
        s.h11 += w * x * x;
    }
    return s;
}

double rec_length_controlled_win_rate(const double *share, const double *lengths,
                                      const double *baseline, size_t n)
{
    enum { MAX_STEPS = 200 };
    const double longest_step = 1.0, enough = 1e-12;
    double theta = 0.0, phi = 0.0, sd = spread(share, lengths, baseline, n);
    size_t n_used = 0;
    for (size_t i = 0; i < n; i++)
        n_used += isnan(share[i]) ? 0 : 1;
    if (n_used == 0)
        return NAN;
    for (size_t step = 0; step < MAX_STEPS; step++) { /* Newton; short steps where it is flat */
        slope s = slope_at(theta, phi, sd, share, lengths, baseline, n);
        double det = s.h00 * s.h11 - s.h01 * s.h01;
        double d0 = (s.h11 * s.g[0] - s.h01 * s.g[1]) / det;
        double d1 = (s.h00 * s.g[1] - s.h01 * s.g[0]) / det;
        double size = fmax(fabs(d0), fabs(d1)),
               scale = size > longest_step ? longest_step / size : 1;
        theta += scale * d0;
        phi += scale * d1;
        if (size < enough)
            break;
    }
    return sigmoid(theta);
}
