/* Judged tasks through the explanation task: two answers, one or two judges, both orders. */
#include "harness/tasks/judged.h"

#include "harness/stats/stats.h"
#include "tests/harness/tasks/jobs.h"

#define PROMPT "prompt: {user: \"History: {history}. Why {item}?\"}"
#define WITH_MODEL "{type: explanation, judge: {type: lm, lm: j}, baseline: b, " PROMPT "}"
#define SCORES(x, y)                                                                               \
    "{\"A\": {\"informativeness\": " #x ", \"persuasiveness\": 2, \"helpfulness\": 2}, \"B\": "    \
    "{\"informativeness\": " #y ", \"persuasiveness\": 2, \"helpfulness\": 1}}"

START_TEST(model_judge_in_both_orders)
{
    test_job t;
    job_open(&t, WITH_MODEL, ALIEN);
    job_start(&t);
    ck_assert_uint_eq(t.job.n_requests, 2);
    ck_assert_int_eq(t.job.requests[0].to, REC_PARTY_SYSTEM);
    ck_assert_int_eq(t.job.requests[1].to, REC_PARTY_BASELINE);
    ck_assert_str_eq(t.job.requests[1].lm, "b");
    ck_assert(job_prompt_has(&t.job.requests[0], "user", "History: ", false));
    ck_assert(job_prompt_has(&t.job.requests[0], "user", "Her", true));
    ck_assert(job_prompt_has(&t.job.requests[0], "user", "Alien", true));
    job_reply(&t, (const char *[]){"own words", "other words here"}, 2);
    ck_assert_uint_eq(t.job.n_requests, 2);
    const rec_request *r = t.job.requests;
    ck_assert_int_eq(r[0].to, REC_PARTY_JUDGE);
    ck_assert_str_eq(r[0].lm, "j");
    ck_assert_uint_ne(r[0].text.id, r[1].text.id);
    size_t a = 4, b = 6; /* of the parts: answer A, answer B */
    ck_assert_str_eq(r[0].parts[a + 1].text, "\n[end of answer A]\n\n[start of answer B]\n");
    ck_assert_str_eq(r[0].parts[a].text, "own words");
    ck_assert_str_eq(r[0].parts[b].text, "other words here");
    ck_assert_str_eq(r[1].parts[a].text, "other words here");
    ck_assert_str_eq(r[1].parts[b].text, "own words");
    ck_assert(r[0].parts[a].is_data && r[0].parts[b].is_data && r[0].parts[2].is_data);
    job_reply(&t, (const char *[]){SCORES(3, 1) " [[A]]", "x " SCORES(2, 2) " [[B]]"}, 2);
    ck_assert_uint_eq(t.job.n_requests, 0);
    ck_assert(!t.job.has_failed);
    const double one[] = {1, 0, 0, 0, 0};
    static const char *const names[] = {"win_rate", "loss_rate", "tie_rate", "inconsistent_rate",
                                        "invalid_rate"};
    for (size_t i = 0; i < 5; i++)
        ck_assert_double_eq(job_value(&t, names[i], 0), one[i]);
    ck_assert_double_eq(job_value(&t, "net_win", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "win_rate_half", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "preference", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "reclm_win_rate", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "position_bias", 0), 0.0);
    /* own: A of order 1 and B of order 2 */
    ck_assert_double_eq(job_value(&t, "informativeness", 0), (3 + 2) / 2.0);
    ck_assert_double_eq(job_value(&t, "informativeness_baseline", 0), (1 + 2) / 2.0);
    ck_assert_double_eq(job_value(&t, "informativeness_diff", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "helpfulness", 0), (2 + 1) / 2.0);
    ck_assert_double_eq(job_value(&t, "judge_parse_fail", 0), 0.0);
    ck_assert_double_eq(job_value(&t, "words", 0), 2.0);
    ck_assert_double_eq(job_value(&t, "too_long_rate", 0), 0.0);
    ck_assert_double_eq(job_value(&t, "length", 0), 9.0);
    ck_assert_str_eq(t.texts[1], "own words");
    ck_assert_str_eq(t.texts[2], "other words here");
    ck_assert_ptr_nonnull(strstr(t.texts[3], "[[A]]"));
    ck_assert_ptr_null(t.texts[5]);
    job_close(&t);
}
END_TEST

/* A sample counts for the scores only if both orders parse; its class may be there all the same. */
START_TEST(one_unreadable_order_drops_the_scores)
{
    test_job t;
    job_open(&t, WITH_MODEL, ALIEN);
    job_start(&t);
    job_reply(&t, (const char *[]){"x", "y"}, 2);
    job_reply(&t, (const char *[]){SCORES(3, 1) " [[C]]", SCORES(3, 4) " [[C]]"}, 2);
    ck_assert_double_eq(job_value(&t, "judge_parse_fail", 0), 1.0);
    ck_assert(isnan(job_value(&t, "informativeness", 0)));
    ck_assert(isnan(job_value(&t, "helpfulness_diff", 0)));
    ck_assert_double_eq(job_value(&t, "tie_rate", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "win_rate_half", 0), 0.5);
    ck_assert(isnan(job_value(&t, "position_bias", 0)));
    job_close(&t);
}
END_TEST

