/* One panel of 16 matrix rows by rows of activations (models/lm/int8.h), for each instruction set. Per
 * block:  Q8_0  out += d * (scale * (sum of (q + 128) x + bias))
 *         Q4_1  out += d * (scale * sum of q x) + m * sum */
#include <string.h>

#include "models/lm/int8.h"

enum { ROWS = REC_INT8_ROWS, BLOCK = REC_INT8_BLOCK, QUAD_BYTES = 4 * ROWS };

static float half_at(const unsigned char *p)
{
    uint16_t half;
    memcpy(&half, p, sizeof half);
    return rec_half_to_float(half);
}

/* sums[r] += the four columns of a quad times four activations; shift and mask pick half bytes. */
static void add_quad(int32_t *sums, const unsigned char *quad, const int8_t *x, int shift, int mask)
{
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < 4; j++)
            sums[r] += (quad[4 * r + j] >> shift & mask) * x[j];
}

static void add_block(float *acc, const rec_int8_panel *p, size_t b, const int8_t *x,
                      const rec_int8_scale *s, bool wide)
{
    const unsigned char *scales = rec_int8_scales_at(p, b), *values = rec_int8_values_at(p, b);
    int32_t sums[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        sums[r] = wide ? s->bias : 0;
    for (size_t c = 0; c < p->value_bytes / QUAD_BYTES; c++, values += QUAD_BYTES) {
        add_quad(sums, values, x + 4 * c, 0, wide ? 255 : 15);
        if (!wide)
            add_quad(sums, values, x + 16 + 4 * c, 4, 15);
    }
    for (size_t r = 0; r < ROWS; r++) {
        acc[r] += half_at(scales + 2 * r) * ((float)sums[r] * s->scale);
        if (!wide)
            acc[r] += half_at(scales + 2 * (ROWS + r)) * s->sum;
    }
}

void rec_int8_panel_generic(float *out, size_t ld_out, const rec_weight *w, size_t panel, size_t n,
                            const rec_int8_rows *x, size_t first_row, size_t m)
{
    rec_int8_panel p = rec_int8_panel_of(w, panel);
    for (size_t t = 0; t < m; t++) {
        float acc[ROWS] = {0.0f};
        for (size_t b = 0; b < p.n_blocks; b++)
            add_block(acc, &p, b, x->values + (first_row + t) * x->k + b * BLOCK,
                      &x->scales[(first_row + t) * p.n_blocks + b], w->format == REC_FORMAT_Q8_0);
        memcpy(out + t * ld_out, acc, n * sizeof *acc);
    }
}

#ifdef REC_CPU_X86
#include <immintrin.h>

/* ---- AVX2: bytes to 16 bits, products of pairs: exact, which vpmaddubsw's saturated sums are not ---- */

#define TARGET_AVX2 __attribute__((target(REC_TARGET_AVX2)))
#define INLINE_AVX2 TARGET_AVX2 __attribute__((always_inline)) static inline

/* The bytes of 8 rows, two of each four at a time, times the four activations of x. */
INLINE_AVX2 __m256i add_bytes(__m256i sums, __m256i bytes, const int8_t *x)
{
    int32_t four;
    memcpy(&four, x, sizeof four);
    __m256i all = _mm256_set1_epi32(four);
    __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(all, 8), 8), odd = _mm256_srai_epi16(all, 8);
    __m256i low = _mm256_and_si256(bytes, _mm256_set1_epi16(255));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(low, even));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_srli_epi16(bytes, 8), odd));
}

/* Rows 8 * half .. of block b. */
INLINE_AVX2 __m256 add_half_block(__m256 acc, const rec_int8_panel *p, size_t b, size_t half,
                                  const int8_t *x, const rec_int8_scale *s, bool wide)
{
    const unsigned char *scales = rec_int8_scales_at(p, b) + 16 * half;
    const unsigned char *values = rec_int8_values_at(p, b) + 32 * half;
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i sums = _mm256_set1_epi32(wide ? s->bias : 0);
    for (size_t c = 0; c < p->value_bytes / QUAD_BYTES; c++, values += QUAD_BYTES) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)values);
        if (wide) {
            sums = add_bytes(sums, bytes, x + 4 * c);
        } else {
            sums = add_bytes(sums, _mm256_and_si256(bytes, nibble), x + 4 * c);
            bytes = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
            sums = add_bytes(sums, bytes, x + 16 + 4 * c);
        }
    }
    __m256 d = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)scales));
    __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_set1_ps(s->scale));
    acc = _mm256_fmadd_ps(d, scaled, acc);
    if (wide)
        return acc;
    __m256 least = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(scales + 32)));
    return _mm256_fmadd_ps(least, _mm256_set1_ps(s->sum), acc);
}

