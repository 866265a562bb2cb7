/* A whole run over data that can be ranked by hand (small.h), and what must not change it. */
#include "harness/run/execute.h"

#include <math.h>

#include "core/parallel.h"
#include "tests/harness/run/small.h"

static rec_report *run_in(const rec_config *config, const char *folder, rec_run_flags flags)
{
    rec_run *run;
    rec_report *report;
    ck_assert_ok(rec_run_open(&run, config, folder, flags, err));
    ck_assert_ok(rec_execute(&report, run, err));
    rec_run_close(run);
    ck_assert_ok(rec_report_write(report, test_path("r.h5"), err)); /* fills the content hash */
    return report;
}

static double figure(const rec_report *r, const char *task, const char *system, const char *metric,
                     size_t k)
{
    const rec_result *result = rec_report_result(r, task, system);
    ck_assert_ptr_nonnull(result);
    const rec_figure *f = rec_result_figure(result, metric, k);
    ck_assert_ptr_nonnull(f);
    return f->mean;
}

/*
 * pop, history (train and validation) masked, places of the targets:
 *   user 1: history a b c, left d e f       target d at 1
 *   user 2: history a b d, left c e f       target e at 2
 *   user 3: history a c e, left b d f       target b at 1
 *   user 4: history b d f, left a c e       target a at 1
 * hit@1 = 3/4, mrr@2 = (1 + 1/2 + 1 + 1) / 4 = 7/8, ndcg@2 = (3 + 1 / log2(3)) / 4.
 * Not masked: places 4, 5, 2, 1: hit@2 = 1/2.
 */
START_TEST(pop_by_hand)
{
    rec_config *c = small_config(
        "systems: [{type: pop}, {name: seen, type: pop, fit_on: all}]\n"
        "tasks:\n"
        "- {type: retrieval, k: [1, 2], metrics: [hit, mrr, ndcg, itemcoverage]}\n"
        "- {name: open, type: retrieval, k: 2, metrics: [hit], mask_history: false}\n");
    rec_report *r = run_in(c, test_path("run"), (rec_run_flags){0});
    ck_assert_double_eq_tol(figure(r, "retrieval", "pop", "hit", 1), 0.75, 1e-15);
    ck_assert_double_eq_tol(figure(r, "retrieval", "pop", "mrr", 2), 0.875, 1e-15);
    ck_assert_double_eq_tol(figure(r, "retrieval", "pop", "ndcg", 2), (3.0 + 1.0 / log2(3.0)) / 4.0,
                            1e-15);
    ck_assert_double_eq_tol(figure(r, "open", "pop", "hit", 2), 0.5, 1e-15);
    /* first places: d, c, b, a of six items */
    ck_assert_double_eq_tol(figure(r, "retrieval", "pop", "itemcoverage", 1), 4.0 / 6.0, 1e-15);
    const rec_result *result = rec_report_result(r, "retrieval", "pop");
    ck_assert_uint_eq(result->n_samples, 4);
    ck_assert_str_eq(result->sample_ids[0], "42/1/0");
    ck_assert_uint_eq(result->list_items[0], 3); /* d */
    ck_assert_double_eq(rec_result_column(result, "mrr", 2)->values[1], 0.5);
    /* s / sqrt(n) of 1 1 1 0 */
    ck_assert_double_eq_tol(rec_result_figure(result, "hit", 1)->stderr_, 0.25, 1e-15);
    ck_assert_ptr_nonnull(strstr(r->systems[1].flags, "saw_test_rows"));
    ck_assert_str_eq(r->systems[0].fit_on, "train");
    rec_report_free(r);
    rec_config_free(c);
}
END_TEST

/* Two stored negatives and the target; pop scores d 1 > e = f = 0 for user 1, e = f = 0 < c 1 for 2:
 *   user 1: target d, negatives e f: place 1         user 2: target e, negatives c f: c, then e = f
 *   user 3: target b, negatives d f: place 1         user 4: target a, negatives c e: place 1
 * expected over the tie of user 2: hit@2 = 1/2. */
START_TEST(stored_candidates_and_tie_rules)
{
    rec_config *c =
        small_config("systems: [{type: pop}]\n"
                     "defaults: {k: 2, metrics: [hit], candidates: 0, negatives: stored}\n"
                     "tasks:\n"
                     "- {name: first, type: ranking, ties: optimistic}\n"
                     "- {name: last, type: ranking, ties: pessimistic}\n"
                     "- {name: mean, type: ranking, ties: expected}\n"
                     "- {name: index, type: ranking}\n");
    rec_report *r = run_in(c, test_path("run"), (rec_run_flags){0});
    ck_assert_double_eq_tol(figure(r, "first", "pop", "hit", 2), 1.0, 1e-15);
    ck_assert_double_eq_tol(figure(r, "last", "pop", "hit", 2), 0.75, 1e-15);
    ck_assert_double_eq_tol(figure(r, "mean", "pop", "hit", 2), 0.875, 1e-15);
    ck_assert_double_eq_tol(figure(r, "index", "pop", "hit", 2), 1.0, 1e-15); /* e before f */
    ck_assert_uint_eq(rec_report_result(r, "first", "pop")->n_candidates, 3);
    rec_report_free(r);
    rec_config_free(c);
}
END_TEST

