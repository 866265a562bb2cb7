/* Means worked by hand, an empty sequence, gradients by central differences. */
#include "models/nn/pooling.h"
#include "tests/models/nn/gradient_check.h"

static const uint32_t start[] = {0, 2, 2, 5};
static const rec_sequences sequences = {.n = 3, .start = start};

static double graph(rec_tape *t, rec_params *p, void *context)
{
    (void)context;
    return weighted_sum(t, rec_nn_mean_pool(t, rec_params_tensor(p, 0), &sequences));
}

START_TEST(means)
{
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    float x[] = {1, 2, 3, 6, 1, 1, 2, 2, 6, 9};
    rec_tensor *y = rec_nn_mean_pool(&tape, rec_tape_input(&tape, x, 5, 2, false), &sequences);
    const float wanted[] = {2, 4, 0, 0, 3, 4}; /* (1+3)/2 (2+6)/2; none; (1+2+6)/3 (1+2+9)/3 */
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq_tol(y->value[i], wanted[i], 1e-6f);
    rec_arena_deinit(&arena);
}
END_TEST

START_TEST(gradients)
{
    rec_params p;
    params_of(&p, 1.0f, (const size_t[][2]){{5, 7}, {0, 0}});
    check_gradients(&p, graph, NULL, REC_TAPE_TRAIN);
    check_threads(&p, graph, NULL);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/pooling", tcase_add_test(t, means); tcase_add_test(t, gradients);)