INLINE_AVX2 void panel_avx2(float *out, const rec_int8_panel *p, const int8_t *x,
                            const rec_int8_scale *s, bool wide)
{
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (size_t b = 0; b < p->n_blocks; b++) {
        low = add_half_block(low, p, b, 0, x + b * BLOCK, &s[b], wide);
        high = add_half_block(high, p, b, 1, x + b * BLOCK, &s[b], wide);
    }
    _mm256_storeu_ps(out, low);
    _mm256_storeu_ps(out + 8, high);
}

TARGET_AVX2 void rec_int8_panel_avx2(float *out, size_t ld_out, const rec_weight *w, size_t panel,
                                     size_t n, const rec_int8_rows *x, size_t first_row, size_t m)
{
    rec_int8_panel p = rec_int8_panel_of(w, panel);
    for (size_t t = 0; t < m; t++) {
        const int8_t *values = x->values + (first_row + t) * x->k;
        const rec_int8_scale *scales = &x->scales[(first_row + t) * p.n_blocks];
        float sums[ROWS];
        if (w->format == REC_FORMAT_Q8_0)
            panel_avx2(sums, &p, values, scales, true);
        else
            panel_avx2(sums, &p, values, scales, false);
        memcpy(out + t * ld_out, sums, n * sizeof *sums);
    }
}

/* ---- AVX-512 with VNNI: four products and their sum in each of 16 lanes ---- */

#define TARGET_VNNI __attribute__((target(REC_TARGET_AVX512_VNNI)))
#define INLINE_VNNI TARGET_VNNI __attribute__((always_inline)) static inline

enum { TOKENS = 8, AHEAD = 8192, CACHE_LINE = 64 };

typedef struct tile {
    float *out;
    size_t ld_out, n; /* rows of the panel to store */
    rec_int8_panel panel;
    const int8_t *values; /* of the first row of activations */
    const rec_int8_scale *scales;
    size_t k;
    size_t ahead, first_line, line_step; /* what is asked for early: see prefetch_block */
} tile;

INLINE_VNNI __m512i four_of(const int8_t *x)
{
    int32_t four;
    memcpy(&four, x, sizeof four);
    return _mm512_set1_epi32(four);
}

INLINE_VNNI __m512 halves_at(const unsigned char *p)
{
    return _mm512_cvtph_ps(_mm256_load_si256((const __m256i *)(const void *)p));
}

/* Memory is asked for `ahead` bytes before its use: a few KiB for a single row of activations, a whole
 * panel for more; then the tiles that share a panel ask for a share of the next one's lines each. */
INLINE_VNNI void prefetch_block(const tile *l, const unsigned char *scales,
                                const unsigned char *values, const bool wide)
{
    for (size_t line = l->first_line; line < (wide ? 8 : 4); line += l->line_step)
        _mm_prefetch((const char *)values + l->ahead + line * CACHE_LINE, _MM_HINT_T0);
    if (l->first_line == 0)
        _mm_prefetch((const char *)scales + l->ahead, _MM_HINT_T0);
}

/* The integer sums of one block for `tokens` rows of activations; both counts are constants. */
INLINE_VNNI void sum_block(__m512i *sums, const unsigned char *values, const int8_t *x, size_t k,
                           const int tokens, const bool wide)
{
    const __m512i nibble = _mm512_set1_epi8(15);
#pragma GCC unroll 8
    for (int c = 0; c < 8; c++) {
        if (!wide && c == 4)
            break;
        __m512i bytes = _mm512_load_si512(values + c * QUAD_BYTES);
        __m512i low = wide ? bytes : _mm512_and_si512(bytes, nibble);
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            sums[t] = _mm512_dpbusd_epi32(sums[t], low, four_of(x + (size_t)t * k + 4 * c));
        if (wide)
            continue;
        __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble);
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            sums[t] = _mm512_dpbusd_epi32(sums[t], high, four_of(x + (size_t)t * k + 16 + 4 * c));
    }
}

