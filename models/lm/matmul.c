#include "models/lm/matmul.h"

#include "core/parallel.h"
#include "models/lm/kernels.h"
#include "models/nn/kernels.h"

/* Sizes of tiles: part of the schedule only, no number depends on them. */
enum { TILE_ROWS = 64, TILE_ROWS_LARGE = 256, LARGE = 8192, TILE_TOKENS = 384 };

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
    rec_lm_kernels_get()->matmul(out, rows, item->w, first, n, p->x + t * p->ld_x, p->ld_x, tokens,
                                 p->scratch + rec_parallel_thread() * p->thread_floats);
    for (size_t i = 0; item->bias != NULL && i < tokens; i++)
        rec_kernels_get()->add_bias(out + i * rows, item->bias + first, 1, n);
    return REC_OK;
}

rec_status rec_multiply(rec_products *p, rec_error *err)
{
    p->tile_rows = p->items[0].w->rows > LARGE ? TILE_ROWS_LARGE : TILE_ROWS;
    p->n_row_tiles = 0;
    for (size_t i = 0; i < p->n_items; i++)
        p->n_row_tiles += tiles_of(p, &p->items[i]);
    size_t n_token_tiles = (p->m + TILE_TOKENS - 1) / TILE_TOKENS;
    return rec_parallel_tiles(p->n_row_tiles * n_token_tiles, product_tile, p, err);
}
