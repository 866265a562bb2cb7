/* Every compiled variant against the definitions in double, and the promise of kernels.h: a number has
 * the same bits whatever is computed beside it. */
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "models/lm/kernels.h"
#include "tests/suite.h"

enum { ROWS = 37, COLS = 96, TOKENS = 13, N_FORMATS = 5 };

static const rec_weight_format formats[N_FORMATS] = {
    REC_FORMAT_F32, REC_FORMAT_F16, REC_FORMAT_BF16, REC_FORMAT_Q8_0, REC_FORMAT_Q4_1};

static const rec_lm_kernels *variant(int i)
{
    if (i == 1 && rec_cpu_level() >= REC_CPU_AVX2)
        return &rec_lm_kernels_avx2;
    if (i == 2 && rec_cpu_level() >= REC_CPU_AVX512)
        return &rec_lm_kernels_avx512;
    return &rec_lm_kernels_generic;
}

static float x[TOKENS * COLS], expanded[ROWS * COLS], scratch[REC_MATMUL_GROUP * COLS];
static _Alignas(64) unsigned char stored[ROWS * COLS * 4];

static void make(rec_weight *w, rec_weight_format format, size_t cols)
{
    float values[ROWS * COLS];
    for (size_t i = 0; i < ROWS * cols; i++)
        values[i] = sinf((float)(i * i % 1013)) * (1.0f + (float)(i % 7));
    for (size_t i = 0; i < TOKENS * COLS; i++)
        x[i] = cosf((float)(i * 31 % 911));
    ck_assert_ok(rec_quantise(stored, format, values, ROWS * cols, err));
    rec_dequantise(expanded, format, stored, ROWS * cols);
    *w = (rec_weight){.data = stored, .format = format, .rows = ROWS, .cols = cols};
}

START_TEST(products_of_every_format)
{
    const rec_lm_kernels *k = variant(_i / N_FORMATS);
    rec_weight w;
    float out[TOKENS * ROWS], row[COLS];
    make(&w, formats[_i % N_FORMATS], COLS);
    for (size_t r = 0; r < ROWS; r++) {
        k->expand_row(row, &w, r);
        ck_assert_mem_eq(row, expanded + r * COLS, sizeof row);
    }
    k->matmul(out, ROWS, &w, 0, ROWS, x, COLS, TOKENS, scratch);
    for (size_t t = 0; t < TOKENS; t++) {
        for (size_t r = 0; r < ROWS; r++) {
            double sum = 0.0, size = 0.0;
            for (size_t c = 0; c < COLS; c++) {
                double product = (double)x[t * COLS + c] * (double)expanded[r * COLS + c];
                sum += product;
                size += fabs(product);
            }
            ck_assert_double_eq_tol((double)out[t * ROWS + r], sum, 1e-6 * size);
        }
    }
}
END_TEST

START_TEST(same_bits_in_any_company)
{
    const rec_lm_kernels *k = variant(_i / N_FORMATS);
    rec_weight w;
    float all[TOKENS * ROWS], some[TOKENS * ROWS];
    make(&w, formats[_i % N_FORMATS], COLS);
    k->matmul(all, ROWS, &w, 0, ROWS, x, COLS, TOKENS, scratch);
    for (size_t first = 0; first < ROWS; first += 5) {
        for (size_t m = 1; m <= TOKENS; m++) {
            size_t n = ROWS - first < 9 ? ROWS - first : 9, t0 = TOKENS - m;
            k->matmul(some, n, &w, first, n, x + t0 * COLS, COLS, m, scratch);
            for (size_t t = 0; t < m; t++)
                ck_assert_mem_eq(some + t * n, all + (t0 + t) * ROWS + first, n * sizeof *some);
        }
    }
}
END_TEST

