#include "models/least_squares.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/blas.h"
#include "core/lapack.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/simd.h"

enum { ROWS_PER_TILE = 32 };

typedef struct solve_job {
    rec_factors *solved;
    const rec_least_squares *problem;
    size_t n_steps, longest; /* longest: entries of the longest row */
    rec_arena *arenas;       /* one per thread */
} solve_job;

/* Scratch of one tile. */
typedef struct scratch {
    float *residual, *direction, *image; /* (ROWS_PER_TILE, stride) */
    float *a, *b, *zeros;                /* (longest) coefficients of rec_factors_weighted_sum */
} scratch;

static size_t row_length(const rec_sparse *w, size_t row)
{
    return w->start[row + 1] - w->start[row];
}

static float *tile_array(rec_arena *arena, size_t n, rec_status *status, rec_error *err)
{
    float *p = rec_arena_alloc(arena, n, sizeof *p, err);
    if (p == NULL)
        *status = REC_ERR_RESOURCE;
    return p;
}

static rec_status scratch_init(scratch *s, rec_arena *arena, const solve_job *job, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = ROWS_PER_TILE * job->solved->stride;
    s->residual = tile_array(arena, n, &status, err);
    s->direction = tile_array(arena, n, &status, err);
    s->image = tile_array(arena, n, &status, err);
    s->a = tile_array(arena, job->longest, &status, err);
    s->b = tile_array(arena, job->longest, &status, err);
    s->zeros = tile_array(arena, job->longest, &status, err);
    if (status == REC_OK)
        memset(s->zeros, 0, job->longest * sizeof *s->zeros);
    return status;
}

static REC_INLINE void dot_body(float *out, const float *x, const float *y, size_t n)
{
    const rec_v16 *vx = (const rec_v16 *)x, *vy = (const rec_v16 *)y;
    rec_v16 sum = {0};
    for (size_t v = 0; v < n / REC_V16_LANES; v++)
        sum += vx[v] * vy[v];
    *out = 0.0f;
    for (size_t l = 0; l < REC_V16_LANES; l++)
        *out += sum[l];
}

/* One conjugate gradient step of one row: x += step p, r -= step A p, p = r + (new / old) p. The
 * squared norm of r before and after is in *norm. */
static REC_INLINE void cg_row_body(float *norm, float *solution, float *residual, float *direction,
                                   const float *image, size_t n)
{
    rec_v16 *x = (rec_v16 *)solution, *r = (rec_v16 *)residual, *p = (rec_v16 *)direction;
    const rec_v16 *image_v = (const rec_v16 *)image;
    float curvature, next;
    dot_body(&curvature, direction, image, n);
    if (!(curvature > 0.0f) || !(*norm > 0.0f))
        return; /* solved: the direction is 0 */
    float step = *norm / curvature;
    for (size_t v = 0; v < n / REC_V16_LANES; v++) {
        x[v] += step * p[v];
        r[v] -= step * image_v[v];
    }
    dot_body(&next, residual, residual, n);
    float keep = next / *norm;
    for (size_t v = 0; v < n / REC_V16_LANES; v++)
        p[v] = r[v] + keep * p[v];
    *norm = next;
}

REC_SIMD(static, cg_row,
         (float *norm, float *solution, float *residual, float *direction, const float *image,
          size_t n),
         (norm, solution, residual, direction, image, n))
REC_SIMD(static, dot, (float *out, const float *x, const float *y, size_t n), (out, x, y, n))

/* residual = right-hand side - A x. An entry adds (1 + w) y - w <y, x> y; x G is the dense part. */
static void start_tile(scratch *s, float *norms, const solve_job *job, size_t first, size_t n)
{
    const rec_least_squares *problem = job->problem;
    const rec_sparse *w = problem->weights;
    size_t stride = job->solved->stride;
    rec_gemm_nn(s->residual, stride, rec_factors_row(job->solved, first), stride, problem->gram,
                stride, n, stride, stride, -1.0f, 0.0f);
    for (size_t r = 0; r < n; r++) {
        const float *weight = w->value + w->start[first + r];
        size_t length = row_length(w, first + r);
        for (size_t k = 0; k < length; k++) {
            s->a[k] = 1.0f + weight[k];
            s->b[k] = -weight[k];
        }
        float *residual = s->residual + r * stride;
        rec_factors_weighted_sum(residual, rec_factors_row(job->solved, first + r),
                                 problem->factors, w->column + w->start[first + r], s->a, s->b,
                                 length);
        dot(&norms[r], residual, residual, stride);
    }
    memcpy(s->direction, s->residual, n * stride * sizeof *s->direction);
}

