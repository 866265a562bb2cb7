/* Products in 8 bits: every variant against sums in integers and double, extremes of the bytes, and the
 * promise that a number has the same bits whatever is computed beside it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/int8.h"
#include "tests/suite.h"

enum { ROWS = 37, COLS = 96, TOKENS = 13, BLOCKS = COLS / 32, N_VARIANTS = 3 };

static const rec_weight_format formats[] = {REC_FORMAT_Q8_0, REC_FORMAT_Q4_1};

static rec_int8_panel_fn variant(int i)
{
#ifdef REC_CPU_X86
    if (i == 1 && rec_cpu_level() >= REC_CPU_AVX2)
        return rec_int8_panel_avx2;
    if (i == 2 && rec_cpu_level() >= REC_CPU_AVX512_VNNI)
        return rec_int8_panel_vnni;
#endif
    (void)i;
    return rec_int8_panel_generic;
}

static unsigned char stored[ROWS * COLS * 4];
static float x[TOKENS * COLS];
static rec_weight w;
static rec_int8_rows rows;
static unsigned char *panels;
static void *storage;

static void pack(rec_weight_format format)
{
    w = (rec_weight){.data = stored, .format = format, .rows = ROWS, .cols = COLS};
    ck_assert(rec_int8_fits(&w));
    panels = rec_alloc_aligned(rec_int8_panel_bytes(&w), 1, NULL);
    rec_int8_pack(panels, &w, 0, 1);
    rec_int8_pack(panels, &w, 1, 3);
    w.panels = panels;
    storage = rec_alloc_aligned(rec_int8_rows_bytes(TOKENS, COLS, 1), 1, NULL);
    rows = rec_int8_rows_at(storage, TOKENS, COLS, 1);
    rec_int8_quantise(&rows, x, COLS, 0, TOKENS);
}

static void make(rec_weight_format format)
{
    float values[ROWS * COLS];
    for (size_t i = 0; i < ROWS * COLS; i++)
        values[i] = sinf((float)(i * i % 1013)) * (1.0f + (float)(i % 7));
    for (size_t i = 0; i < TOKENS * COLS; i++)
        x[i] = cosf((float)(i * 31 % 911)) * (1.0f + (float)(i % 5));
    ck_assert_ok(rec_quantise(stored, format, values, ROWS * COLS, err));
    pack(format);
}

static void release(void)
{
    free(panels);
    free(storage);
}

/* The definition: weights as rec_dequantise gives them, activations as their integers say. */
static void check_product(float product, size_t row, size_t t)
{
    float weights[COLS];
    size_t bytes = rec_weight_format_bytes(w.format, COLS);
    double sum = 0.0, size = 0.0;
    rec_dequantise(weights, w.format, stored + row * bytes, COLS);
    for (size_t c = 0; c < COLS; c++) {
        double value = (double)rows.scales[t * BLOCKS + c / 32].scale * rows.values[t * COLS + c];
        sum += value * (double)weights[c];
        size += fabs(value * (double)weights[c]);
    }
    ck_assert_double_eq_tol((double)product, sum, 1e-6 * size);
}

static void multiply(float *out, int variant_index)
{
    for (size_t panel = 0; panel < 3; panel++)
        variant(variant_index)(out + panel * 16, ROWS, &w, panel, panel < 2 ? 16 : 5, &rows, 0,
                               TOKENS);
}

START_TEST(products_of_both_formats)
{
    float out[TOKENS * ROWS];
    make(formats[_i / N_VARIANTS]);
    multiply(out, _i % N_VARIANTS);
    for (size_t t = 0; t < TOKENS; t++)
        for (size_t r = 0; r < ROWS; r++)
            check_product(out[t * ROWS + r], r, t);
    release();
}
END_TEST

/* Bytes of weights that take every value, activations at both ends: sums of pairs pass 16 bits. */
START_TEST(extremes_do_not_saturate)
{
    float out[TOKENS * ROWS];
    rec_weight_format format = formats[_i / N_VARIANTS];
    size_t block = rec_weight_format_block_bytes(format);
    for (size_t b = 0; b < ROWS * BLOCKS; b++) {
        unsigned char *bytes = stored + b * block;
        uint16_t one = rec_float_to_half(1.0f);
        memset(bytes, b % 3 == 0 ? 0x7F : b % 3 == 1 ? 0x80 : 0xFF, block);
        memcpy(bytes, &one, 2);
        if (format == REC_FORMAT_Q4_1)
            memcpy(bytes + 2, &one, 2);
    }
    for (size_t i = 0; i < TOKENS * COLS; i++)
        x[i] = (i / COLS) % 3 == 0 ? 1.0f : (i / COLS) % 3 == 1 ? -1.0f : i % 2 ? 1.0f : -1.0f;
    pack(format);
    multiply(out, _i % N_VARIANTS);
    for (size_t t = 0; t < TOKENS; t++)
        for (size_t r = 0; r < ROWS; r++)
            check_product(out[t * ROWS + r], r, t);
    release();
}
END_TEST

