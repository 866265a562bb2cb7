/* Figures between chance and the best there is, slices, systems that can take part. */
#include "harness/tasks/emb_task.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "core/memory.h"
#include "harness/run/execute.h"
#include "harness/tasks/columns.h"
#include "tests/folder.h"
#include "tests/suite.h"

#define DATA                                                                                       \
    "data: {roles: {lists: [tags], words: [genre, maker], price: price, date: released}, "         \
    "test_users: 0.3, test_rows: 150, train_rows: 100}"

/* Enough rows for a random ranking to come near its expectation. */
#define MANY                                                                                       \
    "data: {roles: {lists: [tags], words: [genre, maker], price: price, date: released}, "         \
    "test_items: 0.9, dev_items: 0, dev_users: 0, test_rows: 2000, train_rows: 100}"

typedef struct opened {
    rec_config *config;
    rec_run *run;
} opened;

static rec_status try_open(opened *o, const char *task, rec_error *err)
{
    char text[1024];
    snprintf(
        text, sizeof text,
        "seed: 1\ndataset: {type: synth, users: 200, items: 150}\n"
        "systems: [{type: chance}, {type: random}, {type: item_knn}, {type: ideal}]\ntasks: [%s]\n",
        task);
    return rec_config_parse(&o->config, text, strlen(text), "t.yaml", NULL, err);
}

static void open_task(opened *o, const char *task)
{
    ck_assert_ok(try_open(o, task, err));
    ck_assert_ok(rec_run_open(&o->run, o->config, test_path("run"), (rec_run_flags){0}, err));
}

static void close_task(opened *o)
{
    rec_run_close(o->run);
    rec_config_free(o->config);
}

/* A job of the sample, answered with this list (k items or fewer). */
static double answer(const opened *o, const rec_sample_set *set, const rec_sample *s,
                     const uint32_t *items, uint32_t n, const char *metric)
{
    const rec_task_entry *task = &o->config->tasks[0];
    double values[64], weights[64];
    uint32_t list[16];
    float scores[16] = {0};
    rec_target_rank *ranks = calloc(s->n_targets, sizeof *ranks);
    const rec_reply reply = {.kind = REC_REQUEST_RANK,
                             .n_ranked = n,
                             .n_pool = (uint32_t)o->run->dataset->catalogue.n_items,
                             .n_targets = (uint32_t)s->n_targets,
                             .items = items,
                             .scores = scores,
                             .targets = ranks};
    for (size_t i = 0; i < 64; i++)
        values[i] = NAN;
    rec_job job = {.task = task,
                   .data = &o->run->data,
                   .set = set,
                   .sample = s,
                   .can = REC_CAN_SCORE,
                   .stage = 1,
                   .n_columns = task->n_columns,
                   .values = values,
                   .weights = weights,
                   .list_items = list,
                   .list_scores = scores};
    ck_assert_ok(task->type->step(&job, &reply, err));
    rec_arena_deinit(&job.arena);
    free(ranks);
    return values[rec_task_column_index(task, metric, 5)];
}

/* An oracle answers with what there is, then with anything: acceptance 26, exactly 1. A list of
 * everything wrong has violation 1. */
START_TEST(the_oracle_has_one)
{
    opened o;
    const rec_sample_set *set;
    open_task(&o, "{type: emb_sa2i, k: [5], " DATA "}");
    ck_assert_ok(rec_run_samples(&set, o.run, 0, 0, err));
    double sum = 0.0, oracle = 0.0;
    for (size_t i = 0; i < set->n; i++) {
        const rec_sample *s = &set->samples[i];
        uint32_t list[5], wrong[5];
        uint32_t n = 0, n_wrong = 0;
        for (size_t t = 0; t < s->n_targets && n < 5; t++)
            list[n++] = s->targets[t];
        for (uint32_t item = 0; n_wrong < 5; item++) {
            bool is_target = false;
            for (size_t t = 0; t < s->n_targets; t++)
                is_target = is_target || s->targets[t] == item;
            if (!is_target)
                wrong[n_wrong++] = item;
        }
        for (uint32_t w = 0; n < 5; w++)
            list[n++] = wrong[w];
        sum += answer(&o, set, s, list, 5, "ncoverage");
        oracle += answer(&o, set, s, list, 5, "coverage_oracle") -
                  answer(&o, set, s, list, 5, "coverage");
        ck_assert_double_eq(answer(&o, set, s, wrong, 5, "violation"), 1.0);
        ck_assert(isnan(answer(&o, set, s, wrong, 0, "coverage")));
    }
    ck_assert_double_eq_tol(sum / (double)set->n, 1.0, 1e-9);
    ck_assert_double_eq_tol(oracle, 0.0, 1e-9);
    close_task(&o);
}
END_TEST

