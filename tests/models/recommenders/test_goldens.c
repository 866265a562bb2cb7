/* Every closed-form recommender against a dense reference: tests/golden/recommenders.py. */
#include <math.h>

#include "tests/models/fixture.h"

enum { MAX_CELLS = 1024, LINE = 4096 };

static size_t read_matrix(float *cells, FILE *file, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(fscanf(file, "%f", &cells[i]), 1);
    return n;
}

/* The known user's row where the model has one, the history alone otherwise. */
static void check_block(const char *type, const char *options, fixture *f, const float *expected)
{
    size_t n_items = f->train.n_items;
    rec_model *m = fixture_fitted(type, options, f);
    float largest = 0, scores[64];
    for (size_t i = 0; i < f->train.n_users * n_items; i++)
        largest = fmaxf(largest, fabsf(expected[i]));
    for (size_t u = 0; u < f->train.n_users; u++) {
        size_t first = f->train.start[u];
        rec_query q = {.user = m->type->has_user_rows ? (uint32_t)u : REC_NO_USER,
                       .history = f->train.item + first,
                       .n_history = f->train.start[u + 1] - first};
        fixture_score_query(scores, m, &q);
        for (size_t i = 0; i < n_items; i++)
            ck_assert_msg(fabsf(scores[i] - expected[u * n_items + i]) <= 2e-5f * largest,
                          "%s %s: user %zu item %zu: %g, wanted %g", type, options, u, i,
                          (double)scores[i], (double)expected[u * n_items + i]);
    }
    rec_model_free(m);
}

START_TEST(scores_equal_the_dense_reference)
{
    FILE *file = fopen(REC_TEST_DIR "/golden/recommenders.txt", "r");
    ck_assert_ptr_nonnull(file);
    size_t n_users, n_items, n_blocks = 0;
    ck_assert_int_eq(fscanf(file, "%zu %zu", &n_users, &n_items), 2);
    ck_assert(n_users * n_items <= MAX_CELLS && n_items <= 64);
    float cells[MAX_CELLS], expected[MAX_CELLS];
    read_matrix(cells, file, n_users * n_items);
    fixture f = fixture_dense(cells, n_users, n_items);
    char type[64], options[LINE];
    for (; fscanf(file, "%63s %4095[^\n]", type, options) == 2; n_blocks++) {
        read_matrix(expected, file, n_users * n_items);
        check_block(type, options, &f, expected);
    }
    ck_assert_uint_eq(n_blocks, 12);
    fixture_deinit(&f);
    fclose(file);
}
END_TEST

REC_SUITE("models/recommenders/goldens", tcase_add_test(t, scores_equal_the_dense_reference);)