static const char several_seeds[] =
    "seeds: [1, 2, 3]\nsystems: [{type: random}, {type: chance}, {type: pop}, {type: ease}]\n"
    "tasks: [{type: retrieval, k: [1, 3]}, {type: ranking, candidates: 2, k: 1}]\n";

START_TEST(content_is_the_same_again)
{
    rec_config *c = small_config(several_seeds);
    rec_report *first = run_in(c, test_path("run"), (rec_run_flags){0});
    rec_report *resumed = run_in(c, test_path("run"), (rec_run_flags){0});
    rec_report *replayed = run_in(c, test_path("run"), (rec_run_flags){.replay_only = true});
    rec_parallel_set_threads(2);
    rec_report *two_threads = run_in(c, test_path("other"), (rec_run_flags){0});
    rec_report *fresh = run_in(c, test_path("run"), (rec_run_flags){.fresh = true});
    ck_assert_str_eq(first->content_hash, resumed->content_hash);
    ck_assert_str_eq(first->content_hash, replayed->content_hash);
    ck_assert_str_eq(first->content_hash, two_threads->content_hash);
    ck_assert_str_eq(first->content_hash, fresh->content_hash);
    rec_report_free(first);
    rec_report_free(resumed);
    rec_report_free(replayed);
    rec_report_free(two_threads);
    rec_report_free(fresh);
    rec_config_free(c);
}
END_TEST

/* The random system and the sampled task run per seed; pop on the whole catalogue once. */
START_TEST(seeds_where_something_is_drawn)
{
    rec_config *c = small_config(several_seeds);
    rec_report *r = run_in(c, test_path("run"), (rec_run_flags){0});
    ck_assert_uint_eq(rec_report_result(r, "retrieval", "random")->n_samples, 12);
    ck_assert_uint_eq(rec_report_result(r, "retrieval", "pop")->n_samples, 4);
    ck_assert_uint_eq(rec_report_result(r, "ranking", "pop")->n_samples, 12);
    const rec_figure *f = rec_result_figure(rec_report_result(r, "ranking", "pop"), "hit", 1);
    ck_assert(!isnan(f->sd_seeds));
    ck_assert_uint_eq(f->n, 4);
    f = rec_result_figure(rec_report_result(r, "retrieval", "pop"), "hit", 1);
    ck_assert(isnan(f->sd_seeds));
    /* two candidates at chance */
    ck_assert_double_eq_tol(figure(r, "ranking", "chance", "hit", 1), 0.5, 1e-15);
    rec_report_free(r);
    rec_config_free(c);
}
END_TEST

START_TEST(a_replay_asks_nobody)
{
    rec_config *c = small_config(several_seeds);
    rec_run *run;
    rec_report *report;
    ck_assert_ok(
        rec_run_open(&run, c, test_path("empty"), (rec_run_flags){.replay_only = true}, err));
    ck_assert_fails(rec_execute(&report, run, err), REC_ERR_DATA, "");
    rec_run_close(run);
    rec_config_free(c);
}
END_TEST

