/* Ranking and retrieval in text, from question to table, with models whose answers are known. */
#include "harness/tasks/text_list.h"

#include "tests/harness/tasks/talking.h"

static const char ranking[] =
    "[{type: ranking, candidates: 10, k: [5, 10], metrics: [ndcg, hit, mrr]}]";

START_TEST(roles_get_what_they_deserve)
{
    talking t;
    talk(&t, ranking);
    static const char *const right[] = {"perfect", "json"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_double_eq_tol(talk_mean(&t, "ranking", right[i], "ndcg", 5), 1.0, 1e-12);
        ck_assert_double_eq_tol(talk_mean(&t, "ranking", right[i], "mrr", 10), 1.0, 1e-12);
        ck_assert_double_eq(talk_mean(&t, "ranking", right[i], "short_list_rate", 0), 0.0);
        ck_assert_double_eq(talk_mean(&t, "ranking", right[i], "candidate_error_rate", 0), 0.0);
        ck_assert_double_eq(talk_mean(&t, "ranking", right[i], "oov_rate", 0), 0.0);
    }
    /* a copy is as good as the order shown, which is random, and is known for one */
    ck_assert_double_eq(talk_mean(&t, "ranking", "copy", "copy_error", 0), 10.0);
    /* 10 - E[LIS of 10] = 10 - 3146141 / 725760 */
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "copy", "copy_excess", 0),
                            10.0 - 3146141.0 / 725760.0, 1e-9);
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "copy", "hit", 5), 0.5,
                            4.0 * 0.5 / sqrt(200.0));
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "random", "hit", 5), 0.5,
                            4.0 * 0.5 / sqrt(200.0));
    /* E[LIS_10] = 4.335, sd below 1.1 */
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "random", "copy_error", 0), 4.335,
                            4.0 * 1.1 / sqrt(200.0));
    talk_end(&t);
}
END_TEST

START_TEST(what_is_no_list_scores_nothing)
{
    talking t;
    talk(&t, ranking);
    ck_assert_double_eq(talk_mean(&t, "ranking", "refuse", "hit", 10), 0.0);
    ck_assert_double_eq(talk_mean(&t, "ranking", "refuse", "empty_rate", 0), 1.0);
    ck_assert_double_eq(talk_mean(&t, "ranking", "refuse", "parse_fail_rate", 0), 1.0);
    ck_assert_double_eq(talk_mean(&t, "ranking", "empty", "empty_rate", 0), 1.0);
    ck_assert_double_eq(talk_mean(&t, "ranking", "empty", "parse_fail_rate", 0), 0.0);
    ck_assert_uint_eq(talk_result(&t, "ranking", "refuse")->n_failed, 0); /* it did answer */
    ck_assert_ptr_nonnull(strstr(talk_text(&t, "ranking", "perfect", "prompt", 0), "[user]\n"));
    ck_assert_str_eq(talk_text(&t, "ranking", "refuse", "parser", 0), "unreadable");
    ck_assert_str_eq(talk_text(&t, "ranking", "perfect", "parser", 0), "end");
    ck_assert_str_eq(talk_text(&t, "ranking", "json", "parser", 0), "json");
    /* recommenders have neither texts nor such figures */
    ck_assert_uint_eq(talk_result(&t, "ranking", "pop")->n_texts, 0);
    ck_assert_ptr_null(rec_result_figure(talk_result(&t, "ranking", "pop"), "copy_error", 0));
    talk_end(&t);
}
END_TEST

/* The popular one knows what `pop` knows. */
START_TEST(retrieval_out_of_the_catalogue)
{
    talking t;
    talk(&t, "[{type: retrieval, k: [10], metrics: [hit, mrr, itemcoverage], mask_history: false, "
             "list: 10}]");
    ck_assert_double_eq_tol(talk_mean(&t, "retrieval", "perfect", "mrr", 10), 1.0, 1e-12);
    ck_assert_double_eq_tol(talk_mean(&t, "retrieval", "popular", "hit", 10),
                            talk_mean(&t, "retrieval", "pop", "hit", 10), 0.03);
    ck_assert_ptr_null(rec_result_figure(talk_result(&t, "retrieval", "copy"), "copy_excess", 0));
    talk_end(&t);
}
END_TEST

START_TEST(few_samples_for_those_who_talk)
{
    talking t;
    talk(&t,
         "[{type: ranking, candidates: 10, k: [5], metrics: [hit], lm_samples: 20}, "
         "{name: other, type: ranking, candidates: 5, k: [5], metrics: [hit], lm_samples: 20}]");
    const rec_result *few = talk_result(&t, "ranking", "perfect");
    const rec_result *other = talk_result(&t, "other", "perfect");
    const rec_result *all = talk_result(&t, "ranking", "pop");
    ck_assert_uint_eq(few->n_samples, 20);
    ck_assert_uint_eq(all->n_samples, 200);
    for (size_t i = 0; i < 20; i++) {
        ck_assert_str_eq(few->users[i], other->users[i]);
        size_t j = 0;
        while (j < all->n_samples && strcmp(all->sample_ids[j], few->sample_ids[i]) != 0)
            j++;
        ck_assert_uint_lt(j, all->n_samples); /* the same sample: pairs can be compared */
    }
    talk_end(&t);
}
END_TEST

