/* Blocks of a and b are copied into panels that the innermost loop reads in sequence: "Anatomy of
 * high-performance matrix multiplication", ACM TOMS 34(3), 2008, sections 3 and 4. A tile of 8 x 48
 * sums lives in 24 of the 32 registers. OpenBLAS 0.3.21 reaches the same speed where it knows the
 * processor; where it does not, or OPENBLAS_CORETYPE holds it back, it has half of that. */
#include "core/gemm.h"

#include "core/blas.h"

#ifdef REC_CPU_X86
#include <immintrin.h>
#include <stdalign.h>

#define TARGET __attribute__((target(REC_TARGET_AVX512)))
#define INLINE TARGET __attribute__((always_inline)) static inline

enum {
    LANES = 16,
    ROWS = 8,      /* of a tile */
    VECTORS = 3,   /* of a tile's row */
    K_BLOCK = 256, /* a panel of b, 48 KiB, stays near the first cache */
    M_BLOCK = 256, /* a block of a, 256 KiB, in the second */
    N_BLOCK = 768, /* whole panels */
};

_Static_assert(LANES *VECTORS == REC_GEMM_PANEL_ROWS, "columns of a whole panel");

/* Panels of one block each; a panel of a is (k, 8), one of b (k, 16 per vector). */
static _Thread_local alignas(64) float a_panels[M_BLOCK * K_BLOCK];
static _Thread_local alignas(64) float b_panels[K_BLOCK * N_BLOCK];

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

INLINE __mmask16 first_lanes(size_t n)
{
    return (__mmask16)(n >= LANES ? 0xFFFF : (1u << n) - 1);
}

/* ---- packing ---- */

/* Four steps of pairwise interleaving, at distances 8, 4, 2, 1: r[i] lane j becomes r[j] lane i. */
INLINE void transpose(__m512 r[LANES])
{
    __m512 t[LANES];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) { /* 2 x 2 blocks of single floats */
        t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) { /* columns of four rows within each quarter */
        __m512d x0 = _mm512_castps_pd(t[4 * i]), x1 = _mm512_castps_pd(t[4 * i + 1]);
        __m512d x2 = _mm512_castps_pd(t[4 * i + 2]), x3 = _mm512_castps_pd(t[4 * i + 3]);
        r[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(x0, x2));
        r[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(x0, x2));
        r[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(x1, x3));
        r[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(x1, x3));
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) { /* quarters to their places */
        __m512 low = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x88);
        __m512 high = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xDD);
        __m512 low2 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x88);
        __m512 high2 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xDD);
        t[j] = _mm512_shuffle_f32x4(low, low2, 0x88);
        t[4 + j] = _mm512_shuffle_f32x4(high, high2, 0x88);
        t[8 + j] = _mm512_shuffle_f32x4(low, low2, 0xDD);
        t[12 + j] = _mm512_shuffle_f32x4(high, high2, 0xDD);
    }
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        r[i] = t[i];
}

/* The 16 lanes for one k: the upper eight may go elsewhere, into the next panel of a. */
INLINE void store_halves(float *low, float *high, __m512 x)
{
    _mm256_storeu_ps(low, _mm512_castps512_ps256(x));
    _mm256_storeu_ps(high, _mm512_extractf32x8_ps(x, 1));
}

/* n <= 16 vectors of length k, contiguous and `distance` apart: element p of vector i goes to
 * panel[p * stride + i], or, for i >= 8, to panel[p * stride + half + i - 8]. Vectors beyond n are 0. */
TARGET static void pack_turned(float *panel, size_t stride, size_t half, const float *x,
                               size_t distance, size_t n, size_t k)
{
    for (size_t p = 0; p < k; p += LANES, panel += LANES * stride) {
        __mmask16 inside = first_lanes(k - p);
        size_t n_p = least(k - p, LANES);
        __m512 r[LANES];
#pragma GCC unroll 16
        for (size_t i = 0; i < LANES; i++)
            r[i] = _mm512_maskz_loadu_ps(i < n ? inside : 0, x + (i < n ? i * distance : 0) + p);
        transpose(r);
#pragma GCC unroll 16
        for (size_t i = 0; i < LANES; i++)
            if (i < n_p)
                store_halves(panel + i * stride, panel + i * stride + half, r[i]);
    }
}

/* k vectors of n floats, contiguous and `distance` apart: element i of vector p goes to
 * panel[p * width + i]; the panel is padded with 0. */
