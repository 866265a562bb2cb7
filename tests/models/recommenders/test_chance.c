#include "tests/models/fixture.h"

START_TEST(scores_are_constant_and_say_so)
{
    fixture f = fixture_random(5, 8, 0.3, 1);
    rec_model *m = fixture_fitted("chance", NULL, &f);
    float scores[8];
    fixture_score(scores, m, NULL, 0);
    for (size_t i = 0; i < 8; i++)
        ck_assert_float_eq(scores[i], scores[0]);
    ck_assert(m->type->expects_ties);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_after_load)
{
    fixture f = fixture_random(5, 8, 0.3, 1);
    fixture_check_reproducible("chance", NULL, &f);
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/recommenders/chance", tcase_add_test(t, scores_are_constant_and_say_so);
          tcase_add_test(t, same_bits_after_load);)
