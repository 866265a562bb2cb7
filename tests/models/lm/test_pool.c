/* Entries of lms: names, options, the place of a mistake; one model for all who ask. */
#include <stdlib.h>
#include <string.h>

#include "models/lm/pool.h"
#include "tests/folder.h"
#include "tests/golden.h"
#include "tests/suite.h"

static rec_yaml *yaml(const char *text)
{
    rec_yaml *tree = NULL;
    ck_assert_ok(rec_yaml_parse(&tree, text, strlen(text), "t.yaml", err));
    return tree;
}

START_TEST(nothing_is_no_model)
{
    rec_lm_pool *pool = NULL;
    rec_lm *lm;
    ck_assert_ok(rec_lm_pool_new(&pool, NULL, err));
    ck_assert_uint_eq(rec_lm_pool_count(pool), 0);
    ck_assert_fails(rec_lm_pool_get(&lm, pool, "smol", err), REC_ERR_CONFIG,
                    "no language model is named \"smol\"");
    rec_lm_pool_free(pool);
    ck_assert_uint_eq(rec_lm_pool_count(NULL), 0);
    rec_lm_pool_free(NULL);
}
END_TEST

START_TEST(reading_opens_nothing)
{
    rec_lm_pool *pool = NULL;
    rec_yaml *lms = yaml("{b: {backend: local, path: nowhere}, a: {backend: local, path: there}}");
    rec_lm *lm;
    ck_assert_ok(rec_lm_pool_new(&pool, lms, err));
    ck_assert_uint_eq(rec_lm_pool_count(pool), 2);
    ck_assert_str_eq(rec_lm_pool_entry(pool, 0)->name, "b");
    ck_assert_str_eq(rec_lm_pool_entry(pool, 1)->type->name, "local");
    ck_assert_ptr_eq(rec_lm_pool_find(pool, "a"), rec_lm_pool_entry(pool, 1));
    ck_assert_ptr_null(rec_lm_pool_find(pool, "c"));
    ck_assert_fails(rec_lm_pool_get(&lm, pool, "b", err), REC_ERR_MODEL, "lms: b: nowhere");
    rec_lm_pool_free(pool);
    rec_yaml_free(lms);
}
END_TEST

START_TEST(one_model_for_all)
{
    char text[900];
    rec_lm_pool *pool = NULL;
    rec_lm *first, *second;
    test_folder();
    snprintf(text, sizeof text,
             "cp -r " GOLDEN("lm/qwen2") " %s && cp " GOLDEN("lm/tokenizer") "/*.json %s",
             test_path("qwen2"), test_path("qwen2"));
    ck_assert_int_eq(system(text), 0);
    snprintf(text, sizeof text, "{tiny: {backend: local, path: %s}}", test_path("qwen2"));
    rec_yaml *lms = yaml(text);
    ck_assert_ok(rec_lm_pool_new(&pool, lms, err));
    rec_yaml_free(lms); /* options are copies */
    ck_assert_ok(rec_lm_pool_get(&first, pool, "tiny", err));
    ck_assert_ok(rec_lm_pool_get(&second, pool, "tiny", err));
    ck_assert_ptr_eq(first, second);
    rec_lm_pool_free(pool);
}
END_TEST

