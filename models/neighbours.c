#include "models/neighbours.h"

#include <assert.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "models/sparse_build.h"

enum { ROWS_PER_TILE = 32 };

typedef struct job {
    const rec_sparse *a, *b;
    size_t k;
    rec_neighbour_value value;
    const void *context;
    rec_sparse_build build;
} job;

/* Scratch of one tile. */
typedef struct accumulator {
    double *sum;         /* (n_columns) zero outside `touched` */
    uint8_t *is_touched; /* (n_columns) */
    rec_cell *touched;   /* (n_columns) columns first, values once a row is complete */
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
            acc->touched[n++] = (rec_cell){value, c};
    }
    return n;
}

static rec_status neighbours_tile(void *context, size_t tile, rec_error *err)
{
    job *j = context;
    accumulator acc = {.sum = NULL};
    rec_status status = REC_OK;
    REC_TRY_NEW(acc.sum, j->b->n_columns, err);
    REC_TRY_NEW(acc.is_touched, j->b->n_columns, err);
    REC_TRY_NEW(acc.touched, j->b->n_columns, err);
    size_t end = rec_sparse_build_end(&j->build, tile);
    for (size_t row = rec_sparse_build_first(&j->build, tile); row < end; row++) {
        accumulate_row(&acc, j->a, j->b, row);
        size_t n = rec_cells_keep_top(acc.touched, value_row(&acc, j, row), j->k);
        REC_TRY(rec_sparse_build_append(&j->build, row, acc.touched, n, err));
    }
cleanup:
    free(acc.touched);
    free(acc.is_touched);
    free(acc.sum);
    return status;
}

rec_status rec_neighbours(rec_sparse *out, const rec_sparse *a, const rec_sparse *b, size_t k,
                          rec_neighbour_value value, const void *context, rec_error *err)
{
    assert(a->n_columns == b->n_rows);
    *out = (rec_sparse){.n_rows = 0};
    job j = {.a = a, .b = b, .k = k, .value = value, .context = context};
    rec_status status;
    REC_TRY(rec_sparse_build_init(&j.build, a->n_rows, b->n_columns, ROWS_PER_TILE, err));
    REC_TRY(rec_parallel_tiles(j.build.n_tiles, neighbours_tile, &j, err));
    REC_TRY(rec_sparse_build_join(out, &j.build, err));
cleanup:
    rec_sparse_build_deinit(&j.build);
    return status;
}

rec_status rec_sparse_keep_top(rec_sparse *a, size_t k, rec_error *err)
{
    rec_status status = REC_OK;
    rec_cell *row;
    REC_TRY_NEW(row, a->n_columns, err);
    size_t at = 0;
    for (size_t r = 0, next = 0; r < a->n_rows; r++) {
        size_t n = 0;
        for (; next < a->start[r + 1]; next++) /* start[r + 1] still counts the old entries */
            if (a->value[next] != 0.0f)
                row[n++] = (rec_cell){(double)a->value[next], a->column[next]};
        n = rec_cells_keep_top(row, n, k);
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

rec_status rec_best_items(uint32_t *items, float *values, size_t *n_found, const uint32_t *listed,
                          const float *listed_values, size_t n, uint32_t self, size_t k,
                          rec_error *err)
{
    rec_status status = REC_OK;
    rec_cell *cells;
    size_t n_cells = 0;
    REC_TRY_NEW(cells, n, err);
    for (size_t i = 0; i < n; i++) {
        uint32_t item = listed != NULL ? listed[i] : (uint32_t)i;
        if (item != self && listed_values[i] > 0.0f)
            cells[n_cells++] = (rec_cell){(double)listed_values[i], item};
    }
    n_cells = rec_cells_rank(cells, n_cells, k);
    for (size_t i = 0; i < n_cells; i++) {
        items[i] = cells[i].column;
        values[i] = (float)cells[i].value;
    }
    *n_found = n_cells;
cleanup:
    free(cells);
    return status;
}
