#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "harness/report/show.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static rec_report *report;
static rec_buffer out;

static void setup(void)
{
    ck_assert_ok(fixture_report(&report, (fixture_options){0}, err));
}

static void teardown(void)
{
    rec_buffer_deinit(&out);
    rec_report_free(report);
}

static const char *show(rec_format_kind format, const rec_show_filter *filter)
{
    rec_buffer_clear(&out);
    ck_assert_ok(rec_report_show(&out, report, filter, format, 0, err));
    return out.data;
}

static rec_string_list one(const char *name)
{
    static char *items[4];
    static size_t next;
    char **item = &items[next++ % 4];
    *item = (char *)name;
    return (rec_string_list){.items = item, .n = 1};
}

START_TEST(numbers)
{
    char text[32];
    rec_show_number(text, 0.29054999);
    ck_assert_str_eq(text, "0.2905");
    rec_show_number(text, NAN);
    ck_assert_str_eq(text, "-");
    rec_show_number(text, 123456.789);
    ck_assert_str_eq(text, "123456.8");
}
END_TEST

/* Chance comes first though the report lists it third; flags, failures and reasons are said. */
START_TEST(tables)
{
    const char *text = show(REC_FORMAT_TABLE, NULL);
    const char *chance = strstr(text, "\nchance "), *ease = strstr(text, "\nease ");
    ck_assert(chance != NULL && ease != NULL && chance < ease);
    ck_assert_ptr_nonnull(strstr(text, "100 users, 7 items, 321 interactions"));
    ck_assert_ptr_nonnull(strstr(text, "saw test rows, default settings; 2 skipped"));
    ck_assert_ptr_nonnull(strstr(text, "rule based; 1 failed; 2 skipped"));
    ck_assert_ptr_nonnull(strstr(text, "rule based; not applicable: the system cannot score"));
    ck_assert_ptr_nonnull(strstr(text, "measured beside published"));
    ck_assert_ptr_nonnull(strstr(text, "at least, -0.01  NO"));
    ck_assert_ptr_nonnull(strstr(text, " (0.0010)"));
    ck_assert_ptr_nonnull(strstr(text, "95 % interval, () the standard deviation over seeds;"));
    report->results[0].level = 0.9;
    ck_assert_ptr_nonnull(strstr(show(REC_FORMAT_TABLE, NULL), "half of the 90 % interval"));
}
END_TEST

/* A system that ranked 20 candidates and one that ranked everything share no column. */
START_TEST(candidate_counts_part_columns)
{
    report->results[4].n_candidates = 0;
    const rec_show_filter filter = {.tasks = one("ranking20"), .metrics = one("ndcg@10")};
    const char *text = show(REC_FORMAT_CSV, &filter);
    ck_assert_ptr_nonnull(strstr(text, "ranking20,ease,ndcg@10,"));
    ck_assert_ptr_nonnull(strstr(text, "ranking20,chance,ndcg@10[20],"));
    const char *table = show(REC_FORMAT_TABLE, &filter);
    const char *sampled = strstr(table, " ndcg@10[20] "), *full = strstr(table, " ndcg@10 ");
    ck_assert(sampled != NULL && full != NULL && sampled < full);
    const char *row = strstr(table, "\nease ");
    ck_assert_int_eq(strncmp(row + strcspn(row, "-"), "-  0.", 5), 0);
}
END_TEST

START_TEST(csv_is_exact)
{
    const rec_show_filter filter = {
        .tasks = one("retrieval"), .systems = one("ease"), .metrics = one("rank")};
    const rec_figure *f = rec_result_figure(&report->results[0], "rank", 0);
    const char *line = strchr(show(REC_FORMAT_CSV, &filter), '\n') + 1;
    double mean = strtod(line + strlen("retrieval,ease,rank,"), NULL);
    ck_assert_double_eq(mean, f->mean);
    ck_assert_ptr_nonnull(strstr(line, ",,80\n")); /* sd over seeds is undefined: empty */
}
END_TEST

static const cJSON *at(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    ck_assert_msg(item != NULL, "no %s", key);
    return item;
}

