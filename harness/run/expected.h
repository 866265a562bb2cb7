/** Published figures beside measured ones. */
#ifndef REC_HARNESS_RUN_EXPECTED_H
#define REC_HARNESS_RUN_EXPECTED_H

#include "harness/report/report.h"
#include "harness/run/config.h"

/** Fill r->expected from the config's rows and r->results. */
rec_status rec_report_expect(rec_report *r, const rec_config *c, rec_error *err);

/** Rows that are missed. */
size_t rec_report_n_missed(const rec_report *r);

#endif
