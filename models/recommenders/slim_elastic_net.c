/* models/recommenders/slim_elastic_net.c: item-to-item weights W, one non-negative elastic net per
 * column j: minimise over w >= 0, w_j = 0
 *     1 / (2 n_users) |x_j - X w|^2 + alpha l1_ratio |w|_1 + alpha (1 - l1_ratio) / 2 |w|^2.
 * "SLIM: sparse linear methods for top-N recommender systems", ICDM 2011, eq. (3), with the scaling of
 * the elastic net in "Regularization paths for generalized linear models via coordinate descent",
 * Journal of Statistical Software 33(1), 2010, whose covariance updates (section 2.2) are the method:
 * cyclic coordinate descent on X^T X, active coordinates first. The k greatest weights are kept.
 *
 * All values being non-negative, the gradient at any w >= 0 is at most the one at 0, so only items
 * that share a user with j can get a weight: columns stay small however large the catalogue is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/simd.h"
#include "models/item_graph.h"
#include "models/neighbours.h"
#include "models/sparse_build.h"

typedef struct slim_elastic_net {
    rec_item_graph graph; /* first: the shared entries see only this */
    int64_t k;
    double alpha, l1_ratio;
    int64_t max_sweeps;
    double tolerance;
} slim_elastic_net;

static const rec_option slim_options[] = {
    {.key = "k",
     .help = "weights kept per column",
     .offset = offsetof(slim_elastic_net, k),
     .type = REC_OPT_INT,
     .value = 100,
     .min = 1,
     .max = 1e6},
    {.key = "alpha",
     .help = "regularisation",
     .offset = offsetof(slim_elastic_net, alpha),
     .type = REC_OPT_REAL,
     .value = 0.1,
     .min = 1e-9,
     .max = 1e3},
    {.key = "l1_ratio",
     .help = "share of the L1 norm in the regularisation",
     .offset = offsetof(slim_elastic_net, l1_ratio),
     .type = REC_OPT_REAL,
     .value = 0.01,
     .min = 0,
     .max = 1},
    {.key = "max_sweeps",
     .help = "most passes over the active weights of a column",
     .offset = offsetof(slim_elastic_net, max_sweeps),
     .type = REC_OPT_INT,
     .value = 500,
     .min = 1,
     .max = 1e6},
    {.key = "tolerance",
     .help = "stop when no weight changes by more than this",
     .offset = offsetof(slim_elastic_net, tolerance),
     .type = REC_OPT_REAL,
     .value = 1e-4,
     .min = 0,
     .max = 1},
    REC_FEEDBACK_OPTION(offsetof(slim_elastic_net, graph.feedback)),
    {.key = NULL},
};

enum { COLUMNS_PER_TILE = 16 };

/* What all columns share. */
typedef struct problem {
    rec_sparse gram;  /* X^T X without its diagonal (n_items, n_items), owned */
    double *diagonal; /* (n_items), owned */
    double l1, l2;    /* n_users alpha l1_ratio, n_users alpha (1 - l1_ratio) */
    size_t max_sweeps, k;
    double tolerance;
    rec_sparse_build columns; /* row j is column j of W */
} problem;

/* One column: its candidates are what shares a user with it, positions 0 .. n - 1. */
typedef struct column_fit {
    size_t n;
    const uint32_t *candidate; /* (n) items, borrowed from the Gram matrix */
    uint32_t *position;        /* (n_items) of a candidate plus 1, else 0 */
    double *gradient;          /* (n_items) x_p . residual, the first n in use */
    double *weight;            /* (n_items), the first n in use */
    uint32_t *active;          /* (n_items) positions that ever had a weight, ascending by entry */
    size_t n_active;
    float **row;     /* (n_items) Gram row of an active position (n), owned, else NULL */
    rec_cell *cells; /* (n_items) the result */
} column_fit;

static rec_status column_fit_init(column_fit *c, size_t n_items, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(c->position, n_items, err);
    REC_TRY_NEW(c->gradient, n_items, err);
    REC_TRY_NEW(c->weight, n_items, err);
    REC_TRY_NEW(c->active, n_items, err);
    REC_TRY_NEW(c->row, n_items, err);
    REC_TRY_NEW(c->cells, n_items, err);
cleanup:
    return status;
}

static void column_fit_deinit(column_fit *c)
{
    free(c->cells);
    free(c->row);
    free(c->active);
    free(c->weight);
    free(c->gradient);
    free(c->position);
}

