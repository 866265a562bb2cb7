/* models/recommenders/ials.c: matrix factorisation of implicit feedback by alternating least
 * squares. "Collaborative filtering for implicit feedback datasets", ICDM 2008: with preference
 * p = 1 where feedback r > 0 and confidence c = 1 + alpha r (or 1 + alpha log(1 + r / epsilon), eq.
 * (6)), x_u = (Y^T Y + Y^T (C_u - I) Y + reg I)^-1 Y^T C_u p_u, eq. (4), and the same for items, eq.
 * (5). Solvers: Cholesky, or a few conjugate gradient steps from the last solution ("Applications of
 * the conjugate gradient method for implicit feedback collaborative filtering", RecSys 2011), where
 * the dense part of a step is one product for a whole tile of rows. A history without a trained row
 * gets the x_u of eq. (4), solved exactly. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "models/factors.h"
#include "models/least_squares.h"
#include "models/sparse.h"
#include "models/two_tower.h"

typedef enum confidence_scale { SCALE_LINEAR, SCALE_LOG } confidence_scale;
typedef enum init { INIT_UNIFORM, INIT_NORMAL } init;
typedef enum solver { SOLVER_CG, SOLVER_CHOLESKY } solver;

static const char *const scale_names[] = {"linear", "log", NULL};
static const char *const init_names[] = {"uniform", "normal", NULL};
static const char *const solver_names[] = {"cg", "cholesky", NULL};

typedef struct ials {
    int64_t n_factors, n_epochs, cg_steps;
    double alpha, epsilon, reg, init_scale;
    int scale, solver, init, feedback;
    rec_factors users, items;
    float *gram; /* Y^T Y + reg I (stride, stride), owned: solves for new histories */
} ials;

static const rec_option ials_options[] = {
    {.key = "factors",
     .help = "dimensions of the user and item vectors",
     .offset = offsetof(ials, n_factors),
     .type = REC_OPT_INT,
     .value = 64,
     .min = 1,
     .max = 4096},
    {.key = "epochs",
     .help = "passes, each solving all users, then all items",
     .offset = offsetof(ials, n_epochs),
     .type = REC_OPT_INT,
     .value = 15,
     .min = 1,
     .max = 10000},
    {.key = "alpha",
     .help = "weight of feedback in the confidence",
     .offset = offsetof(ials, alpha),
     .type = REC_OPT_REAL,
     .value = 1,
     .min = 0,
     .max = 1e6},
    {.key = "confidence",
     .help = "linear (1 + alpha r) or log (1 + alpha log(1 + r / epsilon))",
     .offset = offsetof(ials, scale),
     .type = REC_OPT_ENUM,
     .choices = scale_names},
    {.key = "epsilon",
     .help = "scale of feedback in the log confidence",
     .offset = offsetof(ials, epsilon),
     .type = REC_OPT_REAL,
     .value = 1,
     .min = 1e-12,
     .max = 1e12},
    {.key = "reg",
     .help = "L2 regularisation",
     .offset = offsetof(ials, reg),
     .type = REC_OPT_REAL,
     .value = 0.01,
     .min = 1e-12,
     .max = 1e6},
    {.key = "solver",
     .help = "cg (a few conjugate gradient steps) or cholesky (exact)",
     .offset = offsetof(ials, solver),
     .type = REC_OPT_ENUM,
     .choices = solver_names},
    {.key = "cg_steps",
     .help = "conjugate gradient steps per row and epoch",
     .offset = offsetof(ials, cg_steps),
     .type = REC_OPT_INT,
     .value = 3,
     .min = 1,
     .max = 1000},
    {.key = "init",
     .help = "how item vectors start: uniform (from 0) or normal (mean 0)",
     .offset = offsetof(ials, init),
     .type = REC_OPT_ENUM,
     .choices = init_names},
    {.key = "init_scale",
     .help = "upper end (uniform) or standard deviation (normal) of the initial item vectors",
     .offset = offsetof(ials, init_scale),
     .type = REC_OPT_REAL,
     .value = 0.01,
     .min = 1e-9,
     .max = 1e3},
    REC_FEEDBACK_OPTION(offsetof(ials, feedback)),
    {.key = NULL},
};

