#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/report/content.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static rec_report *report;

static void setup(void)
{
    ck_assert_ok(fixture_report(&report, (fixture_options){0}, err));
}

static void teardown(void)
{
    rec_report_free(report);
}

static const char *hash_of(const rec_report *r)
{
    static char hex[2][REC_SHA256_HEX];
    static int which;
    which = !which;
    ck_assert_ok(rec_report_content_hash(hex[which], r, err));
    return hex[which];
}

START_TEST(times_do_not_count)
{
    rec_report *other = NULL;
    ck_assert_ok(fixture_report(&other, (fixture_options){.other_times = true}, err));
    ck_assert_str_eq(hash_of(other), hash_of(report));
    report->systems[0].fit_seconds = 77.0;
    ck_assert_str_eq(hash_of(other), hash_of(report));
    rec_report_free(other);
}
END_TEST

/* Each change alone gives another hash; undone, the first one again. */
START_TEST(content_counts)
{
    char first[REC_SHA256_HEX];
    strcpy(first, hash_of(report));
    rec_result *x = &report->results[0];
#define CHANGE(place, value)                                                                       \
    do {                                                                                           \
        __typeof__(place) old = (place);                                                           \
        (place) = (value);                                                                         \
        ck_assert_msg(strcmp(hash_of(report), first) != 0, "%s does not count", #place);           \
        (place) = old;                                                                             \
        ck_assert_str_eq(hash_of(report), first);                                                  \
    } while (0)
    CHANGE(report->name, (char *)"other");
    CHANGE(report->seeds[1], 3);
    CHANGE(report->config_hash[0], 'f');
    CHANGE(report->dataset_sha256[0], 'f');
    CHANGE(report->dataset_rules, (char *)"{}");
    CHANGE(report->n_interactions, 1);
    CHANGE(report->item_ids[3], (char *)"i");
    CHANGE(report->systems[0].options, (char *)"{}");
    CHANGE(report->systems[0].flags, (char *)"oracle");
    CHANGE(report->systems[0].curves[1].values[0], 0.5);
    CHANGE(report->systems[0].trials, (char *)"[]");
    CHANGE(x->n_candidates, 5);
    CHANGE(x->n_failed, 5);
    CHANGE(x->n_skipped, 5);
    CHANGE(x->tokens_out, 5);
    CHANGE(x->notes, (char *)"{}");
    CHANGE(x->figures[0].mean, 0.5);
    CHANGE(x->figures[0].n, 1);
    CHANGE(x->figures[0].higher_is_better, false);
    CHANGE(x->sample_ids[1], (char *)"1/x");
    CHANGE(x->clusters[1], 7);
    CHANGE(x->turns[1], 7);
    CHANGE(x->columns[1].values[4], 0.125);
    CHANGE(x->list_items[2], 6);
    CHANGE(x->list_scores[2], 6.0f);
    CHANGE(report->results[3].texts[0].texts[0], (char *)"another prompt");
    CHANGE(report->expected[0].published, 0.1);
    CHANGE(report->expected[1].within, true);
    CHANGE(report->expected[1].side, REC_SIDE_BOTH);
}
END_TEST

START_TEST(every_nan_is_the_same)
{
    char first[REC_SHA256_HEX];
    report->results[0].columns[0].values[0] = __builtin_nan("");
    strcpy(first, hash_of(report));
    report->results[0].columns[0].values[0] = -__builtin_nan("7");
    ck_assert_str_eq(hash_of(report), first);
}
END_TEST

/* Systems outermost instead of tasks: the same content. */
START_TEST(order_of_results_is_by_task)
{
    char first[REC_SHA256_HEX];
    strcpy(first, hash_of(report));
    rec_result by_system[8];
    for (size_t i = 0; i < 8; i++)
        by_system[i] = report->results[i % 2 * 4 + i / 2];
    memcpy(report->results, by_system, sizeof by_system);
    ck_assert_str_eq(hash_of(report), first);
    size_t *order = NULL;
    ck_assert_ok(rec_report_order(&order, report, err));
    for (size_t i = 0; i < 8; i++)
        ck_assert_uint_eq(order[i], i < 4 ? 2 * i : 2 * (i - 4) + 1);
    free(order);
}
END_TEST

START_TEST(broken_rules_are_internal_errors)
{
    size_t *order = NULL;
    char *kept = report->results[1].system;
    report->results[1].system = report->results[0].system;
    ck_assert_fails(rec_report_order(&order, report, err), REC_ERR_INTERNAL, "two results of task");
    report->results[1].system = NULL;
    ck_assert_fails(rec_report_order(&order, report, err), REC_ERR_INTERNAL, "no task or no");
    report->results[1].system = kept;
}
END_TEST

REC_SUITE("harness/report/content", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, times_do_not_count); tcase_add_test(t, content_counts);
          tcase_add_test(t, every_nan_is_the_same); tcase_add_test(t, order_of_results_is_by_task);
          tcase_add_test(t, broken_rules_are_internal_errors);)
