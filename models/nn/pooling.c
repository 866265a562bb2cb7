#include "models/nn/pooling.h"

#include <assert.h>
#include <string.h>

typedef struct pool_node {
    rec_node node;
    rec_tensor *x;
    const rec_sequences *sequences;
} pool_node;

typedef struct pool_rows {
    const rec_kernels *kernels;
    const rec_sequences *sequences;
    const float *from;
    float *to;
    size_t d;
    bool keep;
} pool_rows;

enum { TILE = 8 }; /* sequences */

static void pool_tile(void *context, size_t start, size_t n)
{
    const pool_rows *c = context;
    for (size_t s = start; s < start + n; s++) {
        size_t first = c->sequences->start[s], end = c->sequences->start[s + 1];
        float *out = c->to + s * c->d;
        memset(out, 0, c->d * sizeof *out);
        for (size_t i = first; i < end; i++)
            c->kernels->add_scaled(out, c->from + i * c->d, 1.0f / (float)(end - first), c->d,
                                   true);
    }
}

static void spread_tile(void *context, size_t start, size_t n)
{
    const pool_rows *c = context;
    for (size_t s = start; s < start + n; s++) {
        size_t first = c->sequences->start[s], end = c->sequences->start[s + 1];
        for (size_t i = first; i < end; i++)
            c->kernels->add_scaled(c->to + i * c->d, c->from + s * c->d,
                                   1.0f / (float)(end - first), c->d, c->keep);
    }
}

static rec_status pool_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const pool_node *n = (const pool_node *)node;
    pool_rows c = {.kernels = t->kernels, .sequences = n->sequences, .from = node->out->grad};
    c.d = n->x->cols;
    c.to = rec_tape_gradient(t, n->x, &c.keep);
    if (c.to == NULL)
        return rec_tape_status(t, err);
    return rec_tape_for_rows(n->sequences->n, TILE, spread_tile, &c, err);
}

rec_tensor *rec_nn_mean_pool(rec_tape *t, rec_tensor *x, const rec_sequences *sequences)
{
    if (x == NULL)
        return NULL;
    assert(sequences->start[0] == 0 && sequences->start[sequences->n] == x->rows);
    bool records = rec_tape_records(t, x, NULL);
    rec_tensor *y = rec_tape_tensor(t, sequences->n, x->cols, records);
    if (y == NULL)
        return NULL;
    if (records) {
        pool_node *node = rec_tape_record(t, sizeof *node, "mean_pool", y, pool_back);
        if (node == NULL)
            return NULL;
        node->x = x;
        node->sequences = sequences;
    }
    pool_rows c = {.kernels = t->kernels, .sequences = sequences, .from = x->value, .to = y->value};
    c.d = x->cols;
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(sequences->n, TILE, pool_tile, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}