static void begin_column(column_fit *c, const problem *p, size_t column)
{
    size_t first = p->gram.start[column];
    c->n = p->gram.start[column + 1] - first;
    c->candidate = p->gram.column + first;
    c->n_active = 0;
    for (size_t i = 0; i < c->n; i++) {
        c->position[c->candidate[i]] = (uint32_t)i + 1;
        c->gradient[i] = (double)p->gram.value[first + i];
        c->weight[i] = 0.0;
    }
}

static void end_column(column_fit *c)
{
    for (size_t i = 0; i < c->n; i++)
        c->position[c->candidate[i]] = 0;
    for (size_t i = 0; i < c->n_active; i++) {
        free(c->row[c->active[i]]);
        c->row[c->active[i]] = NULL;
    }
}

/* The Gram row of a position over the candidates, gathered when its weight first moves. */
static rec_status activate(column_fit *c, const problem *p, size_t at, rec_error *err)
{
    float *row = rec_alloc(c->n, sizeof *row, err);
    if (row == NULL)
        return REC_ERR_RESOURCE;
    size_t item = c->candidate[at];
    for (size_t i = p->gram.start[item]; i < p->gram.start[item + 1]; i++) {
        size_t position = c->position[p->gram.column[i]];
        if (position > 0)
            row[position - 1] = p->gram.value[i];
    }
    row[at] = (float)p->diagonal[item];
    c->row[at] = row;
    c->active[c->n_active++] = (uint32_t)at;
    return REC_OK;
}

typedef float v8_float __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_double __attribute__((vector_size(64), aligned(8), may_alias));

static REC_INLINE void subtract_body(double *gradient, const float *row, double step, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        *(v8_double *)(gradient + i) -=
            step * __builtin_convertvector(*(const v8_float *)(row + i), v8_double);
    for (; i < n; i++)
        gradient[i] -= step * (double)row[i];
}
/* gradient (n) -= step * row (n): nearly all the time of a fit */
REC_SIMD(static, subtract, (double *gradient, const float *row, double step, size_t n),
         (gradient, row, step, n))

/* Minimise over one weight; *change is the largest step so far. */
static rec_status update(column_fit *c, const problem *p, size_t at, double *change, rec_error *err)
{
    double curvature = p->diagonal[c->candidate[at]], old = c->weight[at];
    double pull = c->gradient[at] + curvature * old - p->l1;
    double best = pull > 0.0 ? pull / (curvature + p->l2) : 0.0, step = best - old;
    if (step == 0.0)
        return REC_OK;
    if (c->row[at] == NULL) {
        rec_status status = activate(c, p, at, err);
        if (status != REC_OK)
            return status;
    }
    subtract(c->gradient, c->row[at], step, c->n);
    c->weight[at] = best;
    *change = fmax(*change, fabs(step));
    return REC_OK;
}

/* Sweeps over the active weights until they rest, then over all, until those rest too. */
static rec_status descend(column_fit *c, const problem *p, rec_error *err)
{
    double change = INFINITY;
    rec_status status = REC_OK;
    for (size_t sweep = 0; sweep < p->max_sweeps && change > p->tolerance; sweep++) {
        change = 0.0;
        for (size_t i = 0; i < c->n; i++)
            REC_TRY(update(c, p, i, &change, err));
        for (double inner = change; inner > p->tolerance && sweep + 1 < p->max_sweeps; sweep++) {
            inner = 0.0;
            for (size_t i = 0; i < c->n_active; i++)
                REC_TRY(update(c, p, c->active[i], &inner, err));
        }
    }
cleanup:
    return status;
}

/* The k greatest weights as row `column` of the result. */
static rec_status emit(problem *p, size_t column, column_fit *c, rec_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->weight[i] > 0.0)
            c->cells[n++] = (rec_cell){c->weight[i], c->candidate[i]};
    n = rec_cells_keep_top(c->cells, n, p->k);
    return rec_sparse_build_append(&p->columns, column, c->cells, n, err);
}