/* By back end and options, before anything is opened. */
START_TEST(what_entries_can_do)
{
    static const struct {
        const char *lm;
        unsigned needed;
        const char *message; /* NULL: it can */
    } cases[] = {
        {"file", REC_LM_TRAINS | REC_LM_EMBEDS | REC_LM_GENERATES | REC_LM_CONSTRAINS, NULL},
        {"rule", REC_LM_GENERATES, NULL},
        {"rule", REC_LM_EMBEDS,
         "\"rule\" (backend: scripted) lacks: embed (it has: generate); needed is `backend: "
         "local`, "
         "or an endpoint with `embed_dim`"},
        {"chat", REC_LM_GENERATES | REC_LM_LOGITS, NULL},
        {"chat", REC_LM_EMBEDS, "lacks: embed (it has: generate, logits)"},
        {"chat", REC_LM_TRAINS, "lacks: train (it has: generate, logits); needed is `backend: loc"},
        {"vectors", REC_LM_EMBEDS, NULL},
        {"vectors", REC_LM_GENERATES, "(it has: embed); needed is a model that writes text"},
        {"vectors", REC_LM_INJECTS, "lacks: inject (it has: embed)"},
        {"recorded", REC_LM_GENERATES | REC_LM_LOGITS | REC_LM_EMBEDS, NULL},
        {"recorded", REC_LM_TOKENS, "\"recorded\" (backend: replay) lacks: tokens"},
    };
    rec_lm_pool *pool = NULL;
    rec_yaml *lms =
        yaml("{file: {backend: local, path: nowhere}, rule: {backend: scripted}, chat: {backend: "
             "endpoint, base_url: 'http://127.0.0.1:9/v1', model: m, scores: true}, vectors: "
             "{backend: endpoint, base_url: 'http://127.0.0.1:9/v1', model: m, api: embeddings, "
             "embed_dim: 8}, recorded: {backend: replay, path: nowhere}}");
    ck_assert_ok(rec_lm_pool_new(&pool, lms, err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const rec_lm_entry *entry = rec_lm_pool_find(pool, cases[i].lm);
        if (cases[i].message == NULL)
            ck_assert_ok(rec_lm_entry_require(entry, cases[i].needed, err));
        else
            ck_assert_fails(rec_lm_entry_require(entry, cases[i].needed, err), REC_ERR_CONFIG,
                            cases[i].message);
    }
    rec_lm_pool_free(pool);
    rec_yaml_free(lms);
}
END_TEST

START_TEST(mistakes_have_places)
{
    static const char *const bad[][2] = {
        {"[a]", "t.yaml:1:1: lms: expected a mapping of names"},
        {"{a: 1}", "t.yaml:1:5: lms: a: expected a mapping with `backend`"},
        {"{a: {path: x}}", "t.yaml:1:5: lms: a: backend: missing"},
        {"{a: {backend: [x]}}", "t.yaml:1:15"},
        {"{a: {backend: locl}}",
         "t.yaml:1:15: backend: unknown back end \"locl\", did you mean \"local\"?"},
        {"{a: {backend: local}}", "path"},
        {"{a: {backend: local, path: x, weight: f32}}", "t.yaml:1:31: weight: unknown"},
        {"{a: {backend: local, path: x}, b: {backend: local, slots: 0, path: x}}",
         "t.yaml:1:59: slots"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rec_lm_pool *pool;
        rec_yaml *lms = yaml(bad[i][0]);
        ck_assert_fails(rec_lm_pool_new(&pool, lms, err), REC_ERR_CONFIG, bad[i][1]);
        ck_assert_ptr_null(pool);
        rec_yaml_free(lms);
    }
}
END_TEST

/* Where costs are limited, a paid model needs a price; the others are free. */
START_TEST(limited_costs)
{
    rec_lm_pool *pool = NULL;
    rec_yaml *lms = yaml("{api: {backend: endpoint, base_url: 'http://127.0.0.1:9/v1', model: m, "
                         "cache: {mode: 'off'}}, rule: {backend: scripted}}");
    rec_lm *lm;
    ck_assert_ok(rec_lm_pool_new(&pool, lms, err));
    rec_lm_pool_limit_cost(pool, 1.0);
    ck_assert_fails(rec_lm_pool_get(&lm, pool, "api", err), REC_ERR_CONFIG,
                    "lms: api: a limit of costs needs the model's price");
    ck_assert_ptr_null(lm);
    ck_assert_ok(rec_lm_pool_get(&lm, pool, "rule", err));
    rec_lm_pool_free(pool);
    rec_yaml_free(lms);
}
END_TEST

REC_SUITE(
    "models/lm/pool", tcase_add_test(t, limited_costs); {
        tcase_add_test(t, nothing_is_no_model);
        tcase_add_test(t, reading_opens_nothing);
        tcase_add_test(t, one_model_for_all);
        tcase_add_test(t, what_entries_can_do);
        tcase_add_test(t, mistakes_have_places);
    })
