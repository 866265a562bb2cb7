#include "models/nn/dropout.h"

#include "tests/models/nn/gradient_check.h"

static double dropout_graph(rec_tape *t, rec_params *p, void *context)
{
    float rate = *(const float *)context;
    rec_tensor *x = rec_params_tensor(p, 0);
    return weighted_sum(
        t, rec_nn_residual(t, rec_nn_dropout(t, x, rate), rec_params_tensor(p, 1), rate));
}

START_TEST(gradients)
{
    rec_params p;
    params_of(&p, 1.0f, (const size_t[][2]){{5, 31}, {5, 31}, {0, 0}});
    float rate = 0.4f;
    check_gradients(&p, dropout_graph, &rate, REC_TAPE_TRAIN);
    rate = 0.0f;
    check_gradients(&p, dropout_graph, &rate, REC_TAPE_TRAIN);
    rec_params_deinit(&p);
}
END_TEST

/* Kept share within 4 standard errors of 1 - p, kept values scaled by 1 / (1 - p). */
START_TEST(share_and_scale)
{
    enum { ROWS = 300, COLS = 77 };
    static float ones[ROWS * COLS];
    for (size_t i = 0; i < ROWS * COLS; i++)
        ones[i] = 1.0f;
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_TRAIN, 5);
    rec_tensor *x = rec_tape_input(&t, ones, ROWS, COLS, false);
    rec_tensor *y = rec_nn_dropout(&t, x, 0.25f), *other = rec_nn_dropout(&t, x, 0.25f);
    size_t kept = 0, same = 0;
    for (size_t i = 0; i < ROWS * COLS; i++) {
        ck_assert(y->value[i] == 0.0f || fabsf(y->value[i] - 4.0f / 3.0f) < 1e-6f);
        kept += y->value[i] != 0.0f;
        same += (y->value[i] != 0.0f) == (other->value[i] != 0.0f);
    }
    double n = ROWS * COLS;
    ck_assert_double_le(fabs((double)kept / n - 0.75), 4.0 * sqrt(0.75 * 0.25 / n));
    /* two masks are independent: they agree on 0.75^2 + 0.25^2 of the elements */
    ck_assert_double_le(fabs((double)same / n - 0.625), 4.0 * sqrt(0.625 * 0.375 / n));
    ck_assert_ptr_eq(rec_nn_dropout(&t, x, 0.0f), x);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 5);
    x = rec_tape_input(&t, ones, ROWS, COLS, false);
    ck_assert_ptr_eq(rec_nn_dropout(&t, x, 0.25f), x);
    rec_arena_deinit(&arena);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    rec_params p;
    float rate = 0.3f;
    params_of(&p, 1.0f, (const size_t[][2]){{900, 37}, {900, 37}, {0, 0}});
    check_threads(&p, dropout_graph, &rate);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/dropout", tcase_add_test(t, gradients); tcase_add_test(t, share_and_scale);
          tcase_add_test(t, threads_do_not_matter);)
