/* The code of every kernel, for the vector width of the including file (models/nn/simd.h). Included
 * once by each of kernels_generic.c, kernels_avx2.c and kernels_avx512.c, which name the table. */
#include <assert.h>
#include <float.h>

#include "models/lm/kernels.h"
#include "models/nn/simd.h"

/* Four matrix rows by MAX_TOKENS rows of x are summed at a time: as many as there are registers. */
enum { ROWS = 4, MAX_TOKENS = REC_LANES == 16 ? 6 : 2 };

typedef float v_four __attribute__((vector_size(16)));

/* ---- sums over the lanes of four accumulators ----
 * Always the same tree: within a group of four lanes (0 + 2) + (1 + 3), groups (0 + 1) + (2 + 3). */
#if REC_LANES == 16
static inline v_four sum_four(const v_float a[4])
{
    __m512 x = _mm512_add_ps(_mm512_unpacklo_ps((__m512)a[0], (__m512)a[1]),
                             _mm512_unpackhi_ps((__m512)a[0], (__m512)a[1]));
    __m512 y = _mm512_add_ps(_mm512_unpacklo_ps((__m512)a[2], (__m512)a[3]),
                             _mm512_unpackhi_ps((__m512)a[2], (__m512)a[3]));
    __m512d low = _mm512_unpacklo_pd(_mm512_castps_pd(x), _mm512_castps_pd(y));
    __m512d high = _mm512_unpackhi_pd(_mm512_castps_pd(x), _mm512_castps_pd(y));
    __m512 z = _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
    __m128 first = _mm_add_ps(_mm512_castps512_ps128(z), _mm512_extractf32x4_ps(z, 1));
    __m128 last = _mm_add_ps(_mm512_extractf32x4_ps(z, 2), _mm512_extractf32x4_ps(z, 3));
    return (v_four)_mm_add_ps(first, last);
}
#elif REC_LANES == 8
static inline v_four sum_four(const v_float a[4])
{
    __m256 x = _mm256_add_ps(_mm256_unpacklo_ps((__m256)a[0], (__m256)a[1]),
                             _mm256_unpackhi_ps((__m256)a[0], (__m256)a[1]));
    __m256 y = _mm256_add_ps(_mm256_unpacklo_ps((__m256)a[2], (__m256)a[3]),
                             _mm256_unpackhi_ps((__m256)a[2], (__m256)a[3]));
    __m256d low = _mm256_unpacklo_pd(_mm256_castps_pd(x), _mm256_castps_pd(y));
    __m256d high = _mm256_unpackhi_pd(_mm256_castps_pd(x), _mm256_castps_pd(y));
    __m256 z = _mm256_add_ps(_mm256_castpd_ps(low), _mm256_castpd_ps(high));
    return (v_four)_mm_add_ps(_mm256_castps256_ps128(z), _mm256_extractf128_ps(z, 1));
}
#else
static inline v_four sum_four(const v_float a[4])
{
    v_four sums;
    for (int i = 0; i < 4; i++)
        sums[i] = (a[i][0] + a[i][2]) + (a[i][1] + a[i][3]);
    return sums;
}
#endif

/* ---- stored weights to vectors of floats ---- */

/* REC_LANES signed bytes. */
static inline v_float widen_signed(const int8_t *p)
{
#if REC_LANES == 16
    return (v_float)_mm512_cvtepi32_ps(
        _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
#elif REC_LANES == 8
    return (v_float)_mm256_cvtepi32_ps(
        _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
#else
    v_float x;
    for (int i = 0; i < REC_LANES; i++)
        x[i] = (float)p[i];
    return x;
#endif
}

/* REC_LANES half bytes: the low (shift 0) or high (4) ones of as many bytes. */
static inline v_float widen_nibbles(const uint8_t *p, int shift)
{
#if REC_LANES == 16
    __m512i x = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
    x = shift == 0 ? _mm512_and_si512(x, _mm512_set1_epi32(15)) : _mm512_srli_epi32(x, 4);
    return (v_float)_mm512_cvtepi32_ps(x);
#elif REC_LANES == 8
    __m256i x = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
    x = shift == 0 ? _mm256_and_si256(x, _mm256_set1_epi32(15)) : _mm256_srli_epi32(x, 4);
    return (v_float)_mm256_cvtepi32_ps(x);
#else
    v_float x;
    for (int i = 0; i < REC_LANES; i++)
        x[i] = (float)(p[i] >> shift & 15);
    return x;
#endif
}

static inline v_float widen_halves(const uint16_t *p)
{
#if REC_LANES == 16
    return (v_float)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
#elif REC_LANES == 8
    return (v_float)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p));
#else
    v_float x;
    for (int i = 0; i < REC_LANES; i++)
        x[i] = rec_half_to_float(p[i]);
    return x;
#endif
}

