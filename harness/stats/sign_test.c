/* harness/stats/sign_test.c: are a > b and a < b equally likely? Exact binomial test with p =
 * 1/2 on the pairs that differ. On binary outcomes this is McNemar's test in its exact form
 * ("Note on the sampling error of the difference between correlated proportions or
 * percentages", Psychometrika 12(2), 1947). */
#include <math.h>

#include "harness/stats/stats.h"

static rec_test_result binomial_test(size_t n_plus, size_t n_minus)
{
    size_t n = n_plus + n_minus, fewer = n_plus < n_minus ? n_plus : n_minus;
    return (rec_test_result){
        .statistic = (double)n_plus, .p = fmin(1.0, 2.0 * rec_fair_coin_cdf(fewer, n)), .n = n};
}

rec_test_result rec_sign_test(const double *a, const double *b, size_t n)
{
    size_t n_plus = 0, n_minus = 0;
    for (size_t i = 0; i < n; i++) {
        n_plus += a[i] > b[i];
        n_minus += a[i] < b[i];
    }
    return binomial_test(n_plus, n_minus);
}

rec_test_result rec_mcnemar(const double *a, const double *b, size_t n)
{
    size_t only_a = 0, only_b = 0;
    for (size_t i = 0; i < n; i++) {
        only_a += a[i] != 0.0 && b[i] == 0.0;
        only_b += a[i] == 0.0 && b[i] != 0.0;
    }
    return binomial_test(only_a, only_b);
}
