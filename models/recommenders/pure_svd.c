/* models/recommenders/pure_svd.c: score(h, i) = x_h V V[i]^T with the first right singular vectors V
 * of the user-item matrix. "Performance of recommender algorithms on top-N recommendation tasks",
 * RecSys 2010, section 3.4 (PureSVD: eq. (7) in the item-only form, which needs no trained user). The
 * singular vectors are eigenvectors of X^T X, found to 1e-9 of the greatest, not by the randomised
 * method that common implementations use. */
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "models/sparse.h"
#include "models/two_tower.h"

typedef struct pure_svd {
    int64_t factors;
    int feedback;
    float *vectors; /* V (n_items, factors), owned */
    size_t n_items;
} pure_svd;

static const rec_option pure_svd_options[] = {
    {.key = "factors",
     .help = "singular vectors kept",
     .offset = offsetof(pure_svd, factors),
     .type = REC_OPT_INT,
     .value = 32,
     .min = 1,
     .max = 10000},
    REC_FEEDBACK_OPTION(offsetof(pure_svd, feedback)),
    {.key = NULL},
};

enum { ROWS_PER_TILE = 512 };

/* out = a x, rows in tiles. */
typedef struct product {
    double *out;
    const rec_sparse *a;
    const double *x;
} product;

static rec_status product_tile(void *context, size_t tile, rec_error *err)
{
    const product *p = context;
    const rec_sparse *a = p->a;
    (void)err;
    for (size_t r = tile * ROWS_PER_TILE; r < a->n_rows && r < (tile + 1) * ROWS_PER_TILE; r++) {
        double sum = 0.0;
        for (size_t i = a->start[r]; i < a->start[r + 1]; i++)
            sum += (double)a->value[i] * p->x[a->column[i]];
        p->out[r] = sum;
    }
    return REC_OK;
}

static rec_status multiply(double *out, const rec_sparse *a, const double *x, rec_error *err)
{
    product p = {out, a, x};
    return rec_parallel_tiles((a->n_rows + ROWS_PER_TILE - 1) / ROWS_PER_TILE, product_tile, &p,
                              err);
}

typedef struct gram {
    const rec_sparse *users, *items; /* X and its transpose */
    double *per_user;                /* (n_users) scratch */
} gram;

static rec_status apply_gram(double *out, const double *x, void *context, rec_error *err)
{
    const gram *g = context;
    rec_status status = multiply(g->per_user, g->users, x, err);
    return status == REC_OK ? multiply(out, g->items, g->per_user, err) : status;
}

static rec_status pure_svd_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    pure_svd *m = self;
    size_t n_items = data->train->n_items, dim = (size_t)m->factors;
    rec_sparse users = {.n_rows = 0}, items = {.n_rows = 0};
    double *values = NULL, *vectors = NULL;
    gram g = {&users, &items, NULL};
    rec_status status;
    REC_TRY(rec_sparse_from_interactions(&users, data->train, (rec_feedback)m->feedback, err));
    REC_TRY(rec_sparse_transpose(&items, &users, err));
    REC_TRY_NEW(g.per_user, users.n_rows, err);
    REC_TRY_NEW(values, dim, err);
    REC_TRY_NEW(vectors, dim * n_items, err);
    REC_TRY_NEW(m->vectors, n_items * dim, err);
    REC_TRY(rec_symmetric_top(values, vectors, n_items, dim, apply_gram, &g, 1e-9, err));
    for (size_t i = 0; i < n_items; i++)
        for (size_t d = 0; d < dim; d++)
            m->vectors[i * dim + d] = (float)vectors[d * n_items + i];
    m->n_items = n_items;
cleanup:
    free(vectors);
    free(values);
    free(g.per_user);
    rec_sparse_deinit(&items);
    rec_sparse_deinit(&users);
    return status;
}

