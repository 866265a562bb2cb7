/** The n-th allocation fails: for tests called test_NAME_alloc.c (tests/CMakeLists.txt). */
#ifndef REC_TESTS_FAILING_MALLOC_H
#define REC_TESTS_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/** From now on allocation number n (from 1) of this process's own code returns NULL; 0 = none. */
void failing_malloc_arm(size_t n);
/** Stop failing; true if the armed allocation was reached. */
bool failing_malloc_disarm(void);

#endif
