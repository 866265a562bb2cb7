/**
 * The only door to BLAS and LAPACK. Row-major; the name states the layout (nt: out = a * b^T).
 * Each call is single-threaded: callers cut work into tiles of fixed size (core/parallel.h), since
 * the last bits of a product depend on its number of rows and on the library's thread count.
 * Shapes are asserted, outputs must not alias inputs. Float products are ours where the processor
 * has AVX-512 (core/gemm.h), OpenBLAS's elsewhere.
 */
#ifndef REC_CORE_BLAS_H
#define REC_CORE_BLAS_H

#include <stddef.h>

/* out (m, n) = alpha * op(a) * op(b) + beta * out; ld = elements between rows */
void rec_gemm_nn(float *out, size_t ld_out, const float *a, size_t ld_a, const float *b, size_t ld_b,
                 size_t m, size_t n, size_t k, float alpha, float beta); /* a (m, k), b (k, n) */
void rec_gemm_nt(float *out, size_t ld_out, const float *a, size_t ld_a, const float *b, size_t ld_b,
                 size_t m, size_t n, size_t k, float alpha, float beta); /* a (m, k), b (n, k) */
void rec_gemm_tn(float *out, size_t ld_out, const float *a, size_t ld_a, const float *b, size_t ld_b,
                 size_t m, size_t n, size_t k, float alpha, float beta); /* a (k, m), b (k, n) */
void rec_dgemm_nn(double *out, size_t ld_out, const double *a, size_t ld_a, const double *b,
                  size_t ld_b, size_t m, size_t n, size_t k, double alpha, double beta);
void rec_dgemm_nt(double *out, size_t ld_out, const double *a, size_t ld_a, const double *b,
                  size_t ld_b, size_t m, size_t n, size_t k, double alpha, double beta);
void rec_dgemm_tn(double *out, size_t ld_out, const double *a, size_t ld_a, const double *b,
                  size_t ld_b, size_t m, size_t n, size_t k, double alpha, double beta);

float rec_dot(const float *a, const float *b, size_t n);
double rec_ddot(const double *a, const double *b, size_t n);
void rec_axpy(float *y, float alpha, const float *x, size_t n); /* y += alpha x */
void rec_add(float *y, const float *x, size_t n);               /* y += x */
void rec_scale(float *x, float alpha, size_t n);

const char *rec_blas_name(void); /* library, version, kernel: for reports */

#endif
