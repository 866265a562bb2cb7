/* harness/stats/normal.c: standard normal distribution and the fair coin. */
#include <math.h>

#include "harness/stats/stats.h"

double rec_normal_cdf(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* Start: Handbook of Mathematical Functions, 1964, 26.2.23 (error below 4.5e-4); then Halley
 * steps on the distribution function, which triple the digits each time. For p <= 1/2, where
 * the function has full relative precision. */
static double lower_quantile(double p)
{
    double t = sqrt(-2.0 * log(p));
    double z = (2.515517 + t * (0.802853 + t * 0.010328)) /
                   (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
               t;
    for (int i = 0; i < 3; i++) {
        double step = (rec_normal_cdf(z) - p) * sqrt(2.0 * M_PI) * exp(z * z / 2.0);
        z -= step / (1.0 + z * step / 2.0);
    }
    return z;
}

double rec_normal_quantile(double p)
{
    if (!(p >= 0.0 && p <= 1.0))
        return NAN;
    if (p == 0.0 || p == 1.0)
        return p == 0.0 ? -INFINITY : INFINITY;
    return p <= 0.5 ? lower_quantile(p) : -lower_quantile(1.0 - p);
}

/* Binomial weights relative to the middle one, outwards by the quotient of neighbours
 * C(n, i - 1) / C(n, i) = i / (n - i + 1): no factorial, no power of 2, no cancellation. */
double rec_fair_coin_cdf(size_t k, size_t n)
{
    if (k >= n)
        return 1.0;
    size_t middle = n / 2;
    double weight = 1.0, below = 0.0, all = 0.0;
    for (size_t i = middle + 1; i-- > 0;) {              /* i = middle..0 */
        double both = weight * (2 * i == n ? 1.0 : 2.0); /* with its mirror image n - i */
        all += both;
        if (i <= k)
            below += weight;
        if (n - i <= k && 2 * i != n)
            below += weight;
        weight *= (double)i / (double)(n - i + 1);
    }
    return below / all;
}
