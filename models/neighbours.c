#include "models/neighbours.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"

enum { ROWS_PER_TILE = 32 };

typedef struct neighbour {
    double value;
    uint32_t column;
} neighbour;

/* Before in a list: greater value, then lower column. A total order, so lists are unique. */
static int is_better(neighbour a, neighbour b)
{
    return a.value > b.value || (a.value == b.value && a.column < b.column);
}

/* Heap of the best so far with the worst of them at the root. */
static void sift_down(neighbour *heap, size_t n, size_t at)
{
    neighbour moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_better(heap[child], heap[child + 1]))
            child++;
        if (!is_better(moved, heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* Move the k best of n to the front, in heap order; returns how many there are. */
static size_t select_best(neighbour *list, size_t n, size_t k)
{
    if (n <= k)
        return n;
    if (k == 0)
        return 0;
    for (size_t at = k / 2; at-- > 0;)
        sift_down(list, k, at);
    for (size_t i = k; i < n; i++)
        if (is_better(list[i], list[0])) {
            list[0] = list[i];
            sift_down(list, k, 0);
        }
    return k;
}

static int by_column(const void *a, const void *b)
{
    uint32_t x = ((const neighbour *)a)->column, y = ((const neighbour *)b)->column;
    return (x > y) - (x < y);
}

/* Lists of one tile of rows, until all lengths are known. */
typedef struct tile_lists {
    uint32_t *column; /* owned */
    float *value;     /* owned */
    size_t n;
} tile_lists;

typedef struct job {
    const rec_sparse *a, *b;
    size_t k;
    rec_neighbour_value value;
    const void *context;
    tile_lists *tiles;
    size_t *length; /* of each row's list */
} job;

/* Scratch of one tile. */
typedef struct accumulator {
    double *sum;         /* (n_columns) zero outside `touched` */
    uint8_t *is_touched; /* (n_columns) */
    neighbour *touched;  /* (n_columns) columns first, values once a row is complete */
    size_t n_touched;
} accumulator;

static void accumulate_row(accumulator *acc, const rec_sparse *a, const rec_sparse *b, size_t row)
{
    acc->n_touched = 0;
    for (size_t i = a->start[row]; i < a->start[row + 1]; i++) {
        double factor = (double)a->value[i];
        size_t feature = a->column[i];
        for (size_t j = b->start[feature]; j < b->start[feature + 1]; j++) {
            uint32_t c = b->column[j];
            acc->sum[c] += factor * (double)b->value[j];
            if (!acc->is_touched[c]) {
                acc->is_touched[c] = 1;
                acc->touched[acc->n_touched++].column = c;
            }
        }
    }
}

/* Turn sums into values, drop those that are not positive and the diagonal, clear the scratch. */
static size_t value_row(accumulator *acc, const job *j, size_t row)
{
    size_t n = 0;
    for (size_t i = 0; i < acc->n_touched; i++) {
        uint32_t c = acc->touched[i].column;
        double value = c == row ? 0.0 : j->value(j->context, row, c, acc->sum[c]);
        acc->sum[c] = 0.0;
        acc->is_touched[c] = 0;
        if (value > 0.0)
            acc->touched[n++] = (neighbour){value, c};
    }
    return n;
}

static rec_status append_list(tile_lists *tile, const neighbour *list, size_t n, rec_error *err)
{
    uint32_t *column = rec_realloc(tile->column, tile->n + n, sizeof *column, err);
    if (column == NULL)
        return REC_ERR_RESOURCE;
    tile->column = column;
    float *value = rec_realloc(tile->value, tile->n + n, sizeof *value, err);
    if (value == NULL)
        return REC_ERR_RESOURCE;
    tile->value = value;
    for (size_t i = 0; i < n; i++) {
        column[tile->n + i] = list[i].column;
        value[tile->n + i] = (float)list[i].value;
    }
    tile->n += n;
    return REC_OK;
}

static rec_status neighbours_tile(void *context, size_t tile, rec_error *err)
{
    job *j = context;
    accumulator acc = {.sum = NULL};
    rec_status status;
    REC_TRY_NEW(acc.sum, j->b->n_columns, err);
    REC_TRY_NEW(acc.is_touched, j->b->n_columns, err);
    REC_TRY_NEW(acc.touched, j->b->n_columns, err);
    size_t end = (tile + 1) * ROWS_PER_TILE;
    if (end > j->a->n_rows)
        end = j->a->n_rows;
    for (size_t row = tile * ROWS_PER_TILE; row < end; row++) {
        accumulate_row(&acc, j->a, j->b, row);
        size_t n = select_best(acc.touched, value_row(&acc, j, row), j->k);
        qsort(acc.touched, n, sizeof *acc.touched, by_column);
        REC_TRY(append_list(&j->tiles[tile], acc.touched, n, err));
        j->length[row] = n;
    }
    status = REC_OK;
cleanup:
    free(acc.touched);
    free(acc.is_touched);
    free(acc.sum);
    return status;
}

/* Join the tiles' lists, releasing each as it is copied. */
static rec_status join_tiles(rec_sparse *out, const job *j, size_t n_tiles, rec_error *err)
{
    size_t n_values = 0;
    for (size_t t = 0; t < n_tiles; t++)
        n_values += j->tiles[t].n;
    rec_status status = rec_sparse_init(out, j->a->n_rows, j->b->n_columns, n_values, err);
    if (status != REC_OK)
        return status;
    for (size_t r = 0; r < out->n_rows; r++)
        out->start[r + 1] = out->start[r] + j->length[r];
    for (size_t t = 0, at = 0; t < n_tiles; at += j->tiles[t++].n) {
        if (j->tiles[t].n > 0) {
            memcpy(out->column + at, j->tiles[t].column, j->tiles[t].n * sizeof *out->column);
            memcpy(out->value + at, j->tiles[t].value, j->tiles[t].n * sizeof *out->value);
        }
        free(j->tiles[t].column);
        free(j->tiles[t].value);
        j->tiles[t].column = NULL;
        j->tiles[t].value = NULL;
    }
    return REC_OK;
}

rec_status rec_neighbours(rec_sparse *out, const rec_sparse *a, const rec_sparse *b, size_t k,
                          rec_neighbour_value value, const void *context, rec_error *err)
{
    assert(a->n_columns == b->n_rows);
    *out = (rec_sparse){.n_rows = 0};
    size_t n_tiles = (a->n_rows + ROWS_PER_TILE - 1) / ROWS_PER_TILE;
    job j = {.a = a, .b = b, .k = k, .value = value, .context = context};
    rec_status status;
    REC_TRY_NEW(j.tiles, n_tiles, err);
    REC_TRY_NEW(j.length, a->n_rows, err);
    REC_TRY(rec_parallel_tiles(n_tiles, neighbours_tile, &j, err));
    REC_TRY(join_tiles(out, &j, n_tiles, err));
cleanup:
    for (size_t t = 0; j.tiles != NULL && t < n_tiles; t++) {
        free(j.tiles[t].column);
        free(j.tiles[t].value);
    }
    free(j.length);
    free(j.tiles);
    return status;
}

rec_status rec_sparse_keep_top(rec_sparse *a, size_t k, rec_error *err)
{
    rec_status status = REC_OK;
    neighbour *row;
    REC_TRY_NEW(row, a->n_columns, err);
    size_t at = 0;
    for (size_t r = 0, next = 0; r < a->n_rows; r++) {
        size_t n = 0;
        for (; next < a->start[r + 1]; next++) /* start[r + 1] still counts the old entries */
            if (a->value[next] != 0.0f)
                row[n++] = (neighbour){(double)a->value[next], a->column[next]};
        n = select_best(row, n, k);
        qsort(row, n, sizeof *row, by_column);
        for (size_t i = 0; i < n; i++, at++) {
            a->column[at] = row[i].column;
            a->value[at] = (float)row[i].value;
        }
        a->start[r + 1] = at;
    }
cleanup:
    free(row);
    return status;
}

static int by_value(const void *a, const void *b)
{
    return is_better(*(const neighbour *)a, *(const neighbour *)b) ? -1 : 1;
}

rec_status rec_best_items(uint32_t *items, float *values, size_t *n_found, const uint32_t *listed,
                          const float *listed_values, size_t n, uint32_t self, size_t k,
                          rec_error *err)
{
    rec_status status = REC_OK;
    neighbour *list;
    size_t n_kept = 0;
    REC_TRY_NEW(list, n, err);
    for (size_t i = 0; i < n; i++) {
        uint32_t item = listed != NULL ? listed[i] : (uint32_t)i;
        if (item != self && listed_values[i] > 0.0f)
            list[n_kept++] = (neighbour){(double)listed_values[i], item};
    }
    n_kept = select_best(list, n_kept, k);
    qsort(list, n_kept, sizeof *list, by_value);
    for (size_t i = 0; i < n_kept; i++) {
        items[i] = list[i].column;
        values[i] = (float)list[i].value;
    }
    *n_found = n_kept;
cleanup:
    free(list);
    return status;
}
