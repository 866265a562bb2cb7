/* harness/stats/paired_t.c: t = mean difference / (sd / sqrt(n)), n - 1 degrees of freedom.
 * "The probable error of a mean", Biometrika 6(1), 1908. The effect size is mean / sd of the
 * differences (d_z: Statistical Power Analysis for the Behavioral Sciences, 1988, section
 * 2.3.5). */
#include <math.h>

#include "harness/stats/stats.h"

static double mean_difference(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] - b[i];
    return sum / (double)n;
}

static double sd_of_differences(const double *a, const double *b, size_t n, double mean)
{
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
    return sqrt(squares / (double)(n - 1));
}

/* Equal differences can leave a mean that is one rounding off, and a spread that is pure noise. */
static bool all_equal(const double *a, const double *b, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (a[i] - b[i] != a[0] - b[0])
            return false;
    return true;
}

static double standardised(const double *a, const double *b, size_t n)
{
    if (all_equal(a, b, n)) {
        double difference = a[0] - b[0];
        return difference == 0.0 ? 0.0 : copysign(INFINITY, difference);
    }
    double mean = mean_difference(a, b, n);
    return mean / sd_of_differences(a, b, n, mean);
}

rec_test_result rec_paired_t(const double *a, const double *b, size_t n)
{
    if (n < 2)
        return (rec_test_result){.statistic = NAN, .p = NAN, .n = n};
    double t = standardised(a, b, n) * sqrt((double)n);
    return (rec_test_result){
        .statistic = t, .p = rec_student_t_two_sided(t, (double)(n - 1)), .n = n};
}

double rec_effect_size(const double *a, const double *b, size_t n)
{
    return n < 2 ? NAN : standardised(a, b, n);
}
