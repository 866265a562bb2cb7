/* harness/stats/summary.c: mean, spread, t interval, effect size. */
#include <math.h>

#include "harness/stats/stats.h"

double rec_mean(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / (double)n : NAN;
}

/* Two passes: the one-pass formula loses everything where the mean is large against the spread. */
double rec_sd(const double *x, size_t n)
{
    if (n < 2)
        return NAN;
    double mean = rec_mean(x, n), squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (double)(n - 1));
}

double rec_stderr(const double *x, size_t n)
{
    return rec_sd(x, n) / sqrt((double)n);
}

rec_interval rec_t_interval(const double *x, size_t n, double level)
{
    if (n < 2)
        return (rec_interval){NAN, NAN};
    double half = rec_student_t_quantile(0.5 + level / 2.0, (double)(n - 1)) * rec_stderr(x, n);
    double mean = rec_mean(x, n);
    return (rec_interval){mean - half, mean + half};
}
