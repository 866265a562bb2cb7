#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "core/rng.h"
#include "models/least_squares.h"
#include "tests/suite.h"

/* One factor, Y = (1, 2), reg 1. Row 0 has item 1 with w = 3: (1 + 4 + 1 + 3 * 4) x = 4 * 2, so
 * x = 8 / 18. Row 1 has both with w = 0: 6 x = 3, x = 1 / 2. Row 2 is empty. */
static void fill_small(rec_factors *items, rec_factors *solved, rec_sparse *w, float gram[256])
{
    ck_assert_ok(rec_factors_init(items, 2, 1, err));
    ck_assert_ok(rec_factors_init(solved, 3, 1, err));
    ck_assert_ok(rec_sparse_init(w, 3, 2, 3, err));
    rec_factors_row(items, 0)[0] = 1;
    rec_factors_row(items, 1)[0] = 2;
    rec_factors_row(solved, 2)[0] = 9; /* what was there before */
    memcpy(w->start, (size_t[]){0, 1, 3, 3}, 4 * sizeof *w->start);
    memcpy(w->column, (uint32_t[]){1, 0, 1}, 3 * sizeof *w->column);
    memcpy(w->value, (float[]){3, 0, 0}, 3 * sizeof *w->value);
    ck_assert_ok(rec_factors_gram(gram, items, 1.0, err));
}

START_TEST(one_factor_by_hand)
{
    for (int exact = 0; exact < 2; exact++) {
        rec_factors items, solved;
        rec_sparse w;
        float gram[256];
        fill_small(&items, &solved, &w, gram);
        rec_least_squares problem = {&items, gram, &w};
        if (exact)
            ck_assert_ok(rec_least_squares_exact(&solved, &problem, err));
        else
            ck_assert_ok(rec_least_squares_cg(&solved, &problem, 2, err));
        ck_assert_double_eq_tol(rec_factors_row(&solved, 0)[0], 8.0 / 18, 1e-6);
        ck_assert_double_eq_tol(rec_factors_row(&solved, 1)[0], 0.5, 1e-6);
        ck_assert_float_eq(rec_factors_row(&solved, 2)[0], 0.0f);
        ck_assert_float_eq(rec_factors_row(&solved, 0)[1], 0.0f); /* padding */
        rec_sparse_deinit(&w);
        rec_factors_deinit(&items);
        rec_factors_deinit(&solved);
    }
}
END_TEST

enum { ROWS = 150, ITEMS = 90, DIM = 20 };

static void fill_random(rec_factors *items, rec_sparse *w)
{
    rec_rng r = rec_rng_keyed(1, "least squares", 0);
    size_t n = 0;
    ck_assert_ok(rec_factors_init(items, ITEMS, DIM, err));
    rec_factors_fill_normal(items, 0.5, 1, "items");
    ck_assert_ok(rec_sparse_init(w, ROWS, ITEMS, ROWS * ITEMS, err));
    for (size_t u = 0; u < ROWS; u++) {
        for (uint32_t i = 0; i < ITEMS; i++)
            if (rec_rng_below(&r, (uint32_t)(u + 2)) == 0) { /* rows of every length */
                w->column[n] = i;
                w->value[n++] = 3.0f * rec_rng_uniform_float(&r);
            }
        w->start[u + 1] = n;
    }
}

START_TEST(conjugate_gradients_reach_the_exact_solution)
{
    rec_factors items, exact, cg;
    rec_sparse w;
    float gram[32 * 32];
    fill_random(&items, &w);
    ck_assert_ok(rec_factors_init(&exact, ROWS, DIM, err));
    ck_assert_ok(rec_factors_init(&cg, ROWS, DIM, err));
    ck_assert_ok(rec_factors_gram(gram, &items, 0.3, err));
    rec_least_squares problem = {&items, gram, &w};
    ck_assert_ok(rec_least_squares_exact(&exact, &problem, err));
    rec_factors_fill_normal(&cg, 1.0, 2, "start"); /* from anywhere */
    ck_assert_ok(rec_least_squares_cg(&cg, &problem, 60, err));
    for (size_t i = 0; i < ROWS * cg.stride; i++)
        ck_assert_double_eq_tol(cg.data[i], exact.data[i], 1e-4);
    rec_factors_deinit(&exact);
    rec_factors_deinit(&cg);
    rec_factors_deinit(&items);
    rec_sparse_deinit(&w);
}
END_TEST

START_TEST(same_bits_for_any_thread_count)
{
    rec_factors items, one, many;
    rec_sparse w;
    float gram[32 * 32];
    fill_random(&items, &w);
    ck_assert_ok(rec_factors_gram(gram, &items, 0.3, err));
    rec_least_squares problem = {&items, gram, &w};
    for (int exact = 0; exact < 2; exact++) {
        ck_assert_ok(rec_factors_init(&one, ROWS, DIM, err));
        ck_assert_ok(rec_factors_init(&many, ROWS, DIM, err));
        rec_parallel_set_threads(1);
        ck_assert_ok(exact ? rec_least_squares_exact(&one, &problem, err)
                           : rec_least_squares_cg(&one, &problem, 3, err));
        rec_parallel_set_threads(7);
        ck_assert_ok(exact ? rec_least_squares_exact(&many, &problem, err)
                           : rec_least_squares_cg(&many, &problem, 3, err));
        ck_assert_mem_eq(one.data, many.data, ROWS * one.stride * sizeof(float));
        rec_factors_deinit(&one);
        rec_factors_deinit(&many);
    }
    rec_factors_deinit(&items);
    rec_sparse_deinit(&w);
}
END_TEST

START_TEST(a_system_that_is_not_positive_definite_is_reported)
{
    rec_factors items, solved;
    rec_sparse w;
    float gram[256];
    fill_small(&items, &solved, &w, gram);
    gram[0] = NAN;
    rec_least_squares problem = {&items, gram, &w};
    ck_assert_fails(rec_least_squares_exact(&solved, &problem, err), REC_ERR_MODEL,
                    "system of row 0 is not positive definite");
    rec_sparse_deinit(&w);
    rec_factors_deinit(&items);
    rec_factors_deinit(&solved);
}
END_TEST

REC_SUITE("models/least_squares", tcase_add_test(t, one_factor_by_hand);
          tcase_add_test(t, conjugate_gradients_reach_the_exact_solution);
          tcase_add_test(t, same_bits_for_any_thread_count);
          tcase_add_test(t, a_system_that_is_not_positive_definite_is_reported);)
