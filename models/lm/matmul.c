#include "models/lm/matmul.h"

#include <assert.h>

#include "core/parallel.h"
#include "models/lm/int8.h"
#include "models/lm/kernels.h"
#include "models/nn/kernels.h"

/* Sizes of tiles: part of the schedule only, no number depends on them. */
enum { TILE_ROWS = 64, TILE_ROWS_LARGE = 256, LARGE = 8192, TILE_TOKENS = 384, QUANTISE_ROWS = 16 };

static size_t tiles_of(const rec_products *p, const rec_product *item)
{
    return (item->w->rows + p->tile_rows - 1) / p->tile_rows;
}

static rec_status product_tile(void *context, size_t tile, rec_error *err)
{
    const rec_products *p = context;
    size_t row_tile = tile % p->n_row_tiles, t = tile / p->n_row_tiles * TILE_TOKENS;
    size_t tokens = p->m - t < TILE_TOKENS ? p->m - t : TILE_TOKENS;
    const rec_product *item = p->items;
    (void)err;
    for (; row_tile >= tiles_of(p, item); item++)
        row_tile -= tiles_of(p, item);
    size_t first = row_tile * p->tile_rows, rows = item->w->rows;
    size_t n = rows - first < p->tile_rows ? rows - first : p->tile_rows;
    float *out = item->out + t * rows + first;
    if (item->w->panels != NULL) {
        const rec_int8_rows x =
            rec_int8_rows_at(p->quantised, p->m, item->w->cols, item->w->n_terms);
        rec_int8_matmul(out, rows, item->w, first, n, &x, t, tokens);
    } else {
        rec_lm_kernels_get()->matmul(out, rows, item->w, first, n, p->x + t * p->ld_x, p->ld_x,
                                     tokens, p->scratch + rec_parallel_thread() * p->thread_floats);
    }
    for (size_t i = 0; item->bias != NULL && i < tokens; i++)
        rec_kernels_get()->add_bias(out + i * rows, item->bias + first, 1, n);
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
    p->tile_rows = p->items[0].w->rows > LARGE ? TILE_ROWS_LARGE : TILE_ROWS;
    p->n_row_tiles = 0;
    for (size_t i = 0; i < p->n_items; i++)
        p->n_row_tiles += tiles_of(p, &p->items[i]);
    size_t n_token_tiles = (p->m + TILE_TOKENS - 1) / TILE_TOKENS;
    return rec_parallel_tiles(p->n_row_tiles * n_token_tiles, product_tile, p, err);
}