/* Feedback r becomes c - 1, in place. */
static rec_status to_confidence(rec_sparse *a, const ials *m, rec_error *err)
{
    for (size_t i = 0; i < rec_sparse_n_values(a); i++) {
        double r = (double)a->value[i];
        if (!(r > 0.0) || isinf(r))
            return rec_fail(err, REC_ERR_DATA,
                            "ials: feedback %g of item %u: values must be finite and positive "
                            "(feedback: binary ignores them)",
                            r, (unsigned)a->column[i]);
        double grown = m->scale == SCALE_LOG ? log1p(r / m->epsilon) : r;
        a->value[i] = (float)(m->alpha * grown);
    }
    return REC_OK;
}

/* Solve every row of `solved` for the other side. */
static rec_status half_epoch(rec_factors *solved, const rec_factors *other,
                             const rec_sparse *weights, const ials *m, rec_error *err)
{
    rec_status status = rec_factors_gram(m->gram, other, m->reg, err);
    if (status != REC_OK)
        return status;
    rec_least_squares problem = {.factors = other, .gram = m->gram, .weights = weights};
    return m->solver == SOLVER_CG ? rec_least_squares_cg(solved, &problem, (size_t)m->cg_steps, err)
                                  : rec_least_squares_exact(solved, &problem, err);
}

static rec_status ials_init(ials *m, size_t n_users, size_t n_items, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_factors_init(&m->users, n_users, (size_t)m->n_factors, err));
    REC_TRY(rec_factors_init(&m->items, n_items, (size_t)m->n_factors, err));
    m->gram = rec_alloc_aligned(m->items.stride * m->items.stride, sizeof *m->gram, err);
    status = m->gram != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    return status;
}

static void fill_items(ials *m, uint64_t seed)
{
    if (m->init == INIT_UNIFORM)
        rec_factors_fill_uniform(&m->items, m->init_scale, seed, "ials/items");
    else
        rec_factors_fill_normal(&m->items, m->init_scale, seed, "ials/items");
}

static rec_status ials_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    ials *m = self;
    rec_sparse users = {.n_rows = 0}, items = {.n_rows = 0};
    rec_progress *progress = NULL;
    rec_status status;
    REC_TRY(ials_init(m, data->train->n_users, data->train->n_items, err));
    REC_TRY(rec_sparse_from_interactions(&users, data->train, (rec_feedback)m->feedback, err));
    REC_TRY(to_confidence(&users, m, err));
    REC_TRY(rec_sparse_transpose(&items, &users, err));
    fill_items(m, data->seed);
    progress = rec_progress_start("ials", "epochs", (size_t)m->n_epochs);
    for (int64_t epoch = 0; epoch < m->n_epochs; epoch++) {
        REC_TRY(half_epoch(&m->users, &m->items, &users, m, err));
        REC_TRY(half_epoch(&m->items, &m->users, &items, m, err));
        rec_progress_add(progress, 1);
    }
    REC_TRY(rec_factors_gram(m->gram, &m->items, m->reg, err));
cleanup:
    rec_progress_end(progress);
    rec_sparse_deinit(&items);
    rec_sparse_deinit(&users);
    return status;
}

/* Vectors of the queries' histories, solved exactly against the item vectors. */
static rec_status fold_in(rec_factors *out, const ials *m, const rec_query *queries, size_t n,
                          rec_error *err)
{
    rec_sparse histories = {.n_rows = 0};
    rec_status status;
    REC_TRY(rec_factors_init(out, n, (size_t)m->n_factors, err));
    REC_TRY(rec_sparse_from_queries(&histories, queries, n, m->items.n_rows,
                                    (rec_feedback)m->feedback, err));
    REC_TRY(to_confidence(&histories, m, err));
    rec_least_squares problem = {.factors = &m->items, .gram = m->gram, .weights = &histories};
    REC_TRY(rec_least_squares_exact(out, &problem, err));
cleanup:
    rec_sparse_deinit(&histories);
    return status;
}

static bool has_row(const ials *m, const rec_query *q)
{
    return q->user != REC_NO_USER && q->user < m->users.n_rows;
}

