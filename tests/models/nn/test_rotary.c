/* A rotation by 90 degrees worked by hand, lengths kept, gradients by central differences. */
#include <math.h>

#include "models/nn/rotary.h"
#include "tests/models/nn/gradient_check.h"

static const uint32_t positions[] = {0, 1, 2, 0, 3};

static double graph(rec_tape *t, rec_params *p, void *context)
{
    return weighted_sum(t, rec_nn_rotary(t, rec_params_tensor(p, 0), context, positions));
}

/* Frequency pi / 2: position 1 takes (a, b) to (-b, a), position 2 to (-a, -b). */
START_TEST(quarter_turns)
{
    rec_rotary_table table;
    const double frequency = acos(0.0);
    ck_assert_ok(rec_rotary_table_init(&table, &frequency, 1, 3, err));
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; /* 3 rows of 2 heads of 2 */
    rec_tensor *y = rec_nn_rotary(&tape, rec_tape_input(&tape, x, 3, 4, false), &table, positions);
    const float wanted[] = {1, 2, 3, 4, -6, 5, -8, 7, -9, -10, -11, -12};
    for (int i = 0; i < 12; i++)
        ck_assert_float_eq_tol(y->value[i], wanted[i], 1e-5f);
    rec_rotary_table_deinit(&table);
    rec_arena_deinit(&arena);
}
END_TEST

START_TEST(gradients)
{
    rec_params p;
    rec_rotary_table table;
    const double frequencies[] = {1.0, 0.3, 0.05};
    ck_assert_ok(rec_rotary_table_init(&table, frequencies, 3, 4, err));
    params_of(&p, 1.0f, (const size_t[][2]){{5, 12}, {0, 0}});
    check_gradients(&p, graph, &table, REC_TAPE_TRAIN);
    check_threads(&p, graph, &table);
    rec_params_deinit(&p);
    rec_rotary_table_deinit(&table);
}
END_TEST

REC_SUITE("models/nn/rotary", tcase_add_test(t, quarter_turns); tcase_add_test(t, gradients);)
