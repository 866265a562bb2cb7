#include "tests/models/fixture.h"

/* u0 {0, 1}, u1 {0}: X^T X + I = [3 1; 1 2], its inverse [2 -1; -1 3] / 5, so B[0, 1] = 1/3 and
 * B[1, 0] = 1/2. */
START_TEST(two_items_by_hand)
{
    const float cells[] = {1, 1, 1, 0};
    fixture f = fixture_dense(cells, 2, 2);
    rec_model *m = fixture_fitted("ease", "{lambda: 1}", &f);
    float scores[2];
    uint32_t history[] = {1, 0, 0}; /* repeats count once, order does not matter */
    fixture_score(scores, m, history, 1);
    ck_assert_double_eq_tol(scores[0], 0.5, 1e-7);
    ck_assert_float_eq(scores[1], 0.0f);
    fixture_score(scores, m, history, 3);
    ck_assert_double_eq_tol(scores[0], 0.5, 1e-7);
    ck_assert_double_eq_tol(scores[1], 1.0 / 3, 1e-7);
    ck_assert_uint_eq(m->type->n_parameters(m->self), 2);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* Values 2 and 3 of one user: X^T X + I = [5 6; 6 10], inverse [10 -6; -6 5] / 14. */
START_TEST(values_as_feedback)
{
    const float cells[] = {2, 3};
    fixture f = fixture_dense(cells, 1, 2);
    rec_model *m = fixture_fitted("ease", "{lambda: 1, feedback: values}", &f);
    uint32_t item = 0;
    float value = 5, scores[2];
    rec_query q = {.user = REC_NO_USER, .history = &item, .values = &value, .n_history = 1};
    ck_assert_ok(m->type->score(scores, m->self, &q, 1, err));
    ck_assert_double_eq_tol(scores[1], 5.0 * 6 / 5, 1e-6);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(similar_lists_the_row_in_order)
{
    const float cells[] = {1, 1, 0, 1, 1, 1, 1, 0, 1};
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("ease", "{lambda: 2}", &f);
    uint32_t items[5];
    float similarities[5];
    size_t n_found;
    ck_assert_ok(m->type->similar(items, similarities, &n_found, m->self, 0, 5, err));
    ck_assert_uint_eq(n_found, 2);
    ck_assert_uint_eq(items[0], 1);
    ck_assert_uint_eq(items[1], 2);
    ck_assert_float_eq(similarities[0], similarities[1]); /* by symmetry: ties by index */
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(60, 300, 0.1, 7);
    fixture_check_reproducible("ease", "{lambda: 20}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("ease", NULL);
}
END_TEST

REC_SUITE("models/recommenders/ease", tcase_add_test(t, two_items_by_hand);
          tcase_add_test(t, values_as_feedback); tcase_add_test(t, similar_lists_the_row_in_order);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