START_TEST(classes_without_a_verdict)
{
    test_job t;
    job_open(&t, "{type: explanation, judge: {type: lm, lm: j, protocol: pairwise}, " PROMPT "}",
             ALIEN);
    ck_assert_uint_ge(rec_task_column_index(&t.entry, "judge_parse_fail", 0), t.entry.n_columns);
    job_start(&t);
    ck_assert_uint_eq(t.job.n_requests, 1); /* the baseline is a rule */
    job_say(&t, "x");
    ck_assert_str_eq(t.texts[2], "We recommend Alien because you liked Aliens and Her.");
    job_reply(&t, (const char *[]){"[[A]]", "no idea"}, 2);
    ck_assert_double_eq(job_value(&t, "invalid_rate", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "win_rate", 0), 0.0);
    ck_assert(isnan(job_value(&t, "win_rate_half", 0)));
    ck_assert_double_eq(job_value(&t, "position_bias", 0), 0.5);
    job_close(&t);
}
END_TEST

START_TEST(failed_calls_are_counted_and_not_scored)
{
    const char *answers[][2] = {{NULL, "y"}, {"x", NULL}, {"x", "y"}};
    for (size_t i = 0; i < 3; i++) {
        test_job t;
        job_open(&t, WITH_MODEL, ALIEN);
        job_start(&t);
        job_reply(&t, answers[i], 2);
        if (i == 2)
            job_reply(&t, (const char *[]){"[[A]]", NULL}, 2);
        ck_assert(t.job.has_failed);
        ck_assert_uint_eq(t.job.n_requests, 0);
        ck_assert(isnan(job_value(&t, "win_rate", 0)));
        ck_assert(isnan(job_value(&t, "words", 0)));
        job_close(&t);
    }
}
END_TEST

/* ---- rules, over many samples (spec acceptance 12) ---- */

enum { N_SAMPLES = 4000 };

typedef struct rates {
    double by_class[5], bias, bias_weight;
} rates;

static rates run_rule(const char *yaml)
{
    rates r = {.bias = 0};
    static const char *const names[] = {"win_rate", "loss_rate", "tie_rate", "inconsistent_rate",
                                        "invalid_rate"};
    test_job t;
    job_open(&t, yaml, ALIEN);
    size_t bias = rec_task_column_index(&t.entry, "position_bias", 0);
    for (uint32_t i = 0; i < N_SAMPLES; i++) {
        t.sample.turn = i;
        t.job.stage = 0;
        rec_arena_reset(&t.job.arena);
        t.values[bias] = NAN;
        job_start(&t);
        job_say(&t, "same length as the other side has it, give or take?!");
        ck_assert_uint_eq(t.job.n_requests, 0);
        for (size_t c = 0; c < 5; c++)
            r.by_class[c] += job_value(&t, names[c], 0) / N_SAMPLES;
        if (!isnan(t.values[bias])) {
            r.bias += t.values[bias] * t.weights[bias];
            r.bias_weight += t.weights[bias];
        }
    }
    job_close(&t);
    return r;
}

/* Win 1/9, loss 1/9, tie 1/9, the rest disagreement: within four standard errors. */
START_TEST(a_uniform_random_judge)
{
    rates r = run_rule("{type: explanation, judge: {type: random}, " PROMPT "}");
    const double want[] = {1.0 / 9, 1.0 / 9, 1.0 / 9, 6.0 / 9, 0};
    for (size_t i = 0; i < 5; i++)
        ck_assert_double_le(fabs(r.by_class[i] - want[i]),
                            4.0 * sqrt(want[i] * (1 - want[i]) / N_SAMPLES) + 1e-12);
    ck_assert_double_le(fabs(r.bias / r.bias_weight), 4.0 * 0.5 / sqrt(r.bias_weight));
}
END_TEST

START_TEST(a_judge_of_the_first_answer)
{
    rates r = run_rule("{type: explanation, judge: {type: first}, " PROMPT "}");
    ck_assert_double_eq(r.by_class[0], 0.0);
    ck_assert_double_eq_tol(r.by_class[3], 1.0, 1e-9);
    ck_assert_double_eq(r.bias / r.bias_weight, 0.5);
}
END_TEST

