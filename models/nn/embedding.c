#include "models/nn/embedding.h"

#include <assert.h>
#include <string.h>

/* ---- scatter ---- */

enum { SCATTER_TILES = 16 }; /* by id modulo this: popular ids, being neighbours, spread */

typedef struct scatter {
    const rec_kernels *kernels;
    float *out;
    const float *rows;
    const uint32_t *ids;
    size_t n, d;
    float scale;
} scatter;

static void scatter_tile(void *context, size_t tile, size_t n_tiles)
{
    const scatter *c = context;
    (void)n_tiles; /* one at a time */
    for (size_t i = 0; i < c->n; i++)
        if (c->ids[i] % SCATTER_TILES == tile)
            c->kernels->add_scaled(c->out + (size_t)c->ids[i] * c->d, c->rows + i * c->d, c->scale,
                                   c->d, true);
}

rec_status rec_nn_scatter_add(float *table_grad, const rec_kernels *kernels, const float *rows,
                              const uint32_t *ids, size_t n, size_t d, float scale, rec_error *err)
{
    scatter c = {.kernels = kernels, .out = table_grad, .rows = rows, .ids = ids};
    c.n = n;
    c.d = d;
    c.scale = scale;
    return rec_tape_for_rows(SCATTER_TILES, 1, scatter_tile, &c, err);
}

/* Gradient storage of a table that only some rows of are written to: cleared when it is new. */
static float *table_gradient(rec_tape *t, rec_tensor *table)
{
    bool keep;
    float *grad = rec_tape_gradient(t, table, &keep);
    if (grad != NULL && !keep)
        memset(grad, 0, table->rows * table->cols * sizeof *grad);
    return grad;
}

/* ---- gather ---- */

typedef struct embed_node {
    rec_node node;
    rec_lookup lookups[REC_MAX_LOOKUPS];
    size_t n_lookups;
    float scale;
} embed_node;