TARGET static void pack_straight(float *panel, size_t width, const float *x, size_t distance,
                                 size_t n, size_t k)
{
    for (size_t p = 0; p < k; p++, panel += width, x += distance)
        for (size_t v = 0; v < width; v += LANES)
            _mm512_store_ps(panel + v,
                            _mm512_maskz_loadu_ps(first_lanes(n > v ? n - v : 0), x + v));
}

/* The same for n <= 16 floats and two panels of a, `half` apart. */
TARGET static void pack_two_straight(float *panel, size_t half, const float *x, size_t distance,
                                     size_t n, size_t k)
{
    for (size_t p = 0; p < k; p++, panel += ROWS, x += distance)
        store_halves(panel, panel + half, _mm512_maskz_loadu_ps(first_lanes(n), x));
}

/* Rows row.. and columns k.. of a as panels of 8 rows. */
TARGET static void pack_a(const rec_gemm_matrix *a, size_t row, size_t n_rows, size_t k, size_t n_k)
{
    for (size_t i = 0; i < n_rows; i += LANES) {
        const float *x = a->first + (row + i) * a->row + k * a->column;
        float *panel = a_panels + i * n_k;
        size_t n = least(n_rows - i, LANES);
        if (a->column == 1)
            pack_turned(panel, ROWS, ROWS * n_k, x, a->row, n, n_k);
        else
            pack_two_straight(panel, ROWS * n_k, x, a->column, n, n_k);
    }
}

/* Whether panels of b serve one product, or are kept: then they begin at multiples of
 * REC_GEMM_PANEL_ROWS. */
typedef enum panels_for { ONE_PRODUCT, MANY_PRODUCTS } panels_for;

/* Vectors of the next panel of b: three, but four that are left make two and two where they may. */
static size_t panel_vectors(size_t n_cols, panels_for use)
{
    size_t left = (n_cols + LANES - 1) / LANES;
    return left == 4 && use == ONE_PRODUCT ? 2 : least(left, VECTORS);
}

/* Rows k.. and columns col.. of b as panels of panel_vectors vectors. */
TARGET static void pack_b(float *panel, const rec_gemm_matrix *b, panels_for use, size_t col,
                          size_t n_cols, size_t k, size_t n_k)
{
    for (size_t j = 0, width; j < n_cols; j += width, panel += width * n_k) {
        const float *x = b->first + k * b->row + (col + j) * b->column;
        size_t n = n_cols - j;
        width = panel_vectors(n, use) * LANES;
        if (b->column == 1)
            pack_straight(panel, width, x, b->row, n, n_k);
        for (size_t v = 0; b->column != 1 && v < width && v < n; v += LANES)
            pack_turned(panel + v, width, ROWS, x + v * b->column, b->column, least(n - v, LANES),
                        n_k);
    }
}

/* ---- products of panels ---- */

/* Where a tile goes and how it is combined with what is there. */
typedef struct target {
    float *out;
    size_t ld, n_cols;
    float alpha, beta; /* beta is 1 behind the first block of k */
} target;

INLINE void store_tile(const target *t, __m512 sums[ROWS][VECTORS], const int rows,
                       const int vectors)
{
    __m512 alpha = _mm512_set1_ps(t->alpha), beta = _mm512_set1_ps(t->beta);
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) {
            float *out = t->out + (size_t)i * t->ld + (size_t)v * LANES;
            __mmask16 inside = first_lanes(t->n_cols - (size_t)v * LANES);
            __m512 sum = _mm512_mul_ps(alpha, sums[i][v]);
            if (t->beta != 0.0f) /* else out may hold anything */
                sum = _mm512_fmadd_ps(beta, _mm512_maskz_loadu_ps(inside, out), sum);
            _mm512_mask_storeu_ps(out, inside, sum);
        }
}

INLINE void multiply_tile(const target *t, const float *a, const float *b, size_t k, const int rows,
                          const int vectors)
{
    __m512 sums[ROWS][VECTORS];
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++)
            sums[i][v] = _mm512_setzero_ps();
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++)
            _mm_prefetch((const char *)(t->out + (size_t)i * t->ld + v * LANES), _MM_HINT_T0);
    for (size_t p = 0; p < k; p++, a += ROWS, b += vectors * LANES) {
        __m512 x[VECTORS];
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++)
            x[v] = _mm512_load_ps(b + v * LANES);
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++)
                sums[i][v] = _mm512_fmadd_ps(_mm512_set1_ps(a[i]), x[v], sums[i][v]);
    }
    store_tile(t, sums, rows, vectors);
}

