#include "core/blas.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/gemm.h"

/* Debian's OpenBLAS starts with a thread per core; ours is the only pool. */
__attribute__((constructor)) static void one_blas_thread(void)
{
    openblas_set_num_threads(1);
}

static blasint checked(size_t n)
{
    assert(n <= INT_MAX);
    return (blasint)n;
}

#ifndef NDEBUG
static bool disjoint(const void *a, size_t n_a, const void *b, size_t n_b)
{
    uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
    return x + n_a <= y || y + n_b <= x;
}
#endif

/* Elements from the first to the last of a (rows, columns) block inside rows of ld. */
#define SPAN(rows, columns, ld) ((rows) == 0 ? 0 : ((rows) - 1) * (ld) + (columns))

bool rec_gemm_is_ours(void)
{
#ifdef REC_CPU_X86
    return rec_cpu_level() >= REC_CPU_AVX512;
#else
    return false;
#endif
}

#ifdef REC_CPU_X86
#define OURS(call) call
#else
#define OURS(call) abort() /* not reached */
#endif

/* sgemm of ours where the processor has AVX-512, else OpenBLAS's. */
static void sgemm(float *out, size_t ld_out, bool turned_a, const float *a, size_t ld_a,
                  bool turned_b, const float *b, size_t ld_b, size_t m, size_t n, size_t k,
                  float alpha, float beta)
{
    const rec_gemm_matrix x = {a, turned_a ? 1 : ld_a, turned_a ? ld_a : 1};
    const rec_gemm_matrix y = {b, turned_b ? 1 : ld_b, turned_b ? ld_b : 1};
    if (rec_gemm_is_ours())
        OURS(rec_gemm_avx512(out, ld_out, &x, &y, m, n, k, alpha, beta));
    else
        cblas_sgemm(CblasRowMajor, turned_a ? CblasTrans : CblasNoTrans,
                    turned_b ? CblasTrans : CblasNoTrans, checked(m), checked(n), checked(k), alpha,
                    a, checked(ld_a), b, checked(ld_b), beta, out, checked(ld_out));
}

static void dgemm(double *out, size_t ld_out, bool turned_a, const double *a, size_t ld_a,
                  bool turned_b, const double *b, size_t ld_b, size_t m, size_t n, size_t k,
                  double alpha, double beta)
{
    cblas_dgemm(CblasRowMajor, turned_a ? CblasTrans : CblasNoTrans,
                turned_b ? CblasTrans : CblasNoTrans, checked(m), checked(n), checked(k), alpha, a,
                checked(ld_a), b, checked(ld_b), beta, out, checked(ld_out));
}

#define DEFINE_GEMM(name, real, gemm, rows_a, columns_a, turned_a, rows_b, columns_b, turned_b)    \
    void name(real *out, size_t ld_out, const real *a, size_t ld_a, const real *b, size_t ld_b,    \
              size_t m, size_t n, size_t k, real alpha, real beta)                                 \
    {                                                                                              \
        if (m == 0 || n == 0)                                                                      \
            return;                                                                                \
        assert(ld_out >= n && ld_a >= (columns_a) && ld_b >= (columns_b));                         \
        assert(disjoint(out, SPAN(m, n, ld_out) * sizeof *out, a,                                  \
                        SPAN(rows_a, columns_a, ld_a) * sizeof *a));                               \
        assert(disjoint(out, SPAN(m, n, ld_out) * sizeof *out, b,                                  \
                        SPAN(rows_b, columns_b, ld_b) * sizeof *b));                               \
        gemm(out, ld_out, turned_a, a, ld_a, turned_b, b, ld_b, m, n, k, alpha, beta);             \
    }

DEFINE_GEMM(rec_gemm_nn, float, sgemm, m, k, false, k, n, false)
DEFINE_GEMM(rec_gemm_nt, float, sgemm, m, k, false, n, k, true)
DEFINE_GEMM(rec_gemm_tn, float, sgemm, k, m, true, k, n, false)
DEFINE_GEMM(rec_dgemm_nn, double, dgemm, m, k, false, k, n, false)
DEFINE_GEMM(rec_dgemm_nt, double, dgemm, m, k, false, n, k, true)
DEFINE_GEMM(rec_dgemm_tn, double, dgemm, k, m, true, k, n, false)

/* ---- panels ---- */

size_t rec_gemm_panel_floats(size_t n, size_t k)
{
    return rec_gemm_padded(n) * k;
}

void rec_gemm_pack(float *panels, const float *b, size_t ld_b, size_t n, size_t k)
{
    const rec_gemm_matrix turned = {b, 1, ld_b};
    assert(rec_gemm_is_ours() && ld_b >= k);
    OURS(rec_gemm_avx512_pack(panels, &turned, n, k));
}

void rec_gemm_nt_panels(float *out, size_t ld_out, const float *a, size_t ld_a, const float *panels,
                        size_t m, size_t n, size_t k, size_t first, size_t n_cols)
{
    const rec_gemm_matrix x = {a, ld_a, 1};
    assert(rec_gemm_is_ours() && ld_out >= n_cols && ld_a >= k);
    assert(first % REC_GEMM_PANEL_ROWS == 0 && first + n_cols <= n);
    assert(first + n_cols == n || n_cols % REC_GEMM_PANEL_ROWS == 0);
    OURS(rec_gemm_avx512_panels(out, ld_out, &x, panels, m, n, k, first, n_cols));
}

float rec_dot(const float *a, const float *b, size_t n)
{
    return cblas_sdot(checked(n), a, 1, b, 1);
}

double rec_ddot(const double *a, const double *b, size_t n)
{
    return cblas_ddot(checked(n), a, 1, b, 1);
}

void rec_axpy(float *y, float alpha, const float *x, size_t n)
{
    cblas_saxpy(checked(n), alpha, x, 1, y, 1);
}

void rec_add(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

void rec_scale(float *x, float alpha, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= alpha;
}

const char *rec_blas_name(void)
{
    return openblas_get_config();
}
