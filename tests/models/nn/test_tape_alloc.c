/* Every allocation of a step that uses every op fails once: the step ends with a status, nothing
 * leaks (ASan). From the third step on a tape allocates nothing. */
#include "tests/failing_malloc.h"
#include "tests/models/nn/gradient_check.h"

#include "models/nn/activation.h"
#include "models/nn/attention.h"
#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "models/nn/gru.h"
#include "models/nn/linear.h"
#include "models/nn/norm.h"
#include "models/nn/pooling.h"
#include "models/nn/score_loss.h"
#include "models/nn/softmax_loss.h"

enum { TABLE, WIDE, SQUARE, BIAS, A, B, GATES };
static const size_t shapes[][2] = {{6, 4}, {12, 4}, {4, 4},  {1, 4},
                                   {2, 4}, {4, 2},  {12, 4}, {0, 0}};
static const uint32_t ids[] = {1, 0, 5, 3, 2}, start[] = {0, 2, 5}, candidates[] = {1, 2, 3, 4};
static rec_params params;

static rec_tensor *p(size_t i)
{
    return rec_params_tensor(&params, i);
}

static rec_tensor *layer(rec_tape *t, void *context, rec_tensor *x)
{
    const rec_sequences *sequences = context;
    rec_lora lora = {.a = p(A), .b = p(B), .scale = 1.0f, .dropout = 0.1f};
    rec_linear square = {.weight = p(SQUARE), .bias = p(BIAS), .lora = &lora};
    rec_attention options = {.n_heads = 2, .n_kv_heads = 2, .head_dim = 2, .dropout = 0.1f};
    rec_tensor *z = rec_nn_layer_norm(t, x, p(BIAS), p(BIAS), 1e-5f);
    z = rec_nn_attention(t, rec_nn_linear(t, z, &square),
                         rec_nn_linear_act(t, z, &square, REC_ACT_GELU),
                         rec_nn_rms_norm(t, z, p(BIAS), 1.0f, 1e-5f), sequences, &options);
    return rec_nn_residual(t, x, rec_nn_gated(t, z, x, REC_ACT_SILU), 0.1f);
}

/* The losses of one step. */
static double losses(rec_tape *t, rec_sequences *sequences)
{
    rec_gru gru = {.input = p(GATES), .hidden = p(WIDE)};
    rec_tensor *x = rec_nn_embed(t, &(rec_lookup){p(TABLE), ids}, 1, 5, 1.0f);
    x = rec_tape_recompute(t, layer, sequences, rec_nn_dropout(t, x, 0.1f));
    x = rec_nn_gru(t, rec_nn_activation(t, layer(t, sequences, x), REC_ACT_TANH), &gru, sequences);
    rec_softmax softmax = {.table = p(TABLE)};
    double loss = rec_nn_cross_entropy(t, x, &softmax, ids, NULL, 0.0, NULL);
    rec_tensor *pooled = rec_nn_mean_pool(t, x, sequences);
    loss += rec_nn_info_nce(t, pooled, pooled, NULL, NULL, NULL, 0.5f, 0.0);
    rec_tensor *scores = rec_nn_candidate_scores(t, pooled, p(TABLE), NULL, candidates, 2);
    loss += rec_nn_score_loss(t, scores, &(rec_score_loss){.kind = REC_LOSS_BPR}, NULL);
    rec_tensor *log_p = rec_nn_log_probs(t, x, &softmax, ids);
    static const float slopes[5] = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f};
    rec_tape_seed_gradient(t, log_p, slopes);
    return loss;
}

static rec_status step(rec_tape *t, rec_error *err)
{
    rec_sequences sequences = {2, start};
    rec_tape_begin(t, REC_TAPE_TRAIN, 1);
    losses(t, &sequences);
    return rec_tape_backward(t, err);
}

static rec_status first_step(rec_error *err)
{
    rec_arena arena = {.block_size = 256}; /* small: many blocks, many places to fail */
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_status status = step(&t, err);
    rec_arena_deinit(&arena);
    return status;
}

START_TEST(nth_allocation_fails)
{
    rec_parallel_set_threads(1);
    params_of(&params, 0.5f, shapes);
    ck_assert_uint_ge(failing_malloc_exhaust(first_step), 50);
    rec_params_deinit(&params);
}
END_TEST

/* With REC_ARENA_SEPARATE the arena hands everything back between steps. */
#ifndef REC_ARENA_SEPARATE
START_TEST(later_steps_allocate_nothing)
{
    rec_parallel_set_threads(1);
    params_of(&params, 0.5f, shapes);
    rec_arena arena = {.block_size = 256};
    rec_tape t;
    rec_tape_init(&t, &arena);
    ck_assert_ok(step(&t, err));
    ck_assert_ok(step(&t, err));
    failing_malloc_arm(1);
    rec_error error = {.status = REC_OK};
    rec_status status = step(&t, &error);
    bool reached = failing_malloc_disarm();
    ck_assert_int_eq(status, REC_OK);
    ck_assert(!reached);
    rec_arena_deinit(&arena);
    rec_params_deinit(&params);
}
END_TEST
#define LATER_STEPS(t) tcase_add_test(t, later_steps_allocate_nothing)
#else
#define LATER_STEPS(t)
#endif

REC_SUITE("models/nn/tape_alloc", tcase_add_test(t, nth_allocation_fails); LATER_STEPS(t);)