static rec_status embed_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const embed_node *n = (const embed_node *)node;
    for (size_t l = 0; l < n->n_lookups; l++) {
        rec_tensor *table = n->lookups[l].table;
        if (!table->needs_grad)
            continue;
        float *grad = table_gradient(t, table);
        if (grad == NULL)
            return rec_tape_status(t, err);
        rec_status status = rec_nn_scatter_add(grad, t->kernels, node->out->grad, n->lookups[l].ids,
                                               node->out->rows, table->cols, n->scale, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

typedef struct gather_rows {
    const rec_kernels *kernels;
    float *out;
    const rec_lookup *lookups;
    size_t n_lookups, d;
    float scale;
} gather_rows;

static void gather_tile(void *context, size_t start, size_t n)
{
    const gather_rows *c = context;
    for (size_t i = start; i < start + n; i++)
        for (size_t l = 0; l < c->n_lookups; l++) {
            const rec_tensor *table = c->lookups[l].table;
            uint32_t id = c->lookups[l].ids[i];
            assert(id < table->rows);
            c->kernels->add_scaled(c->out + i * c->d, table->value + (size_t)id * c->d, c->scale,
                                   c->d, l > 0);
        }
}

rec_tensor *rec_nn_embed(rec_tape *t, const rec_lookup *lookups, size_t n_lookups, size_t n,
                         float scale)
{
    assert(n_lookups >= 1 && n_lookups <= REC_MAX_LOOKUPS);
    bool records = false;
    for (size_t l = 0; l < n_lookups; l++) {
        if (lookups[l].table == NULL)
            return NULL;
        assert(lookups[l].table->cols == lookups[0].table->cols);
        records = records || rec_tape_records(t, lookups[l].table, NULL);
    }
    rec_tensor *y = rec_tape_tensor(t, n, lookups[0].table->cols, records);
    if (y == NULL)
        return NULL;
    if (records) {
        embed_node *node = rec_tape_record(t, sizeof *node, "embed", y, embed_back);
        if (node == NULL)
            return NULL;
        memcpy(node->lookups, lookups, n_lookups * sizeof *lookups);
        node->n_lookups = n_lookups;
        node->scale = scale;
    }
    gather_rows c = {.kernels = t->kernels, .out = y->value, .lookups = lookups};
    c.n_lookups = n_lookups;
    c.d = y->cols;
    c.scale = scale;
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(n, rec_tape_tile(y->cols), gather_tile, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}

/* ---- replace ---- */

typedef struct replace_node {
    rec_node node;
    rec_tensor *x, *rows;
    const uint32_t *places;
} replace_node;

static rec_status replace_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const replace_node *n = (const replace_node *)node;
    size_t d = n->x->cols;
    float *dy = node->out->grad;
    if (n->rows->needs_grad) {
        bool keep;
        float *grad = rec_tape_gradient(t, n->rows, &keep);
        if (grad == NULL)
            return rec_tape_status(t, err);
        for (size_t i = 0; i < n->rows->rows; i++)
            t->kernels->add_scaled(grad + i * d, dy + (size_t)n->places[i] * d, 1.0f, d, keep);
    }
    for (size_t i = 0; i < n->rows->rows; i++)
        memset(dy + (size_t)n->places[i] * d, 0, d * sizeof *dy);
    return rec_tape_pass_gradient(t, n->x, node->out);
}

rec_tensor *rec_nn_replace_rows(rec_tape *t, rec_tensor *x, rec_tensor *rows,
                                const uint32_t *places)
{
    if (x == NULL || rows == NULL)
        return NULL;
    assert(x->cols == rows->cols);
    bool records = rec_tape_records(t, x, rows);
    rec_tensor *y = rec_tape_tensor(t, x->rows, x->cols, records);
    if (y == NULL)
        return NULL;
    if (records) {
        replace_node *node = rec_tape_record(t, sizeof *node, "replace_rows", y, replace_back);
        if (node == NULL)
            return NULL;
        node->x = x;
        node->rows = rows;
        node->places = places;
    }
    size_t d = x->cols;
    memcpy(y->value, x->value, x->rows * d * sizeof *y->value);
    for (size_t i = 0; i < rows->rows; i++) {
        assert(places[i] < x->rows);
        memcpy(y->value + (size_t)places[i] * d, rows->value + i * d, d * sizeof *y->value);
    }
    return y;
}

/* ---- candidate scores ---- */

typedef struct candidate_node {
    rec_node node;
    rec_tensor *hidden, *table, *bias;
    const uint32_t *ids;
} candidate_node;

typedef struct candidate_rows {
    const rec_kernels *kernels;
    const rec_tensor *hidden, *table, *bias;
    const uint32_t *ids;
    size_t n_candidates;
    float *scores;      /* forward: out; backward: their gradient */
    float *hidden_grad; /* backward over rows */
    bool keep;
    float *table_grad, *bias_grad; /* backward over ids */
} candidate_rows;

static void score_tile(void *context, size_t start, size_t n)
{
    const candidate_rows *c = context;
    size_t d = c->hidden->cols;
    for (size_t i = start; i < start + n; i++)
        for (size_t j = i * c->n_candidates; j < (i + 1) * c->n_candidates; j++) {
            assert(c->ids[j] < c->table->rows);
            c->scores[j] = c->kernels->dot(c->hidden->value + i * d,
                                           c->table->value + (size_t)c->ids[j] * d, d);
            if (c->bias != NULL)
                c->scores[j] += c->bias->value[c->ids[j]];
        }
}

static void hidden_gradient_tile(void *context, size_t start, size_t n)
{
    const candidate_rows *c = context;
    size_t d = c->hidden->cols;
    for (size_t i = start; i < start + n; i++)
        for (size_t j = 0; j < c->n_candidates; j++) {
            size_t at = i * c->n_candidates + j;
            c->kernels->add_scaled(c->hidden_grad + i * d, c->table->value + c->ids[at] * d,
                                   c->scores[at], d, c->keep || j > 0);
        }
}

static void table_gradient_tile(void *context, size_t tile, size_t n)
{
    const candidate_rows *c = context;
    size_t d = c->hidden->cols, n_scores = c->hidden->rows * c->n_candidates;
    (void)n;
    for (size_t at = 0; at < n_scores; at++) {
        if (c->ids[at] % SCATTER_TILES != tile || c->scores[at] == 0.0f)
            continue;
        if (c->table_grad != NULL)
            c->kernels->add_scaled(c->table_grad + (size_t)c->ids[at] * d,
                                   c->hidden->value + at / c->n_candidates * d, c->scores[at], d,
                                   true);
        if (c->bias_grad != NULL)
            c->bias_grad[c->ids[at]] += c->scores[at];
    }
}

static rec_status candidate_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const candidate_node *n = (const candidate_node *)node;
    candidate_rows c = {.kernels = t->kernels, .hidden = n->hidden, .table = n->table};
    c.ids = n->ids;
    c.n_candidates = node->out->cols;
    c.scores = node->out->grad;
    if (n->hidden->needs_grad)
        c.hidden_grad = rec_tape_gradient(t, n->hidden, &c.keep);
    if (n->table->needs_grad)
        c.table_grad = table_gradient(t, n->table);
    if (n->bias != NULL && n->bias->needs_grad)
        c.bias_grad = table_gradient(t, n->bias);
    rec_status status = rec_tape_status(t, err);
    if (status == REC_OK && c.hidden_grad != NULL)
        status = rec_tape_for_rows(n->hidden->rows, rec_tape_tile(n->hidden->cols),
                                   hidden_gradient_tile, &c, err);
    if (status == REC_OK && (c.table_grad != NULL || c.bias_grad != NULL))
        status = rec_tape_for_rows(SCATTER_TILES, 1, table_gradient_tile, &c, err);
    return status;
}

rec_tensor *rec_nn_candidate_scores(rec_tape *t, rec_tensor *hidden, rec_tensor *table,
                                    rec_tensor *bias, const uint32_t *ids, size_t n_candidates)
{
    if (hidden == NULL || table == NULL)
        return NULL;
    assert(hidden->cols == table->cols && n_candidates > 0);
    assert(bias == NULL || bias->cols == table->rows);
    bool records = rec_tape_records(t, hidden, table);
    rec_tensor *scores = rec_tape_tensor(t, hidden->rows, n_candidates, records);
    if (scores == NULL)
        return NULL;
    if (records) {
        candidate_node *node =
            rec_tape_record(t, sizeof *node, "candidate_scores", scores, candidate_back);
        if (node == NULL)
            return NULL;
        node->hidden = hidden;
        node->table = table;
        node->bias = bias;
        node->ids = ids;
    }
    candidate_rows c = {.kernels = t->kernels, .hidden = hidden, .table = table, .bias = bias};
    c.ids = ids;
    c.n_candidates = n_candidates;
    c.scores = scores->value;
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(hidden->rows, rec_tape_tile(hidden->cols), score_tile, &c, &error) !=
        REC_OK)
        return rec_tape_failed(t, &error);
    return scores;
}
