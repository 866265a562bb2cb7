#include "tests/models/fixture.h"

/* u0 {0, 1}, u1 {1, 2}. p(i -> u): item 0 1, item 1 1/2 each, item 2 1; p(u -> i) 1/2. The walk from
 * item 1 reaches 0 and 2 with 1/4 each; from 0 it reaches 1 with 1/2. */
static const float cells[] = {1, 1, 0, 0, 1, 1};

START_TEST(walk_by_hand)
{
    fixture f = fixture_dense(cells, 2, 3);
    rec_model *m = fixture_fitted("p3alpha", "{normalize: false}", &f);
    const uint32_t items[] = {0, 1};
    float scores[3];
    fixture_score(scores, m, &items[1], 1);
    ck_assert_double_eq_tol(scores[0], 0.25, 1e-7);
    ck_assert_double_eq(scores[1], 0);
    ck_assert_double_eq_tol(scores[2], 0.25, 1e-7);
    fixture_score(scores, m, &items[0], 1);
    ck_assert_double_eq_tol(scores[1], 0.5, 1e-7);
    rec_model_free(m);
    m = fixture_fitted("p3alpha", "{alpha: 2}", &f); /* 1/16 each, then made to sum to 1 */
    fixture_score(scores, m, &items[1], 1);
    ck_assert_double_eq_tol(scores[0], 0.5, 1e-7);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(80, 90, 0.1, 3);
    fixture_check_reproducible("p3alpha", "{k: 10}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("p3alpha", "{alpha: 0}");
}
END_TEST

REC_SUITE("models/recommenders/p3alpha", tcase_add_test(t, walk_by_hand);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
