/* Every layout against the definition of the product, summed in double. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/cpu.h"
#include "core/memory.h"
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

/* Shapes around the tiles (8 x 16, 32, 48) and blocks (256, 768 and 256 products) of core/gemm_avx512.c,
 * with rows that are longer than the matrix. */
static const struct {
    size_t m, n, k;
} shapes[] = {{1, 1, 1},    {7, 15, 9},     {8, 16, 16},    {9, 17, 255},  {16, 33, 256},
              {23, 48, 31}, {15, 49, 257},  {4, 64, 100},   {13, 112, 40}, {1, 770, 513},
              {260, 20, 6}, {257, 769, 20}, {520, 100, 300}};
enum { N_SHAPES = sizeof shapes / sizeof *shapes, PAD = 3 };

static float *sines(size_t n, int seed)
{
    float *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    fill(x, n, seed);
    return x;
}

typedef void (*gemm_fn)(float *out, size_t ld_out, const float *a, size_t ld_a, const float *b,
                        size_t ld_b, size_t m, size_t n, size_t k, float alpha, float beta);

/* Layout 0: nn, 1: nt, 2: tn. The bound is that of k roundings of sums no larger than k. */
static void check_shape(int layout, size_t m, size_t n, size_t k, float beta)
{
    static const gemm_fn gemms[] = {rec_gemm_nn, rec_gemm_nt, rec_gemm_tn};
    bool turned_a = layout == 2, turned_b = layout == 1;
    size_t ld_a = (turned_a ? m : k) + PAD, ld_b = (turned_b ? k : n) + PAD, ld = n + PAD;
    float *a = sines((turned_a ? k : m) * ld_a, 3), *b = sines((turned_b ? n : k) * ld_b, 5);
    float *out = sines(m * ld, 7), *before = sines(m * ld, 7);
    for (size_t i = 0; beta == 0 && i < m * ld; i++)
        out[i] = i % ld < n ? NAN : before[i]; /* not to be read */
    gemms[layout](out, ld, a, ld_a, b, ld_b, m, n, k, 0.5f, beta);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < ld; j++) {
            double wanted = (double)before[i * ld + j];
            for (size_t l = 0; j < n && l < k; l++) {
                double x = (double)a[turned_a ? l * ld_a + i : i * ld_a + l];
                double y = (double)b[turned_b ? j * ld_b + l : l * ld_b + j];
                wanted = (l == 0 ? beta * wanted : wanted) + 0.5 * x * y;
            }
            ck_assert_double_eq_tol((double)out[i * ld + j], wanted, 1e-6 + 2e-7 * (double)k);
        }
    free(a);
    free(b);
    free(out);
    free(before);
}

START_TEST(products_of_any_shape)
{
    size_t m = shapes[_i].m, n = shapes[_i].n, k = shapes[_i].k;
    for (int layout = 0; layout < 3; layout++) {
        check_shape(layout, m, n, k, 0.0f);
        check_shape(layout, m, n, k, 0.75f);
    }
    rec_cpu_set_cap(REC_CPU_AVX2); /* OpenBLAS */
    check_shape(1, m, n, k, 0.75f);
    rec_cpu_set_cap(REC_CPU_AVX512_VNNI);
}
END_TEST

/* Ours promise it, OpenBLAS's do not. */
START_TEST(rows_do_not_depend_on_their_company)
{
    enum { rows = 21, cols = 100, products = 300 };
    if (!rec_gemm_is_ours())
        return;
    float *a = sines(rows * products, 3), *b = sines(cols * products, 5);
    float *all = sines(rows * cols, 1), *one = sines(cols, 2), element;
    rec_gemm_nt(all, cols, a, products, b, products, rows, cols, products, 1, 0);
    for (size_t i = 0; i < rows; i++) {
        rec_gemm_nt(one, cols, a + i * products, products, b, products, 1, cols, products, 1, 0);
        ck_assert_mem_eq(one, all + i * cols, cols * sizeof *one);
        rec_gemm_nt(&element, 1, a + i * products, products, b + 7 * products, products, 1, 1,
                    products, 1, 0);
        ck_assert_mem_eq(&element, all + i * cols + 7, sizeof element);
    }
    free(a);
    free(b);
    free(all);
    free(one);
}
END_TEST

/* Kept panels give the bits of the product that packs for itself, for all rows of b and for parts. */
START_TEST(products_of_kept_panels)
{
    size_t m = shapes[_i].m, n = shapes[_i].n, k = shapes[_i].k;
    if (!rec_gemm_is_ours())
        return;
    float *a = sines(m * (k + 3), 3), *b = sines(n * (k + 5), 5);
    float *all = sines(m * n, 1), *parts = sines(m * n, 2);
    rec_error error;
    float *panels = rec_alloc_aligned(rec_gemm_panel_floats(n, k), sizeof *panels, &error);
    rec_gemm_pack(panels, b, k + 5, n, k);
    rec_gemm_nt(all, n, a, k + 3, b, k + 5, m, n, k, 1, 0);
    for (size_t step = REC_GEMM_PANEL_ROWS; step < n + 3 * REC_GEMM_PANEL_ROWS;
         step += 3 * REC_GEMM_PANEL_ROWS) {
        memset(parts, 1, m * n * sizeof *parts);
        for (size_t first = 0; first < n; first += step)
            rec_gemm_nt_panels(parts + first, n, a, k + 3, panels, m, n, k, first,
                               n - first < step ? n - first : step);
        ck_assert_mem_eq(parts, all, m * n * sizeof *all);
    }
    free(a);
    free(b);
    free(all);
    free(parts);
    free(panels);
}
END_TEST

REC_SUITE("core/blas", tcase_add_test(t, products_in_float); tcase_add_test(t, products_in_double);
          tcase_add_test(t, empty_products); tcase_add_test(t, vectors);
          tcase_add_loop_test(t, products_of_any_shape, 0, N_SHAPES);
          tcase_add_test(t, rows_do_not_depend_on_their_company);
          tcase_add_loop_test(t, products_of_kept_panels, 0, N_SHAPES);)
