#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/file.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static char folder[64], first[128], second[128];
static rec_report *report;

static void setup(void)
{
    strcpy(folder, "/tmp/recai-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(first, sizeof first, "%s/first.h5", folder);
    snprintf(second, sizeof second, "%s/second.h5", folder);
    ck_assert_ok(fixture_report(&report, (fixture_options){0}, err));
}

static void teardown(void)
{
    rec_report_free(report);
    unlink(first);
    unlink(second);
    ck_assert_int_eq(rmdir(folder), 0); /* no temporary file is left */
}

static void check_same_bytes(void)
{
    rec_map a, b;
    ck_assert_ok(rec_map_open(&a, first, err));
    ck_assert_ok(rec_map_open(&b, second, err));
    ck_assert_uint_eq(a.length, b.length);
    ck_assert_int_eq(memcmp(a.data, b.data, a.length), 0);
    rec_map_close(&a);
    rec_map_close(&b);
}

START_TEST(same_content_same_bytes)
{
    ck_assert_ok(rec_report_write(report, first, err));
    ck_assert_ok(rec_report_write(report, second, err));
    check_same_bytes();
}
END_TEST

/* Nothing is lost: what was read back is written as the same bytes. */
START_TEST(round_trip_is_exact)
{
    rec_report *again = NULL;
    ck_assert_ok(rec_report_write(report, first, err));
    ck_assert_ok(rec_report_read(&again, first, err));
    ck_assert_str_eq(again->content_hash, report->content_hash);
    ck_assert_ok(rec_report_write(again, second, err));
    check_same_bytes();
    rec_report_free(again);
}
END_TEST

START_TEST(an_empty_report_is_a_report)
{
    rec_report *empty = calloc(1, sizeof *empty), *again = NULL;
    ck_assert_ok(rec_report_write(empty, first, err));
    ck_assert_ok(rec_report_read(&again, first, err));
    ck_assert_uint_eq(again->n_results + again->n_systems + again->n_expected + again->n_seeds, 0);
    ck_assert_str_eq(again->content_hash, empty->content_hash);
    rec_report_free(empty);
    rec_report_free(again);
}
END_TEST

/* Attributes larger than 64 KiB, which old HDF5 layouts refuse. */
START_TEST(a_long_config_fits)
{
    size_t n = (size_t)1 << 20;
    rec_report *again = NULL;
    free(report->config);
    report->config = malloc(n + 1);
    memset(report->config, '#', n);
    report->config[n] = '\0';
    ck_assert_ok(rec_report_write(report, first, err));
    ck_assert_ok(rec_report_read(&again, first, err));
    ck_assert_str_eq(again->config, report->config);
    rec_report_free(again);
}
END_TEST

START_TEST(no_folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/none/report.h5", folder);
    ck_assert_fails(rec_report_write(report, path, err), REC_ERR_RESOURCE, path);
}
END_TEST

/* A disk that is full after any number of bytes: the earlier report stays, no temporary does. */
START_TEST(full_disk)
{
    ck_assert_ok(rec_report_write(report, first, err));
    ck_assert_ok(rec_report_write(report, second, err));
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t size = 0; size <= 16384; size += 4096) {
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, RLIM_INFINITY});
        ck_assert_fails(rec_report_write(report, second, err), REC_ERR_RESOURCE,
                        "cannot write the report");
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    }
    check_same_bytes();
}
END_TEST

START_TEST(two_results_of_one_name)
{
    free(report->results[1].system);
    report->results[1].system = strdup(report->results[0].system);
    ck_assert_fails(rec_report_write(report, first, err), REC_ERR_INTERNAL, "two results");
}
END_TEST

REC_SUITE("harness/report/write", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, same_content_same_bytes); tcase_add_test(t, round_trip_is_exact);
          tcase_add_test(t, an_empty_report_is_a_report); tcase_add_test(t, a_long_config_fits);
          tcase_add_test(t, no_folder); tcase_add_test(t, full_disk);
          tcase_add_test(t, two_results_of_one_name);)
