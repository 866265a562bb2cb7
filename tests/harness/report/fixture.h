/** A small report with every kind of content, for tests of what reads reports. */
#ifndef REC_TESTS_HARNESS_REPORT_FIXTURE_H
#define REC_TESTS_HARNESS_REPORT_FIXTURE_H

#include "harness/report/report.h"

typedef struct fixture_options {
    size_t n_users;             /* 0 = 40 */
    double shift;               /* added to the per-user values of system "ease" */
    size_t first_user;          /* users FIRST .. FIRST + n_users - 1 */
    const char *dataset_sha256; /* NULL = the usual one */
    bool other_times;           /* seconds, created, host differ; content does not */
} fixture_options;

/**
 * Tasks retrieval (whole catalogue) and ranking20 (20 candidates); systems chance, ease, odd/%name
 * and agent, which is not applicable to ranking20 and has texts in retrieval. Values are
 * round(100 uniform) / 100 draws, so that ties occur; user 3 of ease has no ndcg@10.
 */
rec_status fixture_report(rec_report **out, fixture_options options, rec_error *err);

#endif
