/* Multiple choice: properties of the questions (spec: exact number of options, the target once, nothing
 * the user touched, distinct titles, uniform letters, the same for the same seed whatever other tasks
 * there are), chance level, and answers of rule-based models. */
#include "harness/tasks/choice.h"

#include "harness/replies/titles.h"
#include "harness/stats/stats.h"
#include "tests/harness/tasks/talking.h"

static bool is_touched(const rec_dataset *d, uint32_t user, uint32_t item)
{
    for (size_t i = d->interactions.start[user]; i < d->interactions.start[user + 1]; i++)
        if (d->interactions.item[i] == item)
            return true;
    return false;
}

static void open_samples(talking *t, const char *tasks)
{
    char text[1024];
    snprintf(text, sizeof text,
             "name: q\nseed: 3\ndataset: {type: synth, users: 10000, items: 400}\n"
             "systems: [{type: pop}]\ntasks: %s\n",
             tasks);
    *t = (talking){0};
    ck_assert_ok(rec_config_parse(&t->config, text, strlen(text), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&t->run, t->config, test_path("run"), (rec_run_flags){0}, err));
}

/* Place of the target; checks the options on the way. */
static size_t check_options(const rec_dataset *d, const rec_sample *s, size_t n)
{
    size_t place = n, n_targets = 0;
    ck_assert_uint_eq(s->n_candidates, n);
    for (size_t i = 0; i < n; i++) {
        bool is_target = s->candidates[i] == s->targets[0];
        place = is_target ? i : place;
        n_targets += is_target;
        ck_assert(is_target || !is_touched(d, s->user, s->candidates[i]));
        char *title;
        ck_assert_ok(
            rec_title_canonical(&title, rec_span_of(d->catalogue.titles[s->candidates[i]]), err));
        for (size_t j = 0; j < i; j++) {
            char *other;
            ck_assert_ok(rec_title_canonical(
                &other, rec_span_of(d->catalogue.titles[s->candidates[j]]), err));
            ck_assert_str_ne(title, other);
            free(other);
        }
        free(title);
    }
    ck_assert_uint_eq(n_targets, 1);
    return place;
}

static double uniformity(const size_t *counts, size_t n_places, size_t n)
{
    double chi2 = 0.0, expected = (double)n / (double)n_places;
    for (size_t i = 0; i < n_places; i++)
        chi2 += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    return rec_chi_square_sf(chi2, n_places - 1);
}

START_TEST(questions_over_ten_thousand_users)
{
    static const char *const names[] = {"seq_ranking_mc", "cf_ranking_mc", "ranking"};
    static const size_t n_options[] = {10, 10, 20};
    talking t;
    open_samples(&t, "[{type: seq_ranking_mc}, {type: cf_ranking_mc}, {type: ranking}]");
    for (size_t task = 0; task < 3; task++) {
        const rec_sample_set *set;
        size_t counts[20] = {0};
        ck_assert_ok(rec_run_samples(&set, t.run, task, 0, err));
        ck_assert_uint_gt(set->n, 9000);
        for (size_t i = 0; i < set->n; i++) {
            const rec_sample *s = &set->samples[i];
            if (task < 2)
                counts[check_options(t.run->dataset, s, n_options[task])]++;
            else
                for (size_t j = 0; j < s->n_candidates; j++)
                    counts[j] += s->candidates[j] == s->targets[0];
            for (size_t j = 0; j < s->query.n_history && task == 1; j++)
                ck_assert_uint_ne(s->query.history[j], s->targets[0]);
        }
        ck_assert_msg(uniformity(counts, n_options[task], set->n) > 0.001, "%s", names[task]);
    }
    talk_end(&t);
}
END_TEST

