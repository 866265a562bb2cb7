#include "tests/models/fixture.h"

START_TEST(counts_interactions_and_ignores_the_query)
{
    const float cells[] = {1, 0, 1, 1, 0, 0};
    fixture f = fixture_dense(cells, 2, 3);
    rec_model *m = fixture_fitted("pop", NULL, &f);
    float scores[3];
    uint32_t history = 1;
    fixture_score(scores, m, &history, 1);
    ck_assert_float_eq(scores[0], 2);
    ck_assert_float_eq(scores[1], 0);
    ck_assert_float_eq(scores[2], 1);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_after_load)
{
    fixture f = fixture_random(20, 30, 0.2, 1);
    fixture_check_reproducible("pop", NULL, &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("pop", NULL);
}
END_TEST

REC_SUITE("models/recommenders/pop", tcase_add_test(t, counts_interactions_and_ignores_the_query);
          tcase_add_test(t, same_bits_after_load); tcase_add_test(t, degenerate_data);)
