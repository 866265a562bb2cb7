#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/parallel.h"
#include "models/factors.h"
#include "tests/suite.h"

static rec_factors random_factors(size_t n_rows, size_t dim, uint64_t seed)
{
    rec_factors f;
    ck_assert_ok(rec_factors_init(&f, n_rows, dim, err));
    rec_factors_fill_normal(&f, 1.0, seed, "test");
    return f;
}

START_TEST(rows_are_padded_with_zeros)
{
    rec_factors f = random_factors(3, 17, 1);
    ck_assert_uint_eq(f.stride, 32);
    ck_assert_uint_eq((uintptr_t)rec_factors_row(&f, 1) % 64, 0);
    for (size_t r = 0; r < 3; r++) {
        ck_assert_float_ne(rec_factors_row(&f, r)[16], 0.0f);
        for (size_t d = 17; d < 32; d++)
            ck_assert_float_eq(rec_factors_row(&f, r)[d], 0.0f);
    }
    rec_factors_deinit(&f);
    rec_factors_deinit(&f);
    ck_assert_fails(rec_factors_init(&f, SIZE_MAX / 8, 64, err), REC_ERR_RESOURCE, "do not fit");
}
END_TEST

START_TEST(rows_have_streams_of_their_own)
{
    rec_factors small = random_factors(2, 5, 4), large = random_factors(9, 5, 4);
    ck_assert_mem_eq(small.data, large.data, 2 * small.stride * sizeof(float));
    rec_factors_fill_uniform(&large, 0.25, 4, "test");
    for (size_t d = 0; d < 5; d++) {
        ck_assert_float_ge(rec_factors_row(&large, 8)[d], 0.0f);
        ck_assert_float_lt(rec_factors_row(&large, 8)[d], 0.25f);
    }
    rec_factors_deinit(&small);
    rec_factors_deinit(&large);
}
END_TEST

/* Past one tile of rows; ridge on the first dim diagonal elements only. */
START_TEST(gram_adds_every_row_and_the_ridge)
{
    enum { ROWS = 2500, DIM = 7, STRIDE = 16 };
    rec_factors f = random_factors(ROWS, DIM, 2);
    float gram[STRIDE * STRIDE], again[STRIDE * STRIDE];
    rec_parallel_set_threads(1);
    ck_assert_ok(rec_factors_gram(gram, &f, 0.5, err));
    for (size_t i = 0; i < STRIDE; i++)
        for (size_t j = 0; j < STRIDE; j++) {
            double sum = i == j && i < DIM ? 0.5 : 0.0;
            for (size_t r = 0; r < ROWS; r++)
                sum += (double)rec_factors_row(&f, r)[i] * (double)rec_factors_row(&f, r)[j];
            ck_assert_double_eq_tol(gram[i * STRIDE + j], sum, 1e-3);
        }
    rec_parallel_set_threads(7);
    ck_assert_ok(rec_factors_gram(again, &f, 0.5, err));
    ck_assert_mem_eq(gram, again, sizeof gram);
    rec_factors_deinit(&f);
}
END_TEST

static void check_weighted_sum(const rec_factors *f, const float *p, size_t n)
{
    uint32_t index[16];
    float a[16], b[16];
    float *out = aligned_alloc(64, f->stride * sizeof *out);
    for (size_t d = 0; d < f->stride; d++)
        out[d] = (float)d;
    for (size_t k = 0; k < n; k++) {
        index[k] = (uint32_t)((k * 7 + 3) % f->n_rows);
        a[k] = 0.5f + (float)k;
        b[k] = 1.0f - 0.25f * (float)k;
    }
    rec_factors_weighted_sum(out, p, f, index, a, b, n);
    for (size_t d = 0; d < f->stride; d++) {
        double expected = (double)d;
        for (size_t k = 0; k < n; k++) {
            const float *row = rec_factors_row(f, index[k]);
            double dot = 0.0;
            for (size_t e = 0; e < f->dim; e++)
                dot += (double)row[e] * (double)p[e];
            expected += ((double)a[k] + (double)b[k] * dot) * (double)row[d];
        }
        ck_assert_double_eq_tol(out[d], expected, 1e-3);
    }
    free(out);
}

START_TEST(weighted_sum_agrees_with_a_loop)
{
    static const size_t dims[] = {3, 16, 64, 70};
    for (int level = REC_CPU_GENERIC; level <= REC_CPU_AVX512_VNNI; level++) {
        rec_cpu_set_cap((rec_cpu_level_id)level);
        for (size_t c = 0; c < 4; c++) {
            rec_factors f = random_factors(11, dims[c], 3), p = random_factors(1, dims[c], 5);
            for (size_t n = 0; n <= 9; n++)
                check_weighted_sum(&f, p.data, n);
            rec_factors_deinit(&f);
            rec_factors_deinit(&p);
        }
    }
}
END_TEST

REC_SUITE("models/factors", tcase_add_test(t, rows_are_padded_with_zeros);
          tcase_add_test(t, rows_have_streams_of_their_own);
          tcase_add_test(t, gram_adds_every_row_and_the_ridge);
          tcase_add_test(t, weighted_sum_agrees_with_a_loop);)
