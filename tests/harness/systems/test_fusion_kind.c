/* The fusion of pop and item_knn against the formula over their own lists. */
#include <math.h>

#include "harness/run/execute.h"
#include "harness/run/models.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_config *config_of(const char *systems)
{
    char text[512];
    rec_config *c;
    snprintf(text, sizeof text,
             "seed: 1\ndataset: {type: synth, users: 60, items: 40}\nsystems: [%s]\n"
             "tasks: [{type: retrieval, k: [5]}]\n",
             systems);
    ck_assert_ok(rec_config_parse(&c, text, strlen(text), "t.yaml", NULL, err));
    return c;
}

/* The system of the i-th entry asked for k items after this history. */
static void list_of(uint32_t *items, float *scores, rec_run *r, size_t system, size_t k)
{
    static const uint32_t history[] = {3, 7};
    const rec_request request = {
        .kind = REC_REQUEST_RANK,
        .rank = {.query = {.user = REC_NO_USER, .history = history, .n_history = 2},
                 .excluded = history,
                 .n_excluded = 2},
        .k = k};
    rec_reply_batch replies = {0};
    rec_system *s = NULL;
    rec_model_facts facts = {0};
    for (size_t i = 0; i < r->plan.n && s == NULL; i++)
        if (r->plan.steps[i].kind == REC_STEP_FIT && r->plan.steps[i].system == system)
            ck_assert_ok(rec_run_model(&s, &facts, r, &r->plan.steps[i], err));
    ck_assert_ok(rec_system_answer(&replies, s, &request, 1, 40, err));
    for (size_t i = 0; i < replies.replies[0].n_ranked; i++) {
        items[i] = replies.replies[0].items[i];
        scores[i] = replies.replies[0].scores[i];
    }
    rec_reply_batch_deinit(&replies);
    rec_model_facts_deinit(&facts);
    rec_system_free(s);
}

START_TEST(scores_are_sums_of_reciprocal_ranks)
{
    rec_config *c =
        config_of("{type: pop}, {type: item_knn}, "
                  "{type: fusion, first: pop, second: item_knn, constant: 10, depth: 6}");
    rec_run *r;
    uint32_t items[3][40];
    float scores[3][40], expected[40] = {0};
    ck_assert_ok(rec_run_open(&r, c, test_path("run"), (rec_run_flags){0}, err));
    list_of(items[0], scores[0], r, 0, 6);
    list_of(items[1], scores[1], r, 1, 6);
    list_of(items[2], scores[2], r, 2, 5);
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < 6; i++)
            expected[items[s][i]] += (float)(1.0 / (11.0 + (double)i));
    for (size_t i = 0; i < 5; i++) {
        ck_assert_float_eq(scores[2][i], expected[items[2][i]]);
        for (uint32_t other = 0; i > 0 && other < 40; other++)
            if (expected[other] > scores[2][i - 1]) {
                bool is_above = false;
                for (size_t j = 0; j < i; j++)
                    is_above = is_above || items[2][j] == other;
                ck_assert(is_above);
            }
    }
    rec_run_close(r);
    rec_config_free(c);
}
END_TEST

START_TEST(a_system_that_is_not_there_is_refused)
{
    static const char text[] =
        "dataset: {type: synth}\nsystems: [{type: pop}, {type: fusion, first: pop, second: bm25}]\n"
        "tasks: [{type: retrieval}]\n";
    rec_config *c;
    ck_assert_fails(rec_config_parse(&c, text, strlen(text), "t.yaml", NULL, err), REC_ERR_CONFIG,
                    "bm25");
}
END_TEST

REC_SUITE("harness/systems/fusion_kind",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, scores_are_sums_of_reciprocal_ranks);
          tcase_add_test(t, a_system_that_is_not_there_is_refused);)
