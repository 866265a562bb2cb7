/* Greatest eigenpairs of a symmetric operator by Lanczos iteration with full reorthogonalisation:
 * "Matrix computations" (Golub and Van Loan), 4th edition, 2013, sections 10.1.1 (the recurrence),
 * 10.1.4 (residual from the last components of the tridiagonal eigenvectors) and 10.3.1 (complete
 * reorthogonalisation, here two Gram-Schmidt passes). No restarts: the basis grows until the k
 * greatest have converged. An invariant subspace (beta = 0) is left through a new random direction,
 * so that repeated eigenvalues are found too. */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/lapack.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"

enum { COLUMNS_PER_TILE = 4096, CELLS_PER_TILE = 1 << 16 };

typedef struct lanczos {
    size_t n, n_steps, capacity;
    double *basis;        /* (capacity, n) orthonormal rows; n_steps in use */
    double *alpha, *beta; /* (capacity) the tridiagonal matrix; beta[j] links steps j and j + 1 */
    double *next;         /* (n) candidate for the next row */
    double *overlap;      /* (capacity) its components along the basis */
    size_t steps_since_restart;
} lanczos;

static rec_status reserve(lanczos *l, size_t capacity, rec_error *err)
{
    size_t cells;
    if (__builtin_mul_overflow(capacity, l->n, &cells))
        return rec_fail(err, REC_ERR_RESOURCE, "%zu vectors of %zu are too many", capacity, l->n);
    double **arrays[] = {&l->basis, &l->alpha, &l->beta, &l->overlap};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        double *grown = rec_realloc(*arrays[i], i == 0 ? cells : capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        *arrays[i] = grown;
    }
    l->capacity = capacity;
    return REC_OK;
}

static size_t rows_per_tile(const lanczos *l)
{
    return l->n < CELLS_PER_TILE ? CELLS_PER_TILE / l->n : 1;
}

static rec_status overlap_tile(void *context, size_t tile, rec_error *err)
{
    lanczos *l = context;
    size_t size = rows_per_tile(l);
    (void)err;
    for (size_t row = tile * size; row < l->n_steps && row < (tile + 1) * size; row++)
        l->overlap[row] = rec_ddot(l->basis + row * l->n, l->next, l->n);
    return REC_OK;
}

static rec_status subtract_tile(void *context, size_t tile, rec_error *err)
{
    lanczos *l = context;
    size_t first = tile * COLUMNS_PER_TILE;
    size_t last = first + COLUMNS_PER_TILE < l->n ? first + COLUMNS_PER_TILE : l->n;
    (void)err;
    for (size_t row = 0; row < l->n_steps; row++)
        for (size_t c = first; c < last; c++)
            l->next[c] -= l->overlap[row] * l->basis[row * l->n + c];
    return REC_OK;
}

/* next -= its projection on the basis, twice. */
static rec_status orthogonalise(lanczos *l, rec_error *err)
{
    size_t n_row_tiles = (l->n_steps + rows_per_tile(l) - 1) / rows_per_tile(l);
    size_t n_column_tiles = (l->n + COLUMNS_PER_TILE - 1) / COLUMNS_PER_TILE;
    rec_status status = REC_OK;
    for (int pass = 0; pass < 2 && status == REC_OK; pass++) {
        status = rec_parallel_tiles(n_row_tiles, overlap_tile, l, err);
        if (status == REC_OK)
            status = rec_parallel_tiles(n_column_tiles, subtract_tile, l, err);
    }
    return status;
}

static double norm(const double *x, size_t n)
{
    return sqrt(rec_ddot(x, x, n));
}

static void append(lanczos *l, double length)
{
    for (size_t c = 0; c < l->n; c++)
        l->basis[l->n_steps * l->n + c] = l->next[c] / length;
    l->n_steps++;
    l->steps_since_restart++;
}

/* A new direction orthogonal to the basis; the whole space is never exhausted here (n_steps < n). */
static rec_status append_random(lanczos *l, rec_error *err)
{
    rec_rng rng = rec_rng_keyed(0, "linalg/lanczos", l->n_steps);
    for (size_t c = 0; c < l->n; c++)
        l->next[c] = rec_rng_normal(&rng);
    rec_status status = orthogonalise(l, err);
    if (status == REC_OK) {
        append(l, norm(l->next, l->n));
        l->steps_since_restart = 1;
    }
    return status;
}

/* Eigenvalues (m, ascending) and vectors of the tridiagonal matrix, row i of z for value i. */
static rec_status tridiagonal_eigen(double *d, double *z, const lanczos *l, rec_error *err)
{
    int m = (int)l->n_steps, info = 0;
    double *e = NULL, *work = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(e, l->n_steps, err);
    REC_TRY_NEW(work, 2 * l->n_steps, err);
    memcpy(d, l->alpha, l->n_steps * sizeof *d);
    memcpy(e, l->beta, (l->n_steps - 1) * sizeof *e);
    dsteqr_("I", &m, d, e, z, &m, work, &info, 1);
    if (info != 0 || !isfinite(d[0]) || !isfinite(d[m - 1]))
        status = rec_fail(err, REC_ERR_MODEL, "eigenvalues of order %d do not converge (NaN?)", m);
cleanup:
    free(work);
    free(e);
    return status;
}

