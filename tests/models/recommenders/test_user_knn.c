#include <math.h>

#include "tests/models/fixture.h"

/* u0 {0, 1}, u1 {0, 1, 2}, u2 {2}. Jaccard (0,1) 2/3, (1,2) 1/3, (0,2) 0. */
static const float cells[] = {1, 1, 0, 1, 1, 1, 0, 0, 1};

static void score(float *scores, const rec_model *m, uint32_t user, const uint32_t *history,
                  size_t n)
{
    rec_query q = {.user = user, .history = history, .n_history = n};
    fixture_score_query(scores, m, &q);
}

/* k = 1 per column: user 0 votes for 1, user 1 votes for 0, user 2 votes for 1. So user 1 hears 0
 * and 2, user 0 hears 1, user 2 hears nobody. */
START_TEST(known_users_read_their_row)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("user_knn", "{k: 1, similarity: jaccard}", &f);
    float scores[3];
    score(scores, m, 1, NULL, 0);
    ck_assert_double_eq_tol(scores[0], 2.0 / 3, 1e-6);
    ck_assert_double_eq_tol(scores[1], 2.0 / 3, 1e-6);
    ck_assert_double_eq_tol(scores[2], 1.0 / 3, 1e-6);
    score(scores, m, 2, NULL, 0);
    for (size_t i = 0; i < 3; i++)
        ck_assert_float_eq(scores[i], 0);
    ck_assert_uint_eq(m->type->n_parameters(m->self), 3);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* The least similarity with a vote: 2/3 of users 0 and 1, 1/3 of user 2. History {0, 1} is as similar
 * to user 0 as possible (1) and 2/3 to user 1; history {2} reaches only user 2; history {0} is 1/2 to
 * user 0 and 1/3 to user 1: both too little. */
START_TEST(strangers_are_heard_by_users_who_would_have_kept_them)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("user_knn", "{k: 1, similarity: jaccard}", &f);
    const uint32_t both[] = {1, 0}, two = 2, zero = 0;
    float scores[3];
    score(scores, m, REC_NO_USER, both, 2);
    ck_assert_double_eq_tol(scores[0], 1 + 2.0 / 3, 1e-6);
    ck_assert_double_eq_tol(scores[2], 2.0 / 3, 1e-6);
    score(scores, m, REC_NO_USER, &two, 1);
    ck_assert_float_eq(scores[0], 0);
    ck_assert_double_eq_tol(scores[2], 1, 1e-5);
    score(scores, m, REC_NO_USER, &zero, 1);
    ck_assert_float_eq(scores[1], 0);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* With k past the number of users everyone votes, so the row of a known user and the same history
 * as a stranger differ only by the user's own vote, which falls on the history. */
START_TEST(strangers_equal_known_users_outside_their_history)
{
    fixture f = fixture_random(30, 25, 0.2, 4);
    rec_model *m = fixture_fitted("user_knn", "{k: 100, weighting: bm25, shrink: 1}", &f);
    float known[25], stranger[25];
    for (uint32_t u = 0; u < 30; u++) {
        size_t first = f.train.start[u], n = f.train.start[u + 1] - first;
        score(known, m, u, NULL, 0);
        score(stranger, m, REC_NO_USER, f.train.item + first, n);
        for (uint32_t i = 0; i < 25; i++) {
            bool seen = false;
            for (size_t h = 0; h < n; h++)
                seen = seen || f.train.item[first + h] == i;
            if (!seen)
                ck_assert_double_eq_tol(known[i], stranger[i], 1e-6);
        }
    }
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(150, 60, 0.1, 3);
    fixture_check_reproducible("user_knn", "{k: 10, weighting: tf_idf}", &f);
    fixture_check_reproducible("user_knn", "{k: 500, similarity: tversky}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("user_knn", "{k: 10}");
    fixture_check_degenerate("user_knn", "{k: 10, weighting: bm25}");
}
END_TEST

REC_SUITE("models/recommenders/user_knn", tcase_add_test(t, known_users_read_their_row);
          tcase_add_test(t, strangers_are_heard_by_users_who_would_have_kept_them);
          tcase_add_test(t, strangers_equal_known_users_outside_their_history);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
