/**
 * Gates: expected figures that are missed, and figures that fell below a baseline report by more
 * than chance explains.
 */
#ifndef REC_HARNESS_REPORT_CHECK_H
#define REC_HARNESS_REPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "harness/report/compare.h"
#include "harness/report/report.h"

typedef struct rec_check_options {
    rec_compare_options compare; /* level, intersection, filter; the tests are not run for a gate */
    double tolerance; /* relative fall allowed for figures without per-user values (coverage), and
                         for the number of users with a value */
    size_t n_users;   /* how many users to name per fallen figure */
} rec_check_options;

typedef enum rec_movement_kind {
    REC_FELL,    /* the interval of the difference lies on the worse side of 0 */
    REC_ROSE,    /* on the better side: said, not a failure */
    REC_MISSING, /* in the baseline, not in the run */
    REC_FEWER, /* users lost their value: before and after count them (failed calls are not scored) */
} rec_movement_kind;

extern const char *const rec_movement_names[]; /* "fell", "rose", "missing", "fewer" */

/** A user whose value changed. */
typedef struct rec_moved_user {
    const char *user; /* borrowed */
    double before, after;
} rec_moved_user;

/** A figure that differs from the baseline. Texts are borrowed from the baseline. */
typedef struct rec_movement {
    rec_movement_kind kind;
    const char *task, *system, *metric;
    size_t k, n_candidates;
    double before, after, difference; /* after - before, over the users of both */
    rec_interval interval;            /* NaN without per-user values */
    size_t n;                         /* users compared; 0 without per-user values */
    size_t n_users;
    rec_moved_user *users; /* owned; those it became worse for most (better for most: REC_ROSE) */
} rec_movement;

typedef struct rec_check {
    size_t n_expected, n_missed; /* rows of `expected`, those that do not hold */
    size_t n_compared;           /* figures that both reports have */
    size_t n_failed;             /* movements that are not REC_ROSE */
    size_t n_movements, capacity;
    rec_movement *movements; /* owned */
} rec_check;

void rec_check_deinit(rec_check *c);

/**
 * @param baseline  NULL: expectations only
 * @param names     what messages call the run and the baseline
 * @return REC_ERR_DATA when the two were measured on different test sets. Failures of the gate are
 *         in `out`, not in the status.
 */
rec_status rec_check_run(rec_check *out, const rec_report *run, const rec_report *baseline,
                         const char *const names[2], const rec_check_options *options,
                         rec_error *err);

/** Does the gate hold? */
bool rec_check_passed(const rec_check *c);

/** Append what was found; any format but CSV. */
rec_status rec_check_show(rec_buffer *out, const rec_check *c, const rec_report *run,
                          const rec_show_filter *filter, rec_format_kind format, size_t width,
                          rec_error *err);

#endif
