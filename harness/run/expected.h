/** Published figures beside measured ones. */
#ifndef REC_HARNESS_RUN_EXPECTED_H
#define REC_HARNESS_RUN_EXPECTED_H

#include "harness/report/report.h"
#include "harness/run/config.h"

/**
 * Does a measured figure agree? digits: both are equal when rounded to so many decimals; tol: they
 * differ by at most so much; at_least: only a lower one misses. NaN never agrees.
 */
bool rec_expected_within(double measured, double published, int digits, double tol, bool at_least);

/** Fill r->expected from the config's rows and r->results. */
rec_status rec_report_expect(rec_report *r, const rec_config *c, rec_error *err);

/** Rows that are missed. */
size_t rec_report_n_missed(const rec_report *r);

#endif