static inline v_float widen_bfloats(const uint16_t *p)
{
    v_uint x;
    for (int i = 0; i < REC_LANES; i++)
        x[i] = (uint32_t)p[i] << 16;
    return (v_float)x;
}

/* A little-endian half at any address. */
static inline float scale_at(const uint8_t *p)
{
    uint16_t half;
    memcpy(&half, p, sizeof half);
#if REC_LANES > 4
    return _cvtsh_ss(half);
#else
    return rec_half_to_float(half);
#endif
}

enum { Q8_BYTES = 34, Q4_BYTES = 20, BLOCK = 32 };

/* Vector v (REC_LANES values) of a block of 32. Scale times integer is exact in float32, so these are
 * the values of rec_dequantise to the last bit. */
static inline v_float q8_vector(const uint8_t *block, int v)
{
    return widen_signed((const int8_t *)block + 2 + v * REC_LANES) * scale_at(block);
}

static inline v_float q4_vector(const uint8_t *block, int v)
{
    int at = v * REC_LANES;
    v_float level = widen_nibbles(block + 4 + at % 16, at < 16 ? 0 : 4);
    return level * scale_at(block) + scale_at(block + 2);
}

static const uint8_t *row_of(const rec_weight *w, size_t row)
{
    size_t bytes = w->format == REC_FORMAT_F32    ? 4 * w->cols
                   : w->format == REC_FORMAT_Q8_0 ? w->cols / BLOCK * Q8_BYTES
                   : w->format == REC_FORMAT_Q4_1 ? w->cols / BLOCK * Q4_BYTES
                                                  : 2 * w->cols;
    return (const uint8_t *)w->data + row * bytes;
}

static void expand_row(float *out, const rec_weight *w, size_t row)
{
    const uint8_t *p = row_of(w, row);
    size_t n = w->cols, i = 0;
    switch (w->format) {
    case REC_FORMAT_Q8_0:
        for (; i < n; i += BLOCK, p += Q8_BYTES)
            for (int v = 0; v < BLOCK / REC_LANES; v++)
                v_store(out + i + v * REC_LANES, q8_vector(p, v));
        break;
    case REC_FORMAT_Q4_1:
        for (; i < n; i += BLOCK, p += Q4_BYTES)
            for (int v = 0; v < BLOCK / REC_LANES; v++)
                v_store(out + i + v * REC_LANES, q4_vector(p, v));
        break;
    case REC_FORMAT_F16:
    case REC_FORMAT_BF16:
        for (; i + REC_LANES <= n; i += REC_LANES) {
            const uint16_t *halves = (const uint16_t *)(const void *)p + i;
            v_store(out + i,
                    w->format == REC_FORMAT_F16 ? widen_halves(halves) : widen_bfloats(halves));
        }
        rec_dequantise(out + i, w->format, p + 2 * i, n - i);
        break;
    default:
        memcpy(out, p, n * sizeof *out);
    }
}

/* ---- products ---- */

/* Bytes ahead of its use that a matrix is asked for. The rows of a group lie one behind the other, but
 * are read side by side, in strides that the processor's own prefetchers follow badly: without this
 * Q8_0 streams at a fifth of memory's speed. */
enum { AHEAD = 8192, CACHE_LINE = 64 };

static inline __attribute__((always_inline)) void prefetch(const void *at, size_t bytes)
{
    for (size_t line = 0; line < bytes; line += CACHE_LINE)
        __builtin_prefetch((const char *)at + AHEAD + line);
}

/* Four rows of floats by `tokens` rows of x; tokens is a constant wherever this is inlined. */
static inline __attribute__((always_inline)) void
dot_tile(v_four *sums, const float *const *w, const float *x, size_t ld_x, size_t k, int tokens)
{
    v_float acc[MAX_TOKENS][ROWS];
    size_t i = 0;
    for (int t = 0; t < tokens; t++)
        for (int r = 0; r < ROWS; r++)
            acc[t][r] = (v_float){0};
    for (; i + REC_LANES <= k; i += REC_LANES) {
        v_float row[ROWS];
        for (int r = 0; r < ROWS; r++)
            row[r] = v_load(w[r] + i);
        for (int t = 0; t < tokens; t++) {
            v_float values = v_load(x + (size_t)t * ld_x + i);
            for (int r = 0; r < ROWS; r++)
                acc[t][r] += row[r] * values;
        }
    }
    if (i < k) { /* the rest, padded with zeros */
        for (int t = 0; t < tokens; t++) {
            v_float values = v_load_first(x + (size_t)t * ld_x + i, k - i);
            for (int r = 0; r < ROWS; r++)
                acc[t][r] += v_load_first(w[r] + i, k - i) * values;
        }
    }
    for (int t = 0; t < tokens; t++)
        sums[t] = sum_four(acc[t]);
}

