/* Every allocation of our own code fails once in each thing that is done with a report: a status
 * with a message, no leak, no half-written file in place of the old one. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/parallel.h"
#include "harness/report/check.h"
#include "harness/report/compare.h"
#include "harness/report/export.h"
#include "harness/report/show.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static rec_report *report, *other;
static char path[256], folder[256];

static void setup(void)
{
    test_folder();
    strcpy(path, test_path("report.h5"));
    strcpy(folder, test_path("files"));
    rec_parallel_set_threads(1);
    ck_assert_ok(fixture_report(&report, (fixture_options){.n_users = 2}, err));
    ck_assert_ok(fixture_report(&other, (fixture_options){.n_users = 2, .shift = -0.1}, err));
    ck_assert_ok(rec_report_write(report, path, err));
}

static void teardown(void)
{
    rec_report_free(report);
    rec_report_free(other);
    test_folder_remove();
}

static rec_status write_again(rec_error *err)
{
    return rec_report_write(report, path, err);
}

static rec_status read_again(rec_error *err)
{
    rec_report *again = NULL;
    rec_status status = rec_report_read(&again, path, err);
    if (status == REC_OK)
        failing_malloc_check(strcmp(again->content_hash, report->content_hash) == 0);
    rec_report_free(again);
    return status;
}

START_TEST(writing)
{
    rec_report *again = NULL;
    ck_assert_uint_gt(failing_malloc_exhaust(write_again), 100);
    ck_assert_ok(rec_report_read(&again, path, err));
    rec_report_free(again);
}
END_TEST

START_TEST(reading)
{
    ck_assert_uint_gt(failing_malloc_exhaust(read_again), 50);
}
END_TEST

static rec_format_kind format;

static rec_status show(rec_error *err)
{
    char *names[] = {(char *)"ndcg"};
    const rec_show_filter filter = {.metrics = {names, 1}, .slices = true};
    rec_buffer out = {0};
    rec_status status = rec_report_show(&out, report, &filter, format, 80, err);
    rec_buffer_deinit(&out);
    return status;
}

START_TEST(showing)
{
    for (size_t i = 0; i < report->n_results; i++)
        if (report->results[i].n_figures == 3) { /* one that is over a part of the samples */
            rec_figure *part = &report->results[i].figures[1];
            free(part->metric);
            part->metric = strdup("ndcg.tail");
        }
    for (int f = REC_FORMAT_TABLE; f <= REC_FORMAT_HTML; f++) {
        format = (rec_format_kind)f;
        ck_assert_uint_gt(failing_malloc_exhaust(show), 5);
    }
}
END_TEST

static rec_status compare(rec_error *err)
{
    const rec_compare_options options = {
        .level = 0.95, .n_draws = 10, .seed = 1, .test = REC_TEST_BOOTSTRAP};
    const rec_compare_side a = {report, "a.h5", "ease"}, b = {other, "b.h5", "ease"};
    rec_comparisons rows = {0};
    rec_buffer out = {0};
    rec_status status;
    REC_TRY(rec_compare(&rows, a, b, &options, err));
    REC_TRY(rec_comparisons_adjust(&rows, REC_TEST_T, err));
    status = rec_comparisons_show(&out, &rows, REC_TEST_T, &options, format, 0, err);
cleanup:
    rec_buffer_deinit(&out);
    rec_comparisons_deinit(&rows);
    return status;
}

START_TEST(comparing)
{
    for (int f = REC_FORMAT_TABLE; f <= REC_FORMAT_HTML; f++) {
        format = (rec_format_kind)f;
        ck_assert_uint_gt(failing_malloc_exhaust(compare), 20);
    }
}
END_TEST

static rec_status check(rec_error *err)
{
    const rec_show_filter all = {.tasks = {NULL, 0}};
    const rec_check_options options = {.compare = {.level = 0.95}, .n_users = 2};
    rec_check found;
    rec_buffer out = {0};
    rec_status status =
        rec_check_run(&found, other, report, (const char *const[]){"run", "base"}, &options, err);
    if (status != REC_OK)
        return status;
    failing_malloc_check(!rec_check_passed(&found));
    status = rec_check_show(&out, &found, other, &all, format, 0, err);
    rec_buffer_deinit(&out);
    rec_check_deinit(&found);
    return status;
}

START_TEST(checking)
{
    for (int f = REC_FORMAT_TABLE; f <= REC_FORMAT_JSON; f++) {
        format = (rec_format_kind)f;
        if (format != REC_FORMAT_CSV)
            ck_assert_uint_gt(failing_malloc_exhaust(check), 20);
    }
}
END_TEST

static rec_export_format kind;

static rec_status export_files(rec_error *err)
{
    char *agent[] = {(char *)"agent"}; /* one result: each file is synced to the disk */
    const rec_show_filter filter = {.systems = {agent, 1}};
    size_t n;
    return rec_report_export(&n, report, folder, kind, &filter, err);
}

START_TEST(exporting)
{
    for (int k = REC_EXPORT_JSON; k <= REC_EXPORT_TREC; k++) {
        kind = (rec_export_format)k;
        ck_assert_uint_gt(failing_malloc_exhaust(export_files), 20);
    }
}
END_TEST

REC_SUITE("harness/report/report_alloc", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, writing); tcase_add_test(t, reading); tcase_add_test(t, showing);
          tcase_add_test(t, comparing); tcase_add_test(t, checking); tcase_add_test(t, exporting);)