START_TEST(damaged_artifacts_are_named)
{
    rec_config *c = small_config("systems: [{type: pop}]\ntasks: [{type: retrieval, k: 1}]\n");
    rec_report *r = run_in(c, test_path("run"), (rec_run_flags){0}), *again;
    rec_report_free(r);
    char command[400];
    snprintf(command, sizeof command,
             "rm %s/replies/*; for f in %s/models/*.safetensors; do echo x > $f; done",
             test_path("run"), test_path("run"));
    ck_assert_int_eq(system(command), 0);
    rec_run *run;
    ck_assert_ok(rec_run_open(&run, c, test_path("run"), (rec_run_flags){0}, err));
    ck_assert_fails(rec_execute(&again, run, err), REC_ERR_DATA, "damaged or foreign artifact");
    rec_run_close(run);
    snprintf(command, sizeof command, "for f in %s/models/*.json; do echo x > $f; done",
             test_path("run"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_ok(rec_run_open(&run, c, test_path("run"), (rec_run_flags){0}, err));
    ck_assert_fails(rec_execute(&again, run, err), REC_ERR_DATA, "use --fresh");
    rec_run_close(run);
    r = run_in(c, test_path("run"), (rec_run_flags){.fresh = true});
    rec_report_free(r);
    rec_config_free(c);
}
END_TEST

/* pop and ease over shared trials; the search is a grid, so its best point can be recomputed. */
START_TEST(tuning_keeps_its_trials)
{
    rec_config *c =
        small_config("systems: [{type: ease, tune: {metric: mrr@3, strategy: grid, trials: 3, "
                     "space: {lambda: [0.5, 5, 50]}}}]\ntasks: [{type: retrieval, k: 1}]\n");
    rec_report *r = run_in(c, test_path("run"), (rec_run_flags){0});
    rec_report *again = run_in(c, test_path("run"), (rec_run_flags){0});
    ck_assert_str_eq(r->content_hash, again->content_hash);
    ck_assert_ptr_nonnull(r->systems[0].trials);
    ck_assert_ptr_nonnull(strstr(r->systems[0].trials, "\"lambda\":50"));
    ck_assert_str_eq(r->systems[0].trials, again->systems[0].trials);
    rec_report_free(r);
    rec_report_free(again);
    rec_config_free(c);
}
END_TEST

START_TEST(expected_rows_are_measured)
{
    rec_config *c = small_config(
        "systems: [{type: pop}]\ntasks: [{type: retrieval, k: 1, metrics: [hit]}]\nexpected:\n"
        "- {system: pop, task: retrieval, metric: hit@1, value: 0.7500, digits: 4}\n"
        "- {system: pop, task: retrieval, metric: hit@1, value: 0.7, tol: 0.01, side: at_least}\n"
        "- {system: pop, task: retrieval, metric: hit@1, value: 0.7, tol: 0.01}\n");
    rec_report *r = run_in(c, test_path("run"), (rec_run_flags){0});
    ck_assert_uint_eq(r->n_expected, 3);
    ck_assert(r->expected[0].within);
    ck_assert(r->expected[1].within);
    ck_assert(!r->expected[2].within);
    ck_assert_double_eq(r->expected[2].measured, 0.75);
    rec_report_free(r);
    rec_config_free(c);
}
END_TEST

START_TEST(data_without_a_test_part)
{
    rec_config *c = small_config("systems: [{type: pop}]\ntasks: [{type: retrieval, k: 1}]\n");
    static const char text[] = "1 a\n2 b\n"; /* too short to leave anything out */
    test_write("small.txt", text, sizeof text - 1);
    test_write("negatives.txt", "1 b\n", 4);
    rec_run *run;
    rec_report *report;
    rec_status status = rec_run_open(&run, c, test_path("run"), (rec_run_flags){0}, NULL);
    if (status == REC_OK) {
        ck_assert_fails(rec_execute(&report, run, err), REC_ERR_DATA, "no user has a target");
        rec_run_close(run);
    } else {
        ck_assert_int_eq(status, REC_ERR_DATA);
    }
    rec_config_free(c);
}
END_TEST

/* A page of one item per turn: the places 1, 2, 1, 1 above are the turns of the hits. The other user is
 * made of attributes, which this data has not. */
START_TEST(dialogues_by_hand)
{
    rec_config *c = small_config(
        "lms: {user: {backend: scripted, role: say, text: \"Something. Case 4. [[YES]]\"}}\n"
        "systems: [{type: pop}]\n"
        "tasks:\n"
        "- {type: conversation, list: 1, max_turns: 3, simulator: {type: lm, lm: user}}\n"
        "- {name: few, type: conversation, lm_samples: 2, simulator: {type: lm, lm: user}}\n"
        "- {name: rules, type: conversation}\n");
    rec_report *r = run_in(c, test_path("run"), (rec_run_flags){0});
    ck_assert_double_eq(figure(r, "conversation", "pop", "recall", 1), 0.75);
    ck_assert_double_eq(figure(r, "conversation", "pop", "recall", 2), 1.0);
    ck_assert_double_eq(figure(r, "conversation", "pop", "AT", 0), 5.0 / 4.0);
    const rec_result *result = rec_report_result(r, "conversation", "pop");
    ck_assert_uint_eq(result->n_texts, 1);
    ck_assert_ptr_nonnull(strstr(result->texts[0].texts[1], "\"items\":[\"e\"]"));
    ck_assert_uint_eq(rec_report_result(r, "few", "pop")->n_samples, 2);
    const rec_result *rules = rec_report_result(r, "rules", "pop");
    ck_assert_ptr_nonnull(strstr(rules->not_applicable, "no attributes"));
    ck_assert_uint_eq(rules->n_samples, 0);
    rec_report_free(r);
    rec_config_free(c);
}
END_TEST

REC_SUITE("harness/run/execute", tcase_add_checked_fixture(t, small_data, test_folder_remove);
          tcase_add_test(t, pop_by_hand); tcase_add_test(t, stored_candidates_and_tie_rules);
          tcase_add_test(t, content_is_the_same_again);
          tcase_add_test(t, seeds_where_something_is_drawn);
          tcase_add_test(t, a_replay_asks_nobody); tcase_add_test(t, damaged_artifacts_are_named);
          tcase_add_test(t, tuning_keeps_its_trials); tcase_add_test(t, expected_rows_are_measured);
          tcase_add_test(t, data_without_a_test_part); tcase_add_test(t, dialogues_by_hand);)
