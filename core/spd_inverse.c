/* Inverse of a symmetric positive definite matrix: the sweep operator ("A tutorial on the SWEEP
 * operator", The American Statistician 33(3), 1979) on blocks. Sweeping block K maps
 *     A_KK -> -A_KK^-1,   A_iK -> A_iK A_KK^-1,   A_ij -> A_ij - A_iK A_KK^-1 A_Kj
 * and once every block is swept, A holds -A^-1. A pivot A_KK is the Schur complement of what is not
 * swept yet, so it is positive definite and its Cholesky factor exists. The work, n^3, is that of
 * LAPACK's factor and inverse, but nearly all of it is one kind of independent tile products. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/lapack.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/parallel.h"

/* Rows of a pivot block, and of the blocks updated by one product (a multiple). */
enum { TILE = 128, BLOCK = 256 };

typedef struct sweep {
    double *a; /* (n, n), lower triangle in use */
    size_t n, n_tiles;
    double *pivot_inverse; /* D (TILE, TILE) */
    double *column;        /* C (n, TILE): A_*K before the sweep */
    double *scaled;        /* W (n, TILE): C D */
    size_t pivot;          /* index of block K */
} sweep;

static size_t tile_size(const sweep *s, size_t tile)
{
    size_t left = s->n - tile * TILE;
    return left < TILE ? left : TILE;
}

static double *tile_at(const sweep *s, size_t row_tile, size_t column_tile)
{
    return s->a + row_tile * TILE * s->n + column_tile * TILE;
}

/* D = A_KK^-1 in full; A_KK = -D. */
static rec_status invert_pivot(sweep *s, rec_error *err)
{
    size_t size = tile_size(s, s->pivot);
    double *d = s->pivot_inverse, *a = tile_at(s, s->pivot, s->pivot);
    for (size_t i = 0; i < size; i++)
        memcpy(d + i * TILE, a + i * s->n, (i + 1) * sizeof *d);
    int order = (int)size, ld = TILE, info;
    dpotrf_("U", &order, d, &ld, &info, 1);
    if (info == 0)
        dpotri_("U", &order, d, &ld, &info, 1);
    if (info != 0 || !isfinite(d[(size - 1) * TILE + size - 1]))
        return rec_fail(err, REC_ERR_DATA,
                        "matrix of order %zu is not positive definite (rows %zu to %zu)", s->n,
                        s->pivot * TILE, s->pivot * TILE + size - 1);
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++) {
            d[j * TILE + i] = d[i * TILE + j];
            a[i * s->n + j] = -d[i * TILE + j];
        }
    return REC_OK;
}

/* One row tile i of C and W, and A_iK = W_i. The pivot's own rows are 0, so that the update below
 * leaves them alone. */
static rec_status sweep_column(void *context, size_t tile, rec_error *err)
{
    sweep *s = context;
    (void)err;
    size_t rows = tile_size(s, tile), width = tile_size(s, s->pivot);
    double *c = s->column + tile * TILE * TILE, *w = s->scaled + tile * TILE * TILE;
    if (tile == s->pivot) {
        memset(c, 0, rows * TILE * sizeof *c);
        memset(w, 0, rows * TILE * sizeof *w);
        return REC_OK;
    }
    int below = tile > s->pivot; /* else the block is stored transposed, in the pivot's rows */
    double *a = below ? tile_at(s, tile, s->pivot) : tile_at(s, s->pivot, tile);
    size_t row_step = below ? s->n : 1, column_step = below ? 1 : s->n;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++)
            c[i * TILE + j] = a[i * row_step + j * column_step];
    rec_dgemm_nn(w, TILE, c, TILE, s->pivot_inverse, TILE, rows, width, width, 1.0, 0.0);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++)
            a[i * row_step + j * column_step] = w[i * TILE + j];
    return REC_OK;
}

/* Row and column tile of entry `index` of a lower triangle counted by rows. */
static void triangle_at(size_t *row, size_t *column, size_t index)
{
    size_t r = (size_t)((sqrt(8.0 * (double)index + 1.0) - 1.0) / 2.0);
    while (r * (r + 1) / 2 > index)
        r--;
    while ((r + 1) * (r + 2) / 2 <= index)
        r++;
    *row = r;
    *column = index - r * (r + 1) / 2;
}

static size_t block_size(const sweep *s, size_t block)
{
    size_t left = s->n - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

/* A_ij -= W_i C_j^T */
static rec_status sweep_block(void *context, size_t index, rec_error *err)
{
    sweep *s = context;
    size_t i, j;
    (void)err;
    triangle_at(&i, &j, index);
    rec_dgemm_nt(s->a + i * BLOCK * s->n + j * BLOCK, s->n, s->scaled + i * BLOCK * TILE, TILE,
                 s->column + j * BLOCK * TILE, TILE, block_size(s, i), block_size(s, j),
                 tile_size(s, s->pivot), -1.0, 1.0);
    return REC_OK;
}

/* -A in both triangles. */
static rec_status negate_and_mirror(void *context, size_t index, rec_error *err)
{
    sweep *s = context;
    size_t i, j;
    (void)err;
    triangle_at(&i, &j, index);
    double *lower = tile_at(s, i, j), *upper = tile_at(s, j, i);
    for (size_t r = 0; r < tile_size(s, i); r++)
        for (size_t c = 0; c < tile_size(s, j) && (i != j || c <= r); c++)
            upper[c * s->n + r] = lower[r * s->n + c] = -lower[r * s->n + c];
    return REC_OK;
}

rec_status rec_spd_inverse(double *a, size_t n, rec_error *err)
{
    sweep s = {.a = a, .n = n, .n_tiles = (n + TILE - 1) / TILE};
    size_t n_pairs = s.n_tiles * (s.n_tiles + 1) / 2;
    size_t n_blocks = (n + BLOCK - 1) / BLOCK;
    rec_status status = REC_OK;
    REC_TRY_NEW(s.pivot_inverse, (size_t)TILE * TILE, err);
    REC_TRY_NEW(s.column, s.n_tiles * TILE * TILE, err);
    REC_TRY_NEW(s.scaled, s.n_tiles * TILE * TILE, err);
    for (s.pivot = 0; s.pivot < s.n_tiles; s.pivot++) {
        REC_TRY(invert_pivot(&s, err));
        REC_TRY(rec_parallel_tiles(s.n_tiles, sweep_column, &s, err));
        REC_TRY(rec_parallel_tiles(n_blocks * (n_blocks + 1) / 2, sweep_block, &s, err));
    }
    REC_TRY(rec_parallel_tiles(n_pairs, negate_and_mirror, &s, err));
cleanup:
    free(s.scaled);
    free(s.column);
    free(s.pivot_inverse);
    return status;
}
