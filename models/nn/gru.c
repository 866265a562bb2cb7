/* What the input contributes is one linear op over all rows. The recurrence then runs over tiles of
 * sequences; inside a tile, step after step, one product for all sequences that are still going. The
 * weight gradient of the recurrence is one product over all rows at the end. */
#include "models/nn/gru.h"

#include <assert.h>
#include <string.h>

#include "core/blas.h"
#include "models/nn/linear.h"

enum { SEQUENCES_PER_TILE = 128 };

typedef struct gru_node {
    rec_node node;
    rec_tensor *from_input; /* (n, 3 h) W x + b_i, on the tape */
    rec_tensor *hidden, *hidden_bias;
    rec_sequences sequences;
    float *gates;          /* (n, 3 h) r, z, candidate */
    float *from_hidden;    /* (n, 3 h) U h + b_h */
    float *before;         /* (n, h) state before each row */
    const uint32_t *order; /* sequences, longest first, inside each tile */
} gru_node;

/* A tile of sequences at work: row k of the buffers belongs to the k-th longest sequence. */
typedef struct recurrence {
    const rec_kernels *kernels;
    const gru_node *node;
    size_t h;
    float *y;            /* forward: states */
    const float *dy;     /* backward: their gradient */
    float *d_from_input; /* (n, 3 h), or NULL */
    bool keep_input;
    float *d_from_hidden;    /* (n, 3 h) */
    float *state, *products; /* per tile: (SEQUENCES_PER_TILE, h) and (.., 3 h) */
} recurrence;

static size_t length_at(const gru_node *n, size_t place)
{
    uint32_t s = n->order[place];
    return n->sequences.start[s + 1] - n->sequences.start[s];
}

static size_t row_at(const gru_node *n, size_t place, size_t step)
{
    return n->sequences.start[n->order[place]] + step;
}

/* Sequences of the tile (places first ..) longer than `step`: they come first. */
static size_t still_going(const gru_node *n, size_t first, size_t count, size_t step)
{
    while (count > 0 && length_at(n, first + count - 1) <= step)
        count--;
    return count;
}

static void forward_tile(void *context, size_t first, size_t count)
{
    const recurrence *c = context;
    const gru_node *n = c->node;
    size_t h = c->h;
    float *state = c->state + first * h, *products = c->products + first * 3 * h;
    memset(state, 0, count * h * sizeof *state);
    for (size_t step = 0; (count = still_going(n, first, count, step)) > 0; step++) {
        rec_gemm_nt(products, 3 * h, state, h, n->hidden->value, h, count, 3 * h, h, 1.0f, 0.0f);
        if (n->hidden_bias != NULL)
            c->kernels->add_bias(products, n->hidden_bias->value, count, 3 * h);
        for (size_t k = 0; k < count; k++) {
            size_t row = row_at(n, first + k, step);
            float *own = state + k * h;
            memcpy(n->from_hidden + row * 3 * h, products + k * 3 * h, 3 * h * sizeof *own);
            memcpy(n->before + row * h, own, h * sizeof *own);
            c->kernels->gru(c->y + row * h, n->gates + row * 3 * h,
                            n->from_input->value + row * 3 * h, products + k * 3 * h,
                            n->before + row * h, h);
            memcpy(own, c->y + row * h, h * sizeof *own);
        }
    }
}

/* One step back of one sequence: its state's gradient (own) becomes that of the state before, the part
 * through U still missing. */
static void step_back(const recurrence *c, size_t row, float *own, float *into_hidden)
{
    const gru_node *n = c->node;
    size_t h = c->h;
    float *d_hidden = c->d_from_hidden + row * 3 * h, *d_input = into_hidden;
    c->kernels->add_scaled(own, c->dy + row * h, 1.0f, h, true);
    c->kernels->gru_back(d_input, d_hidden, own, own, n->gates + row * 3 * h,
                         n->from_hidden + row * 3 * h, n->before + row * h, h);
    if (c->d_from_input != NULL)
        c->kernels->add_scaled(c->d_from_input + row * 3 * h, d_input, 1.0f, 3 * h, c->keep_input);
    memcpy(into_hidden, d_hidden, 3 * h * sizeof *d_hidden);
}