/* One function per number of rows and vectors, so that the sums stay in registers. */
typedef void (*tile_fn)(const target *t, const float *a, const float *b, size_t k);

#define TILE(rows, vectors)                                                                        \
    TARGET static void tile_##rows##_##vectors(const target *t, const float *a, const float *b,    \
                                               size_t k)                                           \
    {                                                                                              \
        multiply_tile(t, a, b, k, rows, vectors);                                                  \
    }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3)
/* clang-format off */
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6) TILES(7) TILES(8)

#define TILE_ROW(rows) {tile_##rows##_1, tile_##rows##_2, tile_##rows##_3}
static const tile_fn tiles[ROWS][VECTORS] = {TILE_ROW(1), TILE_ROW(2), TILE_ROW(3), TILE_ROW(4),
                                             TILE_ROW(5), TILE_ROW(6), TILE_ROW(7), TILE_ROW(8)};
/* clang-format on */

/* out (n_rows, n_cols) of a's packed block and panels of b. */
static void multiply_blocks(target t, const float *b, panels_for use, size_t n_rows, size_t n_cols,
                            size_t n_k)
{
    float *out = t.out;
    for (size_t j = 0, width; j < n_cols; j += width, b += width * n_k) {
        size_t vectors = panel_vectors(n_cols - j, use);
        width = vectors * LANES;
        t.n_cols = n_cols - j;
        for (size_t i = 0; i < n_rows; i += ROWS) {
            t.out = out + i * t.ld + j;
            tiles[least(n_rows - i, ROWS) - 1][vectors - 1](&t, a_panels + i * n_k, b, n_k);
        }
    }
}

static void scale_rows(float *out, size_t ld, size_t m, size_t n, float beta)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            out[i * ld + j] = beta != 0.0f ? beta * out[i * ld + j] : 0.0f;
}

/* out (m, n_cols) of panels of b for rows k.. of it: all blocks of a. */
static void multiply_panels(target t, const rec_gemm_matrix *a, const float *panels, panels_for use,
                            size_t m, size_t n_cols, size_t k, size_t n_k)
{
    float *out = t.out;
    for (size_t i = 0; i < m; i += M_BLOCK) {
        size_t n_rows = least(m - i, M_BLOCK);
        pack_a(a, i, n_rows, k, n_k);
        t.out = out + i * t.ld;
        multiply_blocks(t, panels, use, n_rows, n_cols, n_k);
    }
}

void rec_gemm_avx512(float *out, size_t ld, const rec_gemm_matrix *a, const rec_gemm_matrix *b,
                     size_t m, size_t n, size_t k, float alpha, float beta)
{
    if (k == 0)
        scale_rows(out, ld, m, n, beta);
    for (size_t j = 0; j < n; j += N_BLOCK)
        for (size_t p = 0; p < k; p += K_BLOCK) {
            size_t n_cols = least(n - j, N_BLOCK), n_k = least(k - p, K_BLOCK);
            const target t = {
                .out = out + j, .ld = ld, .alpha = alpha, .beta = p == 0 ? beta : 1.0f};
            pack_b(b_panels, b, ONE_PRODUCT, j, n_cols, p, n_k);
            multiply_panels(t, a, b_panels, ONE_PRODUCT, m, n_cols, p, n_k);
        }
}

/* ---- panels that are kept ----
 * Block of k after block of k, in each the panels of all columns. */

void rec_gemm_avx512_pack(float *panels, const rec_gemm_matrix *b, size_t n, size_t k)
{
    for (size_t p = 0; p < k; p += K_BLOCK)
        pack_b(panels + rec_gemm_padded(n) * p, b, MANY_PRODUCTS, 0, n, p, least(k - p, K_BLOCK));
}

void rec_gemm_avx512_panels(float *out, size_t ld, const rec_gemm_matrix *a, const float *panels,
                            size_t m, size_t n, size_t k, size_t first, size_t n_cols)
{
    if (k == 0)
        scale_rows(out, ld, m, n_cols, 0.0f);
    for (size_t p = 0; p < k; p += K_BLOCK) {
        size_t n_k = least(k - p, K_BLOCK);
        const target t = {.out = out, .ld = ld, .alpha = 1.0f, .beta = p == 0 ? 0.0f : 1.0f};
        multiply_panels(t, a, panels + rec_gemm_padded(n) * p + first * n_k, MANY_PRODUCTS, m,
                        n_cols, p, n_k);
    }
}
#endif
