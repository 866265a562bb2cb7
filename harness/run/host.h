/** What a report says about the program and the machine it ran on; no figure depends on it. */
#ifndef REC_HARNESS_RUN_HOST_H
#define REC_HARNESS_RUN_HOST_H

#include "core/status.h"

const char *rec_git_revision(void); /* "" when built outside a work tree */

/** Part of every step key: an artifact is reused by the code that made it, and by no other. */
const char *rec_code_version(void);

/** {"cpu", "cores", "blas", "threads"}; string of the caller. */
char *rec_host_json(rec_error *err);

/** Now, as "2026-01-31T12:00:00Z"; string of the caller. */
char *rec_timestamp(rec_error *err);

/** Seconds of a clock that only runs forward. */
double rec_now(void);

#endif