static void backward_tile(void *context, size_t first, size_t count)
{
    const recurrence *c = context;
    const gru_node *n = c->node;
    size_t h = c->h;
    float *state = c->state + first * h, *products = c->products + first * 3 * h;
    memset(state, 0, count * h * sizeof *state);
    for (size_t step = count > 0 ? length_at(n, first) : 0; step-- > 0;) {
        size_t going = still_going(n, first, count, step);
        for (size_t k = 0; k < going; k++)
            step_back(c, row_at(n, first + k, step), state + k * h, products + k * 3 * h);
        rec_gemm_nn(state, h, products, 3 * h, n->hidden->value, h, going, h, 3 * h, 1.0f, 1.0f);
    }
}

/* Storage of all tiles at once: tiles run on any thread. */
static rec_status run(rec_tape *t, recurrence *c, rec_rows_fn fn, rec_error *err)
{
    rec_arena_mark mark = rec_arena_get_mark(t->arena);
    size_t n = c->node->sequences.n;
    c->kernels = t->kernels;
    c->state = rec_tape_alloc(t, n * c->h, sizeof(float));
    c->products = rec_tape_alloc(t, n * 3 * c->h, sizeof(float));
    rec_status status = rec_tape_status(t, err);
    if (status == REC_OK)
        status = rec_tape_for_rows(n, SEQUENCES_PER_TILE, fn, c, err);
    rec_arena_rewind(t->arena, mark);
    return status;
}

static rec_status gru_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const gru_node *n = (const gru_node *)node;
    size_t rows = node->out->rows, h = node->out->cols;
    rec_status status = REC_OK;
    recurrence c = {.node = n, .h = h, .dy = node->out->grad};
    c.d_from_hidden = rec_tape_alloc(t, rows * 3 * h, sizeof(float));
    if (n->from_input->needs_grad)
        c.d_from_input = rec_tape_gradient(t, n->from_input, &c.keep_input);
    REC_TRY(rec_tape_status(t, err));
    REC_TRY(run(t, &c, backward_tile, err));
    REC_TRY(rec_nn_weight_gradient(t, n->hidden, n->before, c.d_from_hidden, rows, 1.0f, err));
    REC_TRY(rec_nn_bias_gradient(t, n->hidden_bias, c.d_from_hidden, rows, err));
cleanup:
    return status;
}

/* Inside each tile of SEQUENCES_PER_TILE sequences: longest first, equal lengths in order. */
static uint32_t *longest_first(rec_tape *t, const rec_sequences *s)
{
    uint32_t *order = rec_tape_alloc(t, s->n, sizeof *order);
    for (size_t i = 0; order != NULL && i < s->n; i++) {
        uint32_t length = s->start[i + 1] - s->start[i];
        size_t place = i, tile = i / SEQUENCES_PER_TILE * SEQUENCES_PER_TILE;
        for (; place > tile; place--) {
            uint32_t other = order[place - 1];
            if (s->start[other + 1] - s->start[other] >= length)
                break;
            order[place] = other;
        }
        order[place] = (uint32_t)i;
    }
    return order;
}

rec_tensor *rec_nn_gru(rec_tape *t, rec_tensor *x, const rec_gru *w, const rec_sequences *sequences)
{
    size_t h = w->hidden->cols;
    assert(w->hidden->rows == 3 * h && w->input->rows == 3 * h);
    rec_linear input = {.weight = w->input, .bias = w->input_bias};
    rec_tensor *from_input = rec_nn_linear(t, x, &input);
    if (from_input == NULL)
        return NULL;
    assert(sequences->start[sequences->n] == x->rows);
    bool records = rec_tape_records(t, from_input, w->hidden);
    rec_tensor *y = rec_tape_tensor(t, x->rows, h, records);
    gru_node own = {.from_input = from_input, .hidden = w->hidden, .hidden_bias = w->hidden_bias};
    own.sequences = *sequences;
    own.order = longest_first(t, sequences);
    own.gates = rec_tape_alloc(t, x->rows * 3 * h, sizeof(float));
    own.from_hidden = rec_tape_alloc(t, x->rows * 3 * h, sizeof(float));
    own.before = rec_tape_alloc(t, x->rows * h, sizeof(float));
    if (t->error.status != REC_OK)
        return NULL;
    if (records) {
        gru_node *node = rec_tape_record(t, sizeof *node, "gru", y, gru_back);
        if (node == NULL)
            return NULL;
        own.node = node->node;
        *node = own;
    }
    recurrence c = {.node = &own, .h = h, .y = y->value};
    rec_error error = {.status = REC_OK};
    return run(t, &c, forward_tile, &error) == REC_OK ? y : rec_tape_failed(t, &error);
}