/* The same sums for one row of x, a row of the matrix after the other: for decoding, where memory is
 * all that counts and likes to be read in sequence. */
static v_four dot_in_sequence(const float *const *w, const float *x, size_t k)
{
    v_float acc[ROWS];
    for (int r = 0; r < ROWS; r++) {
        v_float sum = {0};
        size_t i = 0;
        for (; i + REC_LANES <= k; i += REC_LANES) {
            __builtin_prefetch((const char *)(w[r] + i) + AHEAD, 0, 0); /* read once */
            sum += v_load(w[r] + i) * v_load(x + i);
        }
        if (i < k)
            sum += v_load_first(w[r] + i, k - i) * v_load_first(x + i, k - i);
        acc[r] = sum;
    }
    return sum_four(acc);
}

static void dot_rows(v_four *sums, const float *const *w, const float *x, size_t ld_x, size_t k,
                     size_t tokens)
{
    switch (tokens) {
    case 1:
        *sums = dot_in_sequence(w, x, k);
        break;
#if REC_LANES == 16
    case 2:
        dot_tile(sums, w, x, ld_x, k, 2);
        break;
    case 3:
        dot_tile(sums, w, x, ld_x, k, 3);
        break;
    case 4:
        dot_tile(sums, w, x, ld_x, k, 4);
        break;
    case 5:
        dot_tile(sums, w, x, ld_x, k, 5);
        break;
#endif
    default:
        dot_tile(sums, w, x, ld_x, k, MAX_TOKENS);
    }
}

/* out (m, n): at most REC_MATMUL_GROUP rows of floats, ld_w apart, by m rows of x. */
static void multiply_floats(float *out, size_t ld_out, const float *w, size_t ld_w, size_t n,
                            const float *x, size_t ld_x, size_t m, size_t k)
{
    for (size_t t = 0; t < m; t += MAX_TOKENS) {
        size_t tokens = m - t < MAX_TOKENS ? m - t : MAX_TOKENS;
        for (size_t i = 0; i < n; i += ROWS) {
            const float *rows[ROWS];
            v_four sums[MAX_TOKENS];
            size_t valid = n - i < ROWS ? n - i : ROWS;
            for (size_t r = 0; r < ROWS; r++) /* past the end: the last row once more */
                rows[r] = w + (i + (r < valid ? r : valid - 1)) * ld_w;
            dot_rows(sums, rows, x + t * ld_x, ld_x, k, tokens);
            for (size_t s = 0; s < tokens; s++)
                memcpy(out + (t + s) * ld_out + i, &sums[s], valid * sizeof *out);
        }
    }
}

/* Stored rows by one row of x, expanded in registers: for decoding, where reading the matrix is all
 * the time there is. The sums are those of dot_tile on expanded rows, bit by bit. */
#define DEFINE_STREAM(name, block_bytes, vector)                                                   \
    static v_four name(const uint8_t *const *w, const float *x, size_t k)                          \
    {                                                                                              \
        v_float acc[ROWS] = {{0}, {0}, {0}, {0}};                                                  \
        for (size_t i = 0, b = 0; i < k; i += BLOCK, b += (block_bytes)) {                         \
            prefetch(w[0] + ROWS * b, ROWS * (block_bytes));                                       \
            for (int v = 0; v < BLOCK / REC_LANES; v++) {                                          \
                v_float values = v_load(x + i + (size_t)v * REC_LANES);                            \
                for (int r = 0; r < ROWS; r++)                                                     \
                    acc[r] += vector(w[r] + b, v) * values;                                        \
            }                                                                                      \
        }                                                                                          \
        return sum_four(acc);                                                                      \
    }

DEFINE_STREAM(stream_q8_0, Q8_BYTES, q8_vector)
DEFINE_STREAM(stream_q4_1, Q4_BYTES, q4_vector)

