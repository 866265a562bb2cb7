#include <math.h>

#include "tests/models/fixture.h"

/* u0 {0, 1}, u1 {1, 2}, u2 {1}: from item 0 the walk reaches 1 with 1/2; item 1 has 3 users. */
static const float cells[] = {1, 1, 0, 0, 1, 1, 0, 1, 0};

START_TEST(popular_targets_are_discounted)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("rp3beta", "{normalize: false, beta: 0.5}", &f);
    const uint32_t item = 0;
    float scores[3];
    fixture_score(scores, m, &item, 1);
    ck_assert_double_eq_tol(scores[1], 0.5 / sqrt(3), 1e-7);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* Item 1 reaches 0 and 2 alike; k = 1 keeps the lower per row. Column 1 then holds 0 and 2, both with
 * weight 1 after normalisation, and keeps the lower. */
START_TEST(top_per_row_then_per_column)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("rp3beta", "{k: 1}", &f);
    ck_assert_uint_eq(m->type->n_parameters(m->self), 2);
    const uint32_t items[] = {1, 2};
    float scores[3];
    fixture_score(scores, m, &items[0], 1);
    ck_assert_double_eq_tol(scores[0], 1, 1e-7);
    ck_assert_double_eq(scores[2], 0);
    fixture_score(scores, m, &items[1], 1);
    ck_assert_double_eq(scores[1], 0);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(80, 90, 0.1, 3);
    fixture_check_reproducible("rp3beta", "{k: 10}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("rp3beta", NULL);
}
END_TEST

REC_SUITE("models/recommenders/rp3beta", tcase_add_test(t, popular_targets_are_discounted);
          tcase_add_test(t, top_per_row_then_per_column);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
