/**
 * Central differences over every parameter of a small graph (STYLE.md, Tests): inputs are parameters
 * too, so that gradients of inputs and weights are checked by one loop. The loss is a sum in double.
 */
#ifndef REC_TESTS_GRADIENT_CHECK_H
#define REC_TESTS_GRADIENT_CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "models/nn/params.h"
#include "models/nn/tape.h"
#include "tests/suite.h"

/** Build the graph on a fresh tape, seed the gradients of its roots, return the loss. */
typedef double (*graph_fn)(rec_tape *t, rec_params *p, void *context);

/** A block of matrices (rows, cols), ..., ended by rows = 0, named p0, p1, ..., filled with N(0, sd). */
static inline void params_of(rec_params *p, float sd, const size_t (*shapes)[2])
{
    *p = (rec_params){.n = 0};
    for (size_t i = 0; shapes[i][0] > 0; i++) {
        char name[32];
        size_t index;
        snprintf(name, sizeof name, "p%zu", i);
        ck_assert_ok(rec_params_add_matrix(&index, p, name, shapes[i][0], shapes[i][1], err));
    }
    ck_assert_ok(rec_params_allocate(p, err));
    ck_assert_ok(rec_params_want_gradients(p, err));
    for (size_t i = 0; i < p->n; i++)
        rec_params_fill_normal(p, i, sd, 7);
}

/** sum over elements of c_ij y_ij with fixed "random" c; a root. */
static inline double weighted_sum(rec_tape *t, rec_tensor *y)
{
    if (y == NULL)
        return NAN;
    size_t n = y->rows * y->cols;
    float *c = malloc(n * sizeof *c);
    rec_rng rng = rec_rng_keyed(3, "tests/weighted_sum", 0);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        c[i] = 2.0f * rec_rng_uniform_float(&rng) - 1.0f;
        sum += (double)c[i] * (double)y->value[i];
    }
    rec_tape_seed_gradient(t, y, c);
    free(c);
    return sum;
}

static inline double graph_loss(rec_arena *arena, rec_params *p, graph_fn graph, void *context,
                                rec_tape_mode mode, bool backward)
{
    rec_tape tape;
    rec_tape_init(&tape, arena);
    rec_tape_begin(&tape, mode, 11);
    double loss = graph(&tape, p, context);
    ck_assert_ok(rec_tape_status(&tape, err));
    if (backward)
        ck_assert_ok(rec_tape_backward(&tape, err));
    return loss;
}

/** Compare the gradient of every parameter with (L(x + h) - L(x - h)) / 2h; TRAIN mode keeps dropout,
 * whose masks are the same in every evaluation. */
static inline void check_gradients(rec_params *p, graph_fn graph, void *context, rec_tape_mode mode)
{
    rec_arena arena = {.first = NULL};
    rec_params_clear_gradients(p);
    graph_loss(&arena, p, graph, context, mode, true);
    /* Roots on a parameter write its gradient in the forward call: keep the first. */
    float *grads = malloc(p->size * sizeof *grads);
    memcpy(grads, p->grad, p->size * sizeof *grads);
    const float h = 5e-3f;
    for (size_t i = 0; i < p->n; i++) {
        const rec_param *param = &p->table[i];
        if (param->frozen)
            continue;
        const float *grad = grads + param->offset;
        float greatest = 0.0f;
        for (size_t j = 0; j < param->size; j++)
            greatest = fmaxf(greatest, fabsf(grad[j]));
        for (size_t j = 0; j < param->size; j++) {
            float *x = p->value + param->offset + j, old = *x;
            float high = old + h, low = old - h; /* as rounded */
            *x = high;
            double above = graph_loss(&arena, p, graph, context, mode, false);
            *x = low;
            double below = graph_loss(&arena, p, graph, context, mode, false);
            *x = old;
            double slope = (above - below) / ((double)high - (double)low);
            ck_assert_msg(fabs(slope - (double)grad[j]) <= 1e-3 * (double)greatest + 2e-5,
                          "%s[%zu]: gradient %g, difference quotient %g (largest %g)", param->name,
                          j, (double)grad[j], slope, (double)greatest);
        }
    }
    free(grads);
    rec_arena_deinit(&arena);
}

/** Same loss and gradients to the last bit for 1 and 2 threads. */
static inline void check_threads(rec_params *p, graph_fn graph, void *context)
{
    rec_arena arena = {.first = NULL};
    float *first = malloc(p->size * sizeof *first);
    double loss[2];
    for (size_t n = 1; n <= 2; n++) {
        rec_parallel_set_threads(n);
        rec_params_clear_gradients(p);
        loss[n - 1] = graph_loss(&arena, p, graph, context, REC_TAPE_TRAIN, true);
        if (n == 1)
            memcpy(first, p->grad, p->size * sizeof *first);
    }
    ck_assert(loss[0] == loss[1]);
    ck_assert_int_eq(memcmp(first, p->grad, p->size * sizeof *first), 0);
    free(first);
    rec_arena_deinit(&arena);
}

#endif
