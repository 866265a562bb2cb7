/* Properties of the candidates over a synthetic data set (spec: exact number, the target once,
 * nothing the user touched, the same bytes for the same seed), and chance level in closed form. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/execute.h"
#include "harness/tasks/rank_task.h"
#include "tests/folder.h"
#include "tests/suite.h"

typedef struct opened {
    rec_config *config;
    rec_run *run;
} opened;

static void open_config(opened *o, const char *tasks, const char *seeds)
{
    char text[1024];
    snprintf(text, sizeof text,
             "seeds: %s\ndataset: {type: synth, users: 300, items: 120}\n"
             "systems: [{type: random}, {type: chance}]\ntasks: %s\n",
             seeds, tasks);
    ck_assert_ok(rec_config_parse(&o->config, text, strlen(text), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&o->run, o->config, test_path("run"), (rec_run_flags){0}, err));
}

static void close_config(opened *o)
{
    rec_run_close(o->run);
    rec_config_free(o->config);
}

static bool is_touched(const rec_dataset *d, uint32_t user, uint32_t item)
{
    for (size_t i = d->interactions.start[user]; i < d->interactions.start[user + 1]; i++)
        if (d->interactions.item[i] == item)
            return true;
    return false;
}

static void check_candidates(const rec_dataset *d, const rec_sample *s, size_t n)
{
    size_t n_targets = 0;
    ck_assert_uint_eq(s->n_candidates, n);
    for (size_t i = 0; i < n; i++) {
        n_targets += s->candidates[i] == s->targets[0];
        if (s->candidates[i] != s->targets[0])
            ck_assert(!is_touched(d, s->user, s->candidates[i]));
        for (size_t j = 0; j < i; j++)
            ck_assert_uint_ne(s->candidates[i], s->candidates[j]);
    }
    ck_assert_uint_eq(n_targets, 1);
}

START_TEST(candidates_are_what_they_should_be)
{
    opened o;
    open_config(&o,
                "[{type: ranking, candidates: 20}, {name: popular, type: ranking, candidates: "
                "20, negatives: popularity}]",
                "[1, 2]");
    for (size_t task = 0; task < 2; task++) {
        const rec_sample_set *first, *second;
        size_t n_different = 0;
        ck_assert_ok(rec_run_samples(&first, o.run, task, 0, err));
        ck_assert_ok(rec_run_samples(&second, o.run, task, 1, err));
        ck_assert_uint_eq(first->n, 300);
        ck_assert_uint_eq(first->n_candidates, 20);
        for (size_t i = 0; i < first->n; i++) {
            check_candidates(o.run->dataset, &first->samples[i], 20);
            n_different += memcmp(first->samples[i].candidates, second->samples[i].candidates,
                                  20 * sizeof(uint32_t)) != 0;
        }
        ck_assert_uint_gt(n_different, 290); /* another seed, other negatives */
    }
    close_config(&o);
}
END_TEST

START_TEST(another_task_changes_no_draw)
{
    opened alone, beside;
    const rec_sample_set *a, *b;
    open_config(&alone, "[{type: ranking}]", "[1]");
    ck_assert_ok(rec_run_samples(&a, alone.run, 0, 0, err));
    rec_lock_free(alone.run->lock); /* two runs in one test folder */
    alone.run->lock = NULL;
    open_config(&beside, "[{type: retrieval, samples: 5}, {type: ranking}]", "[1]");
    ck_assert_ok(rec_run_samples(&b, beside.run, 1, 0, err));
    ck_assert_uint_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        ck_assert_mem_eq(a->samples[i].candidates, b->samples[i].candidates,
                         a->samples[i].n_candidates * sizeof(uint32_t));
    close_config(&alone);
    close_config(&beside);
}
END_TEST

START_TEST(fewer_samples_are_a_subset)
{
    opened o;
    const rec_sample_set *few, *more;
    open_config(&o,
                "[{name: few, type: retrieval, samples: 20, history_max: 3}, {name: more, type: "
                "retrieval, samples: 50}]",
                "[7]");
    ck_assert_ok(rec_run_samples(&few, o.run, 0, 0, err));
    ck_assert_ok(rec_run_samples(&more, o.run, 1, 0, err));
    ck_assert_uint_eq(few->n, 20);
    ck_assert_uint_eq(more->n, 50);
    for (size_t i = 0, j = 0; i < few->n; i++) {
        while (j < more->n && more->samples[j].user < few->samples[i].user)
            j++;
        ck_assert_uint_eq(few->samples[i].user, more->samples[j].user);
        size_t n = more->samples[j].query.n_history, shown = few->samples[i].query.n_history;
        ck_assert_uint_eq(shown, n < 3 ? n : 3);
        ck_assert_uint_eq(few->samples[i].query.history[shown - 1],
                          more->samples[j].query.history[n - 1]); /* the latest are kept */
        ck_assert_uint_eq(few->samples[i].n_seen, n);             /* all are masked */
    }
    close_config(&o);
}
END_TEST

/* The drawn system lies within three standard errors of the closed form, which `chance` gives
 * exactly: 1 / C for hit@1 and so on (docs/metrics.md, chance level). */
START_TEST(chance_level)
{
    opened o;
    rec_report *r;
    open_config(&o,
                "[{type: ranking, candidates: 20, k: [1, 5, 10], metrics: [ndcg, hit, precision, "
                "map, mrr]}]",
                "[1, 2, 3, 4]");
    ck_assert_ok(rec_execute(&r, o.run, err));
    const rec_result *drawn = rec_report_result(r, "ranking", "random");
    const rec_result *closed = rec_report_result(r, "ranking", "chance");
    for (size_t i = 0; i < drawn->n_figures; i++) {
        const rec_figure *f = &drawn->figures[i], *g = &closed->figures[i];
        double exact = rec_metric_chance(rec_metric_find(f->metric), 1, 20, f->k);
        ck_assert_double_eq_tol(g->mean, exact, 1e-12);
        ck_assert_double_le(fabs(f->mean - exact), 3.0 * f->stderr_);
    }
    ck_assert_double_eq_tol(rec_result_figure(closed, "ndcg", 5)->mean, 0.1474, 5e-5);
    ck_assert_double_eq_tol(rec_result_figure(closed, "mrr", 10)->mean, 0.1464, 5e-5);
    rec_report_free(r);
    close_config(&o);
}
END_TEST

REC_SUITE("harness/tasks/ranking", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, candidates_are_what_they_should_be);
          tcase_add_test(t, another_task_changes_no_draw);
          tcase_add_test(t, fewer_samples_are_a_subset); tcase_add_test(t, chance_level);)