START_TEST(a_judge_of_ties)
{
    rates r = run_rule("{type: explanation, judge: {type: tie}, " PROMPT "}");
    ck_assert_double_eq_tol(r.by_class[2], 1.0, 1e-9);
    ck_assert_double_eq(r.bias_weight, 0.0);
}
END_TEST

/* ---- whole run ---- */

/* Ten samples: 6 wins, 1 loss, 1 tie, 1 inconsistent, 1 failed. The sign test on 6 against 1:
 * 2 * (1 + 7) / 2^7. Second judge: agrees on all but one win, which it calls a tie. */
START_TEST(figures_of_a_run)
{
    test_job t;
    job_open(&t,
             "{type: explanation, judge: {type: lm, lm: j, protocol: pairwise}, second_judge: "
             "{type: lm, lm: k, protocol: pairwise}, " PROMPT "}",
             ALIEN);
    static const char *const first[10][2] = {
        {"[[A]]", "[[B]]"}, {"[[A]]", "[[B]]"}, {"[[A]]", "[[B]]"}, {"[[A]]", "[[B]]"},
        {"[[A]]", "[[B]]"}, {"[[A]]", "[[B]]"}, {"[[B]]", "[[A]]"}, {"[[C]]", "[[C]]"},
        {"[[A]]", "[[A]]"}, {NULL, "[[A]]"},
    };
    static double values[10 * JOB_MAX_COLUMNS];
    size_t n = t.entry.n_columns;
    for (size_t i = 0; i < 10; i++) {
        for (size_t c = 0; c < n; c++)
            t.values[c] = NAN;
        t.job.stage = 0;
        t.job.has_failed = false;
        job_start(&t);
        job_say(&t, "x");
        ck_assert_uint_eq(t.job.n_requests, 4);
        ck_assert_str_eq(t.job.requests[2].lm, "k");
        const char *a = i == 0 ? "[[C]]" : first[i][0], *b = i == 0 ? "[[C]]" : first[i][1];
        job_reply(&t, (const char *[]){first[i][0], first[i][1], a, b}, 4);
        memcpy(values + i * n, t.values, n * sizeof *values);
    }
    const rec_task_outcome outcome = {
        .task = &t.entry, .data = &t.data, .n_samples = 10, .n_columns = n, .values = values};
    double whole[JOB_MAX_COLUMNS];
    ck_assert_ok(t.entry.type->whole_run(whole, &outcome, err));
    ck_assert_double_eq_tol(whole[rec_task_column_index(&t.entry, "sign_test_p", 0)],
                            2.0 * 8.0 / 128.0, 1e-15);
    /* nine pairs, eight equal; chance: win 6/9 * 5/9, loss 1/81, tie 1/9 * 2/9, inconsistent 1/81 */
    double expected = (30.0 + 1.0 + 2.0 + 1.0) / 81.0;
    ck_assert_double_eq_tol(whole[rec_task_column_index(&t.entry, "judge_kappa", 0)],
                            (8.0 / 9.0 - expected) / (1.0 - expected), 1e-12);
    double alpha = whole[rec_task_column_index(&t.entry, "judge_alpha", 0)];
    ck_assert(alpha > 0.7 && alpha < 1.0);
    double lc = whole[rec_task_column_index(&t.entry, "lc_win_rate", 0)];
    ck_assert(lc > 0.6 && lc < 1.0);
    job_close(&t);
}
END_TEST

static void check_refused(const char *yaml, const char *text)
{
    rec_yaml *tree;
    rec_task_entry entry;
    ck_assert_ok(rec_yaml_parse(&tree, yaml, strlen(yaml), "t.yaml", err));
    ck_assert_fails(rec_task_entry_init(&entry, tree, err), REC_ERR_CONFIG, text);
    rec_yaml_free(tree);
}

START_TEST(configs_that_make_no_sense)
{
    check_refused("{type: explanation, judge: {type: lm}}", "t.yaml:1:28: judge: type: lm needs");
    check_refused("{type: explanation, judge: {type: tie, lm: x}}", "only a judge of type: lm");
    check_refused("{type: explanation, second_judge: {lm: x}}", "only a judge of type: lm");
    check_refused("{type: explanation, judge: {type: jury}}", "lm");
    check_refused("{type: explanation, judge: {protocol: score}}", "score10");
}
END_TEST

REC_SUITE("harness/tasks/judged", tcase_add_test(t, model_judge_in_both_orders);
          tcase_add_test(t, one_unreadable_order_drops_the_scores);
          tcase_add_test(t, classes_without_a_verdict);
          tcase_add_test(t, failed_calls_are_counted_and_not_scored);
          tcase_add_test(t, a_uniform_random_judge); tcase_add_test(t, a_judge_of_the_first_answer);
          tcase_add_test(t, a_judge_of_ties); tcase_add_test(t, figures_of_a_run);
          tcase_add_test(t, configs_that_make_no_sense);)