static rec_status columns_tile(void *context, size_t tile, rec_error *err)
{
    problem *p = context;
    column_fit c = {.n = 0};
    rec_status status;
    REC_TRY(column_fit_init(&c, p->gram.n_rows, err));
    size_t end = rec_sparse_build_end(&p->columns, tile);
    for (size_t j = rec_sparse_build_first(&p->columns, tile); j < end; j++) {
        begin_column(&c, p, j);
        status = descend(&c, p, err);
        if (status == REC_OK)
            status = emit(p, j, &c, err);
        end_column(&c);
        if (status != REC_OK)
            goto cleanup;
    }
cleanup:
    column_fit_deinit(&c);
    return status;
}

static double product_itself(const void *context, size_t row, uint32_t column, double sum)
{
    (void)context;
    (void)row;
    (void)column;
    return sum;
}

static rec_status check_values(const rec_sparse *users, rec_error *err)
{
    for (size_t i = 0; i < rec_sparse_n_values(users); i++)
        if (!(users->value[i] >= 0.0f))
            return rec_fail(err, REC_ERR_DATA,
                            "slim_elastic_net: the value %g of an interaction is negative (use "
                            "feedback: binary)",
                            (double)users->value[i]);
    return REC_OK;
}

/* The Gram matrix of the training rows, and its diagonal apart. */
static rec_status problem_init(problem *p, const slim_elastic_net *m, const rec_interactions *train,
                               rec_error *err)
{
    rec_sparse users = {.n_rows = 0}, items = {.n_rows = 0};
    double n_users = (double)train->n_users;
    *p = (problem){.l1 = n_users * m->alpha * m->l1_ratio,
                   .l2 = n_users * m->alpha * (1.0 - m->l1_ratio),
                   .max_sweeps = (size_t)m->max_sweeps,
                   .k = (size_t)m->k,
                   .tolerance = m->tolerance};
    rec_status status;
    REC_TRY(rec_sparse_from_interactions(&users, train, (rec_feedback)m->graph.feedback, err));
    REC_TRY(check_values(&users, err));
    REC_TRY(rec_sparse_transpose(&items, &users, err));
    REC_TRY(rec_neighbours(&p->gram, &items, &users, SIZE_MAX, product_itself, NULL, err));
    REC_TRY_NEW(p->diagonal, items.n_rows, err);
    for (size_t i = 0; i < items.n_rows; i++)
        for (size_t a = items.start[i]; a < items.start[i + 1]; a++)
            p->diagonal[i] += (double)items.value[a] * (double)items.value[a];
    REC_TRY(rec_sparse_build_init(&p->columns, items.n_rows, items.n_rows, COLUMNS_PER_TILE, err));
cleanup:
    rec_sparse_deinit(&items);
    rec_sparse_deinit(&users);
    return status;
}

static void problem_deinit(problem *p)
{
    rec_sparse_build_deinit(&p->columns);
    free(p->diagonal);
    rec_sparse_deinit(&p->gram);
}

static rec_status slim_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    slim_elastic_net *m = self;
    rec_sparse columns = {.n_rows = 0};
    problem p;
    rec_status status;
    REC_TRY(problem_init(&p, m, data->train, err));
    REC_TRY(rec_parallel_tiles(p.columns.n_tiles, columns_tile, &p, err));
    REC_TRY(rec_sparse_build_join(&columns, &p.columns, err));
    REC_TRY(rec_sparse_transpose(&m->graph.weights, &columns, err));
cleanup:
    rec_sparse_deinit(&columns);
    problem_deinit(&p);
    return status;
}

/* The Gram matrix, then a few tens of passes over the candidates of every column. */
static rec_fit_cost slim_cost(const void *self, const rec_fit_size *size)
{
    const double passes = 30.0;
    rec_fit_cost gram = rec_item_graph_cost(self, size);
    double per_column = gram.bytes / 8.0 / size->n_items;
    return (rec_fit_cost){0.0, gram.sparse_steps + passes * size->n_items * per_column * 20.0,
                          2.0 * gram.bytes};
}

const rec_recommender rec_recommender_slim_elastic_net = {
    .name = "slim_elastic_net",
    .help = "sparse linear item-to-item model, elastic net per item",
    .citation = "SLIM: sparse linear methods for top-N recommender systems, ICDM 2011, eq. (3)",
    .size = sizeof(slim_elastic_net),
    .options = slim_options,
    .fit = slim_fit,
    .score = rec_item_graph_score,
    .save = rec_item_graph_save,
    .load = rec_item_graph_load,
    .similar = rec_item_graph_similar,
    .n_parameters = rec_item_graph_n_parameters,
    .cost = slim_cost,
    .deinit = rec_item_graph_deinit,
};
