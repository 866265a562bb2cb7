/* harness/stats/studentized_range.c: Q = (range of k standard normals) / S, S an independent
 * chi_df / sqrt(df). "Handbook of the Normal Distribution", 1982, section 5.2:
 *   P(range < w) = k integral phi(z) (Phi(z) - Phi(z - w))^(k - 1) dz
 *   P(Q < q) = integral f_S(s) P(range < q s) ds
 * Both integrands are analytic and fall off at least exponentially (the second after s = e^u),
 * where the plain trapezoidal rule converges exponentially in 1 / step ("The exponentially
 * convergent trapezoidal rule", SIAM Review 56(3), 2014). */
#include <math.h>

#include "harness/stats/stats.h"

static double range_cdf(double w, size_t k)
{
    const double step = 0.1, end = 9.0; /* phi(9) is 1e-18 */
    double sum = 0.0;
    if (w > 2.0 * end)
        return 1.0;
    for (int i = -90; i <= 90; i++) {
        double z = end * i / 90.0;
        double inside = rec_normal_cdf(z) - rec_normal_cdf(z - w);
        sum += exp(-z * z / 2.0) * pow(inside, (double)(k - 1));
    }
    return fmin(1.0, (double)k * sum * step / sqrt(2.0 * M_PI));
}

/* ln of f_S(e^u) e^u up to its constant: greatest, 0, at u = 0. */
static double log_weight(double u, double df)
{
    return df * (u - expm1(2.0 * u) / 2.0);
}

/* The constant follows from the same sum with 1 in place of the probability. */
double rec_studentized_range_sf(double q, size_t n_groups, double df)
{
    if (isnan(q) || n_groups < 2 || !(df > 0.0))
        return NAN;
    if (q <= 0.0)
        return 1.0;
    if (isinf(df) || isinf(q))
        return 1.0 - range_cdf(q, n_groups);
    double step = fmin(0.05, 0.25 / sqrt(df));
    double inside = range_cdf(q, n_groups), total = 1.0;
    for (int side = -1; side <= 1; side += 2)
        for (int i = 1;; i++) {
            double u = side * i * step, weight = exp(log_weight(u, df));
            if (weight < 1e-17)
                break;
            inside += weight * range_cdf(q * exp(u), n_groups);
            total += weight;
        }
    return fmax(0.0, 1.0 - inside / total);
}
