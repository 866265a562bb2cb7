#include <math.h>
#include <string.h>

#include "core/blas.h"
#include "core/linalg.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "tests/suite.h"

/* B B^T / n + shift I for a random B (n, n). */
static double *random_spd(size_t n, double shift)
{
    double *b = calloc(n * n + 1, sizeof *b), *a = calloc(n * n + 1, sizeof *a);
    rec_rng rng = rec_rng_keyed(5, "test/spd", n);
    for (size_t i = 0; i < n * n; i++)
        b[i] = rec_rng_normal(&rng);
    rec_dgemm_nt(a, n, b, n, b, n, n, n, n, 1.0 / (double)n, 0.0);
    for (size_t i = 0; i < n; i++)
        a[i * n + i] += shift;
    free(b);
    return a;
}

static double *duplicate(const double *a, size_t n)
{
    double *copy = calloc(n * n + 1, sizeof *copy);
    memcpy(copy, a, n * n * sizeof *copy);
    return copy;
}

/* A P = I at orders below, at and past the tile size; only the lower triangle is read. */
START_TEST(product_with_the_inverse_is_the_identity)
{
    const size_t orders[] = {0, 1, 7, 256, 257, 700};
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        size_t n = orders[o];
        double *a = random_spd(n, 0.1), *p = duplicate(a, n), *identity = duplicate(a, n);
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++)
                p[i * n + j] = NAN;
        ck_assert_ok(rec_spd_inverse(p, n, err));
        rec_dgemm_nn(identity, n, a, n, p, n, n, n, n, 1.0, 0.0);
        double error = 0, asymmetry = 0; /* a check per cell would take seconds */
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                error = fmax(error, fabs(identity[i * n + j] - (i == j)));
                asymmetry = fmax(asymmetry, fabs(p[i * n + j] - p[j * n + i]));
            }
        ck_assert_double_lt(error, 1e-11);
        ck_assert_double_eq(asymmetry, 0);
        free(identity);
        free(p);
        free(a);
    }
}
END_TEST

START_TEST(hilbert_matrix)
{
    /* Order 5; the exact inverse has integers: its (1, 1) is 25, its (4, 4) 179200 of 1-based. */
    double a[25];
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            a[i * 5 + j] = 1.0 / (double)(i + j + 1);
    ck_assert_ok(rec_spd_inverse(a, 5, err));
    ck_assert_double_eq_tol(a[0], 25, 1e-8);
    ck_assert_double_eq_tol(a[3 * 5 + 3], 179200, 1e-4);
    ck_assert_double_eq_tol(a[4 * 5 + 0], 630, 1e-7);
}
END_TEST

START_TEST(same_bits_for_any_thread_count)
{
    size_t n = 600;
    double *one = random_spd(n, 0.1), *two = duplicate(one, n);
    rec_parallel_set_threads(1);
    ck_assert_ok(rec_spd_inverse(one, n, err));
    rec_parallel_set_threads(2);
    ck_assert_ok(rec_spd_inverse(two, n, err));
    ck_assert_mem_eq(one, two, n * n * sizeof *one);
    free(two);
    free(one);
}
END_TEST

START_TEST(indefinite_singular_and_undefined_matrices_are_refused)
{
    double indefinite[] = {1, 0, 2, 1}, singular[] = {1, 0, 1, 1}, undefined[] = {1, 0, NAN, 1};
    ck_assert_fails(rec_spd_inverse(indefinite, 2, err), REC_ERR_DATA, "not positive definite");
    ck_assert_fails(rec_spd_inverse(singular, 2, err), REC_ERR_DATA, "not positive definite");
    ck_assert_fails(rec_spd_inverse(undefined, 2, err), REC_ERR_DATA, "not positive definite");
}
END_TEST

REC_SUITE("core/spd_inverse", tcase_add_test(t, product_with_the_inverse_is_the_identity);
          tcase_add_test(t, hilbert_matrix); tcase_add_test(t, same_bits_for_any_thread_count);
          tcase_add_test(t, indefinite_singular_and_undefined_matrices_are_refused);)
