#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "harness/report/export.h"
#include "tests/folder.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static rec_report *report;
static rec_buffer out;

static void setup(void)
{
    test_folder();
    ck_assert_ok(fixture_report(&report, (fixture_options){.n_users = 4}, err));
}

static void teardown(void)
{
    rec_buffer_deinit(&out);
    rec_report_free(report);
    test_folder_remove();
}

static void check_name(const char *name, const char *expected)
{
    char *file = rec_export_file_name(name, NULL);
    ck_assert_str_eq(file, expected);
    free(file);
}

START_TEST(file_names)
{
    check_name("retrieval", "retrieval");
    check_name("bpr.v2", "bpr.v2");
    check_name("..", "%2E.");
    check_name("../x", "%2E.%2Fx");
    check_name("a b%", "a%20b%25");
    check_name("caf\xC3\xA9", "caf%C3%A9");
}
END_TEST

static bool has(const char *name)
{
    return rec_path_exists(test_path(name));
}

START_TEST(files_of_each_format)
{
    size_t n;
    ck_assert_ok(rec_report_export(&n, report, test_path("x"), REC_EXPORT_JSON, NULL, err));
    ck_assert_uint_eq(n, 8);
    ck_assert(has("x/report.json") && has("x/retrieval/odd%2F%25name.jsonl"));
    ck_assert(!has("x/ranking20/agent.jsonl")); /* not applicable */
    ck_assert_ok(rec_report_export(&n, report, test_path("x"), REC_EXPORT_CSV, NULL, err));
    ck_assert_uint_eq(n, 16);
    ck_assert(has("x/figures.csv") && has("x/expected.csv"));
    ck_assert(has("x/retrieval/ease.samples.csv") && has("x/retrieval/ease.lists.csv"));
    ck_assert_ok(rec_report_export(&n, report, test_path("x"), REC_EXPORT_TREC, NULL, err));
    ck_assert_uint_eq(n, 10); /* chance has no targets */
    ck_assert(has("x/retrieval/ease.run") && has("x/retrieval/ease.qrels"));
    char *ease[] = {(char *)"ease"};
    const rec_show_filter filter = {.systems = {ease, 1}};
    ck_assert_ok(rec_report_export(&n, report, test_path("y"), REC_EXPORT_TREC, &filter, err));
    ck_assert_uint_eq(n, 4);
}
END_TEST

START_TEST(no_folder)
{
    size_t n;
    test_write("file", "x", 1);
    ck_assert_fails(rec_report_export(&n, report, test_path("file/x"), REC_EXPORT_CSV, NULL, err),
                    REC_ERR_RESOURCE, "file");
}
END_TEST

/* Texts of a table-like file, by hand. */
static rec_result small(void)
{
    static char *ids[] = {"1/a,b", "1/c d"}, *users[] = {"a,b", "c d"};
    static uint32_t clusters[] = {0, 1}, items[] = {2, 0, 1, UINT32_MAX}, targets[] = {0, 2, 1};
    static uint64_t seeds[] = {1, 1};
    static int32_t turns[] = {0, 1};
    static size_t start[] = {0, 1, 3};
    static float scores[] = {0.5f, 0.5f, 0.1f, 0.0f}, gains[] = {1, 2, 0};
    static double values[2];
    static rec_sample_column column = {.metric = (char *)"ndcg", .k = 2, .values = values};
    values[0] = 0.1;
    values[1] = NAN;
    return (rec_result){.task = (char *)"t",
                        .system = (char *)"my sys",
                        .n_samples = 2,
                        .sample_ids = ids,
                        .users = users,
                        .clusters = clusters,
                        .seeds = seeds,
                        .turns = turns,
                        .n_columns = 1,
                        .columns = &column,
                        .target_start = start,
                        .targets = targets,
                        .target_gains = gains,
                        .list_length = 2,
                        .list_items = items,
                        .list_scores = scores};
}

START_TEST(samples_csv)
{
    const rec_result x = small();
    ck_assert_ok(rec_export_samples_csv(&out, &x, err));
    ck_assert_str_eq(out.data, "sample_id,user,cluster,seed,turn,ndcg@2\n"
                               "\"1/a,b\",\"a,b\",0,1,0,0.1\n"
                               "1/c d,c d,1,1,1,\n");
}
END_TEST

START_TEST(lists_csv)
{
    const rec_result x = small();
    ck_assert_ok(rec_export_lists_csv(&out, report, &x, err));
    ck_assert_str_eq(out.data, "sample_id,rank,item,score,relevance\n"
                               "\"1/a,b\",1,i2,0.5,0\n"
                               "\"1/a,b\",2,i0,0.5,1\n"
                               "1/c d,1,i1,0.100000001,0\n");
}
END_TEST

START_TEST(expected_csv)
{
    report->expected[0].published = report->expected[0].measured = 0.5;
    report->expected[1].measured = NAN;
    ck_assert_ok(rec_export_expected_csv(&out, report, err));
    ck_assert_str_eq(
        out.data, "system,task,metric,measured,published,digits,tol,side,within,source\n"
                  "ease,retrieval,ndcg@20,0.5,0.5,4,,both,true,\"ACM TOIS 39(2), 2021, table 46\"\n"
                  "ease,retrieval,ndcg@20,,0.9,,0.01,at_least,false,a wish\n");
}
END_TEST

