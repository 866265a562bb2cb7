#include "tests/models/fixture.h"

/* u0 {0, 1}, u1 {0}, u2 {1}, u3 {0, 1}: gram 3 2; 2 3, four users. With alpha 0.5, l1_ratio 0.2 the
 * weight is (2 - 4 * 0.1) / (3 + 4 * 0.4) = 1.6 / 4.6. */
START_TEST(one_weight_in_closed_form)
{
    const float cells[] = {1, 1, 1, 0, 0, 1, 1, 1};
    fixture f = fixture_dense(cells, 4, 2);
    rec_model *m = fixture_fitted("slim_elastic_net", "{alpha: 0.5, l1_ratio: 0.2}", &f);
    const uint32_t item = 0;
    float scores[2];
    fixture_score(scores, m, &item, 1);
    ck_assert_double_eq(scores[0], 0);
    ck_assert_double_eq_tol(scores[1], 1.6 / 4.6, 1e-7);
    rec_model_free(m);
    m = fixture_fitted("slim_elastic_net", "{alpha: 0.5, l1_ratio: 1}", &f); /* 2 - 4 * 0.5 = 0 */
    ck_assert_uint_eq(m->type->n_parameters(m->self), 0);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(negative_values_are_refused)
{
    const float cells[] = {1, -2};
    fixture f = fixture_dense(cells, 1, 2);
    rec_model *m = fixture_model("slim_elastic_net", "{feedback: values}");
    ck_assert_fails(fixture_try_fit(m, &f, 1, err), REC_ERR_DATA, "is negative");
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(90, 70, 0.12, 3);
    fixture_check_reproducible("slim_elastic_net", "{k: 9, alpha: 0.01}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("slim_elastic_net", NULL);
}
END_TEST

REC_SUITE("models/recommenders/slim_elastic_net", tcase_add_test(t, one_weight_in_closed_form);
          tcase_add_test(t, negative_values_are_refused);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
