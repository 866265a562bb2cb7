#include "models/sparse_build.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Greater value, then lower column: a total order, so that what is kept is unique. */
static bool is_better(rec_cell a, rec_cell b)
{
    return a.value > b.value || (a.value == b.value && a.column < b.column);
}

/* Heap with the worst at the root. */
static void sift_down(rec_cell *heap, size_t n, size_t at)
{
    rec_cell moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_better(heap[child], heap[child + 1]))
            child++;
        if (!is_better(moved, heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* Move the k best to the front in heap order. */
static size_t select_best(rec_cell *cells, size_t n, size_t k)
{
    if (n <= k)
        return n;
    if (k == 0)
        return 0;
    for (size_t at = k / 2; at-- > 0;)
        sift_down(cells, k, at);
    for (size_t i = k; i < n; i++)
        if (is_better(cells[i], cells[0])) {
            cells[0] = cells[i];
            sift_down(cells, k, 0);
        }
    return k;
}

static int by_column(const void *a, const void *b)
{
    uint32_t x = ((const rec_cell *)a)->column, y = ((const rec_cell *)b)->column;
    return (x > y) - (x < y);
}

static int by_rank(const void *a, const void *b)
{
    return is_better(*(const rec_cell *)a, *(const rec_cell *)b) ? -1 : 1;
}

size_t rec_cells_keep_top(rec_cell *cells, size_t n, size_t k)
{
    n = select_best(cells, n, k);
    qsort(cells, n, sizeof *cells, by_column);
    return n;
}

size_t rec_cells_rank(rec_cell *cells, size_t n, size_t k)
{
    n = select_best(cells, n, k);
    qsort(cells, n, sizeof *cells, by_rank);
    return n;
}

rec_status rec_sparse_build_init(rec_sparse_build *b, size_t n_rows, size_t n_columns,
                                 size_t rows_per_tile, rec_error *err)
{
    *b = (rec_sparse_build){.n_rows = n_rows,
                            .n_columns = n_columns,
                            .rows_per_tile = rows_per_tile,
                            .n_tiles = (n_rows + rows_per_tile - 1) / rows_per_tile};
    rec_status status = REC_OK;
    REC_TRY_NEW(b->blocks, b->n_tiles, err);
    REC_TRY_NEW(b->length, n_rows, err);
cleanup:
    if (status != REC_OK)
        rec_sparse_build_deinit(b);
    return status;
}

static void release(rec_sparse_block *block)
{
    free(block->column);
    free(block->value);
    *block = (rec_sparse_block){.n = 0};
}

void rec_sparse_build_deinit(rec_sparse_build *b)
{
    for (size_t t = 0; b->blocks != NULL && t < b->n_tiles; t++)
        release(&b->blocks[t]);
    free(b->blocks);
    free(b->length);
    *b = (rec_sparse_build){.n_rows = 0};
}

size_t rec_sparse_build_first(const rec_sparse_build *b, size_t tile)
{
    return tile * b->rows_per_tile;
}

size_t rec_sparse_build_end(const rec_sparse_build *b, size_t tile)
{
    size_t end = (tile + 1) * b->rows_per_tile;
    return end < b->n_rows ? end : b->n_rows;
}

rec_status rec_sparse_build_append(rec_sparse_build *b, size_t row, const rec_cell *cells, size_t n,
                                   rec_error *err)
{
    rec_sparse_block *block = &b->blocks[row / b->rows_per_tile];
    uint32_t *column = rec_realloc(block->column, block->n + n, sizeof *column, err);
    if (column == NULL)
        return REC_ERR_RESOURCE;
    block->column = column;
    float *value = rec_realloc(block->value, block->n + n, sizeof *value, err);
    if (value == NULL)
        return REC_ERR_RESOURCE;
    block->value = value;
    for (size_t i = 0; i < n; i++) {
        column[block->n + i] = cells[i].column;
        value[block->n + i] = (float)cells[i].value;
    }
    block->n += n;
    b->length[row] = n;
    return REC_OK;
}

rec_status rec_sparse_build_join(rec_sparse *out, rec_sparse_build *b, rec_error *err)
{
    size_t n_values = 0, at = 0;
    for (size_t t = 0; t < b->n_tiles; t++)
        n_values += b->blocks[t].n;
    rec_status status = rec_sparse_init(out, b->n_rows, b->n_columns, n_values, err);
    if (status != REC_OK)
        return status;
    for (size_t r = 0; r < b->n_rows; r++)
        out->start[r + 1] = out->start[r] + b->length[r];
    for (size_t t = 0; t < b->n_tiles; t++) {
        rec_sparse_block *block = &b->blocks[t];
        if (block->n > 0) {
            memcpy(out->column + at, block->column, block->n * sizeof *out->column);
            memcpy(out->value + at, block->value, block->n * sizeof *out->value);
        }
        at += block->n;
        release(block);
    }
    return REC_OK;
}