/* Through the whole run: chance has normalised coverage 0 in closed form, a random ranking about 0. */
START_TEST(chance_has_zero)
{
    opened o;
    rec_report *report;
    open_task(&o, "{type: emb_sa2i, k: [5], " MANY "}");
    ck_assert_ok(rec_execute(&report, o.run, err));
    for (size_t i = 0; i < report->n_results; i++) {
        const rec_result *r = &report->results[i];
        bool is_knn = strcmp(r->system, "item_knn") == 0;
        ck_assert_int_eq(r->not_applicable != NULL, is_knn);
        for (size_t f = 0; f < r->n_figures && !is_knn; f++)
            if (strcmp(r->figures[f].metric, "ncoverage") == 0 && strcmp(r->system, "ideal") != 0)
                ck_assert_double_eq_tol(r->figures[f].mean, 0.0,
                                        strcmp(r->system, "chance") == 0 ? 1e-9 : 0.02);
    }
    rec_report_free(report);
    close_task(&o);
}
END_TEST

/* Parts that divide the rows: numbers add up to n, means weighted with them to the mean of all. */
static const char *const partitions[][5] = {
    {"hit.seen_item", "hit.new_item"},
    {"hit.seen_wording", "hit.new_wording"},
    {"hit.seen_item_seen_wording", "hit.seen_item_new_wording", "hit.new_item_seen_wording",
     "hit.new_item_new_wording"},
    {"hit.tail", "hit.middle", "hit.head"},
    {"hit.short_query", "hit.middle_query", "hit.long_query"},
};

static const rec_figure *figure_of(const rec_result *r, const char *metric)
{
    const rec_figure *f = rec_result_figure(r, metric, 5);
    ck_assert_msg(f != NULL, "%s", metric);
    return f;
}

START_TEST(recommenders_take_part_where_there_is_a_history)
{
    opened o;
    rec_report *report;
    open_task(&o, "{type: emb_uq2i, k: [5], slices: [hit@5], " DATA "}");
    ck_assert_ok(rec_execute(&report, o.run, err));
    for (size_t i = 0; i < report->n_results; i++) {
        const rec_result *r = &report->results[i];
        ck_assert_ptr_null(r->not_applicable);
        for (size_t p = 0; p < sizeof partitions / sizeof *partitions; p++) {
            double sum = 0.0;
            size_t n = 0;
            for (size_t part = 0; partitions[p][part] != NULL; part++) {
                const rec_figure *f = figure_of(r, partitions[p][part]);
                sum += f->n > 0 ? f->mean * (double)f->n : 0.0;
                n += f->n;
            }
            ck_assert_uint_eq(n, r->n_samples);
            ck_assert_double_eq_tol(sum / (double)n, figure_of(r, "hit")->mean, 1e-9);
        }
    }
    rec_report_free(report);
    close_task(&o);
}
END_TEST

/* Chance is 0 and the best ranking 1 in every part, since each is normalised by its own levels. */
START_TEST(parts_have_their_own_levels)
{
    opened o;
    rec_report *report;
    size_t n_parts = 0;
    open_task(&o, "{type: emb_sa2i, k: [2, 5], slices: [ncoverage@5], " DATA "}");
    ck_assert_ok(rec_execute(&report, o.run, err));
    for (size_t i = 0; i < report->n_results; i++) {
        const rec_result *r = &report->results[i];
        double level = strcmp(r->system, "chance") == 0 ? 0.0 : 1.0;
        if (strcmp(r->system, "chance") != 0 && strcmp(r->system, "ideal") != 0)
            continue;
        for (size_t f = 0; f < r->n_figures; f++) {
            if (strncmp(r->figures[f].metric, "ncoverage", 9) != 0 || r->figures[f].n == 0)
                continue;
            ck_assert_double_eq_tol(r->figures[f].mean, level, 1e-9);
            n_parts += strchr(r->figures[f].metric, '.') != NULL;
        }
    }
    ck_assert_uint_ge(n_parts, 2 * 10);
    rec_report_free(report);
    close_task(&o);
}
END_TEST

