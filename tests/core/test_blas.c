/* Every layout against the definition of the product, summed in double. */
#include <math.h>
#include <string.h>

#include "core/blas.h"
#include "tests/suite.h"

enum { M = 3, N = 5, K = 4, LD = 7 };

static void fill(float *x, size_t n, int seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = sinf((float)(i + 1) * (float)seed);
}

/* One layout: element (i, j) of the product is the sum over l of a[a_index] b[b_index]. */
#define CHECK_GEMM(gemm, real, epsilon, rows_a, a_index, rows_b, b_index)                          \
    do {                                                                                           \
        float source[M * N + LD * LD * 3];                                                         \
        fill(source, sizeof source / sizeof *source, 3);                                           \
        real a[(rows_a)*LD], b[(rows_b)*LD], out[M * LD], before[M * LD];                          \
        for (size_t e = 0; e < (rows_a)*LD; e++)                                                   \
            a[e] = (real)source[e];                                                                \
        for (size_t e = 0; e < (rows_b)*LD; e++)                                                   \
            b[e] = (real)source[e + 40];                                                           \
        for (size_t e = 0; e < M * LD; e++)                                                        \
            out[e] = before[e] = (real)source[e + 80];                                             \
        gemm(out, LD, a, LD, b, LD, M, N, K, (real)0.5, (real)-2);                                 \
        for (size_t i = 0; i < M; i++) {                                                           \
            for (size_t j = 0; j < LD; j++) {                                                      \
                double expected = (double)before[i * LD + j];                                      \
                if (j < N) {                                                                       \
                    expected *= -2;                                                                \
                    for (size_t l = 0; l < K; l++)                                                 \
                        expected += 0.5 * (double)a[a_index] * (double)b[b_index];                 \
                }                                                                                  \
                ck_assert_double_eq_tol((double)out[i * LD + j], expected, epsilon);               \
            }                                                                                      \
        }                                                                                          \
    } while (0)

START_TEST(products_in_float)
{
    CHECK_GEMM(rec_gemm_nn, float, 1e-6, M, i *LD + l, K, l * LD + j);
    CHECK_GEMM(rec_gemm_nt, float, 1e-6, M, i *LD + l, N, j * LD + l);
    CHECK_GEMM(rec_gemm_tn, float, 1e-6, K, l *LD + i, K, l * LD + j);
}
END_TEST

START_TEST(products_in_double)
{
    CHECK_GEMM(rec_dgemm_nn, double, 1e-14, M, i *LD + l, K, l * LD + j);
    CHECK_GEMM(rec_dgemm_nt, double, 1e-14, M, i *LD + l, N, j * LD + l);
    CHECK_GEMM(rec_dgemm_tn, double, 1e-14, K, l *LD + i, K, l * LD + j);
}
END_TEST

START_TEST(empty_products)
{
    float out[2] = {3, 4}, one[1] = {1};
    rec_gemm_nn(out, 1, one, 1, one, 1, 0, 1, 1, 1, 0);
    rec_gemm_nn(out, 1, one, 1, one, 1, 1, 0, 1, 1, 0);
    ck_assert_float_eq(out[0], 3);
    rec_gemm_nt(out, 1, one, 1, one, 1, 1, 1, 0, 1, 2); /* k = 0: only beta * out */
    ck_assert_float_eq(out[0], 6);
    ck_assert_float_eq(out[1], 4);
}
END_TEST

START_TEST(vectors)
{
    float x[5] = {1, -2, 3, -4, 5}, y[5] = {2, 2, 2, 2, 2};
    double dx[3] = {1, 2, 3}, dy[3] = {4, -5, 6};
    ck_assert_float_eq(rec_dot(x, y, 5), 6);
    ck_assert_float_eq(rec_dot(x, y, 0), 0);
    ck_assert_double_eq(rec_ddot(dx, dy, 3), 12);
    rec_axpy(y, 0.5f, x, 5);
    ck_assert_float_eq(y[3], 0);
    rec_add(y, x, 5); /* 2 + 1.5 x */
    ck_assert_float_eq(y[4], 9.5f);
    rec_scale(y, -2, 5);
    ck_assert_float_eq(y[4], -19);
    ck_assert_float_eq(y[1], 2);
}
END_TEST

REC_SUITE("core/blas", tcase_add_test(t, products_in_float); tcase_add_test(t, products_in_double);
          tcase_add_test(t, empty_products); tcase_add_test(t, vectors);)
