#include <math.h>

#include "harness/stats/stats.h"

/* Q(df / 2, x / 2), the upper regularised incomplete gamma function, which for whole df is a finite sum:
 *   df even: exp(-x/2) sum over i < df/2 of (x/2)^i / i!
 *   df odd:  erfc(sqrt(x/2)) + exp(-x/2) sum over i = 1 .. (df-1)/2 of (x/2)^(i-1/2) / Gamma(i + 1/2)
 * ("Handbook of mathematical functions", 1964, 26.4.4 and 26.4.5). */
double rec_chi_square_sf(double x, size_t df)
{
    double half = x / 2.0, sum = 0.0, term;
    if (isnan(x) || df == 0)
        return NAN;
    if (x <= 0.0)
        return 1.0;
    if (df % 2 == 0) {
        term = exp(-half);
        for (size_t i = 0; i < df / 2; i++) {
            sum += term;
            term *= half / (double)(i + 1);
        }
        return fmin(sum, 1.0);
    }
    term = exp(-half) * sqrt(half) / tgamma(1.5);
    for (size_t i = 1; i <= (df - 1) / 2; i++) {
        sum += term;
        term *= half / ((double)i + 0.5);
    }
    return fmin(erfc(sqrt(half)) + sum, 1.0);
}
