/** Products with stored matrices, cut into tiles for all threads (models/lm/kernels.h computes one). */
#ifndef REC_MODELS_LM_MATMUL_H
#define REC_MODELS_LM_MATMUL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"
#include "models/lm/weights.h"

typedef struct rec_product {
    const rec_weight *w;
    const float *bias; /* (w->rows), or NULL */
    float *out;        /* (m, w->rows) */
} rec_product;

enum { REC_MAX_PRODUCTS = 3 };

/** out = x * w^T + bias for matrices that share their input, as one parallel loop. */
typedef struct rec_products {
    rec_product items[REC_MAX_PRODUCTS];
    size_t n_items;
    const float *x; /* m rows, ld_x apart */
    size_t ld_x, m;
    float *scratch; /* per thread thread_floats: REC_MATMUL_GROUP * the longest row */
    size_t thread_floats;
    void *quantised; /* rec_int8_rows_bytes(m, w->cols, 2); used where a matrix has panels */
    bool in_bulk;    /* as encoders have rows: F32 by core/blas.h where that keeps a row's bits */
    size_t tile_rows, tile_tokens, n_row_tiles; /* private */
} rec_products;

rec_status rec_multiply(rec_products *p, rec_error *err);

#endif
