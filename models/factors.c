#include "models/factors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "core/simd.h"

enum { GRAM_ROWS = 1024 };

rec_status rec_factors_init(rec_factors *out, size_t n_rows, size_t dim, rec_error *err)
{
    size_t stride = (dim + REC_V16_LANES - 1) / REC_V16_LANES * REC_V16_LANES, n;
    *out = (rec_factors){.n_rows = n_rows, .dim = dim, .stride = stride};
    if (__builtin_mul_overflow(n_rows, stride, &n))
        return rec_fail(err, REC_ERR_RESOURCE, "%zu rows of %zu factors do not fit in memory",
                        n_rows, dim);
    out->data = rec_alloc_aligned(n, sizeof *out->data, err);
    return out->data != NULL ? REC_OK : REC_ERR_RESOURCE;
}

void rec_factors_deinit(rec_factors *f)
{
    free(f->data);
    *f = (rec_factors){.n_rows = 0};
}

void rec_factors_fill_normal(rec_factors *f, double deviation, uint64_t seed, const char *purpose)
{
    for (size_t r = 0; r < f->n_rows; r++) {
        rec_rng rng = rec_rng_keyed(seed, purpose, r);
        for (size_t d = 0; d < f->dim; d++)
            rec_factors_row(f, r)[d] = (float)(deviation * rec_rng_normal(&rng));
    }
}

void rec_factors_fill_uniform(rec_factors *f, double high, uint64_t seed, const char *purpose)
{
    for (size_t r = 0; r < f->n_rows; r++) {
        rec_rng rng = rec_rng_keyed(seed, purpose, r);
        for (size_t d = 0; d < f->dim; d++)
            rec_factors_row(f, r)[d] = (float)(high * rec_rng_uniform(&rng));
    }
}

rec_status rec_factors_save(const rec_factors *f, const char *name, rec_tensor_writer *out,
                            rec_error *err)
{
    size_t shape[2] = {f->n_rows, f->stride};
    return rec_tensor_writer_add(out, name, REC_F32, 2, shape, f->data, err);
}

rec_status rec_factors_load(rec_factors *out, const rec_tensor_file *in, const char *name,
                            size_t n_rows, size_t dim, rec_error *err)
{
    const rec_tensor_view *view;
    rec_status status = rec_factors_init(out, n_rows, dim, err);
    if (status != REC_OK)
        return status;
    size_t shape[2] = {n_rows, out->stride};
    status = rec_tensor_file_require(&view, in, name, REC_F32, 2, shape, err);
    if (status != REC_OK) {
        rec_factors_deinit(out);
        return status;
    }
    memcpy(out->data, view->data, view->n_bytes);
    return REC_OK;
}

typedef struct gram_job {
    const rec_factors *f;
    float *parts; /* one (stride, stride) per tile */
} gram_job;

static rec_status gram_tile(void *context, size_t tile, rec_error *err)
{
    const gram_job *job = context;
    const rec_factors *f = job->f;
    size_t first = tile * GRAM_ROWS, left = f->n_rows - first, s = f->stride;
    const float *rows = rec_factors_row(f, first);
    (void)err;
    rec_gemm_tn(job->parts + tile * s * s, s, rows, s, rows, s, s, s,
                left < GRAM_ROWS ? left : GRAM_ROWS, 1.0f, 0.0f);
    return REC_OK;
}

rec_status rec_factors_gram(float *out, const rec_factors *f, double ridge, rec_error *err)
{
    size_t n_tiles = (f->n_rows + GRAM_ROWS - 1) / GRAM_ROWS, n = f->stride * f->stride;
    gram_job job = {f, NULL};
    rec_status status;
    REC_TRY_NEW(job.parts, n_tiles * n, err);
    REC_TRY(rec_parallel_tiles(n_tiles, gram_tile, &job, err));
    for (size_t i = 0; i < n; i++) {
        size_t row = i / f->stride, column = i % f->stride;
        double sum = row == column && row < f->dim ? ridge : 0.0;
        for (size_t t = 0; t < n_tiles; t++)
            sum += (double)job.parts[t * n + i];
        out[i] = (float)sum;
    }
cleanup:
    free(job.parts);
    return status;
}

/* Four rows at a time: their products with p, then their weighted sum. Past n the first of
 * them comes again with weight 0. The loops over four are written out: at -O2 compilers keep them as loops. */
static REC_INLINE void weighted_sum_any(float *out, const float *p, const rec_factors *f,
                                        const uint32_t *index, const float *a, const float *b,
                                        size_t n, size_t n_vectors)
{
    rec_v16 *sum = (rec_v16 *)out;
    const rec_v16 *x = (const rec_v16 *)p;
    for (size_t k = 0; k < n; k += 4) {
        size_t k1 = k + 1 < n ? k + 1 : k, k2 = k + 2 < n ? k + 2 : k, k3 = k + 3 < n ? k + 3 : k;
        const rec_v16 *row0 = (const rec_v16 *)rec_factors_row(f, index[k]);
        const rec_v16 *row1 = (const rec_v16 *)rec_factors_row(f, index[k1]);
        const rec_v16 *row2 = (const rec_v16 *)rec_factors_row(f, index[k2]);
        const rec_v16 *row3 = (const rec_v16 *)rec_factors_row(f, index[k3]);
        rec_v16 dot0 = {0}, dot1 = {0}, dot2 = {0}, dot3 = {0};
        for (size_t v = 0; v < n_vectors; v++) {
            dot0 += row0[v] * x[v];
            dot1 += row1[v] * x[v];
            dot2 += row2[v] * x[v];
            dot3 += row3[v] * x[v];
        }
        float dots[16];
        rec_lane_sums(dots, &dot0, &dot1, &dot2, &dot3);
        float weight0 = a[k] + b[k] * dots[0];
        float weight1 = k1 > k ? a[k1] + b[k1] * dots[4] : 0.0f;
        float weight2 = k2 > k ? a[k2] + b[k2] * dots[8] : 0.0f;
        float weight3 = k3 > k ? a[k3] + b[k3] * dots[12] : 0.0f;
        for (size_t v = 0; v < n_vectors; v++)
            sum[v] +=
                (weight0 * row0[v] + weight1 * row1[v]) + (weight2 * row2[v] + weight3 * row3[v]);
    }
}

static REC_INLINE void weighted_sum_body(float *out, const float *p, const rec_factors *f,
                                         const uint32_t *index, const float *a, const float *b,
                                         size_t n)
{
    if (f->stride == 64) /* a frequent size the compiler can unroll */
        weighted_sum_any(out, p, f, index, a, b, n, 4);
    else
        weighted_sum_any(out, p, f, index, a, b, n, f->stride / REC_V16_LANES);
}

#define rec_factors_weighted_sum_body weighted_sum_body
REC_SIMD(extern, rec_factors_weighted_sum,
         (float *out, const float *p, const rec_factors *f, const uint32_t *index, const float *a,
          const float *b, size_t n),
         (out, p, f, index, a, b, n))
