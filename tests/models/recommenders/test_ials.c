#include <math.h>

#include "tests/models/fixture.h"

/* Two users, one item each, one factor, exact solver. With equal confidence c = 2 (w = 1) and reg r
 * the epochs are x_u = 2 y_u / (s + y_u^2 + r), s = y_0^2 + y_1^2, then the same for items; computed
 * here side by side in double from the start the model drew. */
START_TEST(epochs_by_hand)
{
    const float cells[] = {1, 0, 0, 1};
    fixture f = fixture_dense(cells, 2, 2);
    rec_model *m = fixture_fitted(
        "ials", "{factors: 1, epochs: 4, reg: 0.1, solver: cholesky, init_scale: 1}", &f);
    double y[2], x[2] = {0};
    for (uint32_t i = 0; i < 2; i++) {
        rec_rng r = rec_rng_keyed(1, "ials/items", i);
        y[i] = rec_rng_uniform(&r);
    }
    for (int epoch = 0; epoch < 4; epoch++)
        for (int side = 0; side < 2; side++) {
            double *from = side == 0 ? y : x, *to = side == 0 ? x : y;
            double s = from[0] * from[0] + from[1] * from[1];
            for (int k = 0; k < 2; k++)
                to[k] = 2 * from[k] / (s + from[k] * from[k] + 0.1);
        }
    float scores[2];
    rec_query by_row = {.user = 0};
    fixture_score_query(scores, m, &by_row);
    ck_assert_double_eq_tol(scores[0], x[0] * y[0], 1e-5);
    ck_assert_double_eq_tol(scores[1], x[0] * y[1], 1e-5);
    /* The same history without a row: x solved for the final items. */
    uint32_t item = 0;
    double folded = 2 * y[0] / (y[0] * y[0] * 2 + y[1] * y[1] + 0.1);
    fixture_score(scores, m, &item, 1);
    ck_assert_double_eq_tol(scores[0], folded * y[0], 1e-5);
    ck_assert_uint_eq(m->type->n_parameters(m->self), 4);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* Two groups of users with items of their own: the group's items come first, the missing one too. */
static void check_groups(const char *options)
{
    enum { USERS = 20, ITEMS = 12 };
    float cells[USERS * ITEMS] = {0}, scores[ITEMS];
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++)
            cells[u * ITEMS + i] = i / 6 == u / 10 && (u + i) % 5 != 0 ? 1.0f : 0.0f;
    fixture f = fixture_dense(cells, USERS, ITEMS);
    rec_model *m = fixture_fitted("ials", options, &f);
    uint32_t history[] = {6, 7};
    fixture_score(scores, m, history, 2);
    for (int i = 0; i < 6; i++)
        for (int j = 6; j < ITEMS; j++)
            ck_assert_float_lt(scores[i], scores[j]);
    rec_model_free(m);
    fixture_deinit(&f);
}

START_TEST(groups_are_found_by_every_solver)
{
    check_groups("{factors: 4, solver: cg}");
    check_groups("{factors: 4, solver: cholesky}");
    check_groups("{factors: 4, init: normal, confidence: log, epsilon: 0.1, alpha: 2}");
}
END_TEST

/* Confidence from values: 1 + alpha r and 1 + alpha log(1 + r / epsilon). With one item, one factor
 * y and a new history, the score is c y^2 / (y^2 + reg + (c - 1) y^2). */
START_TEST(confidence_scales)
{
    const float cells[] = {1};
    const struct {
        const char *options;
        double confidence;
    } cases[] = {
        {"{factors: 1, feedback: values, alpha: 0.5, reg: 0.2}", 1 + 0.5 * 4},
        {"{factors: 1, feedback: values, alpha: 0.5, reg: 0.2, confidence: log, epsilon: 2}",
         1 + 0.5 * 1.0986122886681098 /* log 3 */},
    };
    for (int c = 0; c < 2; c++) {
        fixture f = fixture_dense(cells, 1, 1);
        rec_model *m = fixture_fitted("ials", cases[c].options, &f);
        rec_item_table table = m->type->item_table(m->self);
        double square = (double)table.rows[0] * (double)table.rows[0];
        uint32_t item = 0;
        float value = 4, score;
        rec_query q = {.user = REC_NO_USER, .history = &item, .values = &value, .n_history = 1};
        fixture_score_query(&score, m, &q);
        ck_assert_double_eq_tol(
            score, cases[c].confidence * square / (cases[c].confidence * square + 0.2), 1e-5);
        value = -1;
        float vector[16];
        ck_assert_fails(m->type->encode(vector, m->self, &q, 1, err), REC_ERR_DATA,
                        "feedback -1 of item 0");
        rec_model_free(m);
        fixture_deinit(&f);
    }
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(70, 130, 0.1, 7);
    fixture_check_reproducible("ials", "{factors: 9, epochs: 3}", &f);
    fixture_check_reproducible("ials", "{factors: 9, epochs: 3, solver: cholesky}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("ials", NULL);
    fixture_check_degenerate("ials", "{solver: cholesky}");
}
END_TEST

REC_SUITE("models/recommenders/ials", tcase_add_test(t, epochs_by_hand);
          tcase_add_test(t, groups_are_found_by_every_solver); tcase_add_test(t, confidence_scales);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
