/** The plan for readers: steps, which of them are done, what the rest will take. */
#ifndef REC_HARNESS_RUN_PLAN_TEXT_H
#define REC_HARNESS_RUN_PLAN_TEXT_H

#include <stdio.h>

#include "harness/run/run.h"

rec_status rec_plan_print(FILE *out, rec_run *r, rec_error *err);

#endif
