#include "tests/models/fixture.h"

enum { N_ITEMS = 2000 };

static const float no_cells[N_ITEMS];

START_TEST(scores_are_uniform)
{
    fixture f = fixture_dense(no_cells, 1, N_ITEMS);
    rec_model *m = fixture_fitted("random", NULL, &f);
    static float scores[N_ITEMS];
    fixture_score(scores, m, NULL, 0);
    double sum = 0;
    for (size_t i = 0; i < N_ITEMS; i++) {
        ck_assert(scores[i] >= 0 && scores[i] < 1);
        sum += scores[i];
    }
    ck_assert_double_eq_tol(sum / N_ITEMS, 0.5, 5 * 0.2887 / 44.7); /* 5 standard errors */
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* A query's scores depend on the seed, its user and its history, and on nothing else. */
START_TEST(streams_are_named_by_the_query)
{
    fixture f = fixture_dense(no_cells, 1, N_ITEMS);
    rec_model *m = fixture_fitted("random", NULL, &f);
    rec_model *other_seed = fixture_model("random", NULL);
    ck_assert_ok(fixture_try_fit(other_seed, &f, 2, err));
    uint32_t histories[] = {4, 5};
    rec_query queries[] = {{.user = REC_NO_USER, .history = &histories[0], .n_history = 1},
                           {.user = REC_NO_USER, .history = &histories[1], .n_history = 1},
                           {.user = 3, .history = &histories[1], .n_history = 1}};
    static float batch[3][N_ITEMS], alone[N_ITEMS];
    ck_assert_ok(m->type->score(batch[0], m->self, queries, 3, err));
    ck_assert_ok(m->type->score(alone, m->self, &queries[1], 1, err));
    ck_assert_mem_eq(batch[1], alone, sizeof alone);
    ck_assert_mem_ne(batch[0], batch[1], sizeof alone);
    ck_assert_mem_ne(batch[1], batch[2], sizeof alone);
    ck_assert_ok(other_seed->type->score(alone, other_seed->self, &queries[1], 1, err));
    ck_assert_mem_ne(batch[1], alone, sizeof alone);
    rec_model_free(other_seed);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_after_load)
{
    fixture f = fixture_random(20, 30, 0.2, 1);
    fixture_check_reproducible("random", NULL, &f);
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/recommenders/random", tcase_add_test(t, scores_are_uniform);
          tcase_add_test(t, streams_are_named_by_the_query);
          tcase_add_test(t, same_bits_after_load);)