/* The second sample has no value: nothing was scored, it is in neither file. The tie of items 2 and
 * 0 would fall the other way in trec_eval (document id descending): the second score is lowered. */
START_TEST(trec_keeps_our_order)
{
    rec_result x = small();
    ck_assert_ok(rec_export_run(&out, report, &x, err));
    ck_assert_str_eq(out.data, "1/a,b Q0 i2 1 0.5 my%20sys\n"
                               "1/a,b Q0 i0 2 0.49999997 my%20sys\n");
    rec_buffer_clear(&out);
    ck_assert_ok(rec_export_qrels(&out, report, &x, err));
    ck_assert_str_eq(out.data, "1/a,b 0 i0 1\n");
    x.columns[0].values[1] = 0.0;
    rec_buffer_clear(&out);
    ck_assert_ok(rec_export_qrels(&out, report, &x, err));
    ck_assert_str_eq(out.data, "1/a,b 0 i0 1\n1/c%20d 0 i2 2\n1/c%20d 0 i1 0\n");
    x.target_gains[1] = 0.5f;
    ck_assert_fails(rec_export_qrels(&out, report, &x, err), REC_ERR_DATA,
                    "TREC judgments are integers, but sample 1/c d has the relevance level 0.5");
    x.target_gains[1] = 2.0f;
}
END_TEST

/* Scores that never fall, down to minus infinity's neighbour: still strictly decreasing floats. */
START_TEST(trec_scores_always_fall)
{
    rec_result x = small();
    float rising[] = {1.0f, 2.0f, 0.0f, 0.0f};
    x.list_scores = rising;
    ck_assert_ok(rec_export_run(&out, report, &x, err));
    ck_assert_ptr_nonnull(strstr(out.data, " 1 1 my"));
    ck_assert_ptr_nonnull(strstr(out.data, " 2 0.99999994 my"));
}
END_TEST

static bool has_run(const rec_result *x)
{
    bool yes;
    ck_assert_ok(rec_export_has_run(&yes, x, err));
    return yes;
}

START_TEST(expectations_over_ties_have_no_run)
{
    rec_result x = small();
    bool yes;
    ck_assert(has_run(&x));
    x.notes = (char *)"{\"expected_over_ties\":true}";
    ck_assert(!has_run(&x));
    x.notes = (char *)"{\"expected_over_ties\":false}";
    ck_assert(has_run(&x));
    x.notes = (char *)"{";
    ck_assert_fails(rec_export_has_run(&yes, &x, err), REC_ERR_DATA, "tasks/t/my sys: notes:1:");
    x.target_start = NULL;
    ck_assert(!has_run(&x));
}
END_TEST

/* Bytes of a model's text that are no UTF-8 do not break the JSON. */
START_TEST(jsonl_repairs_text)
{
    rec_result x = small();
    char *texts[] = {(char *)"ok \xC3", NULL};
    rec_text_column reply = {.name = (char *)"reply", .texts = texts};
    x.n_texts = 1;
    x.texts = &reply;
    ck_assert_ok(rec_export_jsonl(&out, report, &x, err));
    char *second = strchr(out.data, '\n') + 1;
    ck_assert_ptr_nonnull(strstr(out.data, "\"text\":{\"reply\":\"ok \xEF\xBF\xBD\"}}\n"));
    ck_assert_int_eq(strncmp(out.data,
                             "{\"sample_id\":\"1/a,b\",\"user\":\"a,b\",\"seed\":\"1\",\"turn\":0,"
                             "\"values\":{\"ndcg@2\":0.1},\"items\":[\"i2\",\"i0\"],"
                             "\"scores\":[0.5,0.5],\"targets\":[\"i0\"],\"gains\":[1]",
                             120),
                     0);
    ck_assert_ptr_nonnull(strstr(second, "\"values\":{\"ndcg@2\":null}"));
    ck_assert_ptr_nonnull(strstr(second, "\"text\":{}}\n"));
}
END_TEST

/* Items of a report without ids are their indices. */
START_TEST(items_without_ids)
{
    rec_report bare = {0};
    const rec_result x = small();
    ck_assert_ok(rec_export_qrels(&out, &bare, &x, err));
    ck_assert_str_eq(out.data, "1/a,b 0 0 1\n");
}
END_TEST

REC_SUITE("harness/report/export", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, file_names); tcase_add_test(t, files_of_each_format);
          tcase_add_test(t, no_folder); tcase_add_test(t, samples_csv);
          tcase_add_test(t, lists_csv); tcase_add_test(t, expected_csv);
          tcase_add_test(t, trec_keeps_our_order); tcase_add_test(t, trec_scores_always_fall);
          tcase_add_test(t, expectations_over_ties_have_no_run);
          tcase_add_test(t, jsonl_repairs_text); tcase_add_test(t, items_without_ids);)
