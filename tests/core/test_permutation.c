#include <math.h>
#include <string.h>

#include "core/permutation.h"
#include "tests/suite.h"

START_TEST(visits_every_element_once)
{
    static const uint64_t sizes[] = {1, 2, 3, 4, 5, 16, 17, 99, 100, 101, 1000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        char seen[1000] = {0};
        rec_permutation p = rec_permutation_keyed(1, "test", s, sizes[s]);
        for (uint64_t i = 0; i < sizes[s]; i++) {
            uint64_t x = rec_permutation_at(&p, i);
            ck_assert_uint_lt(x, sizes[s]);
            ck_assert_int_eq(seen[x]++, 0);
        }
    }
}
END_TEST

/* Where elements 0, 1 and n - 1 land over 9,000 orders: chi-square over 30 cells, below 58.3
 * (p = .001, 29 degrees of freedom). */
START_TEST(places_are_uniform)
{
    enum { N = 30, ORDERS = 9000 };
    static const uint64_t positions[] = {0, 1, N - 1};
    for (size_t q = 0; q < 3; q++) {
        double counts[N] = {0}, chi2 = 0.0;
        for (uint64_t id = 0; id < ORDERS; id++) {
            rec_permutation p = rec_permutation_keyed(7, "test", id, N);
            counts[rec_permutation_at(&p, positions[q])]++;
        }
        for (int c = 0; c < N; c++)
            chi2 += pow(counts[c] - (double)ORDERS / N, 2) / ((double)ORDERS / N);
        ck_assert_double_lt(chi2, 58.3);
    }
}
END_TEST

/* Neighbours are unrelated: the mean of x(i) x(i + 1), centred, is 0 within 4 standard errors. */
START_TEST(neighbours_are_uncorrelated)
{
    enum { N = 100000 };
    rec_permutation p = rec_permutation_keyed(3, "test", 0, N);
    double sum = 0.0;
    for (uint64_t i = 0; i + 1 < N; i++)
        sum += ((double)rec_permutation_at(&p, i) / N - 0.5) *
               ((double)rec_permutation_at(&p, i + 1) / N - 0.5);
    ck_assert_double_lt(fabs(sum / N), 4.0 / 12.0 / sqrt(N));
}
END_TEST

START_TEST(large_domains)
{
    rec_permutation p = rec_permutation_keyed(3, "test", 0, (uint64_t)1 << 40);
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert_uint_lt(rec_permutation_at(&p, i), (uint64_t)1 << 40);
    p = rec_permutation_keyed(3, "test", 0, ((uint64_t)1 << 62) - 1);
    ck_assert_uint_lt(rec_permutation_at(&p, p.n - 1), p.n);
}
END_TEST

REC_SUITE("core/permutation", tcase_add_test(t, visits_every_element_once);
          tcase_add_test(t, places_are_uniform); tcase_add_test(t, neighbours_are_uncorrelated);
          tcase_add_test(t, large_domains);)