static v_four stream_f16(const uint8_t *const *w, const float *x, size_t k)
{
    v_float acc[ROWS] = {{0}, {0}, {0}, {0}};
    for (size_t i = 0; i < k; i += REC_LANES) {
        v_float values = v_load(x + i);
        prefetch(w[0] + ROWS * 2 * i, ROWS * 2 * REC_LANES);
        for (int r = 0; r < ROWS; r++)
            acc[r] += widen_halves((const uint16_t *)(const void *)w[r] + i) * values;
    }
    return sum_four(acc);
}

typedef v_four (*stream_fn)(const uint8_t *const *w, const float *x, size_t k);

static stream_fn stream_for(const rec_weight *w)
{
    switch (w->format) {
    case REC_FORMAT_Q8_0:
        return stream_q8_0;
    case REC_FORMAT_Q4_1:
        return stream_q4_1;
    case REC_FORMAT_F16:
        return w->cols % REC_LANES == 0 ? stream_f16 : NULL;
    default:
        return NULL;
    }
}

static void multiply_stream(float *out, stream_fn stream, const rec_weight *w, size_t first,
                            size_t n, const float *x)
{
    for (size_t i = 0; i < n; i += ROWS) {
        const uint8_t *rows[ROWS];
        size_t valid = n - i < ROWS ? n - i : ROWS;
        for (size_t r = 0; r < ROWS; r++)
            rows[r] = row_of(w, first + i + (r < valid ? r : valid - 1));
        v_four sums = stream(rows, x, w->cols);
        memcpy(out + i, &sums, valid * sizeof *out);
    }
}

static void matmul(float *out, size_t ld_out, const rec_weight *w, size_t first, size_t n,
                   const float *x, size_t ld_x, size_t m, float *scratch)
{
    size_t k = w->cols;
    stream_fn stream = m == 1 ? stream_for(w) : NULL;
    if (stream != NULL) {
        multiply_stream(out, stream, w, first, n, x);
        return;
    }
    for (size_t i = 0; i < n; i += REC_MATMUL_GROUP) {
        size_t group = n - i < REC_MATMUL_GROUP ? n - i : REC_MATMUL_GROUP;
        const float *rows = scratch;
        if (w->format == REC_FORMAT_F32) {
            rows = (const float *)w->data + (first + i) * k;
        } else {
            for (size_t r = 0; r < group; r++)
                expand_row(scratch + r * k, w, first + i + r);
        }
        multiply_floats(out + i, ld_out, rows, k, group, x, ld_x, m, k);
    }
}

/* ---- attention ---- */

/* scores (n, ld): scale * q . key for the keys of one page, columns start.. of the scores. The sum
 * over head_dim runs in order. */
static void page_scores(float *scores, size_t ld, const float *q, size_t ld_q, size_t n,
                        const float *keys, size_t head_dim, float scale)
{
    for (size_t column = 0; column < REC_KV_PAGE; column += 2 * REC_LANES) {
        v_float acc[REC_ATTEND_ROWS][2];
        for (size_t r = 0; r < n; r++)
            acc[r][0] = acc[r][1] = (v_float){0};
        for (size_t d = 0; d < head_dim; d++) {
            v_float left = v_load(keys + d * REC_KV_PAGE + column);
            v_float right = v_load(keys + d * REC_KV_PAGE + column + REC_LANES);
            for (size_t r = 0; r < n; r++) {
                v_float value = v_set(q[r * ld_q + d]);
                acc[r][0] += left * value;
                acc[r][1] += right * value;
            }
        }
        for (size_t r = 0; r < n; r++) {
            v_store(scores + r * ld + column, acc[r][0] * scale);
            v_store(scores + r * ld + column + REC_LANES, acc[r][1] * scale);
        }
    }
}

/* Scores of one query to weights: softmax over keys [first, end) of a row of whole pages whose first
 * key is `start`; the other weights are 0. */
static void softmax_row(float *row, size_t n, size_t first, size_t end)
{
    v_float greatest = v_set(-FLT_MAX), sum = v_set(0.0f);
    for (size_t i = 0; i < first; i++)
        row[i] = -INFINITY;
    for (size_t i = end; i < n; i++)
        row[i] = -INFINITY;
    for (size_t i = 0; i < n; i += REC_LANES)
        greatest = v_max(greatest, v_load(row + i));
    float top = v_greatest(greatest);
    for (size_t i = 0; i < n; i += REC_LANES) {
        v_float weight = v_exp(v_load(row + i) - top);
        v_store(row + i, weight);
        sum += weight;
    }
    float inverse = 1.0f / v_sum(sum);
    for (size_t i = 0; i < n; i += REC_LANES)
        v_store(row + i, v_load(row + i) * inverse);
}

