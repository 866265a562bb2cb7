/**
 * Sparse matrices whose rows are made in parallel and whose lengths are not known before: every tile
 * of rows appends to a block of its own, and the blocks are joined in order.
 */
#ifndef REC_MODELS_SPARSE_BUILD_H
#define REC_MODELS_SPARSE_BUILD_H

#include "models/sparse.h"

/** One entry of a row under construction. */
typedef struct rec_cell {
    double value;
    uint32_t column;
} rec_cell;

/** Move the k cells with the greatest values (ties: lower column) to the front, ascending by column;
 * returns how many there are, at most k. */
size_t rec_cells_keep_top(rec_cell *cells, size_t n, size_t k);

/** Move the k best to the front, best first. */
size_t rec_cells_rank(rec_cell *cells, size_t n, size_t k);

typedef struct rec_sparse_block {
    uint32_t *column;
    float *value;
    size_t n;
} rec_sparse_block;

typedef struct rec_sparse_build {
    size_t n_rows, n_columns, rows_per_tile, n_tiles;
    rec_sparse_block *blocks; /* (n_tiles), owned with what they hold */
    size_t *length;           /* (n_rows), owned */
} rec_sparse_build;

rec_status rec_sparse_build_init(rec_sparse_build *b, size_t n_rows, size_t n_columns,
                                 size_t rows_per_tile, rec_error *err);
void rec_sparse_build_deinit(rec_sparse_build *b);

/** First row of a tile, and past the last. */
size_t rec_sparse_build_first(const rec_sparse_build *b, size_t tile);
size_t rec_sparse_build_end(const rec_sparse_build *b, size_t tile);

/** Add a row, columns ascending; the rows of a tile in order, each once, by one thread. */
rec_status rec_sparse_build_append(rec_sparse_build *b, size_t row, const rec_cell *cells, size_t n,
                                   rec_error *err);

/** All rows as one matrix. Blocks are released as they are copied. */
rec_status rec_sparse_build_join(rec_sparse *out, rec_sparse_build *b, rec_error *err);

#endif
