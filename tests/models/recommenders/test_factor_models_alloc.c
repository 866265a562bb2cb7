/* Every allocation of a fit and of a query fails once: a status, nothing leaked (ASan). */
#include "core/progress.h"
#include "tests/failing_malloc.h"
#include "tests/models/fixture.h"

static size_t count_allocations(const char *type, const char *options, fixture *f)
{
    for (size_t n = 1;; n++) {
        rec_error error = {.status = REC_OK};
        /* Making the model allocates too, and asserts that it works: only what follows may fail. */
        rec_model *m = fixture_model(type, options);
        failing_malloc_arm(n);
        rec_status status = fixture_try_fit(m, f, 1, &error);
        bool reached = failing_malloc_disarm();
        rec_model_free(m);
        if (!reached) {
            ck_assert_int_eq(status, REC_OK);
            return n - 1;
        }
        ck_assert_msg(status == REC_OK || status == REC_ERR_RESOURCE, "%s %zu: %s", type, n,
                      error.message); /* a progress bar may do without */
    }
}

static void check_queries(const char *type, const char *options, fixture *f)
{
    const uint32_t history[] = {0, 2};
    const rec_query q = {.user = REC_NO_USER, .history = history, .n_history = 2};
    float *out = aligned_alloc(64, 64 * sizeof *out);
    rec_model *m = fixture_fitted(type, options, f);
    for (size_t n = 1;; n++) {
        rec_error error = {.status = REC_OK};
        failing_malloc_arm(n);
        rec_status status = m->type->encode != NULL ? m->type->encode(out, m->self, &q, 1, &error)
                                                    : m->type->score(out, m->self, &q, 1, &error);
        if (!failing_malloc_disarm()) {
            ck_assert_int_eq(status, REC_OK);
            break;
        }
        ck_assert_int_eq(status, REC_ERR_RESOURCE);
    }
    rec_model_free(m);
    free(out);
}

static void check(const char *type, const char *options, size_t least)
{
    static char *titles[] = {(char *)"one two", (char *)"two", (char *)"three", NULL, NULL, NULL};
    fixture f = fixture_random(5, 6, 0.4, 3);
    f.dataset.catalogue.titles = titles;
    rec_parallel_set_threads(1);
    rec_progress_set_verbosity(REC_QUIET);
    ck_assert_uint_ge(count_allocations(type, options, &f), least);
    check_queries(type, options, &f);
    fixture_deinit(&f);
}

START_TEST(ials)
{
    check("ials", "{factors: 3, epochs: 2}", 8);
    check("ials", "{factors: 3, epochs: 1, solver: cholesky}", 8);
}
END_TEST

START_TEST(bpr_mf)
{
    check("bpr_mf", "{factors: 3, epochs: 2, optimizer: adam, batch: 4}", 15);
}
END_TEST

START_TEST(bm25)
{
    check("bm25", NULL, 8);
}
END_TEST

REC_SUITE("models/recommenders/factor_models_alloc", tcase_add_test(t, ials);
          tcase_add_test(t, bpr_mf); tcase_add_test(t, bm25);)
