#include "models/nn/dropout.h"

#include <assert.h>

typedef struct dropout_node {
    rec_node node;
    rec_tensor *x;
    rec_dropout_mask mask;
} dropout_node;

typedef struct dropout_rows {
    const rec_kernels *kernels;
    float *out;
    const float *base, *x;
    const rec_dropout_mask *mask;
    size_t cols;
} dropout_rows;

static void dropout_tile(void *context, size_t start, size_t n)
{
    const dropout_rows *c = context;
    size_t first = start * c->cols; /* tiles have a multiple of 128 rows */
    c->kernels->dropout(c->out + first, c->base != NULL ? c->base + first : NULL, c->x + first,
                        first, n * c->cols, c->mask);
}

static rec_status run(dropout_rows *c, size_t rows, rec_error *err)
{
    return rec_tape_for_rows(rows, rec_tape_tile(c->cols), dropout_tile, c, err);
}

/* dx (+)= mask * dy */
static rec_status masked_gradient(rec_tape *t, rec_tensor *x, const float *dy,
                                  const rec_dropout_mask *mask, rec_error *err)
{
    bool keep;
    dropout_rows c = {.kernels = t->kernels, .x = dy, .mask = mask, .cols = x->cols};
    c.out = rec_tape_gradient(t, x, &keep);
    if (c.out == NULL)
        return rec_tape_status(t, err);
    c.base = keep ? c.out : NULL;
    return run(&c, x->rows, err);
}

static rec_status dropout_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const dropout_node *n = (const dropout_node *)node;
    return masked_gradient(t, n->x, node->out->grad, &n->mask, err);
}

rec_tensor *rec_nn_dropout(rec_tape *t, rec_tensor *x, float p)
{
    if (x == NULL || p <= 0.0f || t->mode != REC_TAPE_TRAIN)
        return x;
    bool records = rec_tape_records(t, x, NULL);
    rec_tensor *y = rec_tape_tensor(t, x->rows, x->cols, records);
    if (y == NULL)
        return NULL;
    rec_dropout_mask mask = rec_tape_next_mask(t, p);
    if (records) {
        dropout_node *node = rec_tape_record(t, sizeof *node, "dropout", y, dropout_back);
        if (node == NULL)
            return NULL;
        node->x = x;
        node->mask = mask;
    }
    dropout_rows c = {
        .kernels = t->kernels, .out = y->value, .x = x->value, .mask = &mask, .cols = x->cols};
    rec_error error = {.status = REC_OK};
    return run(&c, x->rows, &error) == REC_OK ? y : rec_tape_failed(t, &error);
}

/* ---- x + dropout(branch) ---- */

typedef struct residual_node {
    rec_node node;
    rec_tensor *x, *branch;
    bool masked;
    rec_dropout_mask mask;
} residual_node;

typedef struct sum_rows {
    const rec_kernels *kernels;
    float *out;
    const float *x;
    bool keep;
} sum_rows;

static void sum_tile(void *context, size_t start, size_t n)
{
    const sum_rows *c = context;
    c->kernels->add_scaled(c->out + start, c->x + start, 1.0f, n, c->keep);
}

/* The branch first: x then takes the gradient's storage over. */
static rec_status residual_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const residual_node *n = (const residual_node *)node;
    rec_status status = REC_OK;
    if (n->branch->needs_grad && n->masked) {
        status = masked_gradient(t, n->branch, node->out->grad, &n->mask, err);
    } else if (n->branch->needs_grad) {
        sum_rows c = {.kernels = t->kernels, .x = node->out->grad};
        c.out = rec_tape_gradient(t, n->branch, &c.keep);
        if (c.out == NULL)
            return rec_tape_status(t, err);
        status = rec_tape_for_rows(n->branch->rows * n->branch->cols, 16384, sum_tile, &c, err);
    }
    return status == REC_OK ? rec_tape_pass_gradient(t, n->x, node->out) : status;
}

static rec_status add_branch(rec_tape *t, rec_tensor *y, const rec_tensor *x,
                             const rec_tensor *branch, const rec_dropout_mask *mask, rec_error *err)
{
    if (mask != NULL) {
        dropout_rows c = {.kernels = t->kernels,
                          .out = y->value,
                          .base = x->value,
                          .x = branch->value,
                          .mask = mask,
                          .cols = x->cols};
        return run(&c, x->rows, err);
    }
    sum_rows copy = {.kernels = t->kernels, .out = y->value, .x = x->value};
    rec_status status = rec_tape_for_rows(x->rows * x->cols, 16384, sum_tile, &copy, err);
    sum_rows add = {.kernels = t->kernels, .out = y->value, .x = branch->value, .keep = true};
    return status == REC_OK ? rec_tape_for_rows(x->rows * x->cols, 16384, sum_tile, &add, err)
                            : status;
}

rec_tensor *rec_nn_residual(rec_tape *t, rec_tensor *x, rec_tensor *branch, float p)
{
    if (x == NULL || branch == NULL)
        return NULL;
    assert(x->rows == branch->rows && x->cols == branch->cols);
    bool records = rec_tape_records(t, x, branch);
    bool masked = p > 0.0f && t->mode == REC_TAPE_TRAIN;
    rec_dropout_mask mask = {.threshold = 0};
    rec_tensor *y = rec_tape_tensor(t, x->rows, x->cols, records);
    if (y == NULL)
        return NULL;
    if (masked)
        mask = rec_tape_next_mask(t, p);
    if (records) {
        residual_node *node = rec_tape_record(t, sizeof *node, "residual", y, residual_back);
        if (node == NULL)
            return NULL;
        node->x = x;
        node->branch = branch;
        node->masked = masked;
        node->mask = mask;
    }
    rec_error error = {.status = REC_OK};
    if (add_branch(t, y, x, branch, masked ? &mask : NULL, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}
