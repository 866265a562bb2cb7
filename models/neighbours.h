/**
 * The k best columns of every row of a product of sparse matrices: what neighbourhood models and
 * random walks are made of. The product is never stored: rows are accumulated in double, tile by
 * tile, so memory is O(n) per thread plus the lists that are kept.
 */
#ifndef REC_MODELS_NEIGHBOURS_H
#define REC_MODELS_NEIGHBOURS_H

#include "models/sparse.h"

/** What an entry of the product is worth, from its row, column and sum. Not positive: dropped. */
typedef double (*rec_neighbour_value)(const void *context, size_t row, uint32_t column, double sum);

/**
 * Row r of out holds the k columns c != r with the greatest value(r, c, (a b)[r, c]); ties go to the
 * lower column. out (a.n_rows, b.n_columns).
 */
rec_status rec_neighbours(rec_sparse *out, const rec_sparse *a, const rec_sparse *b, size_t k,
                          rec_neighbour_value value, const void *context, rec_error *err);

/** Keep the k greatest values of every row of `a`, ties to the lower column; zeros are dropped. */
rec_status rec_sparse_keep_top(rec_sparse *a, size_t k, rec_error *err);

/**
 * The answer of a `similar` entry: the k items of a list with the greatest positive values, greatest
 * first, ties to the lower item, without item `self`.
 * @param items, values  outputs (k); *n_found <= k
 * @param listed         n items, or NULL: item i is value i
 */
rec_status rec_best_items(uint32_t *items, float *values, size_t *n_found, const uint32_t *listed,
                          const float *listed_values, size_t n, uint32_t self, size_t k,
                          rec_error *err);

#endif
