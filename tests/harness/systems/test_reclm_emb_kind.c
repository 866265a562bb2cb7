/* The system through a whole run: tuned above untuned, stored and loaded with the same answers. */
#include <math.h>

#include "harness/run/execute.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_status try_config(rec_config **out, const char *system, rec_error *err)
{
    char text[2048];
    snprintf(
        text, sizeof text,
        "seed: 1\ndataset: {type: synth, users: 200, items: 120}\n"
        "lms: {gone: {backend: local, path: /no/such/model}}\n"
        "defaults: {data: {roles: {lists: [tags], words: [genre]}, train_rows: 300, test_rows: "
        "100, test_users: 0.3}, new: {layers: 1, d_model: 32, d_ff: 64, heads: 2, vocab_size: "
        "600}}\n"
        "systems:\n  - {name: base, type: reclm_emb_base}\n  - %s\n"
        "tasks:\n  - {type: emb_sa2i, k: [5]}\n  - {type: retrieval, k: [5]}\n",
        system);
    return rec_config_parse(out, text, strlen(text), "t.yaml", NULL, err);
}

static double figure(const rec_report *r, const char *task, const char *system, const char *metric)
{
    const rec_result *result = rec_report_result(r, task, system);
    for (size_t i = 0; result != NULL && i < result->n_figures; i++)
        if (strcmp(result->figures[i].metric, metric) == 0)
            return result->figures[i].mean;
    return NAN;
}

static rec_report *run(const rec_config *config, bool fresh)
{
    rec_run *r;
    rec_report *report;
    ck_assert_ok(rec_run_open(&r, config, test_path("run"), (rec_run_flags){.fresh = fresh}, err));
    ck_assert_ok(rec_execute(&report, r, err));
    rec_run_close(r);
    return report;
}

#define TUNED                                                                                      \
    "{name: tuned, type: reclm_emb, train: {pairs: 640, tuning: {batch_size: 16, optimizer: {lr: " \
    "0.004}, training: {epochs: 2, patience: 2}}}}"

START_TEST(tuned_above_untuned_and_stored)
{
    rec_config *config;
    ck_assert_ok(try_config(&config, TUNED, err));
    rec_report *first = run(config, false), *fresh = run(config, true), *again = run(config, false);
    double base = figure(first, "emb_sa2i", "base", "ncoverage"),
           tuned = figure(first, "emb_sa2i", "tuned", "ncoverage");
    ck_assert_double_gt(tuned, base + 0.05);
    ck_assert_double_eq(tuned, figure(fresh, "emb_sa2i", "tuned", "ncoverage"));
    ck_assert_double_eq(tuned, figure(again, "emb_sa2i", "tuned", "ncoverage"));
    ck_assert(!isnan(figure(first, "retrieval", "tuned", "ndcg"))); /* queries without text */
    ck_assert_uint_ge(first->systems[1].n_curves, 2);
    rec_report_free(again);
    rec_report_free(fresh);
    rec_report_free(first);
    rec_config_free(config);
}
END_TEST

/* Replies forgotten, the model kept: what is loaded answers as what was fitted did. */
START_TEST(a_loaded_model_answers_alike)
{
    rec_config *config;
    char command[256];
    ck_assert_ok(try_config(&config, TUNED, err));
    rec_report *first = run(config, false);
    snprintf(command, sizeof command, "rm %s/replies/*", test_path("run"));
    ck_assert_int_eq(system(command), 0);
    rec_report *again = run(config, false);
    ck_assert_double_eq(figure(first, "emb_sa2i", "tuned", "ndcg"),
                        figure(again, "emb_sa2i", "tuned", "ndcg"));
    rec_report_free(again);
    rec_report_free(first);
    rec_config_free(config);
}
END_TEST

START_TEST(options_that_cannot_be_are_refused)
{
    rec_config *config;
    rec_run *r;
    rec_report *report;
    ck_assert_fails(try_config(&config, "{type: reclm_emb, train: {tasks: [na2l]}}", err),
                    REC_ERR_CONFIG, "train: tasks: unknown task \"na2l\"");
    ck_assert_fails(try_config(&config, "{type: reclm_emb, lm: nobody}", err), REC_ERR_CONFIG,
                    "nobody");
    ck_assert_ok(try_config(&config, "{type: reclm_emb_base, lm: gone}", err));
    rec_error e = {.status = REC_OK};
    rec_status status = rec_run_open(&r, config, test_path("run"), (rec_run_flags){0}, &e);
    if (status == REC_OK) {
        status = rec_execute(&report, r, &e);
        rec_run_close(r);
    }
    ck_assert_msg(status != REC_OK && strstr(e.message, "/no/such/model") != NULL, "%s", e.message);
    rec_config_free(config);
}
END_TEST

REC_SUITE("harness/systems/reclm_emb_kind",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, tuned_above_untuned_and_stored);
          tcase_add_test(t, a_loaded_model_answers_alike);
          tcase_add_test(t, options_that_cannot_be_are_refused);)
