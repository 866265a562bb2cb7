/**
 * Rows of a matrix factorisation of implicit feedback, each a regularised least-squares problem over
 * the factors Y of the other side: with weights w = c - 1 of the entries a row has,
 *
 *     x = (Y^T Y + reg I + sum over entries w y y^T)^-1 (sum over entries (1 + w) y)
 *
 * ("Collaborative filtering for implicit feedback datasets", ICDM 2008, eq. (4)). A row without
 * entries is 0. Rows are solved in tiles of fixed size: the same bits for any thread count.
 */
#ifndef REC_MODELS_LEAST_SQUARES_H
#define REC_MODELS_LEAST_SQUARES_H

#include "models/factors.h"
#include "models/sparse.h"

typedef struct rec_least_squares {
    const rec_factors *factors; /* Y */
    const float *gram;          /* Y^T Y + reg I (stride, stride), from rec_factors_gram */
    const rec_sparse *weights;  /* row r: columns are rows of Y, values are w >= 0 */
} rec_least_squares;

/**
 * n_steps of conjugate gradients from the values solved holds. The product with the dense part is
 * one matrix product per tile and step.
 * @param solved  (weights->n_rows) rows with the stride of Y
 */
rec_status rec_least_squares_cg(rec_factors *solved, const rec_least_squares *problem,
                                size_t n_steps, rec_error *err);

/**
 * Exact, by Cholesky factorisation in double.
 * @return REC_ERR_MODEL when a system is not positive definite (reg too small, or not finite)
 */
rec_status rec_least_squares_exact(rec_factors *solved, const rec_least_squares *problem,
                                   rec_error *err);

#endif