START_TEST(json_is_the_contract)
{
    cJSON *root;
    strcpy(report->content_hash, "abc");
    const char *text = show(REC_FORMAT_JSON, NULL);
    ck_assert_ok(rec_json_parse(&root, text, strlen(text), "show", 1, err));
    ck_assert_double_eq(at(root, "schema")->valuedouble, 1);
    ck_assert_str_eq(at(root, "name")->valuestring, "fixture");
    ck_assert_str_eq(at(root, "config_hash")->valuestring, report->config_hash);
    ck_assert_str_eq(at(root, "content_hash")->valuestring, "abc");
    ck_assert_double_eq(cJSON_GetArrayItem(at(root, "seeds"), 0)->valuedouble, 1);
    ck_assert_str_eq(cJSON_GetArrayItem(at(root, "seeds"), 1)->valuestring, "18446744073709551615");
    const cJSON *ease = at(at(at(root, "tasks"), "ranking20"), "ease");
    const rec_figure *f =
        rec_result_figure(rec_report_result(report, "ranking20", "ease"), "ndcg", 10);
    const cJSON *figure = at(ease, "ndcg@10"); /* no candidate count in the key */
    ck_assert_double_eq(at(figure, "mean")->valuedouble, f->mean);
    ck_assert_double_eq(at(figure, "stderr")->valuedouble, f->stderr_);
    ck_assert_double_eq(cJSON_GetArrayItem(at(figure, "ci"), 1)->valuedouble, f->ci_high);
    ck_assert_double_eq(at(figure, "n")->valuedouble, 78);
    ck_assert(cJSON_IsNull(at(at(ease, "rank"), "sd_seeds")));
    ck_assert_int_eq(cJSON_GetArraySize(at(at(at(root, "tasks"), "ranking20"), "agent")), 0);
    const cJSON *first = cJSON_GetArrayItem(at(root, "expected"), 0);
    const cJSON *second = cJSON_GetArrayItem(at(root, "expected"), 1);
    ck_assert_double_eq(at(first, "digits")->valuedouble, 4);
    ck_assert_str_eq(at(first, "side")->valuestring, "both");
    ck_assert(cJSON_IsTrue(at(first, "within")) && cJSON_IsFalse(at(second, "within")));
    ck_assert_double_eq(at(second, "tol")->valuedouble, 0.01);
    ck_assert_str_eq(at(second, "side")->valuestring, "at_least");
    ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(second, "digits"));
    cJSON_Delete(root);
}
END_TEST

START_TEST(filters)
{
    const rec_show_filter metric = {.metrics = one("ndcg")};
    const char *text = show(REC_FORMAT_CSV, &metric);
    ck_assert(strstr(text, "ndcg@10") != NULL && strstr(text, "ndcg@20") != NULL);
    ck_assert_ptr_null(strstr(text, "rank,"));
    const rec_show_filter label = {.metrics = one("ndcg@20"), .systems = one("ease")};
    text = show(REC_FORMAT_TABLE, &label);
    ck_assert(strstr(text, "ndcg@10") == NULL && strstr(text, "\nchance") == NULL);
    ck_assert_ptr_nonnull(strstr(text, "measured beside published"));
    const rec_show_filter other = {.metrics = one("ndcg@10")};
    ck_assert_ptr_null(strstr(show(REC_FORMAT_TABLE, &other), "measured beside published"));
}
END_TEST

/* The fixture's curves are 1, 1/2, 1/3 and 1, 1/2. */
START_TEST(course_of_training)
{
    const rec_show_filter training = {.tasks = one("ranking20"), .training = true};
    ck_assert_ptr_null(strstr(show(REC_FORMAT_TABLE, NULL), "course of training"));
    const char *text = show(REC_FORMAT_TABLE, &training);
    ck_assert_ptr_nonnull(strstr(text, "course of training"));
    ck_assert_ptr_nonnull(strstr(text, "loss_train  1.0000  0.3333       3"));
    ck_assert_ptr_nonnull(strstr(text, "loss_valid  1.0000  0.5000       2"));
}
END_TEST

static void rename_figure(rec_figure *f, const char *metric)
{
    free(f->metric);
    f->metric = rec_strdup(metric, NULL);
    f->k = 10;
}

