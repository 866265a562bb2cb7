/** The n-th allocation fails: for tests called test_NAME_alloc.c (tests/CMakeLists.txt). */
#ifndef REC_TESTS_FAILING_MALLOC_H
#define REC_TESTS_FAILING_MALLOC_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

/** From now on allocation number n (from 1) of this process's own code returns NULL; 0 = none. */
void failing_malloc_arm(size_t n);
/** Stop failing; true if the armed allocation was reached. */
bool failing_malloc_disarm(void);

/**
 * Call `attempt` with the first, second, ... allocation failing, until it succeeds because it needs
 * no more of them. Each failure must be REC_ERR_RESOURCE with a message. Leaks are ASan's business.
 * @return the number of allocations
 */
size_t failing_malloc_exhaust(rec_status (*attempt)(rec_error *err));
/** The same where some allocations are not needed (a progress bar, spare room): REC_OK is fine too. */
size_t failing_malloc_survive(rec_status (*attempt)(rec_error *err));

/** A check inside `attempt`: Check's own macros allocate. */
#define failing_malloc_check(condition)                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("not true: %s", #condition);                                              \
    } while (0)

#endif