INLINE_VNNI void multiply_tile(const tile *l, const int tokens, const bool wide)
{
    /* sizes as constants */
    const rec_int8_panel panel = {l->panel.first, l->panel.n_blocks, (wide ? 2 : 4) * ROWS,
                                  (wide ? 32 : 16) * ROWS},
                         *p = &panel;
    __m512 acc[TOKENS];
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++)
        acc[t] = _mm512_setzero_ps();
    for (size_t b = 0; b < p->n_blocks; b++) {
        const unsigned char *scales = rec_int8_scales_at(p, b), *values = rec_int8_values_at(p, b);
        const rec_int8_scale *s = l->scales + b;
        __m512i sums[TOKENS];
        prefetch_block(l, scales, values, wide);
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            sums[t] = _mm512_set1_epi32(wide ? s[(size_t)t * p->n_blocks].bias : 0);
        sum_block(sums, values, l->values + b * BLOCK, l->k, tokens, wide);
        __m512 d = halves_at(scales);
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
            __m512 scale = _mm512_set1_ps(s[(size_t)t * p->n_blocks].scale);
            acc[t] = _mm512_fmadd_ps(d, _mm512_mul_ps(_mm512_cvtepi32_ps(sums[t]), scale), acc[t]);
        }
        if (wide)
            continue;
        __m512 least = halves_at(scales + 2 * ROWS);
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            acc[t] = _mm512_fmadd_ps(least, _mm512_set1_ps(s[(size_t)t * p->n_blocks].sum), acc[t]);
    }
    __mmask16 inside = (__mmask16)((1u << l->n) - 1);
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++)
        _mm512_mask_storeu_ps(l->out + (size_t)t * l->ld_out, inside, acc[t]);
}

/* One function per number of rows and format, so that the sums stay in registers. */
typedef void (*tile_fn)(const tile *l);

#define TILE(tokens)                                                                               \
    TARGET_VNNI static void tile_q8_##tokens(const tile *l)                                        \
    {                                                                                              \
        multiply_tile(l, tokens, true);                                                            \
    }                                                                                              \
    TARGET_VNNI static void tile_q4_##tokens(const tile *l)                                        \
    {                                                                                              \
        multiply_tile(l, tokens, false);                                                           \
    }
/* clang-format off */
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8)

static const tile_fn tiles[2][TOKENS] = {
    {tile_q4_1, tile_q4_2, tile_q4_3, tile_q4_4, tile_q4_5, tile_q4_6, tile_q4_7, tile_q4_8},
    {tile_q8_1, tile_q8_2, tile_q8_3, tile_q8_4, tile_q8_5, tile_q8_6, tile_q8_7, tile_q8_8}};
/* clang-format on */

void rec_int8_panel_vnni(float *out, size_t ld_out, const rec_weight *w, size_t panel, size_t n,
                         const rec_int8_rows *x, size_t first_row, size_t m)
{
    tile l = {.ld_out = ld_out, .n = n, .panel = rec_int8_panel_of(w, panel), .k = x->k};
    const tile_fn *of_format = tiles[w->format == REC_FORMAT_Q8_0];
    size_t panel_bytes = (size_t)(rec_int8_panel_of(w, 1).first - l.panel.first);
    l.ahead = m > 1 ? panel_bytes : AHEAD;
    l.line_step = (m + TOKENS - 1) / TOKENS;
    for (size_t t = 0; t < m; t += TOKENS) {
        size_t tokens = m - t < TOKENS ? m - t : TOKENS;
        l.out = out + t * ld_out;
        l.first_line = t / TOKENS;
        l.values = x->values + (first_row + t) * x->k;
        l.scales = &x->scales[(first_row + t) * l.panel.n_blocks];
        of_format[tokens - 1](&l);
    }
}
#endif
