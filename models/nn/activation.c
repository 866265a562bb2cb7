#include "models/nn/activation.h"

#include <assert.h>

enum { TILE = 16384 }; /* elements */

rec_activation_fn rec_activation_kernel(const rec_kernels *kernels, rec_activation f)
{
    assert(f != REC_ACT_NONE);
    switch (f) {
    case REC_ACT_GELU:
        return kernels->gelu;
    case REC_ACT_GELU_TANH:
        return kernels->gelu_tanh;
    case REC_ACT_SILU:
        return kernels->silu;
    case REC_ACT_RELU:
        return kernels->relu;
    case REC_ACT_TANH:
        return kernels->tanh;
    case REC_ACT_SIGMOID:
        return kernels->sigmoid;
    case REC_ACT_NONE:
        break;
    }
    return NULL;
}

/* ---- y = f(x) ---- */

typedef struct activation_node {
    rec_node node;
    rec_tensor *x;
    float *slope;
} activation_node;

typedef struct elements {
    const rec_kernels *kernels;
    rec_activation_fn f;
    float *y, *slope;
    const float *x;
    bool keep;
} elements;

static void activate_tile(void *context, size_t start, size_t n)
{
    const elements *c = context;
    c->f(c->y + start, c->slope != NULL ? c->slope + start : NULL, c->x + start, n);
}

static void multiply_tile(void *context, size_t start, size_t n)
{
    const elements *c = context;
    c->kernels->add_product(c->y + start, c->x + start, c->slope + start, n, c->keep);
}

static rec_status activation_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const activation_node *n = (const activation_node *)node;
    elements c = {.kernels = t->kernels, .slope = n->slope, .x = node->out->grad};
    c.y = rec_tape_gradient(t, n->x, &c.keep);
    if (c.y == NULL)
        return rec_tape_status(t, err);
    return rec_tape_for_rows(n->x->rows * n->x->cols, TILE, multiply_tile, &c, err);
}

rec_tensor *rec_nn_activation(rec_tape *t, rec_tensor *x, rec_activation f)
{
    if (x == NULL || f == REC_ACT_NONE)
        return x;
    bool records = rec_tape_records(t, x, NULL);
    rec_tensor *y = rec_tape_tensor(t, x->rows, x->cols, records);
    if (y == NULL)
        return NULL;
    elements c = {.f = rec_activation_kernel(t->kernels, f), .y = y->value, .x = x->value};
    if (records) {
        activation_node *node = rec_tape_record(t, sizeof *node, "activation", y, activation_back);
        c.slope = rec_tape_alloc(t, x->rows * x->cols, sizeof(float));
        if (node == NULL || c.slope == NULL)
            return NULL;
        node->x = x;
        node->slope = c.slope;
    }
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(x->rows * x->cols, TILE, activate_tile, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}

/* ---- f(gate) * up ---- */

typedef struct gated_node {
    rec_node node;
    rec_tensor *gate, *up;
    rec_activation_fn f;
} gated_node;

typedef struct gated_elements {
    const rec_kernels *kernels;
    rec_activation_fn f;
    const float *gate, *up, *dy;
    float *y, *dgate, *dup;
    bool keep_gate, keep_up;
} gated_elements;

enum { CHUNK = 1024 }; /* elements of scratch on the stack */

static void gate_tile(void *context, size_t start, size_t n)
{
    const gated_elements *c = context;
    c->f(c->y + start, NULL, c->gate + start, n);
    c->kernels->add_product(c->y + start, c->y + start, c->up + start, n, false);
}

/* f(gate) and its slope are computed again: cheaper than keeping two more copies of the batch. */
static void gate_back_tile(void *context, size_t start, size_t n)
{
    const gated_elements *c = context;
    float value[CHUNK], slope[CHUNK];
    for (size_t end = start + n; start < end; start += CHUNK) {
        size_t length = end - start < CHUNK ? end - start : CHUNK;
        c->f(value, slope, c->gate + start, length);
        if (c->dup != NULL)
            c->kernels->add_product(c->dup + start, c->dy + start, value, length, c->keep_up);
        if (c->dgate == NULL)
            continue;
        c->kernels->add_product(slope, slope, c->up + start, length, false);
        c->kernels->add_product(c->dgate + start, c->dy + start, slope, length, c->keep_gate);
    }
}

static rec_status gated_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const gated_node *n = (const gated_node *)node;
    gated_elements c = {.kernels = t->kernels, .f = n->f, .dy = node->out->grad};
    c.gate = n->gate->value;
    c.up = n->up->value;
    if (n->gate->needs_grad)
        c.dgate = rec_tape_gradient(t, n->gate, &c.keep_gate);
    if (n->up->needs_grad)
        c.dup = rec_tape_gradient(t, n->up, &c.keep_up);
    rec_status status = rec_tape_status(t, err);
    if (status != REC_OK)
        return status;
    return rec_tape_for_rows(n->gate->rows * n->gate->cols, TILE, gate_back_tile, &c, err);
}

rec_tensor *rec_nn_gated(rec_tape *t, rec_tensor *gate, rec_tensor *up, rec_activation f)
{
    if (gate == NULL || up == NULL)
        return NULL;
    assert(gate->rows == up->rows && gate->cols == up->cols && gate != up);
    bool records = rec_tape_records(t, gate, up);
    rec_tensor *y = rec_tape_tensor(t, gate->rows, gate->cols, records);
    if (y == NULL)
        return NULL;
    gated_elements c = {.kernels = t->kernels, .f = rec_activation_kernel(t->kernels, f)};
    c.y = y->value;
    c.gate = gate->value;
    c.up = up->value;
    if (records) {
        gated_node *node = rec_tape_record(t, sizeof *node, "gated", y, gated_back);
        if (node == NULL)
            return NULL;
        node->gate = gate;
        node->up = up;
        node->f = c.f;
    }
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(gate->rows * gate->cols, TILE, gate_tile, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}