/* Rows that fill no vector: only the float formats have them. */
START_TEST(odd_row_lengths)
{
    const rec_lm_kernels *k = variant(_i);
    for (size_t cols = 1; cols <= 35; cols++) {
        for (size_t f = 0; f < 3; f++) {
            rec_weight w;
            float out[TOKENS * ROWS];
            make(&w, formats[f], cols);
            k->matmul(out, ROWS, &w, 0, ROWS, x, COLS, TOKENS, scratch);
            double sum = 0.0;
            for (size_t c = 0; c < cols; c++)
                sum += (double)x[3 * COLS + c] * (double)expanded[5 * cols + c];
            ck_assert_double_eq_tol((double)out[3 * ROWS + 5], sum, 1e-4);
        }
    }
}
END_TEST

/* ---- attention ---- */

enum { KEYS = 75, HEAD_MAX = 80 };

static float keys[KEYS * HEAD_MAX], values[KEYS * HEAD_MAX], queries[6 * HEAD_MAX];
static float page_storage[3][2 * REC_KV_PAGE * HEAD_MAX];

static void fill_pages(float **pages, size_t d)
{
    memset(page_storage, 0, sizeof page_storage);
    for (size_t j = 0; j < KEYS; j++) {
        float *page = page_storage[j / REC_KV_PAGE];
        for (size_t i = 0; i < d; i++) {
            keys[j * d + i] = sinf((float)(j * 13 + i * 7));
            values[j * d + i] = cosf((float)(j * 5 + i * 11));
            page[i * REC_KV_PAGE + j % REC_KV_PAGE] = keys[j * d + i];
            page[d * REC_KV_PAGE + j % REC_KV_PAGE * d + i] = values[j * d + i];
        }
    }
    for (size_t i = 0; i < 6 * d; i++)
        queries[i] = sinf((float)(i * 3)) * 2.0f;
    for (size_t p = 0; p < 3; p++)
        pages[p] = page_storage[p];
}

static void attend_in_double(double *out, const float *q, size_t first, size_t end, size_t d,
                             double scale)
{
    double weights[KEYS], sum = 0.0;
    for (size_t j = first; j < end; j++) {
        double score = 0.0;
        for (size_t i = 0; i < d; i++)
            score += (double)q[i] * (double)keys[j * d + i];
        weights[j] = exp(score * scale);
        sum += weights[j];
    }
    for (size_t i = 0; i < d; i++) {
        out[i] = 0.0;
        for (size_t j = first; j < end; j++)
            out[i] += weights[j] / sum * (double)values[j * d + i];
    }
}

START_TEST(attention_is_a_softmax)
{
    static const size_t heads[] = {16, 24, 64, 80, 7};
    const rec_lm_kernels *k = variant(_i);
    for (size_t h = 0; h < 5; h++) {
        size_t d = heads[h], first[6] = {0, 0, 0, 33, 70, 12}, end[6] = {1, 32, 75, 34, 75, 50};
        float *pages[3], out[6 * HEAD_MAX], alone[HEAD_MAX], scores[6 * 96];
        double expected[HEAD_MAX];
        fill_pages(pages, d);
        k->attend(out, d, queries, d, 6, first, end, pages, 0, d, 0.25f, scores);
        for (size_t r = 0; r < 6; r++) {
            attend_in_double(expected, queries + r * d, first[r], end[r], d, 0.25);
            for (size_t i = 0; i < d; i++)
                ck_assert_double_eq_tol((double)out[r * d + i], expected[i], 2e-6);
            /* the same bits for one query alone */
            k->attend(alone, d, queries + r * d, d, 1, &first[r], &end[r], pages, 0, d, 0.25f,
                      scores);
            ck_assert_mem_eq(alone, out + r * d, d * sizeof *alone);
        }
    }
}
END_TEST

REC_SUITE("models/lm/kernels", tcase_add_loop_test(t, products_of_every_format, 0, 3 * N_FORMATS);
          tcase_add_loop_test(t, same_bits_in_any_company, 0, 3 * N_FORMATS);
          tcase_add_loop_test(t, odd_row_lengths, 0, 3);
          tcase_add_loop_test(t, attention_is_a_softmax, 0, 3);)
