/** SIGINT and SIGTERM: a flag that long loops look at between tiles. A second signal kills. */
#ifndef REC_CORE_INTERRUPT_H
#define REC_CORE_INTERRUPT_H

#include <stdbool.h>

#include "core/status.h"

/** Install the handlers (main only). SIGPIPE is ignored: writing to a closed pipe is an error. */
void rec_interrupt_install(void);

/** The signal that arrived, or 0. */
int rec_interrupt_signal(void);

/** While held, a signal that arrives is only noted: a server finishes what it has begun. */
void rec_interrupt_hold(bool held);

/** REC_OK (also while held), or REC_ERR_INTERRUPTED with a message after a signal. */
rec_status rec_interrupt_check(rec_error *err);

#endif
