/** Progress on stderr: a bar with rate and time left on a terminal, plain lines otherwise, nothing
 * when quiet. Safe to call from parallel tiles. Also the one place for warnings. */
#ifndef REC_CORE_PROGRESS_H
#define REC_CORE_PROGRESS_H

#include <stddef.h>

#include "core/status.h"

typedef enum rec_verbosity { REC_QUIET, REC_NORMAL, REC_VERBOSE } rec_verbosity;
void rec_progress_set_verbosity(rec_verbosity verbosity);

typedef struct rec_progress rec_progress;

/** @param unit  what is counted ("users", "epochs"); total 0 = unknown. NULL results are harmless:
 * progress never fails a run. Bars of nested steps stack as "outer: inner". */
rec_progress *rec_progress_start(const char *label, const char *unit, size_t total);
void rec_progress_add(rec_progress *p, size_t n);
void rec_progress_note(rec_progress *p, const char *format, ...) REC_PRINTF(2, 3); /* "loss 0.31" */
void rec_progress_end(rec_progress *p); /* frees */

void rec_warn(const char *format, ...) REC_PRINTF(1, 2);
void rec_info(const char *format, ...) REC_PRINTF(1, 2); /* a line unless quiet */

#endif
