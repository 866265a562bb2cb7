#include "models/nn/activation.h"

#include "tests/models/nn/gradient_check.h"

static double activation_graph(rec_tape *t, rec_params *p, void *context)
{
    return weighted_sum(
        t, rec_nn_activation(t, rec_params_tensor(p, 0), *(const rec_activation *)context));
}

static double gated_graph(rec_tape *t, rec_params *p, void *context)
{
    return weighted_sum(t, rec_nn_gated(t, rec_params_tensor(p, 0), rec_params_tensor(p, 1),
                                        *(const rec_activation *)context));
}

START_TEST(gradients)
{
    rec_params p;
    params_of(&p, 1.0f, (const size_t[][2]){{3, 7}, {3, 7}, {0, 0}});
    for (rec_activation f = REC_ACT_NONE; f <= REC_ACT_SIGMOID; f++) {
        if (f == REC_ACT_RELU)
            continue; /* a difference across its corner is not its slope */
        check_gradients(&p, activation_graph, &f, REC_TAPE_GRADIENTS);
        if (f != REC_ACT_NONE)
            check_gradients(&p, gated_graph, &f, REC_TAPE_GRADIENTS);
    }
    rec_params_deinit(&p);
}
END_TEST

START_TEST(relu_by_hand)
{
    float x[] = {-1.0f, 0.0f, 2.0f}, ones[] = {1.0f, 1.0f, 1.0f};
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_GRADIENTS, 0);
    rec_tensor *in = rec_tape_input(&t, x, 1, 3, true);
    rec_tensor *y = rec_nn_activation(&t, in, REC_ACT_RELU);
    rec_tape_seed_gradient(&t, y, ones);
    ck_assert_ok(rec_tape_backward(&t, err));
    for (size_t i = 0; i < 3; i++) {
        ck_assert_float_eq(y->value[i], i == 2 ? 2.0f : 0.0f);
        ck_assert_float_eq(in->grad[i], i == 2 ? 1.0f : 0.0f);
    }
    rec_arena_deinit(&arena);
}
END_TEST

/* silu(1) * 3 = 3 / (1 + 1/e). */
START_TEST(gated_by_hand)
{
    float gate = 1.0f, up = 3.0f;
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    rec_tensor *y = rec_nn_gated(&t, rec_tape_input(&t, &gate, 1, 1, false),
                                 rec_tape_input(&t, &up, 1, 1, false), REC_ACT_SILU);
    ck_assert_double_le(fabs(y->value[0] - 3.0 / (1.0 + exp(-1.0))), 1e-6);
    rec_arena_deinit(&arena);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    rec_params p;
    rec_activation f = REC_ACT_SILU;
    params_of(&p, 1.0f, (const size_t[][2]){{501, 77}, {501, 77}, {0, 0}});
    check_threads(&p, gated_graph, &f);
    check_threads(&p, activation_graph, &f);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/activation", tcase_add_test(t, gradients); tcase_add_test(t, relu_by_hand);
          tcase_add_test(t, gated_by_hand); tcase_add_test(t, threads_do_not_matter);)