/* Whether each of the k greatest has residual |beta z_last| within tolerance * greatest. */
static bool has_converged(const lanczos *l, const double *d, const double *z, size_t k,
                          double tolerance)
{
    size_t m = l->n_steps;
    if (m == l->n)
        return true;
    if (m < k || l->steps_since_restart <= k)
        return false;
    for (size_t i = m - k; i < m; i++)
        if (fabs(l->beta[m - 1] * z[i * m + m - 1]) > tolerance * fabs(d[m - 1]))
            return false;
    return true;
}

/* One step: alpha and beta of the last row, and the next row unless the space is exhausted. */
static rec_status step(lanczos *l, rec_symmetric_fn apply, void *context, double *scale,
                       rec_error *err)
{
    size_t j = l->n_steps - 1;
    const double *last = l->basis + j * l->n;
    rec_status status = apply(l->next, last, context, err);
    if (status != REC_OK)
        return status;
    *scale = fmax(*scale, norm(l->next, l->n));
    l->alpha[j] = rec_ddot(l->next, last, l->n);
    status = orthogonalise(l, err);
    if (status != REC_OK)
        return status;
    l->beta[j] = norm(l->next, l->n);
    if (!isfinite(l->beta[j]))
        return rec_fail(err, REC_ERR_MODEL, "the operator returns values that are not finite");
    if (l->beta[j] <= 1e-14 * *scale)
        l->beta[j] = 0.0;
    return REC_OK;
}

/* vectors (k, n) = the k greatest rows of z (m, m) times the basis (m, n), greatest first. */
static rec_status ritz_vectors(double *values, double *vectors, const lanczos *l, const double *d,
                               const double *z, size_t k, double scale, rec_error *err)
{
    size_t m = l->n_steps;
    double *chosen;
    rec_status status = REC_OK;
    REC_TRY_NEW(chosen, k * m, err);
    for (size_t i = 0; i < k && i < m; i++) {
        if (d[m - 1 - i] <= 1e-12 * scale) /* past the rank */
            break;
        values[i] = d[m - 1 - i];
        memcpy(chosen + i * m, z + (m - 1 - i) * m, m * sizeof *chosen);
    }
    rec_dgemm_nn(vectors, l->n, chosen, m, l->basis, l->n, k, l->n, m, 1.0, 0.0);
cleanup:
    free(chosen);
    return status;
}

/* Grow the basis until the k greatest have converged, then read them off. */
static rec_status iterate(double *values, double *vectors, lanczos *l, size_t k,
                          rec_symmetric_fn apply, void *context, double tolerance, rec_error *err)
{
    double *d = NULL, *z = NULL, scale = 0.0;
    size_t next_check = 2 * k + 8;
    rec_status status;
    REC_TRY(append_random(l, err));
    for (;;) {
        REC_TRY(step(l, apply, context, &scale, err));
        if (l->n_steps == l->n || l->n_steps >= next_check) {
            free(d);
            free(z);
            d = z = NULL;
            REC_TRY_NEW(d, l->n_steps, err);
            REC_TRY_NEW(z, l->n_steps * l->n_steps, err);
            REC_TRY(tridiagonal_eigen(d, z, l, err));
            if (has_converged(l, d, z, k, tolerance))
                break;
            next_check = l->n_steps + l->n_steps / 4;
        }
        if (l->n_steps == l->capacity)
            REC_TRY(reserve(
                l, l->capacity + l->capacity / 2 < l->n ? l->capacity + l->capacity / 2 : l->n,
                err));
        if (l->beta[l->n_steps - 1] > 0.0)
            append(l, l->beta[l->n_steps - 1]);
        else
            REC_TRY(append_random(l, err));
    }
    REC_TRY(ritz_vectors(values, vectors, l, d, z, k, scale, err));
cleanup:
    free(z);
    free(d);
    return status;
}

rec_status rec_symmetric_top(double *values, double *vectors, size_t n, size_t k,
                             rec_symmetric_fn apply, void *context, double tolerance,
                             rec_error *err)
{
    memset(values, 0, k * sizeof *values);
    memset(vectors, 0, k * n * sizeof *vectors);
    if (n == 0 || k == 0)
        return REC_OK;
    lanczos l = {.n = n};
    size_t capacity = 4 * k + 16 < n ? 4 * k + 16 : n;
    rec_status status;
    REC_TRY_NEW(l.next, n, err);
    REC_TRY(reserve(&l, capacity, err));
    REC_TRY(iterate(values, vectors, &l, k < n ? k : n, apply, context, tolerance, err));
cleanup:
    free(l.next);
    free(l.overlap);
    free(l.beta);
    free(l.alpha);
    free(l.basis);
    return status;
}