static rec_status ials_encode(float *out, const void *self, const rec_query *queries, size_t n,
                              rec_error *err)
{
    const ials *m = self;
    size_t stride = m->items.stride;
    rec_factors folded = {.n_rows = 0};
    rec_query *unknown = NULL; /* histories to solve for; known users' are emptied */
    rec_status status = REC_OK;
    REC_TRY_NEW(unknown, n, err);
    for (size_t q = 0; q < n; q++)
        if (!has_row(m, &queries[q]))
            unknown[q] = queries[q];
    REC_TRY(fold_in(&folded, m, unknown, n, err));
    for (size_t q = 0; q < n; q++)
        memcpy(out + q * stride,
               has_row(m, &queries[q]) ? rec_factors_row(&m->users, queries[q].user)
                                       : rec_factors_row(&folded, q),
               stride * sizeof *out);
cleanup:
    rec_factors_deinit(&folded);
    free(unknown);
    return status;
}

static rec_item_table ials_item_table(const void *self)
{
    const ials *m = self;
    return (rec_item_table){
        .rows = m->items.data, .n_items = m->items.n_rows, .dim = m->items.stride};
}

static rec_status ials_similar(uint32_t *items, float *similarities, size_t *n_found,
                               const void *self, uint32_t item, size_t k, rec_error *err)
{
    rec_item_table table = ials_item_table(self);
    return rec_two_tower_similar(items, similarities, n_found, &table, item, k, err);
}

static rec_status ials_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const ials *m = self;
    rec_status status = rec_factors_save(&m->users, "users", out, err);
    return status == REC_OK ? rec_factors_save(&m->items, "items", out, err) : status;
}

static rec_status ials_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                            rec_error *err)
{
    ials *m = self;
    rec_status status;
    size_t dim = (size_t)m->n_factors;
    REC_TRY(rec_factors_load(&m->users, in, "users", dataset->n_users, dim, err));
    REC_TRY(rec_factors_load(&m->items, in, "items", dataset->catalogue.n_items, dim, err));
    m->gram = rec_alloc_aligned(m->items.stride * m->items.stride, sizeof *m->gram, err);
    status = m->gram != NULL ? rec_factors_gram(m->gram, &m->items, m->reg, err) : REC_ERR_RESOURCE;
cleanup:
    return status;
}

static size_t ials_n_parameters(const void *self)
{
    const ials *m = self;
    return (m->users.n_rows + m->items.n_rows) * m->items.dim;
}

static void ials_deinit(void *self)
{
    ials *m = self;
    rec_factors_deinit(&m->users);
    rec_factors_deinit(&m->items);
    free(m->gram);
}

/* Per epoch and side: the Gram matrix, and per row either a few products with its interactions and
 * the Gram matrix or the normal equations and their solution. */
static rec_fit_cost ials_cost(const void *self, const rec_fit_size *size)
{
    const ials *m = self;
    double f = (double)m->n_factors, rows = size->n_users + size->n_items;
    double per_interaction = m->solver == SOLVER_CG ? 4.0 * (double)m->cg_steps * f : 2.0 * f * f;
    double per_row = m->solver == SOLVER_CG ? 2.0 * (double)m->cg_steps * f * f : f * f * f / 3.0;
    double epoch =
        2.0 * rows * f * f + 2.0 * size->n_interactions * per_interaction + rows * per_row;
    return (rec_fit_cost){(double)m->n_epochs * epoch, 0.0, 4.0 * f * rows};
}

const rec_recommender rec_recommender_ials = {
    .name = "ials",
    .help = "implicit-feedback matrix factorisation by alternating least squares",
    .citation = "Collaborative filtering for implicit feedback datasets, ICDM 2008, eq. (4) to (6)",
    .size = sizeof(ials),
    .options = ials_options,
    .is_random = true,
    .has_user_rows = true,
    .fit = ials_fit,
    .save = ials_save,
    .load = ials_load,
    .encode = ials_encode,
    .item_table = ials_item_table,
    .similar = ials_similar,
    .n_parameters = ials_n_parameters,
    .cost = ials_cost,
    .deinit = ials_deinit,
};
