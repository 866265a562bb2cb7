/**
 * The only door to BLAS and LAPACK. Row-major; the name states the layout (nt: out = a * b^T).
 * Each call is single-threaded: callers cut work into tiles of fixed size (core/parallel.h), since
 * the last bits of a product depend on its number of rows and on the library's thread count.
 * Shapes are asserted, outputs must not alias inputs. Float products are ours where the processor
 * has AVX-512 (core/gemm.h), OpenBLAS's elsewhere.
 */
#ifndef REC_CORE_BLAS_H
#define REC_CORE_BLAS_H

#include <stdbool.h>
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

/** Whether float products are ours: a row has the same bits whatever rows and columns are computed with it. */
bool rec_gemm_is_ours(void);

/* b (n, k) laid out once for many products of few rows, where rec_gemm_is_ours(): out (m, n_cols) =
 * a (m, k) * b[first .. first + n_cols - 1]^T, the bits of rec_gemm_nt. Panels are aligned to 64 bytes;
 * a product begins and, but for the last, ends at a multiple of REC_GEMM_PANEL_ROWS rows of b. */
enum { REC_GEMM_PANEL_ROWS = 48 };
size_t rec_gemm_panel_floats(size_t n, size_t k);
void rec_gemm_pack(float *panels, const float *b, size_t ld_b, size_t n, size_t k);
void rec_gemm_nt_panels(float *out, size_t ld_out, const float *a, size_t ld_a, const float *panels,
                        size_t m, size_t n, size_t k, size_t first, size_t n_cols);

const char *rec_blas_name(void); /* library, version, kernel: for reports */

#endif
