#include "tests/suite.h"

#include <math.h>

#include "datasets/alias.h"

/* Chi-square at 99.9 % over the cells with a weight; cells without one are never drawn. */
static void check(const double *weights, size_t n, double limit)
{
    enum { N = 200000 };
    rec_alias a;
    rec_rng r = rec_rng_keyed(3, "alias", n);
    size_t hits[64] = {0};
    double total = 0.0, chi2 = 0.0;
    ck_assert_ok(rec_alias_init(&a, weights, n, err));
    for (int i = 0; i < N; i++)
        hits[rec_alias_draw(&a, &r)]++;
    for (size_t i = 0; i < n; i++)
        total += weights[i];
    for (size_t i = 0; i < n; i++) {
        double expected = N * weights[i] / total;
        if (weights[i] > 0)
            chi2 += pow((double)hits[i] - expected, 2) / expected;
        else
            ck_assert_uint_eq(hits[i], 0);
    }
    ck_assert_double_lt(chi2, limit);
    rec_alias_deinit(&a);
}

START_TEST(draws_follow_the_weights)
{
    const double even[] = {2, 2, 2, 2}, skewed[] = {0, 1, 10, 100, 0, 3}, one[] = {0.1};
    double many[64];
    for (int i = 0; i < 64; i++)
        many[i] = pow(i + 1, -0.8);
    check(even, 4, 16.27);
    check(skewed, 6, 16.27);
    check(one, 1, 1e-9);
    check(many, 64, 103.4);
}
END_TEST

REC_SUITE("datasets/alias", tcase_add_test(t, draws_follow_the_weights);)