/* All shifts of a copied list: each of 10 candidates is first once, so that hit@1 is 1/10 for every
 * sample and no two answers agree; the perfect one always agrees. */
START_TEST(cyclic_shifts)
{
    talking t;
    talk(&t, "[{type: ranking, candidates: 10, k: [1], metrics: [hit], permutations: 10, "
             "lm_samples: 30}]");
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "copy", "hit", 1), 0.1, 1e-12);
    ck_assert_double_eq(talk_mean(&t, "ranking", "copy", "consistency", 0), 0.0);
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "perfect", "hit", 1), 1.0, 1e-12);
    ck_assert_double_eq(talk_mean(&t, "ranking", "perfect", "consistency", 0), 1.0);
    talk_end(&t);
}
END_TEST

/* Two wordings of two shifts are four questions. */
START_TEST(paraphrases)
{
    talking t;
    talk(&t,
         "[{type: ranking, candidates: 10, k: [1], metrics: [hit], permutations: 2, lm_samples: "
         "10, prompt: {paraphrases: [\"Sort: {candidates}\"]}}]");
    ck_assert_double_eq(talk_mean(&t, "ranking", "perfect", "hit", 1), 1.0);
    ck_assert_double_eq(talk_mean(&t, "ranking", "perfect", "consistency", 0), 1.0);
    /* of six pairs of copies only the two of one shift agree */
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "copy", "consistency", 0), 2.0 / 6.0, 1e-12);
    talk_end(&t);
}
END_TEST

START_TEST(reclm_forms)
{
    talking t;
    talk(&t, "[{type: ranking, compat: reclm, lm_samples: 40}, "
             "{name: repaired, type: ranking, compat: reclm, repair: true, lm_samples: 40}]");
    ck_assert_uint_eq(talk_result(&t, "ranking", "perfect")->n_candidates, 21);
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "perfect", "reclm_hit", 1), 1.0, 1e-12);
    ck_assert_double_eq_tol(talk_mean(&t, "ranking", "perfect", "reclm_ndcg", 5), 1.0, 1e-12);
    ck_assert_double_eq(talk_mean(&t, "ranking", "empty", "reclm_abort_rate", 0), 1.0);
    ck_assert_double_eq(talk_mean(&t, "ranking", "copy", "reclm_candidate_error_rate", 0), 0.0);
    ck_assert_ptr_nonnull(strstr(talk_text(&t, "ranking", "copy", "prompt", 0), "<SOI>"));
    /* filled up with random candidates, a refusal gets their share of hits: 20 of 21 are listed */
    ck_assert_double_eq(talk_mean(&t, "repaired", "refuse", "reclm_abort_rate", 0), 0.0);
    ck_assert_double_gt(talk_mean(&t, "repaired", "refuse", "reclm_hit", 20), 0.7);
    talk_end(&t);
}
END_TEST

START_TEST(mistakes_have_a_place)
{
    static const struct {
        const char *task, *message;
    } cases[] = {
        {"{type: ranking, errors: [copy_eror]}", "errors: unknown figure \"copy_eror\", did you"},
        {"{type: ranking, prompt: {user: \"{histry}\"}}", "no slot is called {histry}"},
        {"{type: ranking, prompt: {paraphrases: [\"{nothing}\"]}}", "no slot is called {nothing}"},
        {"{type: ranking, repair: true}", "repair: only with compat: reclm"},
        {"{type: retrieval, permutations: 2}", "permutations: the task shows no candidates"},
        {"{type: retrieval, list: 0}", "list: at least 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4096];
        rec_config *c;
        snprintf(text, sizeof text, "name: t\ndataset: {type: synth}\n" TALKING_LMS "tasks: [%s]\n",
                 cases[i].task);
        ck_assert_fails(rec_config_parse(&c, text, strlen(text), "t.yaml", NULL, err),
                        REC_ERR_CONFIG, cases[i].message);
    }
}
END_TEST

/* Scored again from the journals alone: the same content. */
START_TEST(scored_again_without_a_call)
{
    talking t;
    talk(&t, ranking);
    rec_run *again;
    rec_report *report;
    ck_assert_ok(rec_report_write(t.report, test_path("a.h5"), err));
    rec_run_close(t.run);
    t.run = NULL;
    const rec_run_flags flags = {.replay_only = true, .as_recorded = true};
    ck_assert_ok(rec_run_open(&again, t.config, test_path("run"), flags, err));
    ck_assert_ok(rec_execute(&report, again, err));
    ck_assert_ok(rec_report_write(report, test_path("b.h5"), err));
    ck_assert_str_eq(report->content_hash, t.report->content_hash);
    rec_report_free(report);
    rec_run_close(again);
    talk_end(&t);
}
END_TEST

REC_SUITE("harness/tasks/text_list", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, roles_get_what_they_deserve);
          tcase_add_test(t, what_is_no_list_scores_nothing);
          tcase_add_test(t, retrieval_out_of_the_catalogue);
          tcase_add_test(t, few_samples_for_those_who_talk); tcase_add_test(t, cyclic_shifts);
          tcase_add_test(t, paraphrases); tcase_add_test(t, reclm_forms);
          tcase_add_test(t, mistakes_have_a_place); tcase_add_test(t, scored_again_without_a_call);)
