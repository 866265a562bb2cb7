/* Every allocation of making, fitting, asking and saving a model fails once: a status, and nothing
 * leaks (ASan). */
#include "tests/failing_malloc.h"
#include "tests/models/fixture.h"

static const float cells[] = {1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1};
static fixture f;
static const char *type;

static rec_status ask(const rec_model *m, rec_error *err)
{
    const uint32_t history[] = {0, 2};
    rec_query q = {.user = REC_NO_USER, .history = history, .n_history = 2};
    float out[64], similarities[2];
    uint32_t items[2];
    size_t n_found;
    rec_status status = m->type->score(out, m->self, &q, 1, err);
    if (status == REC_OK && m->type->similar != NULL)
        status = m->type->similar(items, similarities, &n_found, m->self, 0, 2, err);
    return status;
}

static rec_status make_fit_and_ask(rec_error *err)
{
    rec_model *m;
    rec_status status;
    REC_TRY(rec_model_new(&m, type, NULL, NULL, err));
    REC_TRY(fixture_try_fit(m, &f, 1, err));
    REC_TRY(ask(m, err));
cleanup:
    rec_model_free(m);
    return status;
}

START_TEST(nth_allocation_fails)
{
    static const char *const types[] = {
        "random",  "chance",  "pop",  "last_item", "item_knn",        "user_knn",
        "p3alpha", "rp3beta", "ease", "pure_svd",  "slim_elastic_net"};
    rec_parallel_set_threads(1);
    f = fixture_dense(cells, 4, 3);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        type = types[i];
        ck_assert_uint_ge(failing_malloc_exhaust(make_fit_and_ask), 2);
    }
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/recommenders/fit_alloc", tcase_add_test(t, nth_allocation_fails);)
