#include <string.h>

#include "core/buffer.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

static rec_status grow_twice(rec_error *err)
{
    rec_buffer b = {.data = NULL};
    char row[100] = {0};
    rec_status status = rec_buffer_puts(&b, "kept", err);
    if (status == REC_OK) {
        status = rec_buffer_append(&b, row, sizeof row, err);
        failing_malloc_check(memcmp(b.data, "kept", 4) == 0); /* unchanged on failure */
        failing_malloc_check(b.length == (status == REC_OK ? 104 : 4));
    }
    rec_buffer_deinit(&b);
    return status;
}

static rec_status take_empty(rec_error *err)
{
    rec_buffer b = {.data = NULL};
    char *text = rec_buffer_take(&b, err);
    rec_status status = text != NULL ? REC_OK : REC_ERR_RESOURCE;
    free(text);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_eq(failing_malloc_exhaust(grow_twice), 2);
    ck_assert_uint_eq(failing_malloc_exhaust(take_empty), 1);
}
END_TEST

REC_SUITE("core/buffer_alloc", tcase_add_test(t, every_allocation_may_fail);)