START_TEST(options_that_cannot_be_are_refused)
{
    opened o;
    ck_assert_fails(try_open(&o, "{type: emb_uh2i, k: [5], slices: [hit@10]}", err), REC_ERR_CONFIG,
                    "slices: \"hit@10\"");
    ck_assert_fails(try_open(&o, "{type: emb_uh2i, metrics: [ndgc]}", err), REC_ERR_CONFIG,
                    "did you mean \"ndcg\"?");
    ck_assert_fails(try_open(&o, "{type: emb_uh2i, data: {roles: {price: 3, prise: x}}}", err),
                    REC_ERR_CONFIG, "prise");
}
END_TEST

START_TEST(what_cannot_be_asked_is_an_error)
{
    opened o;
    const rec_sample_set *set;
    open_task(&o, "{type: emb_vc2i, data: {roles: {lists: [tags]}, test_items: 0, seen_wording: 0, "
                  "test_rows: 0}}");
    ck_assert_fails(rec_run_samples(&set, o.run, 0, 0, err), REC_ERR_DATA,
                    "vc2i has no row to test");
    close_task(&o);
}
END_TEST

/* Acceptance 22: tables and the report's counts say who wrote the queries, and what became of the texts. */
START_TEST(the_writer_is_named)
{
    static const char *const by[] = {"generator: rules", "generator: replay, answers: none.jsonl"};
    opened o;
    const rec_sample_set *set;
    for (int g = 0; g < 2; g++) { /* nothing is read before the samples are made */
        char task[512];
        snprintf(task, sizeof task, "{type: emb_us2i, data: {roles: {words: [genre]}, %s}}", by[g]);
        ck_assert_ok(try_open(&o, task, err));
        const rec_task_entry *t = &o.config->tasks[0];
        rec_emb_text_generator generator = g == 0 ? REC_EMB_RULES : REC_EMB_REPLAY;
        ck_assert_ptr_nonnull(
            strstr(t->type->remark(t->options), rec_emb_generator_name(generator)));
        rec_config_free(o.config);
    }
    open_task(&o, "{type: emb_us2i, " DATA "}");
    ck_assert_ok(rec_run_samples(&set, o.run, 0, 0, err));
    ck_assert_str_eq(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(set->counts, "generator")),
        "rules-2");
    const cJSON *texts = cJSON_GetObjectItemCaseSensitive(set->counts, "texts");
    ck_assert_double_ge(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(texts, "written")),
                        (double)set->n);
    ck_assert_ptr_nonnull(cJSON_GetObjectItemCaseSensitive(texts, "says_title"));
    close_task(&o);
    open_task(&o, "{type: emb_sa2i, " DATA "}");
    ck_assert_ptr_null(o.config->tasks[0].type->remark(o.config->tasks[0].options)); /* templates */
    close_task(&o);
}
END_TEST

/* A twentieth of 150 items is seven; generated prices hardly ever tie. */
START_TEST(relative_sets_are_counted)
{
    opened o;
    const rec_sample_set *set;
    open_task(&o, "{type: emb_rel2i, data: {roles: {lists: [tags], price: price}, test_rows: 50}}");
    ck_assert_ok(rec_run_samples(&set, o.run, 0, 0, err));
    const cJSON *sets = cJSON_GetObjectItemCaseSensitive(set->counts, "sets");
    ck_assert_double_eq(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(sets, "cheap")), 7);
    for (size_t i = 0; i < set->n; i++)
        ck_assert_uint_gt(set->samples[i].n_targets, 0);
    close_task(&o);
}
END_TEST

REC_SUITE("harness/tasks/emb_task", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, the_oracle_has_one); tcase_add_test(t, the_writer_is_named);
          tcase_add_test(t, relative_sets_are_counted); tcase_add_test(t, chance_has_zero);
          tcase_add_test(t, recommenders_take_part_where_there_is_a_history);
          tcase_add_test(t, parts_have_their_own_levels);
          tcase_add_test(t, options_that_cannot_be_are_refused);
          tcase_add_test(t, what_cannot_be_asked_is_an_error);)
