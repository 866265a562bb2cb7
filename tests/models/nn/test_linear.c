#include "models/nn/linear.h"

#include "tests/models/nn/gradient_check.h"

/* x (7, 5), W (4, 5), b (1, 4); LoRA A (2, 5), B (4, 2). */
enum { X, W, BIAS, A, B };
static const size_t shapes[][2] = {{7, 5}, {4, 5}, {1, 4}, {2, 5}, {4, 2}, {0, 0}};

typedef struct variant {
    rec_activation f;
    bool lora;
    float dropout;
} variant;

static double graph(rec_tape *t, rec_params *p, void *context)
{
    const variant *v = context;
    rec_lora lora = {.a = rec_params_tensor(p, A), .b = rec_params_tensor(p, B), .scale = 1.5f};
    lora.dropout = v->dropout;
    rec_linear w = {.weight = rec_params_tensor(p, W), .bias = rec_params_tensor(p, BIAS)};
    w.lora = v->lora ? &lora : NULL;
    return weighted_sum(t, rec_nn_linear_act(t, rec_params_tensor(p, X), &w, v->f));
}

START_TEST(value_by_hand)
{
    /* x = (1, 2), W = ((3, 4), (5, 6)), b = (10, 20): y = (1*3 + 2*4 + 10, 1*5 + 2*6 + 20). */
    rec_params p;
    params_of(&p, 0.0f, (const size_t[][2]){{1, 2}, {2, 2}, {1, 2}, {0, 0}});
    memcpy(rec_params_tensor(&p, 0)->value, (float[]){1, 2}, 2 * sizeof(float));
    memcpy(rec_params_tensor(&p, 1)->value, (float[]){3, 4, 5, 6}, 4 * sizeof(float));
    memcpy(rec_params_tensor(&p, 2)->value, (float[]){10, 20}, 2 * sizeof(float));
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    rec_linear w = {.weight = rec_params_tensor(&p, 1), .bias = rec_params_tensor(&p, 2)};
    rec_tensor *y = rec_nn_linear(&t, rec_params_tensor(&p, 0), &w);
    ck_assert_float_eq(y->value[0], 21.0f);
    ck_assert_float_eq(y->value[1], 37.0f);
    rec_tensor *s = rec_nn_similarity(&t, rec_params_tensor(&p, 0), rec_params_tensor(&p, 1), 2.0f);
    ck_assert_float_eq(s->value[0], 22.0f);
    ck_assert_float_eq(s->value[1], 34.0f);
    ck_assert_ptr_null(rec_nn_linear(&t, NULL, &w)); /* NULL goes through */
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(gradients)
{
    const variant variants[] = {
        {.f = REC_ACT_NONE},
        {.f = REC_ACT_GELU},
        {.f = REC_ACT_GELU_TANH},
        {.f = REC_ACT_SILU},
        {.f = REC_ACT_TANH},
        {.f = REC_ACT_SIGMOID},
        {.f = REC_ACT_NONE, .lora = true},
        {.f = REC_ACT_GELU, .lora = true, .dropout = 0.3f},
    };
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        rec_params p;
        variant v = variants[i];
        params_of(&p, 0.5f, shapes);
        check_gradients(&p, graph, &v, REC_TAPE_TRAIN);
        rec_params_deinit(&p);
    }
}
END_TEST

START_TEST(a_frozen_base_leaves_its_gradient_alone)
{
    rec_params p;
    variant v = {.lora = true};
    params_of(&p, 0.5f, shapes);
    ck_assert_uint_eq(rec_params_freeze(&p, "p1", true), 1);
    ck_assert_ok(rec_params_want_gradients(&p, err));
    check_gradients(&p, graph, &v, REC_TAPE_TRAIN);
    for (size_t i = 0; i < 20; i++)
        ck_assert_float_eq(p.grad[p.table[W].offset + i], 0.0f);
    rec_params_deinit(&p);
}
END_TEST

static double similarity_graph(rec_tape *t, rec_params *p, void *context)
{
    (void)context;
    return weighted_sum(
        t, rec_nn_similarity(t, rec_params_tensor(p, 0), rec_params_tensor(p, 1), 0.7f));
}

START_TEST(similarity_gradients)
{
    rec_params p;
    params_of(&p, 0.5f, (const size_t[][2]){{3, 5}, {4, 5}, {0, 0}});
    check_gradients(&p, similarity_graph, NULL, REC_TAPE_GRADIENTS);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    rec_params p;
    variant v = {.f = REC_ACT_GELU, .lora = true, .dropout = 0.2f};
    params_of(&p, 0.1f,
              (const size_t[][2]){{700, 33}, {150, 33}, {1, 150}, {3, 33}, {150, 3}, {0}});
    check_threads(&p, graph, &v);
    rec_params_deinit(&p);
}
END_TEST

static void fill_whole_numbers(float *x, size_t n, const char *purpose)
{
    rec_rng rng = rec_rng_keyed(5, purpose, n);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)rec_rng_below(&rng, 7) - 3.0f;
}

/* dW = 2 dy^T x for a weight of several blocks, the last ones smaller; then added once more. Small whole
 * numbers: every order of the sums gives the same. */
static void check_weight_gradient(size_t rows, size_t cols)
{
    enum { N = 9 };
    rec_params p;
    rec_arena arena = {.first = NULL};
    rec_tape t;
    float *x = malloc(N * cols * sizeof *x), *dy = malloc(N * rows * sizeof *dy);
    params_of(&p, 0.0f, (const size_t[][2]){{rows, cols}, {0, 0}});
    fill_whole_numbers(x, N * cols, "x");
    fill_whole_numbers(dy, N * rows, "dy");
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_GRADIENTS, 0);
    rec_tensor *w = rec_params_tensor(&p, 0);
    for (int turn = 1; turn <= 2; turn++) {
        ck_assert_ok(rec_nn_weight_gradient(&t, w, x, dy, N, 2.0f, err));
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++) {
                double sum = 0.0;
                for (size_t k = 0; k < N; k++)
                    sum += (double)dy[k * rows + i] * (double)x[k * cols + j];
                ck_assert_double_eq((double)w->grad[i * cols + j], 2.0 * turn * sum);
            }
    }
    free(x);
    free(dy);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}

START_TEST(gradient_of_a_weight_of_many_blocks)
{
    check_weight_gradient(301, 797);
    check_weight_gradient(797, 301);
    check_weight_gradient(8, 1000);
    check_weight_gradient(1100, 3);
}
END_TEST

REC_SUITE("models/nn/linear", tcase_add_test(t, gradient_of_a_weight_of_many_blocks);
          tcase_add_test(t, value_by_hand); tcase_add_test(t, gradients);
          tcase_add_test(t, a_frozen_base_leaves_its_gradient_alone);
          tcase_add_test(t, similarity_gradients); tcase_add_test(t, threads_do_not_matter);)
