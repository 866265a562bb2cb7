#include "models/nn/rotary.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

rec_status rec_rotary_table_init(rec_rotary_table *table, const double *frequencies, size_t half,
                                 size_t n_positions, rec_error *err)
{
    *table = (rec_rotary_table){.n_positions = n_positions, .half = half};
    table->cosine = rec_alloc(n_positions * half, sizeof *table->cosine, err);
    table->sine = rec_alloc(n_positions * half, sizeof *table->sine, err);
    if (table->cosine == NULL || table->sine == NULL) {
        rec_rotary_table_deinit(table);
        return REC_ERR_RESOURCE;
    }
    for (size_t p = 0; p < n_positions; p++)
        for (size_t i = 0; i < half; i++) {
            table->cosine[p * half + i] = (float)cos((double)p * frequencies[i]);
            table->sine[p * half + i] = (float)sin((double)p * frequencies[i]);
        }
    return REC_OK;
}

void rec_rotary_table_deinit(rec_rotary_table *table)
{
    free(table->cosine);
    free(table->sine);
    *table = (rec_rotary_table){.half = 0};
}

typedef struct rotary_node {
    rec_node node;
    rec_tensor *x;
    const rec_rotary_table *table;
    const uint32_t *positions;
} rotary_node;

typedef struct rotary_rows {
    const rec_kernels *kernels;
    const rec_rotary_table *table;
    const uint32_t *positions;
    const float *x;
    float *y;
    size_t cols;
    float sign; /* -1 turns gradients back */
    bool keep;
} rotary_rows;

static void rotate_tile(void *context, size_t start, size_t n)
{
    const rotary_rows *c = context;
    size_t half = c->table->half;
    for (size_t i = start; i < start + n; i++) {
        size_t angle = (size_t)c->positions[i] * half;
        for (size_t head = 0; head < c->cols; head += 2 * half)
            c->kernels->rotate(c->y + i * c->cols + head, c->keep, c->x + i * c->cols + head,
                               c->table->cosine + angle, c->table->sine + angle, c->sign, half);
    }
}

/* A rotation's transpose is the rotation by the opposite angle. */
static rec_status rotary_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const rotary_node *n = (const rotary_node *)node;
    rotary_rows c = {.kernels = t->kernels, .table = n->table, .positions = n->positions};
    c.x = node->out->grad;
    c.cols = node->out->cols;
    c.sign = -1.0f;
    c.y = rec_tape_gradient(t, n->x, &c.keep);
    if (c.y == NULL)
        return rec_tape_status(t, err);
    return rec_tape_for_rows(n->x->rows, rec_tape_tile(c.cols), rotate_tile, &c, err);
}

rec_tensor *rec_nn_rotary(rec_tape *t, rec_tensor *x, const rec_rotary_table *table,
                          const uint32_t *positions)
{
    if (x == NULL)
        return NULL;
    assert(x->cols % (2 * table->half) == 0);
    for (size_t i = 0; i < x->rows; i++)
        assert(positions[i] < table->n_positions);
    bool records = rec_tape_records(t, x, NULL);
    rec_tensor *y = rec_tape_tensor(t, x->rows, x->cols, records);
    if (y == NULL)
        return NULL;
    if (records) {
        rotary_node *node = rec_tape_record(t, sizeof *node, "rotary", y, rotary_back);
        if (node == NULL)
            return NULL;
        node->x = x;
        node->table = table;
        node->positions = positions;
    }
    rotary_rows c = {.kernels = t->kernels, .table = table, .positions = positions, .x = x->value};
    c.y = y->value;
    c.cols = x->cols;
    c.sign = 1.0f;
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(x->rows, rec_tape_tile(x->cols), rotate_tile, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}
