#include "tests/failing_malloc.h"

#include <stdlib.h>
#include <string.h>

static size_t countdown;
static bool reached;

void failing_malloc_arm(size_t n)
{
    countdown = n;
    reached = false;
}

bool failing_malloc_disarm(void)
{
    countdown = 0;
    return reached;
}

static size_t fail_each(rec_status (*attempt)(rec_error *err), bool may_succeed)
{
    for (size_t n = 1;; n++) {
        rec_error error = {.status = REC_OK};
        failing_malloc_arm(n);
        rec_status status = attempt(&error);
        if (!failing_malloc_disarm()) {
            ck_assert_msg(status == REC_OK, "%s", error.message);
            return n - 1;
        }
        if (may_succeed && status == REC_OK)
            continue;
        ck_assert_msg(status == REC_ERR_RESOURCE && error.status == status &&
                          error.message[0] != '\0',
                      "allocation %zu failed: status %d, \"%s\"", n, (int)status, error.message);
    }
}

size_t failing_malloc_exhaust(rec_status (*attempt)(rec_error *err))
{
    return fail_each(attempt, false);
}

size_t failing_malloc_survive(rec_status (*attempt)(rec_error *err))
{
    return fail_each(attempt, true);
}

static bool fails_now(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    reached = true;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails_now() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    char *copy = __wrap_malloc(strlen(text) + 1);
    return copy != NULL ? strcpy(copy, text) : NULL;
}
