#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "tests/suite.h"

enum { N = 300 };

/* A symmetric operator with known eigenpairs: H D H with the reflection H = I - 2 v v^T, v = 1/sqrt(N)
 * (1, ..., 1), and D = diag(values). Eigenvector i is column i of H. */
typedef struct reflected {
    size_t n;
    const double *values;
} reflected;

static void reflect(double *x, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        x[i] -= 2 * mean;
}

static rec_status apply(double *out, const double *x, void *context, rec_error *err)
{
    const reflected *a = context;
    (void)err;
    memcpy(out, x, a->n * sizeof *out);
    reflect(out, a->n);
    for (size_t i = 0; i < a->n; i++)
        out[i] *= a->values[i];
    reflect(out, a->n);
    return REC_OK;
}

static void check_pairs(const double *values, const double *vectors, reflected *a, size_t k)
{
    double image[N];
    for (size_t i = 0; i < k; i++) {
        const double *v = vectors + i * a->n;
        ck_assert_ok(apply(image, v, a, err));
        for (size_t c = 0; c < a->n; c++)
            ck_assert_double_eq_tol(image[c], values[i] * v[c], 1e-8 * values[0]);
        for (size_t j = 0; j <= i; j++) {
            double dot = 0;
            for (size_t c = 0; c < a->n; c++)
                dot += v[c] * vectors[j * a->n + c];
            ck_assert_double_eq_tol(dot, i == j, 1e-10);
        }
    }
}

START_TEST(greatest_eigenpairs)
{
    static double d[N], values[5], vectors[5 * N];
    for (size_t i = 0; i < N; i++)
        d[(i * 7) % N] = 1.0 + (double)i + (i == N - 1 ? 200 : 0);
    reflected a = {N, d};
    ck_assert_ok(rec_symmetric_top(values, vectors, N, 5, apply, &a, 1e-10, err));
    ck_assert_double_eq_tol(values[0], 500, 1e-7);
    for (size_t i = 1; i < 5; i++)
        ck_assert_double_eq_tol(values[i], (double)(N - i), 1e-7);
    check_pairs(values, vectors, &a, 5);
}
END_TEST

/* One Krylov sequence sees a repeated eigenvalue once. */
START_TEST(repeated_eigenvalues_are_found)
{
    static double d[N], values[6], vectors[6 * N];
    for (size_t i = 0; i < N; i++)
        d[i] = i % 100 == 0 ? 7 : 3; /* three times 7 */
    reflected a = {N, d};
    ck_assert_ok(rec_symmetric_top(values, vectors, N, 6, apply, &a, 1e-10, err));
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq_tol(values[i], i < 3 ? 7 : 3, 1e-9);
    check_pairs(values, vectors, &a, 6);
}
END_TEST

START_TEST(past_the_rank_is_zero)
{
    double d[4] = {0, 2, 0, 0}, values[3], vectors[3 * 4];
    reflected a = {4, d};
    ck_assert_ok(rec_symmetric_top(values, vectors, 4, 3, apply, &a, 1e-10, err));
    ck_assert_double_eq_tol(values[0], 2, 1e-12);
    ck_assert_double_eq(values[1], 0);
    for (size_t c = 4; c < 12; c++)
        ck_assert_double_eq(vectors[c], 0);
    /* k past n, n = 1, n = 0 */
    d[0] = 9;
    double many_values[6], many[6 * 4];
    ck_assert_ok(rec_symmetric_top(many_values, many, 4, 6, apply, &a, 1e-10, err));
    ck_assert_double_eq_tol(many_values[0], 9, 1e-12);
    ck_assert_double_eq(many_values[5], 0);
    a.n = 1;
    d[0] = 3;
    ck_assert_ok(rec_symmetric_top(many_values, many, 1, 1, apply, &a, 1e-10, err));
    ck_assert_double_eq_tol(many_values[0], 3, 1e-12);
    ck_assert_ok(rec_symmetric_top(many_values, many, 0, 2, apply, &a, 1e-10, err));
    ck_assert_double_eq(many_values[0], 0);
}
END_TEST

START_TEST(same_bits_for_any_thread_count)
{
    static double d[N], values[2][4], vectors[2][4 * N];
    for (size_t i = 0; i < N; i++)
        d[i] = 1.0 / (1.0 + (double)i);
    reflected a = {N, d};
    for (size_t t = 0; t < 2; t++) {
        rec_parallel_set_threads(t + 1);
        ck_assert_ok(rec_symmetric_top(values[t], vectors[t], N, 4, apply, &a, 1e-10, err));
    }
    ck_assert_mem_eq(values[0], values[1], sizeof values[0]);
    ck_assert_mem_eq(vectors[0], vectors[1], sizeof vectors[0]);
}
END_TEST

START_TEST(undefined_operators_are_refused)
{
    double d[4] = {1, NAN, 1, 1}, values[1], vectors[4];
    reflected a = {4, d};
    ck_assert_fails(rec_symmetric_top(values, vectors, 4, 1, apply, &a, 1e-10, err), REC_ERR_MODEL,
                    "not finite");
}
END_TEST

REC_SUITE("core/symmetric_top", tcase_add_test(t, greatest_eigenpairs);
          tcase_add_test(t, repeated_eigenvalues_are_found);
          tcase_add_test(t, past_the_rank_is_zero);
          tcase_add_test(t, same_bits_for_any_thread_count);
          tcase_add_test(t, undefined_operators_are_refused);)
