#include "core/blas.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

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

#define DEFINE_GEMM(name, real, cblas, rows_a, columns_a, trans_a, rows_b, columns_b, trans_b)     \
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
        cblas(CblasRowMajor, trans_a, trans_b, checked(m), checked(n), checked(k), alpha, a,       \
              checked(ld_a), b, checked(ld_b), beta, out, checked(ld_out));                        \
    }

DEFINE_GEMM(rec_gemm_nn, float, cblas_sgemm, m, k, CblasNoTrans, k, n, CblasNoTrans)
DEFINE_GEMM(rec_gemm_nt, float, cblas_sgemm, m, k, CblasNoTrans, n, k, CblasTrans)
DEFINE_GEMM(rec_gemm_tn, float, cblas_sgemm, k, m, CblasTrans, k, n, CblasNoTrans)
DEFINE_GEMM(rec_dgemm_nn, double, cblas_dgemm, m, k, CblasNoTrans, k, n, CblasNoTrans)
DEFINE_GEMM(rec_dgemm_nt, double, cblas_dgemm, m, k, CblasNoTrans, n, k, CblasTrans)
DEFINE_GEMM(rec_dgemm_tn, double, cblas_dgemm, k, m, CblasTrans, k, n, CblasNoTrans)

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
