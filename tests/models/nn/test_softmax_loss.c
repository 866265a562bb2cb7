#include "models/nn/softmax_loss.h"

#include "models/nn/embedding.h"
#include "tests/models/nn/gradient_check.h"

enum { HIDDEN, TABLE, BIAS };
static const size_t shapes[][2] = {{5, 3}, {7, 3}, {1, 7}, {0, 0}};
static const uint32_t targets[] = {0, 6, 3, 3, 2};
static const float weights[] = {1.0f, 0.5f, 0.0f, 2.0f, 1.0f};
static const size_t allowed_start[] = {0, 2, 2, 4, 7, 7};
static const uint32_t allowed_ids[] = {0, 5, 1, 3, 3, 5, 6};
static const rec_allowed allowed = {allowed_start, allowed_ids};

typedef struct setup {
    bool bias, constrained;
    float scale;
} setup;

static rec_softmax softmax_of(rec_params *p, const setup *s)
{
    return (rec_softmax){.table = rec_params_tensor(p, TABLE),
                         .bias = s->bias ? rec_params_tensor(p, BIAS) : NULL,
                         .scale = s->scale,
                         .allowed = s->constrained ? &allowed : NULL};
}

static double loss_graph(rec_tape *t, rec_params *p, void *context)
{
    rec_softmax softmax = softmax_of(p, context);
    return rec_nn_cross_entropy(t, rec_params_tensor(p, HIDDEN), &softmax, targets, weights, 0.0,
                                NULL);
}

static double log_probs_graph(rec_tape *t, rec_params *p, void *context)
{
    rec_softmax softmax = softmax_of(p, context);
    return weighted_sum(t, rec_nn_log_probs(t, rec_params_tensor(p, HIDDEN), &softmax, targets));
}

/* Equal logits: log n_classes for a free row, log of the number of allowed ones otherwise. */
START_TEST(uniform_by_hand)
{
    rec_params p;
    params_of(&p, 0.0f, shapes);
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    float row_loss[5];
    setup s = {.constrained = true};
    rec_softmax softmax = softmax_of(&p, &s);
    double loss = rec_nn_cross_entropy(&t, rec_params_tensor(&p, HIDDEN), &softmax, targets,
                                       weights, 0.0, row_loss);
    const double want[] = {log(2.0), log(7.0), log(2.0), log(3.0), log(7.0)};
    double sum = 0.0;
    for (size_t i = 0; i < 5; i++) {
        ck_assert_double_le(fabs(row_loss[i] - want[i]), 1e-6);
        sum += weights[i] * want[i] / 4.5;
    }
    ck_assert_double_le(fabs(loss - sum), 1e-6);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(gradients)
{
    const setup setups[] = {{.scale = 0.0f},
                            {.bias = true, .scale = 2.0f},
                            {.bias = true, .constrained = true, .scale = 0.5f}};
    for (size_t i = 0; i < 3; i++) {
        rec_params p;
        setup s = setups[i];
        params_of(&p, 0.8f, shapes);
        check_gradients(&p, loss_graph, &s, REC_TAPE_GRADIENTS);
        check_gradients(&p, log_probs_graph, &s, REC_TAPE_GRADIENTS);
        rec_params_deinit(&p);
    }
}
END_TEST

/* Several blocks of rows and tiles of classes: the sum of one-row losses, and of their gradients. */
typedef struct large {
    uint32_t targets[300], one[1];
} large;

static double large_graph(rec_tape *t, rec_params *p, void *context)
{
    const large *l = context;
    rec_softmax softmax = {.table = rec_params_tensor(p, TABLE),
                           .bias = rec_params_tensor(p, BIAS)};
    return rec_nn_cross_entropy(t, rec_params_tensor(p, HIDDEN), &softmax, l->targets, NULL, 0.0,
                                NULL);
}

static double row_by_row_graph(rec_tape *t, rec_params *p, void *context)
{
    large *l = context;
    double sum = 0.0;
    static uint32_t rows[300];
    for (uint32_t i = 0; i < 300; i++) {
        rows[i] = i;
        rec_lookup lookup = {rec_params_tensor(p, HIDDEN), &rows[i]};
        rec_softmax softmax = {.table = rec_params_tensor(p, TABLE),
                               .bias = rec_params_tensor(p, BIAS)};
        sum += rec_nn_cross_entropy(t, rec_nn_embed(t, &lookup, 1, 1, 1.0f), &softmax,
                                    l->targets + i, NULL, 300.0, NULL);
    }
    return sum;
}

START_TEST(blocks_add_up)
{
    rec_params p;
    large l;
    rec_rng rng = rec_rng_keyed(1, "targets", 0);
    for (size_t i = 0; i < 300; i++)
        l.targets[i] = rec_rng_below(&rng, 20011);
    ck_assert_uint_eq(rec_nn_softmax_block_rows(20011), 256);
    params_of(&p, 0.8f, (const size_t[][2]){{300, 3}, {20011, 3}, {1, 20011}, {0, 0}});
    rec_arena arena = {.first = NULL};
    double whole = graph_loss(&arena, &p, large_graph, &l, REC_TAPE_TRAIN, true);
    float *grad = malloc(p.size * sizeof *grad);
    memcpy(grad, p.grad, p.size * sizeof *grad);
    rec_params_clear_gradients(&p);
    double parts = graph_loss(&arena, &p, row_by_row_graph, &l, REC_TAPE_TRAIN, true);
    ck_assert_double_le(fabs(whole - parts), 1e-6);
    for (size_t i = 0; i < p.size; i++)
        ck_assert_double_le(fabs(grad[i] - p.grad[i]), 2e-7);
    check_threads(&p, large_graph, &l);
    free(grad);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(nothing_to_learn_from)
{
    rec_arena arena = {.first = NULL};
    rec_params p;
    params_of(&p, 0.8f, shapes);
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_TRAIN, 0);
    const float none[5] = {0};
    setup s = {.bias = true};
    rec_softmax softmax = softmax_of(&p, &s);
    ck_assert(rec_nn_cross_entropy(&t, NULL, &softmax, targets, NULL, 0.0, NULL) == 0.0);
    rec_tensor *hidden = rec_params_tensor(&p, HIDDEN);
    ck_assert(rec_nn_cross_entropy(&t, hidden, &softmax, targets, none, 0.0, NULL) == 0.0);
    ck_assert_ok(rec_tape_backward(&t, err));
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/softmax_loss", tcase_add_test(t, uniform_by_hand);
          tcase_add_test(t, gradients); tcase_add_test(t, blocks_add_up);
          tcase_add_test(t, nothing_to_learn_from);)