static rec_status pure_svd_encode(float *out, const void *self, const rec_query *queries, size_t n,
                                  rec_error *err)
{
    const pure_svd *m = self;
    size_t dim = (size_t)m->factors;
    rec_sparse h;
    rec_status status =
        rec_sparse_from_queries(&h, queries, n, m->n_items, (rec_feedback)m->feedback, err);
    if (status != REC_OK)
        return status;
    for (size_t q = 0; q < n; q++)
        for (size_t d = 0; d < dim; d++) {
            double sum = 0.0;
            for (size_t i = h.start[q]; i < h.start[q + 1]; i++)
                sum += (double)h.value[i] * (double)m->vectors[h.column[i] * dim + d];
            out[q * dim + d] = (float)sum;
        }
    rec_sparse_deinit(&h);
    return REC_OK;
}

static rec_item_table pure_svd_item_table(const void *self)
{
    const pure_svd *m = self;
    return (rec_item_table){.rows = m->vectors, .n_items = m->n_items, .dim = (size_t)m->factors};
}

static rec_status pure_svd_score(float *scores, const void *self, const rec_query *queries,
                                 size_t n, rec_error *err)
{
    rec_item_table table = pure_svd_item_table(self);
    float *vectors = rec_alloc(n * table.dim, sizeof *vectors, err);
    if (vectors == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = pure_svd_encode(vectors, self, queries, n, err);
    if (status == REC_OK)
        rec_two_tower_score(scores, vectors, n, &table);
    free(vectors);
    return status;
}

static rec_status pure_svd_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const pure_svd *m = self;
    size_t shape[2] = {m->n_items, (size_t)m->factors};
    return rec_tensor_writer_add(out, "vectors", REC_F32, 2, shape, m->vectors, err);
}

static rec_status pure_svd_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                                rec_error *err)
{
    pure_svd *m = self;
    size_t n_items = dataset->catalogue.n_items, shape[2] = {n_items, (size_t)m->factors};
    const rec_tensor_view *vectors;
    rec_status status = rec_tensor_file_require(&vectors, in, "vectors", REC_F32, 2, shape, err);
    if (status != REC_OK)
        return status;
    m->vectors = rec_memdup(vectors->data, vectors->n_bytes, err);
    m->n_items = n_items;
    return m->vectors != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status pure_svd_similar(uint32_t *items, float *similarities, size_t *n_found,
                                   const void *self, uint32_t item, size_t k, rec_error *err)
{
    rec_item_table table = pure_svd_item_table(self);
    return rec_two_tower_similar(items, similarities, n_found, &table, item, k, err);
}

static size_t pure_svd_n_parameters(const void *self)
{
    const pure_svd *m = self;
    return m->n_items * (size_t)m->factors;
}

static void pure_svd_deinit(void *self)
{
    free(((pure_svd *)self)->vectors);
}

/* Some tens of products with X and its transpose on a block of twice the factors. */
static rec_fit_cost pure_svd_cost(const void *self, const rec_fit_size *size)
{
    const double products = 40.0, block = 2.0 * (double)((const pure_svd *)self)->factors;
    return (rec_fit_cost){products * size->n_items * block * block,
                          products * size->n_interactions * block,
                          16.0 * block * (size->n_items + size->n_users)};
}

const rec_recommender rec_recommender_pure_svd = {
    .name = "pure_svd",
    .help = "truncated singular value decomposition of the interactions",
    .citation = "Performance of recommender algorithms on top-N recommendation tasks, RecSys 2010, "
                "section 3.4",
    .size = sizeof(pure_svd),
    .options = pure_svd_options,
    .fit = pure_svd_fit,
    .score = pure_svd_score,
    .save = pure_svd_save,
    .load = pure_svd_load,
    .encode = pure_svd_encode,
    .item_table = pure_svd_item_table,
    .similar = pure_svd_similar,
    .n_parameters = pure_svd_n_parameters,
    .cost = pure_svd_cost,
    .deinit = pure_svd_deinit,
};