/* Parts do not widen the table: they have one of their own, parts by systems, when asked for. */
START_TEST(figures_over_parts)
{
    for (size_t i = 0; i < report->n_results; i++)
        if (report->results[i].n_figures == 3) {
            rename_figure(&report->results[i].figures[1], "ndcg.tail");
            rename_figure(&report->results[i].figures[2], "ndcg.head");
        }
    const char *text = show(REC_FORMAT_TABLE, NULL);
    ck_assert_ptr_null(strstr(text, "tail"));
    ck_assert_ptr_nonnull(strstr(text, "parts of the samples: --slices"));
    const rec_show_filter slices = {.tasks = one("ranking20"), .slices = true};
    text = show(REC_FORMAT_TABLE, &slices);
    const char *title = strstr(text, "ranking20: ndcg@10[20] over parts of the samples");
    ck_assert_ptr_nonnull(title);
    ck_assert_ptr_nonnull(strstr(title, "\ntail"));
    ck_assert_ptr_nonnull(strstr(title, "\nhead"));
    ck_assert_ptr_null(strstr(strchr(title, '\n'), "over parts")); /* one table for both parts */
    const rec_show_filter other = {.metrics = one("ndcg.head@10"), .slices = true};
    text = show(REC_FORMAT_TABLE, &other); /* a part that is named is a column like any */
    ck_assert_ptr_nonnull(strstr(text, "ndcg.head@10"));
    ck_assert_ptr_null(strstr(text, "over parts"));
    ck_assert_ptr_nonnull(strstr(show(REC_FORMAT_CSV, NULL), "ndcg.tail@10"));
    ck_assert_ptr_nonnull(strstr(show(REC_FORMAT_HTML, NULL), "over parts of the samples"));
}
END_TEST

START_TEST(unknown_names_have_a_nearest)
{
    const rec_show_filter task = {.tasks = one("retreival")}, system = {.systems = one("eas")},
                          metric = {.metrics = one("ndgc@10")};
    ck_assert_fails(rec_show_check(&task, report, err), REC_ERR_CONFIG,
                    "no task \"retreival\" (did you mean \"retrieval\"?)");
    ck_assert_fails(rec_show_check(&system, report, err), REC_ERR_CONFIG, "did you mean \"ease\"?");
    ck_assert_fails(rec_show_check(&metric, report, err), REC_ERR_CONFIG,
                    "did you mean \"ndcg@10\"?");
}
END_TEST

/* One file that needs nothing else, and text from the report never becomes markup. */
START_TEST(page)
{
    free(report->name);
    report->name = strdup("<script>alert(1)</script>");
    const char *text = show(REC_FORMAT_HTML, NULL);
    ck_assert_int_eq(strncmp(text, "<!DOCTYPE html>", 15), 0);
    ck_assert_ptr_null(strstr(text, "<script"));
    ck_assert_ptr_null(strstr(text, "http"));
    ck_assert_ptr_null(strstr(text, "src="));
    ck_assert_ptr_nonnull(strstr(text, "&lt;script&gt;"));
    ck_assert_ptr_nonnull(strstr(text, "ndcg@10[20]"));
    ck_assert_ptr_nonnull(strstr(text, "seeds: [1, 2]"));
    ck_assert_ptr_nonnull(strstr(text, "</html>"));
}
END_TEST

START_TEST(an_empty_report_shows)
{
    rec_report *empty = calloc(1, sizeof *empty);
    for (int format = REC_FORMAT_TABLE; format <= REC_FORMAT_HTML; format++)
        ck_assert_ok(rec_report_show(&out, empty, NULL, (rec_format_kind)format, 0, err));
    rec_report_free(empty);
}
END_TEST

REC_SUITE("harness/report/show", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, numbers); tcase_add_test(t, tables);
          tcase_add_test(t, candidate_counts_part_columns); tcase_add_test(t, csv_is_exact);
          tcase_add_test(t, json_is_the_contract); tcase_add_test(t, filters);
          tcase_add_test(t, figures_over_parts); tcase_add_test(t, course_of_training);
          tcase_add_test(t, unknown_names_have_a_nearest); tcase_add_test(t, page);
          tcase_add_test(t, an_empty_report_shows);)