static void step_tile(scratch *s, float *norms, const solve_job *job, size_t first, size_t n)
{
    const rec_least_squares *problem = job->problem;
    const rec_sparse *w = problem->weights;
    size_t stride = job->solved->stride;
    rec_gemm_nn(s->image, stride, s->direction, stride, problem->gram, stride, n, stride, stride,
                1.0f, 0.0f);
    for (size_t r = 0; r < n; r++) {
        size_t start = w->start[first + r];
        rec_factors_weighted_sum(s->image + r * stride, s->direction + r * stride, problem->factors,
                                 w->column + start, s->zeros, w->value + start,
                                 row_length(w, first + r));
        cg_row(&norms[r], rec_factors_row(job->solved, first + r), s->residual + r * stride,
               s->direction + r * stride, s->image + r * stride, stride);
    }
}

static size_t tile_rows(const solve_job *job, size_t tile)
{
    size_t left = job->solved->n_rows - tile * ROWS_PER_TILE;
    return left < ROWS_PER_TILE ? left : ROWS_PER_TILE;
}

static void clear_empty_rows(const solve_job *job, size_t first, size_t n)
{
    for (size_t r = first; r < first + n; r++)
        if (row_length(job->problem->weights, r) == 0)
            memset(rec_factors_row(job->solved, r), 0,
                   job->solved->stride * sizeof *job->solved->data);
}

static rec_status cg_tile(void *context, size_t tile, rec_error *err)
{
    const solve_job *job = context;
    rec_arena *arena = &job->arenas[rec_parallel_thread()];
    rec_arena_mark mark = rec_arena_get_mark(arena);
    size_t first = tile * ROWS_PER_TILE, n = tile_rows(job, tile);
    float norms[ROWS_PER_TILE];
    scratch s;
    rec_status status = scratch_init(&s, arena, job, err);
    if (status == REC_OK) {
        clear_empty_rows(job, first, n);
        start_tile(&s, norms, job, first, n);
        for (size_t step = 0; step < job->n_steps; step++)
            step_tile(&s, norms, job, first, n);
    }
    rec_arena_rewind(arena, mark);
    return status;
}

/* Scratch of one exact solve. */
typedef struct exact {
    float *rows;          /* (longest, stride): rows of Y scaled by sqrt(w) */
    float *system;        /* (stride, stride) */
    double *factor, *rhs; /* (dim, dim) and (dim) */
    float *sum, *ones;    /* (stride) and (longest): right-hand side and 1 + w */
} exact;

static rec_status exact_init(exact *x, rec_arena *arena, const solve_job *job, rec_error *err)
{
    rec_status status = REC_OK;
    size_t stride = job->solved->stride, dim = job->solved->dim;
    x->rows = tile_array(arena, job->longest * stride, &status, err);
    x->system = tile_array(arena, stride * stride, &status, err);
    x->sum = tile_array(arena, stride, &status, err);
    x->ones = tile_array(arena, job->longest, &status, err);
    x->factor = rec_arena_alloc(arena, dim * dim, sizeof *x->factor, err);
    x->rhs = rec_arena_alloc(arena, dim, sizeof *x->rhs, err);
    return x->factor == NULL || x->rhs == NULL ? REC_ERR_RESOURCE : status;
}

