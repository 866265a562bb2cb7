#include "models/nn/gru.h"

#include "tests/models/nn/gradient_check.h"

enum { X, INPUT, HIDDEN, INPUT_BIAS, HIDDEN_BIAS, D = 3, H = 4 };

static double graph(rec_tape *t, rec_params *p, void *context)
{
    rec_gru w = {.input = rec_params_tensor(p, INPUT), .hidden = rec_params_tensor(p, HIDDEN)};
    w.input_bias = rec_params_tensor(p, INPUT_BIAS);
    w.hidden_bias = rec_params_tensor(p, HIDDEN_BIAS);
    return weighted_sum(t, rec_nn_gru(t, rec_params_tensor(p, X), &w, context));
}

static double S(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* W_row x + U_row h with biases apart, in double. */
static void gate(double *from_input, double *from_hidden, rec_params *p, size_t row, const float *x,
                 const double *h)
{
    *from_input = rec_params_tensor(p, INPUT_BIAS)->value[row];
    *from_hidden = rec_params_tensor(p, HIDDEN_BIAS)->value[row];
    for (size_t c = 0; c < D; c++)
        *from_input += (double)rec_params_tensor(p, INPUT)->value[row * D + c] * x[c];
    for (size_t c = 0; c < H; c++)
        *from_hidden += (double)rec_params_tensor(p, HIDDEN)->value[row * H + c] * h[c];
}

static void reference_step(double *h, rec_params *p, const float *x)
{
    double next[H], i, u;
    for (size_t c = 0; c < H; c++) {
        gate(&i, &u, p, c, x, h);
        double r = S(i + u);
        gate(&i, &u, p, H + c, x, h);
        double z = S(i + u);
        gate(&i, &u, p, 2 * H + c, x, h);
        next[c] = (1.0 - z) * tanh(i + r * u) + z * h[c];
    }
    memcpy(h, next, sizeof next);
}

static const size_t shapes[][2] = {{9, D}, {3 * H, D}, {3 * H, H}, {1, 3 * H}, {1, 3 * H}, {0, 0}};
static const uint32_t ragged[] = {0, 2, 2, 6, 9}; /* lengths 2, 0, 4, 3 */

START_TEST(follows_the_recurrence)
{
    rec_params p;
    params_of(&p, 0.8f, shapes);
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    rec_gru w = {.input = rec_params_tensor(&p, INPUT), .hidden = rec_params_tensor(&p, HIDDEN)};
    w.input_bias = rec_params_tensor(&p, INPUT_BIAS);
    w.hidden_bias = rec_params_tensor(&p, HIDDEN_BIAS);
    rec_sequences sequences = {4, ragged};
    rec_tensor *y = rec_nn_gru(&t, rec_params_tensor(&p, X), &w, &sequences);
    for (size_t s = 0; s < 4; s++) {
        double h[H] = {0};
        for (size_t i = ragged[s]; i < ragged[s + 1]; i++) {
            reference_step(h, &p, rec_params_tensor(&p, X)->value + i * D);
            for (size_t c = 0; c < H; c++)
                ck_assert_double_le(fabs(y->value[i * H + c] - h[c]), 1e-6);
        }
    }
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(gradients)
{
    rec_params p;
    rec_sequences sequences = {4, ragged};
    params_of(&p, 0.8f, shapes);
    check_gradients(&p, graph, &sequences, REC_TAPE_GRADIENTS);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    uint32_t start[301] = {0};
    for (uint32_t s = 0; s < 300; s++)
        start[s + 1] = start[s] + s % 7;
    rec_sequences sequences = {300, start};
    rec_params p;
    params_of(&p, 0.3f,
              (const size_t[][2]){{start[300], 5}, {51, 5}, {51, 17}, {1, 51}, {1, 51}, {0}});
    check_threads(&p, graph, &sequences);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/gru", tcase_add_test(t, follows_the_recurrence); tcase_add_test(t, gradients);
          tcase_add_test(t, threads_do_not_matter);)
