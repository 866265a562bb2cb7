#include "models/lm/matmul.h"

#include <assert.h>

#include "core/blas.h"
#include "core/parallel.h"
#include "models/lm/int8.h"
#include "models/lm/kernels.h"
#include "models/nn/kernels.h"

/* Sizes of tiles: part of the schedule only, no number depends on them. */
enum { TILE_ROWS = 64, TILE_ROWS_LARGE = 256, LARGE = 8192, TILE_TOKENS = 384, QUANTISE_ROWS = 16 };

/* In bulk: many rows, since each tile packs its tokens (core/gemm_avx512.c); few tokens share the rows. */
enum {
    BULK_TOKENS = 256,
    BULK_ROWS = 16 * REC_GEMM_PANEL_ROWS,
    BULK_ROWS_OF_FEW = 3 * REC_GEMM_PANEL_ROWS
};

static size_t tiles_of(const rec_products *p, const rec_product *item)
{
    return (item->w->rows + p->tile_rows - 1) / p->tile_rows;
}

static bool by_blas(const rec_products *p, const rec_weight *w)
{
    return p->in_bulk && w->format == REC_FORMAT_F32 && w->panels == NULL && rec_gemm_is_ours();
}

/* Rows first .. first + n - 1 of a matrix by m tokens from t on. */
static void multiply_tile(const rec_products *p, const rec_product *item, size_t first, size_t n,
                          size_t t, size_t m)
{
    const rec_weight *w = item->w;
    const float *x = p->x + t * p->ld_x;
    float *out = item->out + t * w->rows + first;
    if (w->panels != NULL) {
        const rec_int8_rows rows = rec_int8_rows_at(p->quantised, p->m, w->cols, w->n_terms);
        rec_int8_matmul(out, w->rows, w, first, n, &rows, t, m);
    } else if (by_blas(p, w) && w->float_panels != NULL) {
        rec_gemm_nt_panels(out, w->rows, x, p->ld_x, w->float_panels, m, w->rows, w->cols, first,
                           n);
    } else if (by_blas(p, w)) {
        rec_gemm_nt(out, w->rows, x, p->ld_x, (const float *)w->data + first * w->cols, w->cols, m,
                    n, w->cols, 1.0f, 0.0f);
    } else {
        rec_lm_kernels_get()->matmul(out, w->rows, w, first, n, x, p->ld_x, m,
                                     p->scratch + rec_parallel_thread() * p->thread_floats);
    }
    for (size_t i = 0; item->bias != NULL && i < m; i++)
        rec_kernels_get()->add_bias(out + i * w->rows, item->bias + first, 1, n);
}

static rec_status product_tile(void *context, size_t tile, rec_error *err)
{
    const rec_products *p = context;
    size_t row_tile = tile % p->n_row_tiles, t = tile / p->n_row_tiles * p->tile_tokens;
    size_t tokens = p->m - t < p->tile_tokens ? p->m - t : p->tile_tokens;
    const rec_product *item = p->items;
    (void)err;
    for (; row_tile >= tiles_of(p, item); item++)
        row_tile -= tiles_of(p, item);
    size_t first = row_tile * p->tile_rows, left = item->w->rows - first;
    multiply_tile(p, item, first, left < p->tile_rows ? left : p->tile_rows, t, tokens);
    return REC_OK;
}

static rec_status quantise_tile(void *context, size_t tile, rec_error *err)
{
    const rec_products *p = context;
    const rec_weight *w = p->items[0].w; /* those that share an input have as many terms */
    rec_int8_rows x = rec_int8_rows_at(p->quantised, p->m, w->cols, w->n_terms);
    size_t first = tile * QUANTISE_ROWS, left = p->m - first;
    (void)err;
    rec_int8_quantise(&x, p->x, p->ld_x, first, left < QUANTISE_ROWS ? left : QUANTISE_ROWS);
    return REC_OK;
}

/* The activations in 8 bits, where a matrix wants them so. */
static rec_status quantise(rec_products *p, rec_error *err)
{
    bool wanted = false;
    for (size_t i = 0; i < p->n_items; i++)
        wanted |= p->items[i].w->panels != NULL;
    if (!wanted)
        return REC_OK;
    assert(p->quantised != NULL);
    return rec_parallel_tiles((p->m + QUANTISE_ROWS - 1) / QUANTISE_ROWS, quantise_tile, p, err);
}

rec_status rec_multiply(rec_products *p, rec_error *err)
{
    rec_status status = quantise(p, err);
    if (status != REC_OK)
        return status;
    p->tile_tokens = TILE_TOKENS;
    p->tile_rows = p->items[0].w->rows > LARGE ? TILE_ROWS_LARGE : TILE_ROWS;
    if (by_blas(p, p->items[0].w)) {
        p->tile_tokens = BULK_TOKENS;
        p->tile_rows = p->m > BULK_TOKENS ? BULK_ROWS : BULK_ROWS_OF_FEW;
    }
    p->n_row_tiles = 0;
    for (size_t i = 0; i < p->n_items; i++)
        p->n_row_tiles += tiles_of(p, &p->items[i]);
    size_t n_token_tiles = (p->m + p->tile_tokens - 1) / p->tile_tokens;
    return rec_parallel_tiles(p->n_row_tiles * n_token_tiles, product_tile, p, err);
}
