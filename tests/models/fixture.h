/** Small data sets and fitted models for tests of recommenders. */
#ifndef REC_TESTS_MODELS_FIXTURE_H
#define REC_TESTS_MODELS_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "core/rng.h"
#include "core/yaml.h"
#include "models/recommender.h"
#include "models/two_tower.h"
#include "tests/suite.h"

typedef struct fixture {
    rec_interactions train; /* owned */
    rec_dataset dataset;    /* only n_users and catalogue.n_items are set */
    rec_fit_data data;
} fixture;

/** Interactions of a dense (n_users, n_items) matrix: nonzero cells, items ascending, the cell as
 * value. */
static inline fixture fixture_dense(const float *cells, size_t n_users, size_t n_items)
{
    rec_interactions x = {.n_users = n_users, .n_items = n_items};
    x.start = calloc(n_users + 1, sizeof *x.start);
    x.item = calloc(n_users * n_items + 1, sizeof *x.item);
    x.value = calloc(n_users * n_items + 1, sizeof *x.value);
    for (size_t u = 0; u < n_users; u++) {
        for (size_t i = 0; i < n_items; i++)
            if (cells[u * n_items + i] != 0.0f) {
                x.item[x.n] = (uint32_t)i;
                x.value[x.n++] = cells[u * n_items + i];
            }
        x.start[u + 1] = x.n;
    }
    fixture f = {.train = x};
    f.dataset.n_users = n_users;
    f.dataset.catalogue.n_items = n_items;
    return f;
}

/** Each cell is 1 with the given probability, a little more for low items. */
static inline fixture fixture_random(size_t n_users, size_t n_items, double density, uint64_t seed)
{
    float *cells = calloc(n_users * n_items, sizeof *cells);
    for (size_t u = 0; u < n_users; u++) {
        rec_rng rng = rec_rng_keyed(seed, "fixture", u);
        for (size_t i = 0; i < n_items; i++) {
            double p = density * (i < n_items / 4 ? 2.0 : 0.7);
            cells[u * n_items + i] = rec_rng_uniform(&rng) < p ? 1.0f : 0.0f;
        }
    }
    fixture f = fixture_dense(cells, n_users, n_items);
    free(cells);
    return f;
}

static inline void fixture_deinit(fixture *f)
{
    free(f->train.start);
    free(f->train.item);
    free(f->train.value);
}

/** @param options  YAML such as "{k: 2}" or NULL for defaults */
static inline rec_model *fixture_model(const char *type, const char *options)
{
    rec_model *m = NULL;
    rec_yaml *tree = NULL;
    if (options != NULL)
        ck_assert_ok(rec_yaml_parse(&tree, options, strlen(options), "test.yaml", err));
    ck_assert_ok(rec_model_new(&m, type, tree, NULL, err));
    rec_yaml_free(tree);
    return m;
}

/** Fit on the fixture's interactions; the fixture must outlive the call only. */
static inline rec_status fixture_try_fit(rec_model *m, fixture *f, uint64_t seed, rec_error *err)
{
    rec_fit_data data = {.dataset = &f->dataset, .train = &f->train, .seed = seed};
    return m->type->fit(m->self, &data, err);
}

static inline rec_model *fixture_fitted(const char *type, const char *options, fixture *f)
{
    rec_model *m = fixture_model(type, options);
    ck_assert_ok(fixture_try_fit(m, f, 1, err));
    return m;
}

/** Scores (n_items) of one query, through `score` or through the two towers. */
static inline void fixture_score_query(float *scores, const rec_model *m, const rec_query *q)
{
    if (m->type->score != NULL) {
        ck_assert_ok(m->type->score(scores, m->self, q, 1, err));
        return;
    }
    rec_item_table table = m->type->item_table(m->self);
    float *vector = calloc(table.dim + 1, sizeof *vector);
    ck_assert_ok(m->type->encode(vector, m->self, q, 1, err));
    rec_two_tower_score(scores, vector, 1, &table);
    free(vector);
}

static inline void fixture_score(float *scores, const rec_model *m, const uint32_t *history,
                                 size_t n_history)
{
    rec_query q = {.user = REC_NO_USER, .history = history, .n_history = n_history};
    fixture_score_query(scores, m, &q);
}

/** Scores (n_users, n_items) of every training row as an anonymous history; freed by the caller. */
static inline float *fixture_score_all(const rec_model *m, const fixture *f)
{
    size_t n = f->train.n_users, n_items = f->train.n_items;
    float *scores = calloc(n * n_items + 1, sizeof *scores);
    for (size_t u = 0; u < n; u++)
        fixture_score(scores + u * n_items, m, f->train.item + f->train.start[u],
                      f->train.start[u + 1] - f->train.start[u]);
    return scores;
}

/** One and two threads give the same bits; so does a saved and loaded copy. */
static inline void fixture_check_reproducible(const char *type, const char *options, fixture *f)
{
    size_t bytes = f->train.n_users * f->train.n_items * sizeof(float);
    char path[] = "/tmp/recai_model_XXXXXX";
    int fd = mkstemp(path);
    ck_assert(fd >= 0);
    rec_parallel_set_threads(1);
    rec_model *one = fixture_fitted(type, options, f);
    float *scores_one = fixture_score_all(one, f);
    rec_parallel_set_threads(2);
    rec_model *two = fixture_fitted(type, options, f);
    float *scores_two = fixture_score_all(two, f);
    ck_assert_mem_eq(scores_one, scores_two, bytes);

    rec_model *loaded = fixture_model(type, options);
    ck_assert_ok(rec_model_save(two, path, err));
    ck_assert_ok(rec_model_load(loaded, path, &f->dataset, err));
    float *scores_loaded = fixture_score_all(loaded, f);
    ck_assert_mem_eq(scores_one, scores_loaded, bytes);
    remove(path);
    free(scores_loaded);
    free(scores_two);
    free(scores_one);
    rec_model_free(loaded);
    rec_model_free(two);
    rec_model_free(one);
}

/** Queries without history, data without interactions, without users, k larger than n_items. */
static inline void fixture_check_degenerate(const char *type, const char *options)
{
    const float none[6] = {0};
    float scores[4];
    for (size_t n_users = 0; n_users <= 2; n_users += 2) {
        fixture f = fixture_dense(none, n_users, 3);
        rec_model *m = fixture_fitted(type, options, &f);
        uint32_t history[2] = {2, 0};
        fixture_score(scores, m, history, 2);
        fixture_score(scores, m, NULL, 0);
        for (size_t i = 0; i < 3; i++)
            ck_assert(scores[i] == scores[i]);
        rec_model_free(m);
        fixture_deinit(&f);
    }
}

#endif
