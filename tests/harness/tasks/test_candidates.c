#include "harness/tasks/candidates.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/suite.h"

START_TEST(uniform_draws_avoid_what_is_taken)
{
    static const uint32_t taken[] = {0, 3, 4, 9};
    size_t counts[10] = {0};
    for (uint64_t id = 0; id < 30000; id++) {
        rec_rng rng = rec_rng_keyed(1, "test", id);
        uint32_t out[2];
        ck_assert_ok(rec_draw_uniform(out, 2, 10, taken, 4, &rng, err));
        ck_assert_uint_ne(out[0], out[1]);
        counts[out[0]]++;
        counts[out[1]]++;
    }
    /* 60,000 draws over six free items: chi-square below 20.5 (p = .001, 5 degrees of freedom). */
    double chi2 = 0.0;
    for (size_t i = 0; i < 10; i++) {
        bool is_taken = i == 0 || i == 3 || i == 4 || i == 9;
        if (is_taken)
            ck_assert_uint_eq(counts[i], 0);
        else
            chi2 += pow((double)counts[i] - 10000.0, 2) / 10000.0;
    }
    ck_assert_double_lt(chi2, 20.5);
}
END_TEST

START_TEST(all_free_items_or_an_error)
{
    static const uint32_t taken[] = {1, 2};
    rec_rng rng = rec_rng_keyed(1, "test", 0);
    uint32_t out[4];
    ck_assert_ok(rec_draw_uniform(out, 3, 5, taken, 2, &rng, err));
    ck_assert_uint_eq(out[0] + out[1] + out[2], 0 + 3 + 4);
    ck_assert_fails(rec_draw_uniform(out, 4, 5, taken, 2, &rng, err), REC_ERR_DATA,
                    "only 3 items are left to draw 4 negatives from");
}
END_TEST

/* First of two draws: item i with probability w_i / sum over free items. */
START_TEST(popular_draws_are_in_proportion)
{
    static const uint32_t popularity[] = {10, 0, 30, 60, 1000}, taken[] = {4};
    rec_popularity_draw d;
    rec_arena scratch = {0};
    size_t first[5] = {0};
    enum { N = 20000 };
    ck_assert_ok(rec_popularity_draw_init(&d, popularity, 5, err));
    for (uint64_t id = 0; id < N; id++) {
        rec_rng rng = rec_rng_keyed(1, "test", id);
        uint32_t out[2];
        ck_assert_ok(rec_draw_popular(out, 2, &d, taken, 1, &rng, &scratch, err));
        ck_assert_uint_ne(out[0], out[1]);
        ck_assert(out[0] != 1 && out[0] != 4 && out[1] != 1 && out[1] != 4);
        first[out[0]]++;
    }
    for (size_t i = 0; i < 4; i++) {
        double p = popularity[i] / 100.0;
        ck_assert_double_le(fabs((double)first[i] / N - p), 4.0 * sqrt(p * (1.0 - p) / N) + 1e-12);
    }
    rec_rng rng = rec_rng_keyed(1, "test", 0);
    uint32_t out[4];
    ck_assert_ok(rec_draw_popular(out, 3, &d, taken, 1, &rng, &scratch, err)); /* all there are */
    ck_assert_uint_eq(out[0] + out[1] + out[2], 0 + 2 + 3);
    ck_assert_fails(rec_draw_popular(out, 4, &d, taken, 1, &rng, &scratch, err), REC_ERR_DATA,
                    "only 3 items are left");
    rec_popularity_draw_deinit(&d);
    rec_arena_deinit(&scratch);
}
END_TEST

REC_SUITE("harness/tasks/candidates", tcase_add_test(t, uniform_draws_avoid_what_is_taken);
          tcase_add_test(t, all_free_items_or_an_error);
          tcase_add_test(t, popular_draws_are_in_proportion);)
