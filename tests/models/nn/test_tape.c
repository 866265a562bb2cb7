#include "models/nn/tape.h"

#include "models/nn/dropout.h"
#include "models/nn/linear.h"
#include "models/nn/norm.h"
#include "models/nn/score_loss.h"
#include "tests/models/nn/gradient_check.h"

enum { X, W1, W2, GAIN, BIAS };
static const size_t shapes[][2] = {{3, 5}, {7, 5}, {5, 7}, {1, 5}, {1, 5}, {0, 0}};

/* x + dropout(W2 gelu(W1 norm(x))) */
static rec_tensor *block(rec_tape *t, void *context, rec_tensor *x)
{
    rec_params *p = context;
    rec_tensor *z =
        rec_nn_layer_norm(t, x, rec_params_tensor(p, GAIN), rec_params_tensor(p, BIAS), 1e-5f);
    z = rec_nn_linear_act(t, z, &(rec_linear){.weight = rec_params_tensor(p, W1)}, REC_ACT_GELU);
    z = rec_nn_linear(t, z, &(rec_linear){.weight = rec_params_tensor(p, W2)});
    return rec_nn_residual(t, x, z, 0.3f);
}

static double plain_graph(rec_tape *t, rec_params *p, void *context)
{
    (void)context;
    rec_tensor *x = block(t, p, block(t, p, rec_params_tensor(p, X)));
    return weighted_sum(t, rec_nn_residual(t, x, rec_params_tensor(p, X), 0.0f));
}

static double recomputed_graph(rec_tape *t, rec_params *p, void *context)
{
    (void)context;
    rec_tensor *x = rec_tape_recompute(t, block, p, rec_params_tensor(p, X));
    x = rec_tape_recompute(t, block, p, x);
    return weighted_sum(t, rec_nn_residual(t, x, rec_params_tensor(p, X), 0.0f));
}

START_TEST(shared_tensors_collect_gradients)
{
    rec_params p;
    params_of(&p, 0.5f, shapes);
    check_gradients(&p, plain_graph, NULL, REC_TAPE_TRAIN);
    check_gradients(&p, recomputed_graph, NULL, REC_TAPE_TRAIN);
    rec_params_deinit(&p);
}
END_TEST

/* Recomputation changes memory, not a bit of the result; and it does save memory. */
START_TEST(recomputation_is_exact)
{
    rec_params p;
    params_of(&p, 0.5f, (const size_t[][2]){{300, 5}, {70, 5}, {5, 70}, {1, 5}, {1, 5}, {0, 0}});
    rec_arena a = {.first = NULL}, b = {.first = NULL};
    double plain = graph_loss(&a, &p, plain_graph, NULL, REC_TAPE_TRAIN, true);
    float *grad = malloc(p.size * sizeof *grad);
    memcpy(grad, p.grad, p.size * sizeof *grad);
    rec_params_clear_gradients(&p);
    double again = graph_loss(&b, &p, recomputed_graph, NULL, REC_TAPE_TRAIN, true);
    ck_assert(plain == again);
    for (size_t i = 0; i < p.size; i++)
        ck_assert_double_le(fabs(grad[i] - p.grad[i]), 1e-5); /* sums of two paths: other order */
    ck_assert_uint_lt(b.peak, a.peak);
    free(grad);
    rec_arena_deinit(&a);
    rec_arena_deinit(&b);
    rec_params_deinit(&p);
}
END_TEST

/* After the second step the arena is one block and asks for nothing more. */
START_TEST(steps_reuse_memory)
{
    rec_params p;
    params_of(&p, 0.5f, shapes);
    rec_arena arena = {.first = NULL};
    arena.block_size = 256;
    for (int i = 0; i < 2; i++)
        graph_loss(&arena, &p, plain_graph, NULL, REC_TAPE_TRAIN, true);
    size_t peak = arena.peak;
    const rec_arena_block *first = arena.first;
    for (int i = 0; i < 3; i++)
        graph_loss(&arena, &p, plain_graph, NULL, REC_TAPE_TRAIN, true);
    ck_assert_uint_eq(arena.peak, peak);
    ck_assert_ptr_eq(arena.first, first);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(a_loss_that_is_not_finite_names_the_op)
{
    rec_params p;
    params_of(&p, 0.5f, shapes);
    rec_params_tensor(&p, W2)->value[3] = INFINITY;
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_TRAIN, 0);
    double loss = plain_graph(&t, &p, NULL);
    ck_assert_fails(rec_tape_check_loss(&t, loss, err), REC_ERR_MODEL, "linear, op 3");
    ck_assert_ok(rec_tape_check_loss(&t, 1.0, err));
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(the_first_failure_is_kept)
{
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_TRAIN, 0);
    ck_assert_ptr_null(rec_tape_input(&t, NULL, SIZE_MAX / 2, 1, true));
    rec_error later = {.status = REC_ERR_MODEL, .message = "later"};
    ck_assert_ptr_null(rec_tape_failed(&t, &later));
    ck_assert_fails(rec_tape_status(&t, err), REC_ERR_RESOURCE, "scratch");
    ck_assert_fails(rec_tape_backward(&t, err), REC_ERR_RESOURCE, "scratch");
    rec_tape_begin(&t, REC_TAPE_TRAIN, 0); /* a new step starts clean */
    ck_assert_ok(rec_tape_status(&t, err));
    rec_arena_deinit(&arena);
}
END_TEST

START_TEST(step_seeds_differ)
{
    ck_assert_uint_ne(rec_tape_step_seed(1, 2), rec_tape_step_seed(1, 3));
    ck_assert_uint_ne(rec_tape_step_seed(1, 2), rec_tape_step_seed(2, 2));
    ck_assert_uint_eq(rec_tape_step_seed(1, 2), rec_tape_step_seed(1, 2));
}
END_TEST

START_TEST(evaluation_keeps_no_records)
{
    rec_params p;
    params_of(&p, 0.5f, shapes);
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    rec_tensor *y = block(&t, &p, rec_params_tensor(&p, X));
    ck_assert_ptr_null(t.last);
    ck_assert(!y->needs_grad);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/tape", tcase_add_test(t, shared_tensors_collect_gradients);
          tcase_add_test(t, recomputation_is_exact); tcase_add_test(t, steps_reuse_memory);
          tcase_add_test(t, a_loss_that_is_not_finite_names_the_op);
          tcase_add_test(t, the_first_failure_is_kept); tcase_add_test(t, step_seeds_differ);
          tcase_add_test(t, evaluation_keeps_no_records);)
