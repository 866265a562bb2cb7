/**
 * Another program that answers lines: what is written to its standard input is a request, a line on
 * its standard output is the answer; its standard error is ours. One request at a time.
 */
#ifndef REC_CORE_CHILD_H
#define REC_CORE_CHILD_H

#include <stddef.h>

#include "core/status.h"

typedef struct rec_child rec_child;

/**
 * Start argv[0], looked up along PATH, in a process group of its own. SIGPIPE is ignored from now on
 * (as main does): a program that went away is a failed write.
 * @param argv  NULL-terminated, borrowed for the call
 * @return REC_ERR_MODEL when it cannot be started
 */
rec_status rec_child_start(rec_child **out, const char *const *argv, rec_error *err);

/** Write text (which ends with a newline) within so many seconds. Failures as rec_child_ask. */
rec_status rec_child_tell(rec_child *c, const char *text, size_t n, double seconds, rec_error *err);

/**
 * Write text, then wait for one line.
 * @param line  the answer without its newline, terminated; borrowed until the next call
 * @return REC_ERR_MODEL when time is over, the program ended ("exited with status 1", "was killed by
 *         signal 9") or the line is longer than 1 GiB; REC_ERR_INTERRUPTED after a signal. After a
 *         failure only rec_child_stop is of use.
 */
rec_status rec_child_ask(const char **line, size_t *length, rec_child *c, const char *text,
                         size_t n, double seconds, rec_error *err);

/** Close its standard input, wait so many seconds for it to end, then kill its group. Frees c. */
void rec_child_stop(rec_child *c, double seconds);

#endif