/* system = G + sum of w y y^T, sum = sum of (1 + w) y. */
static void build_system(exact *x, const solve_job *job, size_t row)
{
    const rec_least_squares *problem = job->problem;
    const rec_sparse *w = problem->weights;
    size_t stride = job->solved->stride, length = row_length(w, row);
    memcpy(x->system, problem->gram, stride * stride * sizeof *x->system);
    memset(x->sum, 0, stride * sizeof *x->sum);
    for (size_t k = 0; k < length; k++) {
        const float *y = rec_factors_row(problem->factors, w->column[w->start[row] + k]);
        float weight = w->value[w->start[row] + k], scale = sqrtf(weight);
        for (size_t d = 0; d < stride; d++) {
            x->rows[k * stride + d] = scale * y[d];
            x->sum[d] += (1.0f + weight) * y[d];
        }
    }
    rec_gemm_tn(x->system, stride, x->rows, stride, x->rows, stride, stride, stride, length, 1.0f,
                1.0f);
}

static rec_status solve_exactly(exact *x, const solve_job *job, size_t row, rec_error *err)
{
    size_t stride = job->solved->stride, dim = job->solved->dim;
    int n = (int)dim, one = 1, info = 0;
    build_system(x, job, row);
    for (size_t i = 0; i < dim; i++) {
        x->rhs[i] = (double)x->sum[i];
        for (size_t j = 0; j < dim; j++)
            x->factor[i * dim + j] = (double)x->system[i * stride + j];
    }
    dpotrf_("L", &n, x->factor, &n, &info, 1);
    if (info == 0)
        dpotrs_("L", &n, &one, x->factor, &n, x->rhs, &n, &info, 1);
    float *solution = rec_factors_row(job->solved, row);
    for (size_t i = 0; i < dim; i++) {
        solution[i] = (float)x->rhs[i];
        if (info != 0 || !isfinite(solution[i]))
            return rec_fail(err, REC_ERR_MODEL,
                            "least squares: system of row %zu is not positive definite: raise reg",
                            row);
    }
    return REC_OK;
}

static rec_status exact_tile(void *context, size_t tile, rec_error *err)
{
    const solve_job *job = context;
    rec_arena *arena = &job->arenas[rec_parallel_thread()];
    rec_arena_mark mark = rec_arena_get_mark(arena);
    size_t first = tile * ROWS_PER_TILE, n = tile_rows(job, tile);
    exact x;
    rec_status status = exact_init(&x, arena, job, err);
    if (status == REC_OK)
        clear_empty_rows(job, first, n);
    for (size_t r = first; status == REC_OK && r < first + n; r++)
        if (row_length(job->problem->weights, r) > 0)
            status = solve_exactly(&x, job, r, err);
    rec_arena_rewind(arena, mark);
    return status;
}

static rec_status solve(rec_factors *solved, const rec_least_squares *problem, size_t n_steps,
                        rec_tile_fn tile_fn, rec_error *err)
{
    size_t n_threads = rec_parallel_threads(), n = solved->n_rows;
    solve_job job = {.solved = solved, .problem = problem, .n_steps = n_steps};
    rec_status status;
    assert(problem->weights->n_rows == n &&
           problem->weights->n_columns == problem->factors->n_rows);
    assert(solved->stride == problem->factors->stride);
    for (size_t r = 0; r < n; r++)
        if (row_length(problem->weights, r) > job.longest)
            job.longest = row_length(problem->weights, r);
    REC_TRY_NEW(job.arenas, n_threads, err);
    REC_TRY(rec_parallel_tiles((n + ROWS_PER_TILE - 1) / ROWS_PER_TILE, tile_fn, &job, err));
cleanup:
    for (size_t i = 0; job.arenas != NULL && i < n_threads; i++)
        rec_arena_deinit(&job.arenas[i]);
    free(job.arenas);
    return status;
}

rec_status rec_least_squares_cg(rec_factors *solved, const rec_least_squares *problem,
                                size_t n_steps, rec_error *err)
{
    return solve(solved, problem, n_steps, cg_tile, err);
}

rec_status rec_least_squares_exact(rec_factors *solved, const rec_least_squares *problem,
                                   rec_error *err)
{
    return solve(solved, problem, 0, exact_tile, err);
}
