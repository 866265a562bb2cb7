#include "core/arena.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

static rec_status three_blocks(rec_error *err)
{
    rec_arena a = {.block_size = 64};
    rec_status status = REC_OK;
    for (int i = 0; i < 3 && status == REC_OK; i++) {
        if (rec_arena_alloc(&a, 64, 1, err) == NULL)
            status = REC_ERR_RESOURCE;
    }
    failing_malloc_check(a.in_use <= 192);
    rec_arena_deinit(&a);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_eq(failing_malloc_exhaust(three_blocks), 6); /* a record and a block, thrice */
}
END_TEST

REC_SUITE("core/arena_alloc", tcase_add_test(t, every_allocation_may_fail);)