START_TEST(same_bits_in_any_company)
{
    float all[TOKENS * ROWS], some[TOKENS * ROWS];
    make(formats[_i / N_VARIANTS]);
    rec_int8_panel_fn panel = variant(_i % N_VARIANTS);
    multiply(all, _i % N_VARIANTS);
    for (size_t m = 1; m <= TOKENS; m++)
        for (size_t n = 1; n <= 16; n += 5) {
            panel(some, n, &w, 1, n, &rows, TOKENS - m, m);
            for (size_t t = 0; t < m; t++)
                ck_assert_mem_eq(some + t * n, all + (TOKENS - m + t) * ROWS + 16,
                                 n * sizeof *some);
        }
    release();
}
END_TEST

START_TEST(matmul_is_panel_after_panel)
{
    float all[TOKENS * ROWS], some[TOKENS * ROWS];
    make(formats[_i]);
    rec_int8_matmul(all, ROWS, &w, 0, ROWS, &rows, 0, TOKENS);
    for (size_t t = 0; t < TOKENS; t++)
        check_product(all[t * ROWS + ROWS - 1], ROWS - 1, t);
    rec_int8_matmul(some, 21, &w, 16, 21, &rows, 4, 3);
    for (size_t t = 0; t < 3; t++)
        ck_assert_mem_eq(some + t * 21, all + (4 + t) * ROWS + 16, 21 * sizeof *some);
    release();
}
END_TEST

/* 127 is the largest: scale 1, halves round to even; a block of zeros has scale 0. */
START_TEST(activations)
{
    static const float given[5] = {127.0f, -3.0f, 2.5f, 3.5f, -0.4f};
    static const int8_t expected[5] = {127, -3, 2, 4, 0};
    float row[64] = {0.0f};
    unsigned char bytes[512];
    rec_int8_rows one = rec_int8_rows_at(bytes, 1, 64, 1);
    ck_assert_uint_le(rec_int8_rows_bytes(1, 64, 1), sizeof bytes);
    memcpy(row, given, sizeof given);
    rec_int8_quantise(&one, row, 64, 0, 1);
    ck_assert_mem_eq(one.values, expected, sizeof expected);
    ck_assert_float_eq(one.scales[0].scale, 1.0f);
    ck_assert_float_eq(one.scales[0].sum, 130.0f);
    ck_assert_int_eq(one.scales[0].bias, -128 * 130);
    ck_assert_float_eq(one.scales[1].scale, 0.0f);
    ck_assert_int_eq(one.scales[1].bias, 0);
    row[40] = -2.0f; /* scale 2 / 127 */
    row[41] = 1.0f;
    rec_int8_quantise(&one, row, 64, 0, 1);
    ck_assert_int_eq(one.values[40], -127);
    ck_assert_int_eq(one.values[41], 64);
    ck_assert_float_eq_tol(one.scales[1].scale, 2.0f / 127.0f, 1e-9f);
}
END_TEST

/* Nearly floats: what two terms leave over is 1 / 64516 of the largest value at most. A row has the
 * same bits alone. */
START_TEST(two_terms)
{
    float out[TOKENS * ROWS], alone[ROWS], weights[COLS];
    make(formats[_i]);
    void *memory = rec_alloc_aligned(rec_int8_rows_bytes(TOKENS, COLS, 2), 1, NULL);
    rec_int8_rows two = rec_int8_rows_at(memory, TOKENS, COLS, 2);
    rec_int8_quantise(&two, x, COLS, 0, TOKENS);
    for (size_t i = 0; i < COLS; i++) {
        double value = (double)two.scales[i / 32].scale * two.values[i] +
                       (double)two.scales[BLOCKS + i / 32].scale * two.values[COLS + i];
        ck_assert_double_eq_tol(value, (double)x[i], 5.0 / 64516 + 1e-6);
    }
    rec_int8_matmul(out, ROWS, &w, 0, ROWS, &two, 0, TOKENS);
    for (size_t t = 0; t < TOKENS; t++) {
        for (size_t r = 0; r < ROWS; r++) {
            double sum = 0.0, size = 0.0;
            rec_dequantise(weights, w.format, stored + r * rec_weight_format_bytes(w.format, COLS),
                           COLS);
            for (size_t c = 0; c < COLS; c++) {
                sum += (double)x[t * COLS + c] * (double)weights[c];
                size += fabs((double)weights[c]);
            }
            ck_assert_double_eq_tol((double)out[t * ROWS + r], sum, 1e-4 * size);
        }
        rec_int8_matmul(alone, ROWS, &w, 0, ROWS, &two, t, 1);
        ck_assert_mem_eq(alone, out + t * ROWS, sizeof alone);
    }
    free(memory);
    release();
}
END_TEST

START_TEST(other_formats_do_not_fit)
{
    const rec_weight halves = {.data = stored, .format = REC_FORMAT_F16, .rows = 1, .cols = 32};
    const rec_weight missing = {.format = REC_FORMAT_Q8_0};
    ck_assert(!rec_int8_fits(&halves));
    ck_assert(!rec_int8_fits(&missing));
}
END_TEST

REC_SUITE("models/lm/int8", tcase_add_loop_test(t, products_of_both_formats, 0, 2 * N_VARIANTS);
          tcase_add_loop_test(t, extremes_do_not_saturate, 0, 2 * N_VARIANTS);
          tcase_add_loop_test(t, same_bits_in_any_company, 0, 2 * N_VARIANTS);
          tcase_add_loop_test(t, matmul_is_panel_after_panel, 0, 2); tcase_add_test(t, activations);
          tcase_add_loop_test(t, two_terms, 0, 2); tcase_add_test(t, other_formats_do_not_fit);)
