#include <math.h>

#include "tests/models/fixture.h"

/* u0 0 2 1, u1 1 2 1 (an item may return), u2 0. */
static fixture sequences(void)
{
    static const uint32_t items[] = {0, 2, 1, 1, 2, 1, 0};
    const float cells[] = {1, 1, 1, 1, 1, 1, 1, 0, 0};
    fixture f = fixture_dense(cells, 3, 3);
    memcpy(f.train.item, items, sizeof items);
    for (size_t i = 0; i < 7; i++)
        f.train.value[i] = 1;
    return f;
}

/* Users with both: (0,1) 1, (0,2) 1, (1,2) 2. Pairs an item is in: 0 2, 1 3, 2 3 (u0 gives 2 to each
 * of its items, u1 1 to each). */
START_TEST(co_occurrence_by_hand)
{
    fixture f = sequences();
    rec_model *m = fixture_fitted("last_item", "{shrink: 1}", &f);
    const uint32_t history[] = {0, 1, 2}; /* only 2 counts */
    float scores[3];
    fixture_score(scores, m, history, 3);
    ck_assert_double_eq_tol(scores[0], 1 / (sqrt(2 * 3) + 1), 1e-7);
    ck_assert_double_eq_tol(scores[1], 2 / (3.0 + 1), 1e-7);
    ck_assert_double_eq(scores[2], 0);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* Successions 0->2, 2->1, 1->2, 2->1: out 1 1 2, in 0 2 2 (items 0 1 2). */
START_TEST(next_by_hand)
{
    fixture f = sequences();
    rec_model *m = fixture_fitted("last_item", "{relation: next, shrink: 0}", &f);
    const uint32_t history[] = {1, 2, 0};
    float scores[3];
    fixture_score(scores, m, history, 2);
    ck_assert_double_eq_tol(scores[1], 2 / sqrt(2 * 2), 1e-7);
    ck_assert_double_eq(scores[0], 0);
    fixture_score(scores, m, history, 3);
    ck_assert_double_eq_tol(scores[2], 1 / sqrt(1 * 2), 1e-7);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(90, 70, 0.12, 3);
    fixture_check_reproducible("last_item", "{k: 9}", &f);
    fixture_check_reproducible("last_item", "{k: 9, relation: next}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("last_item", NULL);
    fixture_check_degenerate("last_item", "{relation: next}");
}
END_TEST

REC_SUITE("models/recommenders/last_item", tcase_add_test(t, co_occurrence_by_hand);
          tcase_add_test(t, next_by_hand);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
