/** Walk the plan of a run and put a report together. */
#ifndef REC_HARNESS_RUN_EXECUTE_H
#define REC_HARNESS_RUN_EXECUTE_H

#include "harness/report/report.h"
#include "harness/run/run.h"

/** Fit, ask, score: all that is not there yet. The report is the caller's; not yet written. */
rec_status rec_execute(rec_report **out, rec_run *r, rec_error *err);

#endif
