/* Known-answer vectors of Philox4x32-10 from the Random123 distribution (kat_vectors). */
#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "tests/suite.h"

START_TEST(philox_known_answers)
{
    uint32_t out[4];
    rec_philox(out, (uint32_t[4]){0, 0, 0, 0}, (uint32_t[2]){0, 0});
    ck_assert_uint_eq(out[0], 0x6627e8d5u);
    ck_assert_uint_eq(out[1], 0xe169c58du);
    ck_assert_uint_eq(out[2], 0xbc57ac4cu);
    ck_assert_uint_eq(out[3], 0x9b00dbd8u);
    rec_philox(out, (uint32_t[4]){0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
               (uint32_t[2]){0xa4093822u, 0x299f31d0u});
    ck_assert_uint_eq(out[0], 0xd16cfe09u);
    ck_assert_uint_eq(out[1], 0x94fdccebu);
    ck_assert_uint_eq(out[2], 0x5001e420u);
    ck_assert_uint_eq(out[3], 0x24126ea1u);
}
END_TEST

START_TEST(streams_are_named)
{
    rec_rng a = rec_rng_keyed(1, "x", 7), again = rec_rng_keyed(1, "x", 7);
    rec_rng other_id = rec_rng_keyed(1, "x", 8), other_purpose = rec_rng_keyed(1, "y", 7);
    uint64_t value = rec_rng_u64(&a);
    ck_assert_uint_eq(value, rec_rng_u64(&again));
    ck_assert_uint_ne(value, rec_rng_u64(&other_id));
    ck_assert_uint_ne(value, rec_rng_u64(&other_purpose));
}
END_TEST

/* Chi-square over 10 cells, 100,000 draws: below 27.88 (p = .001, 9 degrees of freedom). */
START_TEST(below_is_uniform)
{
    rec_rng r = rec_rng_keyed(5, "below", 0);
    size_t counts[10] = {0};
    for (int i = 0; i < 100000; i++)
        counts[rec_rng_below(&r, 10)]++;
    double chi2 = 0.0;
    for (int i = 0; i < 10; i++)
        chi2 += pow((double)counts[i] - 10000.0, 2) / 10000.0;
    ck_assert_double_lt(chi2, 27.88);
}
END_TEST

/* Mean 0 and variance 1 within 4 standard errors (1 / sqrt(n), sqrt(2 / n)). */
START_TEST(normal_moments)
{
    enum { N = 100000 };
    rec_rng r = rec_rng_keyed(5, "normal", 0);
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < N; i++) {
        double x = rec_rng_normal(&r);
        sum += x;
        squares += x * x;
    }
    ck_assert_double_lt(fabs(sum / N), 4.0 / sqrt(N));
    ck_assert_double_lt(fabs(squares / N - 1.0), 4.0 * sqrt(2.0 / N));
}
END_TEST

START_TEST(sample_is_distinct)
{
    rec_rng r = rec_rng_keyed(9, "sample", 0);
    uint32_t out[50];
    rec_rng_sample(out, &r, 60, 50);
    for (int i = 0; i < 50; i++) {
        ck_assert_uint_lt(out[i], 60);
        for (int j = 0; j < i; j++)
            ck_assert_uint_ne(out[i], out[j]);
    }
    rec_rng_sample(out, &r, 50, 50); /* everything: a permutation */
    uint64_t seen = 0;
    for (int i = 0; i < 50; i++)
        seen |= (uint64_t)1 << out[i];
    ck_assert_uint_eq(seen, ((uint64_t)1 << 50) - 1);
}
END_TEST

REC_SUITE("core/rng", tcase_add_test(t, philox_known_answers);
          tcase_add_test(t, streams_are_named); tcase_add_test(t, below_is_uniform);
          tcase_add_test(t, normal_moments); tcase_add_test(t, sample_is_distinct);)