START_TEST(another_task_changes_no_question)
{
    talking alone, beside;
    const rec_sample_set *a, *b;
    open_samples(&alone, "[{type: cf_ranking_mc, samples: 500}]");
    ck_assert_ok(rec_run_samples(&a, alone.run, 0, 0, err));
    rec_lock_free(alone.run->lock); /* two runs in one test folder */
    alone.run->lock = NULL;
    open_samples(&beside, "[{type: seq_ranking_mc}, {type: cf_ranking_mc, samples: 500}]");
    ck_assert_ok(rec_run_samples(&b, beside.run, 1, 0, err));
    ck_assert_uint_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        ck_assert_mem_eq(a->samples[i].candidates, b->samples[i].candidates, 40);
        ck_assert_uint_eq(a->samples[i].targets[0], b->samples[i].targets[0]);
    }
    talk_end(&alone);
    talk_end(&beside);
}
END_TEST

/* Chance is 1/10 in closed form; a random letter within 4 standard errors of it. */
START_TEST(letters_of_rule_based_models)
{
    talking t;
    talk(&t, "[{type: seq_ranking_mc, letters: true}, {type: cf_ranking_mc}]");
    ck_assert_double_eq_tol(talk_mean(&t, "seq_ranking_mc", "chance", "acc", 1), 0.1, 1e-12);
    ck_assert_double_eq_tol(talk_mean(&t, "cf_ranking_mc", "chance", "acc", 1), 0.1, 1e-12);
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "perfect", "acc", 1), 1.0);
    ck_assert_double_eq(talk_mean(&t, "cf_ranking_mc", "perfect", "acc", 1), 1.0);
    const rec_figure *random = talk_figure(&t, "seq_ranking_mc", "random", "acc", 1);
    ck_assert_double_eq_tol(random->mean, 0.1, 4.0 * 0.3 / sqrt((double)random->n));
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "refuse", "none_ratio", 0), 1.0);
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "refuse", "acc", 1), 0.0);
    ck_assert(isnan(talk_mean(&t, "seq_ranking_mc", "refuse", "acc_answered", 0)));
    /* what popularity alone can do is the same in letters and in scores, ties aside */
    ck_assert_double_eq_tol(talk_mean(&t, "seq_ranking_mc", "popular", "acc", 1),
                            talk_mean(&t, "seq_ranking_mc", "pop", "acc", 1), 0.05);
    /* the letters of right answers are uniform; the copy always says A */
    ck_assert_double_gt(talk_mean(&t, "seq_ranking_mc", "perfect", "position_p", 0), 0.001);
    talk_end(&t);
}
END_TEST

/* A refusal that begins with "I" is option I for RecLM-eval. */
START_TEST(letters_as_reclm_reads_them)
{
    talking t;
    talk(&t, "[{type: seq_ranking_mc, compat: reclm, lm_samples: 40}]");
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "perfect", "reclm_acc", 1), 1.0);
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "perfect", "reclm_none_ratio", 0), 0.0);
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "empty", "reclm_none_ratio", 0), 1.0);
    ck_assert_double_lt(talk_mean(&t, "seq_ranking_mc", "refuse", "reclm_none_ratio", 0), 1.0);
    talk_end(&t);
}
END_TEST

START_TEST(shifted_options)
{
    talking t;
    talk(&t, "[{type: seq_ranking_mc, options: 5, permutations: 5, lm_samples: 40}]");
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "perfect", "acc", 1), 1.0);
    ck_assert_double_eq(talk_mean(&t, "seq_ranking_mc", "perfect", "consistency", 0), 1.0);
    talk_end(&t);
}
END_TEST

START_TEST(mistakes_have_a_place)
{
    char text[2048];
    rec_config *c;
    snprintf(text, sizeof text,
             "name: t\ndataset: {type: synth}\n" TALKING_LMS
             "tasks: [{type: cf_ranking_mc, options: 3, permutations: 4}]\n");
    ck_assert_fails(rec_config_parse(&c, text, strlen(text), "t.yaml", NULL, err), REC_ERR_CONFIG,
                    "there are only 3 options");
}
END_TEST

REC_SUITE("harness/tasks/choice", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, questions_over_ten_thousand_users);
          tcase_add_test(t, another_task_changes_no_question);
          tcase_add_test(t, letters_of_rule_based_models);
          tcase_add_test(t, letters_as_reclm_reads_them); tcase_add_test(t, shifted_options);
          tcase_add_test(t, mistakes_have_a_place);)
