#include <math.h>
#include <string.h>

#include "models/lm/sample.h"
#include "tests/suite.h"

/* log of the probabilities 0.5, 0.25, 0.125, 0.0625, 0.0625, in an order of their own */
static const float logits[5] = {-2.0794415f, -0.6931472f, -2.7725887f, -1.3862944f, -2.7725887f};
enum { DRAWS = 20000 };

/* Share of each index among many draws. */
static void shares(double out[5], rec_sampling s)
{
    rec_arena arena = {.block_size = 0};
    rec_rng rng = rec_rng_keyed(1, "test", 0);
    memset(out, 0, 5 * sizeof *out);
    for (int i = 0; i < DRAWS; i++) {
        float copy[5];
        size_t index = 9;
        memcpy(copy, logits, sizeof copy);
        ck_assert_ok(rec_sample_token(&index, copy, 5, &s, &rng, &arena, err));
        ck_assert_uint_lt(index, 5);
        out[index] += 1.0 / DRAWS;
    }
    rec_arena_deinit(&arena);
}

/* Four standard errors of a share: 4 sqrt(.25 / 20000) = 0.014. */
static void assert_shares(rec_sampling s, double p0, double p1, double p2, double p3, double p4)
{
    const double expected[5] = {p0, p1, p2, p3, p4};
    double seen[5];
    shares(seen, s);
    for (int i = 0; i < 5; i++) {
        if (expected[i] == 0)
            ck_assert_double_eq(seen[i], 0);
        else
            ck_assert_double_eq_tol(seen[i], expected[i], 0.015);
    }
}

START_TEST(greedy_takes_the_largest_and_draws_nothing)
{
    float values[4] = {1, 3, 3, 2};
    rec_rng rng = rec_rng_keyed(1, "test", 0), untouched = rng;
    rec_sampling s = rec_sampling_greedy();
    size_t index;
    ck_assert_ok(rec_sample_token(&index, values, 4, &s, &rng, NULL, err));
    ck_assert_uint_eq(index, 1); /* the first of equal ones */
    ck_assert_mem_eq(&rng, &untouched, sizeof rng);
    ck_assert_uint_eq(rec_argmax(values, 1), 0);
}
END_TEST

START_TEST(temperature_one_draws_the_probabilities)
{
    rec_sampling s = rec_sampling_greedy();
    s.temperature = 1;
    assert_shares(s, .125, .5, .0625, .25, .0625);
}
END_TEST

/* Temperature 1/2 squares the probabilities: 1/4, 1/16, 1/64, 1/256, 1/256 of a sum of 86/256. */
START_TEST(low_temperature_sharpens)
{
    rec_sampling s = rec_sampling_greedy();
    s.temperature = 0.5;
    assert_shares(s, 4 / 86., 64 / 86., 1 / 86., 16 / 86., 1 / 86.);
}
END_TEST

START_TEST(cut_offs)
{
    rec_sampling s = rec_sampling_greedy();
    s.temperature = 1;
    s.top_k = 2;
    assert_shares(s, 0, 2 / 3., 0, 1 / 3., 0);
    s.top_k = 4; /* of the two last, which are equal, the lower id */
    assert_shares(s, .125 / .9375, .5 / .9375, .0625 / .9375, .25 / .9375, 0);
    s.top_k = 0;
    s.top_p = 0.75; /* reached exactly by two */
    assert_shares(s, 0, 2 / 3., 0, 1 / 3., 0);
    s.top_p = 0.76;
    assert_shares(s, 1 / 7., 4 / 7., 0, 2 / 7., 0);
    s.top_p = 1e-9; /* never fewer than one */
    assert_shares(s, 0, 1, 0, 0, 0);
    s.top_p = 1;
    s.min_p = 0.25; /* a quarter of .5 */
    assert_shares(s, 1 / 7., 4 / 7., 0, 2 / 7., 0);
    s.min_p = 0;
    s.top_k = 3;
    s.top_p = 0.6; /* within the three: 4/7, then 6/7 reaches it */
    assert_shares(s, 0, 2 / 3., 0, 1 / 3., 0);
}
END_TEST

START_TEST(penalty_divides_or_multiplies)
{
    float values[4] = {2, -2, 1, -1};
    const uint32_t seen[] = {0, 1, 700};
    rec_penalise(values, 4, seen, 3, 2.0);
    ck_assert_float_eq(values[0], 1);
    ck_assert_float_eq(values[1], -4);
    ck_assert_float_eq(values[2], 1);
    rec_penalise(values, 4, seen, 3, 1.0);
    ck_assert_float_eq(values[0], 1);
}
END_TEST

static void assert_refused(rec_sampling s, const char *message)
{
    ck_assert_fails(rec_sampling_check(&s, err), REC_ERR_CONFIG, message);
}

START_TEST(values_out_of_range)
{
    rec_sampling good = rec_sampling_greedy(), s = good;
    ck_assert_ok(rec_sampling_check(&good, err));
    s.temperature = -1;
    assert_refused(s, "temperature -1");
    s.temperature = NAN;
    assert_refused(s, "temperature");
    s = good;
    s.top_p = 1.5;
    assert_refused(s, "top_p 1.5");
    s = good;
    s.min_p = -0.1;
    assert_refused(s, "min_p");
    s = good;
    s.repetition_penalty = 0;
    assert_refused(s, "repetition_penalty 0");
}
END_TEST

REC_SUITE("models/lm/sample", tcase_add_test(t, greedy_takes_the_largest_and_draws_nothing);
          tcase_add_test(t, temperature_one_draws_the_probabilities);
          tcase_add_test(t, low_temperature_sharpens); tcase_add_test(t, cut_offs);
          tcase_add_test(t, penalty_divides_or_multiplies); tcase_add_test(t, values_out_of_range);)
