/* harness/stats/student_t.c: with x = df / (df + t^2), P(|T| >= |t|) is the regularised incomplete
 * beta function I_x(df / 2, 1 / 2) (Handbook of Mathematical Functions, 1964, 26.7.1). */
#include <math.h>

#include "harness/stats/stats.h"

/* ln B(a, 1/2). For large a the difference of two logarithms of the gamma function would cancel:
 * ln Gamma(a + 1/2) - ln Gamma(a) = ln(a) / 2 - 1 / (8 a) + 1 / (192 a^3) - 1 / (640 a^5) + ... */
static double log_beta_half(double a)
{
    double difference;
    int sign;
    if (a < 20.0) {
        difference = lgamma_r(a + 0.5, &sign) - lgamma_r(a, &sign);
    } else {
        double r = 1.0 / (a * a);
        difference = 0.5 * log(a) -
                     (1.0 / 8.0 - r * (1.0 / 192.0 - r * (1.0 / 640.0 - r * (17.0 / 14336.0)))) / a;
    }
    return 0.5 * log(M_PI) - difference;
}

/* The continued fraction 26.5.8 by the modified Lentz method; converges fast for
 * x < (a + 1) / (a + b + 2), in about sqrt(a) terms. */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < 100000; m++) {
        double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / (1.0 + even * d);
        c = 1.0 + even / c;
        h *= d * c;
        d = 1.0 / (1.0 + odd * d);
        c = 1.0 + odd / c;
        h *= d * c;
        if (fabs(d * c - 1.0) < 1e-16)
            break;
    }
    return h;
}

double rec_student_t_two_sided(double t, double df)
{
    if (isnan(t) || !(df > 0.0))
        return NAN;
    if (t == 0.0 || isinf(t))
        return t == 0.0 ? 1.0 : 0.0;
    if (isinf(df))
        return 2.0 * rec_normal_cdf(-fabs(t));
    double a = df / 2.0, b = 0.5;
    double x = df / (df + t * t), y = t * t / (df + t * t); /* y = 1 - x without cancellation */
    double front = exp(-a * log1p(t * t / df) + b * log(y) - log_beta_half(a));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * beta_fraction(x, a, b) / a;
    return 1.0 - front * beta_fraction(y, b, a) / b;
}

double rec_student_t_cdf(double t, double df)
{
    double tail = rec_student_t_two_sided(t, df) / 2.0;
    return t < 0.0 ? tail : 1.0 - tail;
}

static double density(double t, double df)
{
    return exp(-(df + 1.0) / 2.0 * log1p(t * t / df) - log_beta_half(df / 2.0)) / sqrt(df);
}

/* t > 0 with P(|T| >= t) = both_tails: Newton inside a bracket, bisection where it leaves it. */
static double upper_quantile(double both_tails, double df)
{
    double low = 0.0, high = 1.0;
    while (rec_student_t_two_sided(high, df) > both_tails && high < 1e300)
        high *= 2.0;
    double t = fmin(-rec_normal_quantile(both_tails / 2.0), high);
    for (int i = 0; i < 200; i++) {
        double excess = rec_student_t_two_sided(t, df) - both_tails;
        *(excess > 0.0 ? &low : &high) = t;
        double next = t + excess / (2.0 * density(t, df));
        if (!(next > low && next < high))
            next = low + (high - low) / 2.0;
        if (fabs(next - t) <= 1e-15 * t)
            return next;
        t = next;
    }
    return t;
}

double rec_student_t_quantile(double p, double df)
{
    if (!(p >= 0.0 && p <= 1.0) || !(df > 0.0))
        return NAN;
    if (isinf(df) || p == 0.0 || p == 1.0)
        return rec_normal_quantile(p);
    if (p == 0.5)
        return 0.0;
    return p < 0.5 ? -upper_quantile(2.0 * p, df) : upper_quantile(2.0 * (1.0 - p), df);
}
