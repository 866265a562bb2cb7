/** The float matrix product behind core/blas.h on processors with AVX-512. Private to core/. */
#ifndef REC_CORE_GEMM_H
#define REC_CORE_GEMM_H

#include <stddef.h>

#include "core/cpu.h"

/** A matrix as its first element and the distances between rows and between columns, one of them 1. */
typedef struct rec_gemm_matrix {
    const float *first;
    size_t row, column;
} rec_gemm_matrix;

/** Columns of panels that hold n of them. */
static inline size_t rec_gemm_padded(size_t n)
{
    return (n + 15) / 16 * 16;
}

#ifdef REC_CPU_X86
/**
 * out (m, n) = alpha * a (m, k) b (k, n) + beta * out, ld elements between rows of out. The order in
 * which an element's k products are summed depends on k alone: a row has the same bits whatever rows
 * and columns are computed with it.
 */
void rec_gemm_avx512(float *out, size_t ld, const rec_gemm_matrix *a, const rec_gemm_matrix *b,
                     size_t m, size_t n, size_t k, float alpha, float beta);

/** b (k, n) laid out once for many products in rec_gemm_padded(n) * k floats, and out (m, n_cols) =
 * a b[:, first ...]: the same bits (core/blas.h has the rules). */
void rec_gemm_avx512_pack(float *panels, const rec_gemm_matrix *b, size_t n, size_t k);
void rec_gemm_avx512_panels(float *out, size_t ld, const rec_gemm_matrix *a, const float *panels,
                            size_t m, size_t n, size_t k, size_t first, size_t n_cols);
#endif

#endif
