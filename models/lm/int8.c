#include "models/lm/int8.h"

#include <assert.h>
#include <string.h>

#include "core/simd.h"

enum { ROWS = REC_INT8_ROWS, BLOCK = REC_INT8_BLOCK, CACHE_LINE = 64 };

static size_t padded(size_t bytes)
{
    return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

bool rec_int8_fits(const rec_weight *w)
{
    return w->data != NULL && (w->format == REC_FORMAT_Q8_0 || w->format == REC_FORMAT_Q4_1);
}

/* ---- panels ---- */

static rec_int8_panel shape_of(const rec_weight *w)
{
    bool wide = w->format == REC_FORMAT_Q8_0;
    return (rec_int8_panel){.n_blocks = w->cols / BLOCK,
                            .scale_bytes = (wide ? 2u : 4u) * ROWS,
                            .value_bytes = (size_t)(wide ? BLOCK : BLOCK / 2) * ROWS};
}

static size_t panel_bytes(const rec_int8_panel *p)
{
    return (p->n_blocks + 1) / 2 * 2 * (p->scale_bytes + p->value_bytes);
}

rec_int8_panel rec_int8_panel_of(const rec_weight *w, size_t panel)
{
    rec_int8_panel p = shape_of(w);
    p.first = w->panels + panel * panel_bytes(&p);
    return p;
}

size_t rec_int8_panel_bytes(const rec_weight *w)
{
    rec_int8_panel p = shape_of(w);
    return (w->rows + ROWS - 1) / ROWS * panel_bytes(&p);
}

/* One block of row r; `halves` half-precision numbers stand in front of its bytes. */
static void pack_block(unsigned char *scales, unsigned char *values, const unsigned char *block,
                       size_t r, size_t halves, size_t bytes, unsigned char flip)
{
    for (size_t h = 0; h < halves; h++)
        memcpy(scales + 2 * (h * ROWS + r), block + 2 * h, 2);
    for (size_t i = 0; i < bytes; i++)
        values[i / 4 * 4 * ROWS + 4 * r + i % 4] = block[2 * halves + i] ^ flip;
}

void rec_int8_pack(unsigned char *panels, const rec_weight *w, size_t first, size_t end)
{
    const rec_weight placed = {
        .panels = panels, .format = w->format, .rows = w->rows, .cols = w->cols};
    bool wide = w->format == REC_FORMAT_Q8_0;
    size_t row_bytes = rec_weight_format_bytes(w->format, w->cols);
    size_t block_bytes = rec_weight_format_block_bytes(w->format);
    for (size_t panel = first; panel < end; panel++) {
        rec_int8_panel p = rec_int8_panel_of(&placed, panel);
        for (size_t r = 0; r < ROWS; r++) {
            size_t row = panel * ROWS + r; /* past the end: the last row once more */
            const unsigned char *block =
                (const unsigned char *)w->data + (row < w->rows ? row : w->rows - 1) * row_bytes;
            for (size_t b = 0; b < p.n_blocks; b++, block += block_bytes)
                pack_block(panels + (rec_int8_scales_at(&p, b) - panels),
                           panels + (rec_int8_values_at(&p, b) - panels), block, r, wide ? 1 : 2,
                           wide ? BLOCK : BLOCK / 2, wide ? 0x80 : 0);
        }
    }
}

/* ---- activations ---- */

size_t rec_int8_rows_bytes(size_t m, size_t k, size_t n_terms)
{
    return padded(m * n_terms * k) + padded(m * n_terms * (k / BLOCK) * sizeof(rec_int8_scale));
}

rec_int8_rows rec_int8_rows_at(void *storage, size_t m, size_t k, size_t n_terms)
{
    unsigned char *scales = (unsigned char *)storage + padded(m * n_terms * k);
    return (rec_int8_rows){
        .values = storage, .scales = (rec_int8_scale *)(void *)scales, .k = k, .n_terms = n_terms};
}

typedef int32_t v16_int __attribute__((vector_size(64), may_alias));
typedef int8_t v16_byte __attribute__((vector_size(16), may_alias));

static REC_INLINE rec_v16 size_of(rec_v16 x)
{
    return (rec_v16)((v16_int)x & 0x7fffffff);
}

static REC_INLINE rec_v16 greater(rec_v16 a, rec_v16 b)
{
    v16_int mask = a > b;
    return (rec_v16)((mask & (v16_int)a) | (~mask & (v16_int)b));
}

/* To the nearest integer, ties to even: 1.5 * 2^23 added, the integer stands in the low bits. */
static REC_INLINE v16_int rounded(rec_v16 x)
{
    return (v16_int)(x + 12582912.0f) - 0x4B400000;
}

static REC_INLINE int32_t sum_of(v16_int x)
{
    int32_t sum = 0;
    for (int i = 0; i < REC_V16_LANES; i++)
        sum += x[i];
    return sum;
}

/* The integers of a block for a scale, and what they leave over in its place. */
static REC_INLINE void quantise_block(int8_t *values, rec_int8_scale *out, rec_v16 x[2],
                                      float scale, float inverse)
{
    v16_int low = rounded(x[0] * inverse), high = rounded(x[1] * inverse);
    v16_byte bytes = __builtin_convertvector(low, v16_byte);
    memcpy(values, &bytes, sizeof bytes);
    bytes = __builtin_convertvector(high, v16_byte);
    memcpy(values + REC_V16_LANES, &bytes, sizeof bytes);
    int32_t sum = sum_of(low + high);
    *out = (rec_int8_scale){.scale = scale, .sum = scale * (float)sum, .bias = -128 * sum};
    x[0] -= __builtin_convertvector(low, rec_v16) * scale;
    x[1] -= __builtin_convertvector(high, rec_v16) * scale;
}

/* Scale = largest / 127 (ggml's Q8_0, but the scale stays a float). What is left over is at most half
 * of it: the scale of the second term is 1 / 254 of the first. */
static REC_INLINE void quantise_row_body(int8_t *values, rec_int8_scale *scales, const float *x,
                                         size_t k, size_t n_terms)
{
    for (size_t i = 0; i < k; i += BLOCK, scales++) {
        rec_v16 block[2];
        memcpy(block, x + i, sizeof block);
        rec_v16 sizes = greater(size_of(block[0]), size_of(block[1]));
        float largest = 0.0f;
        for (int j = 0; j < REC_V16_LANES; j++)
            largest = sizes[j] > largest ? sizes[j] : largest;
        float scale = largest / 127.0f, inverse = largest >= 1e-30f ? 127.0f / largest : 0.0f;
        quantise_block(values + i, scales, block, scale, inverse);
        if (n_terms > 1)
            quantise_block(values + k + i, scales + k / BLOCK, block, scale / 254.0f,
                           inverse * 254.0f);
    }
}

REC_SIMD(static, quantise_row,
         (int8_t * values, rec_int8_scale *scales, const float *x, size_t k, size_t n_terms),
         (values, scales, x, k, n_terms))

void rec_int8_quantise(rec_int8_rows *out, const float *x, size_t ld_x, size_t first, size_t n)
{
    assert(out->k % BLOCK == 0 && (out->n_terms == 1 || out->n_terms == 2));
    for (size_t t = first; t < first + n; t++)
        quantise_row(out->values + t * out->n_terms * out->k,
                     out->scales + t * out->n_terms * (out->k / BLOCK), x + t * ld_x, out->k,
                     out->n_terms);
}

/* ---- products ---- */

static rec_int8_panel_fn variant(void)
{
#ifdef REC_CPU_X86
    switch (rec_cpu_level()) {
    case REC_CPU_AVX512_VNNI:
        return rec_int8_panel_vnni;
    case REC_CPU_AVX512:
    case REC_CPU_AVX2:
        return rec_int8_panel_avx2;
    default:
        break;
    }
#endif
    return rec_int8_panel_generic;
}

/* Two terms: rows in pairs, whose sums are added at the end. */
static void multiply_pairs(rec_int8_panel_fn multiply, float *out, size_t ld_out,
                           const rec_weight *w, size_t panel, size_t n, const rec_int8_rows *x,
                           size_t first_row, size_t m)
{
    enum { PAIRS = 4 };
    float terms[2 * PAIRS * ROWS];
    for (size_t t = 0; t < m; t += PAIRS) {
        size_t pairs = m - t < PAIRS ? m - t : PAIRS;
        multiply(terms, ROWS, w, panel, n, x, 2 * (first_row + t), 2 * pairs);
        for (size_t p = 0; p < pairs; p++)
            for (size_t i = 0; i < n; i++)
                out[(t + p) * ld_out + i] = terms[2 * p * ROWS + i] + terms[(2 * p + 1) * ROWS + i];
    }
}

void rec_int8_matmul(float *out, size_t ld_out, const rec_weight *w, size_t first, size_t n,
                     const rec_int8_rows *x, size_t first_row, size_t m)
{
    rec_int8_panel_fn multiply = variant();
    assert(w->panels != NULL && first % ROWS == 0 && first + n <= w->rows && x->k == w->cols);
    for (size_t i = 0; i < n; i += ROWS) {
        size_t panel = (first + i) / ROWS, rows = n - i < ROWS ? n - i : ROWS;
        if (x->n_terms == 1)
            multiply(out + i, ld_out, w, panel, rows, x, first_row, m);
        else
            multiply_pairs(multiply, out + i, ld_out, w, panel, rows, x, first_row, m);
    }
}