/* out[r] += sum over keys of weight[r, key] * value[key], in the order of the keys; VALUE_VECTORS
 * vectors of the head at a time. */
enum { VALUE_VECTORS = 4 };

static inline __attribute__((always_inline)) void
add_values(float *out, size_t ld_out, const float *weights, size_t ld, size_t n,
           const float *values, size_t head_dim, size_t n_keys, size_t column, size_t n_vectors)
{
    v_float acc[REC_ATTEND_ROWS][VALUE_VECTORS];
    for (size_t r = 0; r < n; r++)
        for (size_t v = 0; v < n_vectors; v++)
            acc[r][v] = v_load(out + r * ld_out + column + v * REC_LANES);
    for (size_t j = 0; j < n_keys; j++) {
        v_float value[VALUE_VECTORS];
        for (size_t v = 0; v < n_vectors; v++)
            value[v] = v_load(values + j * head_dim + column + v * REC_LANES);
        for (size_t r = 0; r < n; r++) {
            v_float weight = v_set(weights[r * ld + j]);
            for (size_t v = 0; v < n_vectors; v++)
                acc[r][v] += weight * value[v];
        }
    }
    for (size_t r = 0; r < n; r++)
        for (size_t v = 0; v < n_vectors; v++)
            v_store(out + r * ld_out + column + v * REC_LANES, acc[r][v]);
}

/* The columns that fill no vector. */
static void add_last_values(float *out, size_t ld_out, const float *weights, size_t ld, size_t n,
                            const float *values, size_t head_dim, size_t n_keys, size_t column)
{
    size_t rest = head_dim - column;
    for (size_t r = 0; r < n; r++) {
        v_float acc = v_load_first(out + r * ld_out + column, rest);
        for (size_t j = 0; j < n_keys; j++)
            acc += v_load_first(values + j * head_dim + column, rest) * weights[r * ld + j];
        v_store_first(out + r * ld_out + column, acc, rest);
    }
}

static void page_values(float *out, size_t ld_out, const float *weights, size_t ld, size_t n,
                        const float *values, size_t head_dim, size_t n_keys)
{
    size_t column = 0, wide = VALUE_VECTORS * REC_LANES;
    for (; column + wide <= head_dim; column += wide) {
        if (n == REC_ATTEND_ROWS)
            add_values(out, ld_out, weights, ld, REC_ATTEND_ROWS, values, head_dim, n_keys, column,
                       VALUE_VECTORS);
        else
            add_values(out, ld_out, weights, ld, n, values, head_dim, n_keys, column,
                       VALUE_VECTORS);
    }
    for (; column + REC_LANES <= head_dim; column += REC_LANES)
        add_values(out, ld_out, weights, ld, n, values, head_dim, n_keys, column, 1);
    if (column < head_dim)
        add_last_values(out, ld_out, weights, ld, n, values, head_dim, n_keys, column);
}

static void attend(float *out, size_t ld_out, const float *q, size_t ld_q, size_t n,
                   const size_t *first, const size_t *end, float *const *pages, size_t offset,
                   size_t head_dim, float scale, float *scratch)
{
    size_t least = first[0], most = end[0];
    assert(n > 0 && n <= REC_ATTEND_ROWS);
    for (size_t r = 1; r < n; r++) {
        least = first[r] < least ? first[r] : least;
        most = end[r] > most ? end[r] : most;
    }
    size_t page = least / REC_KV_PAGE, last = (most + REC_KV_PAGE - 1) / REC_KV_PAGE;
    size_t start = page * REC_KV_PAGE, ld = (last - page) * REC_KV_PAGE;
    for (size_t p = page; p < last; p++)
        page_scores(scratch + (p - page) * REC_KV_PAGE, ld, q, ld_q, n, pages[p] + offset, head_dim,
                    scale);
    for (size_t r = 0; r < n; r++) {
        softmax_row(scratch + r * ld, ld, first[r] - start, end[r] - start);
        memset(out + r * ld_out, 0, head_dim * sizeof *out);
    }
    for (size_t p = page; p < last; p++) {
        size_t left = most - p * REC_KV_PAGE; /* keys behind `most` were never written */
        page_values(out, ld_out, scratch + (p - page) * REC_KV_PAGE, ld, n,
                    pages[p] + offset + head_dim * REC_KV_PAGE, head_dim,
                    left < REC_KV_PAGE ? left : REC_KV_PAGE);
    }
}

#define REC_LM_KERNEL_TABLE                                                                        \
    {                                                                                              \
        .matmul = matmul, .expand_row = expand_row, .attend = attend                               \
    }
