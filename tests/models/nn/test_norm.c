#include "models/nn/norm.h"

#include "tests/models/nn/gradient_check.h"

enum { X, GAIN, BIAS };

static double layer_norm_graph(rec_tape *t, rec_params *p, void *context)
{
    (void)context;
    return weighted_sum(t, rec_nn_layer_norm(t, rec_params_tensor(p, X), rec_params_tensor(p, GAIN),
                                             rec_params_tensor(p, BIAS), 1e-5f));
}

static double rms_norm_graph(rec_tape *t, rec_params *p, void *context)
{
    return weighted_sum(t, rec_nn_rms_norm(t, rec_params_tensor(p, X), rec_params_tensor(p, GAIN),
                                           *(float *)context, 1e-5f));
}

static double l2_graph(rec_tape *t, rec_params *p, void *context)
{
    (void)context;
    return weighted_sum(t, rec_nn_l2_normalize(t, rec_params_tensor(p, X)));
}

START_TEST(values_by_hand)
{
    /* Row (1, 2, 3, 6): mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5, mean square 12.5, norm sqrt 50. */
    rec_params p;
    params_of(&p, 0.0f, (const size_t[][2]){{1, 4}, {1, 4}, {1, 4}, {0, 0}});
    memcpy(rec_params_tensor(&p, X)->value, (float[]){1, 2, 3, 6}, 4 * sizeof(float));
    memcpy(rec_params_tensor(&p, GAIN)->value, (float[]){1, 2, 1, 1}, 4 * sizeof(float));
    rec_params_fill(&p, BIAS, 0.5f);
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    rec_tensor *x = rec_params_tensor(&p, X), *gain = rec_params_tensor(&p, GAIN);
    rec_tensor *y = rec_nn_layer_norm(&t, x, gain, rec_params_tensor(&p, BIAS), 0.0f);
    ck_assert_double_le(fabs(y->value[0] - (-2.0 / sqrt(3.5) + 0.5)), 1e-6);
    ck_assert_double_le(fabs(y->value[1] - (-2.0 / sqrt(3.5) + 0.5)), 1e-6);
    ck_assert_double_le(fabs(y->value[3] - (3.0 / sqrt(3.5) + 0.5)), 1e-6);
    y = rec_nn_rms_norm(&t, x, gain, 1.0f, 0.0f);
    ck_assert_double_le(fabs(y->value[1] - 2.0 * 3.0 / sqrt(12.5)), 1e-6);
    y = rec_nn_l2_normalize(&t, x);
    ck_assert_double_le(fabs(y->value[3] - 6.0 / sqrt(50.0)), 1e-6);
    float zero[3] = {0};
    y = rec_nn_l2_normalize(&t, rec_tape_input(&t, zero, 1, 3, false));
    ck_assert_float_eq(y->value[0], 0.0f);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(gradients)
{
    rec_params p;
    params_of(&p, 1.0f, (const size_t[][2]){{3, 5}, {1, 5}, {1, 5}, {0, 0}});
    check_gradients(&p, layer_norm_graph, NULL, REC_TAPE_GRADIENTS);
    float offset = 1.0f;
    check_gradients(&p, rms_norm_graph, &offset, REC_TAPE_GRADIENTS);
    check_gradients(&p, l2_graph, NULL, REC_TAPE_GRADIENTS);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(heads_share_a_gain)
{
    rec_params p;
    float offset = 0.0f;
    params_of(&p, 1.0f, (const size_t[][2]){{3, 15}, {1, 5}, {0, 0}});
    check_gradients(&p, rms_norm_graph, &offset, REC_TAPE_GRADIENTS);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    rec_params p;
    params_of(&p, 1.0f, (const size_t[][2]){{1000, 37}, {1, 37}, {1, 37}, {0, 0}});
    check_threads(&p, layer_norm_graph, NULL);
    float offset = 0.0f;
    check_threads(&p, rms_norm_graph, &offset);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/norm", tcase_add_test(t, values_by_hand); tcase_add_test(t, gradients);
          tcase_add_test(t, heads_share_a_gain); tcase_add_test(t, threads_do_not_matter);)
