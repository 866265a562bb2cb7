#include <math.h>

#include "models/random_walk.h"
#include "tests/models/fixture.h"

/* Values of two users: u0 (1, 3, 0), u1 (0, 2, 2). p(u0 -> 1) = 3/4, p(u1 -> 2) = 1/2; the step from an
 * item to its users looks at their number only. */
static const float cells[] = {1, 3, 0, 0, 2, 2};

START_TEST(values_weigh_the_second_step)
{
    fixture f = fixture_dense(cells, 2, 3);
    rec_item_graph g = {.feedback = REC_FEEDBACK_VALUES};
    rec_random_walk walk = {.k = 9, .alpha = 1, .beta = 1};
    ck_assert_ok(rec_random_walk_fit(&g, &walk, &f.train, err));
    const rec_sparse *w = &g.weights;
    ck_assert_uint_eq(rec_sparse_n_values(w), 4); /* 0 -> 1, 1 -> 0, 1 -> 2, 2 -> 1 */
    ck_assert_uint_eq(w->column[0], 1);
    ck_assert_double_eq_tol(w->value[0], 0.75 / 2, 1e-7);   /* item 1 has two users */
    ck_assert_double_eq_tol(w->value[1], 0.5 * 0.25, 1e-7); /* 1 -> u0 -> 0 */
    ck_assert_double_eq_tol(w->value[2], 0.5 * 0.5, 1e-7);  /* 1 -> u1 -> 2 */
    ck_assert_double_eq_tol(w->value[3], 0.5 / 2, 1e-7);    /* 2 -> u1 -> 1 */
    rec_item_graph_deinit(&g);
    fixture_deinit(&f);
}
END_TEST

START_TEST(alpha_is_elementwise_and_rows_sum_to_one)
{
    fixture f = fixture_dense(cells, 2, 3);
    rec_item_graph g = {.feedback = REC_FEEDBACK_VALUES};
    rec_random_walk walk = {.k = 9, .alpha = 2, .normalize = true};
    ck_assert_ok(rec_random_walk_fit(&g, &walk, &f.train, err));
    double to_0 = 0.25 * 0.0625, to_2 = 0.25 * 0.25;
    ck_assert_double_eq_tol(g.weights.value[1], to_0 / (to_0 + to_2), 1e-6);
    ck_assert_double_eq_tol(g.weights.value[0], 1, 1e-7);
    rec_item_graph_deinit(&g);
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/random_walk", tcase_add_test(t, values_weigh_the_second_step);
          tcase_add_test(t, alpha_is_elementwise_and_rows_sum_to_one);)
