/**
 * Paired comparison of two systems on the same users: differences with intervals, five tests, effect
 * size, and p-values corrected over the whole family of comparisons that a reader is shown.
 */
#ifndef REC_HARNESS_REPORT_COMPARE_H
#define REC_HARNESS_REPORT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "harness/report/filter.h"
#include "harness/report/report.h"
#include "harness/report/sheet.h"
#include "harness/stats/stats.h"

typedef enum rec_paired_test {
    REC_TEST_T,
    REC_TEST_WILCOXON,
    REC_TEST_SIGN,
    REC_TEST_PERMUTATION,
    REC_TEST_BOOTSTRAP,
    REC_N_PAIRED_TESTS,
} rec_paired_test;

/** "t", "wilcoxon", "sign", "permutation", "bootstrap", NULL: choices of --test. */
extern const char *const rec_paired_test_names[];

typedef struct rec_compare_options {
    bool intersection; /* compare the common samples of different test sets */
    double level;      /* of the interval of the difference: 0.95 */
    size_t n_draws;    /* of the permutation test, and resamples of the bootstrap */
    uint64_t seed;
    /** The bootstrap is run only when it is this one: it takes ten times as long as the others together,
     * and then makes the interval, too. */
    rec_paired_test test;
    const rec_show_filter *filter; /* tasks and metrics (rec_show_wants_whole); NULL = all */
} rec_compare_options;

/** A system of a report. All borrowed. */
typedef struct rec_compare_side {
    const rec_report *report;
    const char *source; /* what the reader calls the report: its path */
    const char *system;
} rec_compare_side;

/** b against a for one metric of one task. Texts are borrowed from the reports and sides. */
typedef struct rec_comparison {
    rec_compare_side a, b;
    const char *task, *metric;
    size_t k, n_candidates;
    bool higher_is_better;
    size_t n_a, n_b, n;                /* users with a value: on each side, on both */
    double mean_a, mean_b, difference; /* over the n users; difference = b - a */
    rec_interval interval;             /* of the difference: t, or BCa of the bootstrap test */
    double effect_size;                /* Cohen's d of the differences */
    size_t wins, ties, losses;         /* users for whom b is better, equal, worse */
    double p[REC_N_PAIRED_TESTS];      /* NaN: undefined, or not run */
    double p_holm, p_bh;               /* of the test given to rec_comparisons_adjust */
} rec_comparison;

typedef struct rec_comparisons {
    size_t n, capacity;
    rec_comparison *rows; /* owned */
} rec_comparisons;

void rec_comparisons_deinit(rec_comparisons *c);

/**
 * Append a row for every metric with per-sample values that both sides have, task by task.
 * @return REC_ERR_DATA for different data or test sets: data set hash, candidate counts, sample ids
 */
rec_status rec_compare(rec_comparisons *out, rec_compare_side a, rec_compare_side b,
                       const rec_compare_options *options, rec_error *err);

/** REC_ERR_DATA when two reports were measured on different data, unless options->intersection. */
rec_status rec_check_same_data(rec_compare_side a, rec_compare_side b,
                               const rec_compare_options *options, rec_error *err);

/** Holm and Benjamini-Hochberg over all rows, from the p-values of one test. */
rec_status rec_comparisons_adjust(rec_comparisons *c, rec_paired_test test, rec_error *err);

/** Append the comparisons in any format. CSV and JSON have all tests at full precision; HTML is the
 * table alone, not a page. */
rec_status rec_comparisons_show(rec_buffer *out, const rec_comparisons *c, rec_paired_test test,
                                const rec_compare_options *options, rec_format_kind format,
                                size_t width, rec_error *err);

#endif
