/* models/recommenders/ease.c: score(h, i) = sum over items j of history h of x_j B[j, i]; closed
 * form. "Embarrassingly shallow autoencoders for sparse data", WWW 2019, eq. (8): with
 * P = (X^T X + lambda I)^-1, B[j, i] = -P[j, i] / P[i, i] off the diagonal, 0 on it. Factor and
 * inverse run in float64; B is kept in float32. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "models/neighbours.h"

typedef struct ease {
    double lambda;
    int feedback;
    float *weights; /* B (n_items, n_items) row-major, owned */
    size_t n_items;
} ease;

static const rec_option ease_options[] = {
    {.key = "lambda",
     .help = "L2 regularisation",
     .offset = offsetof(ease, lambda),
     .type = REC_OPT_REAL,
     .value = 250,
     .min = 1e-6,
     .max = 1e9},
    REC_FEEDBACK_OPTION(offsetof(ease, feedback)),
    {.key = NULL},
};

enum { ROWS_PER_TILE = 32 };

typedef struct gram_job {
    double *gram;
    const rec_sparse *users, *items;
    double lambda;
} gram_job;

/* Rows of the lower triangle of X^T X + lambda I. */
static rec_status gram_tile(void *context, size_t tile, rec_error *err)
{
    const gram_job *job = context;
    const rec_sparse *items = job->items, *users = job->users;
    size_t n = items->n_rows;
    (void)err;
    for (size_t i = tile * ROWS_PER_TILE; i < n && i < (tile + 1) * ROWS_PER_TILE; i++) {
        double *row = job->gram + i * n;
        row[i] = job->lambda;
        for (size_t a = items->start[i]; a < items->start[i + 1]; a++) {
            size_t u = items->column[a];
            for (size_t b = users->start[u]; b < users->start[u + 1] && users->column[b] <= i; b++)
                row[users->column[b]] += (double)items->value[a] * (double)users->value[b];
        }
    }
    return REC_OK;
}

static rec_status regularised_gram(double **out, const ease *m, const rec_interactions *train,
                                   rec_error *err)
{
    rec_sparse users = {.n_rows = 0}, items = {.n_rows = 0};
    size_t n = train->n_items, n_tiles = (n + ROWS_PER_TILE - 1) / ROWS_PER_TILE;
    size_t n_cells = 0;
    rec_status status;
    *out = NULL;
    if (__builtin_mul_overflow(n, n, &n_cells))
        return rec_fail(err, REC_ERR_RESOURCE, "ease: %zu items are too many for a dense matrix",
                        n);
    REC_TRY(rec_sparse_from_interactions(&users, train, (rec_feedback)m->feedback, err));
    REC_TRY(rec_sparse_transpose(&items, &users, err));
    REC_TRY_NEW(*out, n_cells, err);
    gram_job job = {*out, &users, &items, m->lambda};
    REC_TRY(rec_parallel_tiles(n_tiles, gram_tile, &job, err));
cleanup:
    rec_sparse_deinit(&items);
    rec_sparse_deinit(&users);
    return status;
}

/* B from P, in the same storage: row i of B ends before row i + 1 of P begins, and what is
 * overwritten of earlier rows of P has been used. */
static void inverse_to_weights(double *inverse, size_t n, double *diagonal)
{
    char *to = (char *)inverse;
    for (size_t i = 0; i < n; i++)
        diagonal[i] = inverse[i * n + i];
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            float weight = j == i ? 0.0f : (float)(-inverse[j * n + i] / diagonal[i]);
            memcpy(to + (j * n + i) * sizeof weight, &weight, sizeof weight);
        }
}

static rec_status ease_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    ease *m = self;
    double *gram = NULL, *diagonal = NULL;
    size_t n = data->train->n_items;
    rec_status status;
    REC_TRY_NEW(diagonal, n, err);
    REC_TRY(regularised_gram(&gram, m, data->train, err));
    REC_TRY(rec_spd_inverse(gram, n, err));
    inverse_to_weights(gram, n, diagonal);
    m->weights = rec_realloc(gram, n * n, sizeof *m->weights, err); /* half of it is free now */
    if (m->weights == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    m->n_items = n;
    gram = NULL; /* taken */
cleanup:
    free(gram);
    free(diagonal);
    return status;
}

static rec_status ease_score(float *scores, const void *self, const rec_query *queries, size_t n,
                             rec_error *err)
{
    const ease *m = self;
    rec_sparse h;
    rec_status status =
        rec_sparse_from_queries(&h, queries, n, m->n_items, (rec_feedback)m->feedback, err);
    if (status != REC_OK)
        return status;
    memset(scores, 0, n * m->n_items * sizeof *scores);
    for (size_t q = 0; q < n; q++)
        for (size_t j = h.start[q]; j < h.start[q + 1]; j++)
            rec_axpy(scores + q * m->n_items, h.value[j],
                     m->weights + (size_t)h.column[j] * m->n_items, m->n_items);
    rec_sparse_deinit(&h);
    return REC_OK;
}

static rec_status ease_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const ease *m = self;
    size_t shape[2] = {m->n_items, m->n_items};
    return rec_tensor_writer_add(out, "weights", REC_F32, 2, shape, m->weights, err);
}

static rec_status ease_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                            rec_error *err)
{
    ease *m = self;
    size_t n_items = dataset->catalogue.n_items, shape[2] = {n_items, n_items};
    const rec_tensor_view *weights;
    rec_status status = rec_tensor_file_require(&weights, in, "weights", REC_F32, 2, shape, err);
    if (status != REC_OK)
        return status;
    m->weights = rec_memdup(weights->data, weights->n_bytes, err);
    m->n_items = n_items;
    return m->weights != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status ease_similar(uint32_t *items, float *similarities, size_t *n_found,
                               const void *self, uint32_t item, size_t k, rec_error *err)
{
    const ease *m = self;
    return rec_best_items(items, similarities, n_found, NULL, m->weights + item * m->n_items,
                          m->n_items, item, k, err);
}

static size_t ease_n_parameters(const void *self)
{
    const ease *m = self;
    return m->n_items == 0 ? 0 : m->n_items * (m->n_items - 1); /* the diagonal is no parameter */
}

/* Cholesky and inverse of (n_items, n_items) in double: n^3 operations. */
static rec_fit_cost ease_cost(const void *self, const rec_fit_size *size)
{
    (void)self;
    double n = size->n_items;
    return (rec_fit_cost){2.0 * n * n * n, size->user_pairs, 12.0 * n * n};
}

static void ease_deinit(void *self)
{
    free(((ease *)self)->weights);
}

const rec_recommender rec_recommender_ease = {
    .name = "ease",
    .help = "shallow linear autoencoder over items, in closed form",
    .citation = "Embarrassingly shallow autoencoders for sparse data, WWW 2019, eq. (8)",
    .size = sizeof(ease),
    .options = ease_options,
    .fit = ease_fit,
    .score = ease_score,
    .save = ease_save,
    .load = ease_load,
    .similar = ease_similar,
    .n_parameters = ease_n_parameters,
    .cost = ease_cost,
    .deinit = ease_deinit,
};
