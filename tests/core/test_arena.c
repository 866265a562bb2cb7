#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "tests/suite.h"

START_TEST(requests_are_aligned_and_disjoint)
{
    rec_arena a = {.block_size = 1024};
    char *p[40];
    for (size_t i = 0; i < 40; i++) {
        p[i] = rec_arena_alloc(&a, i + 1, 3, NULL);
        ck_assert_uint_eq((uintptr_t)p[i] % 64, 0);
        memset(p[i], (int)i, 3 * (i + 1));
    }
    for (size_t i = 0; i < 40; i++) {
        for (size_t b = 0; b < 3 * (i + 1); b++)
            ck_assert_int_eq(p[i][b], (char)i);
    }
    rec_arena_deinit(&a);
}
END_TEST

START_TEST(larger_than_a_block)
{
    rec_arena a = {.block_size = 256};
    char *p = rec_arena_alloc(&a, 10000, 1, NULL);
    ck_assert_ptr_nonnull(p);
    memset(p, 1, 10000);
    ck_assert_ptr_nonnull(rec_arena_alloc(&a, 0, 8, NULL));
    rec_arena_deinit(&a);
}
END_TEST

/* in_use counts whole cache lines: 100 -> 128, 64 -> 64. */
START_TEST(rewind_gives_back)
{
    rec_arena a = {.block_size = 256};
    rec_arena_mark empty = rec_arena_get_mark(&a);
    rec_arena_rewind(&a, empty); /* nothing yet: harmless */
    rec_arena_alloc(&a, 100, 1, NULL);
    ck_assert_uint_eq(a.in_use, 128);
    rec_arena_mark mark = rec_arena_get_mark(&a);
    for (int i = 0; i < 5; i++)
        rec_arena_alloc(&a, 64, 1, NULL);
    ck_assert_uint_eq(a.in_use, 128 + 5 * 64);
    rec_arena_rewind(&a, mark);
    ck_assert_uint_eq(a.in_use, 128);
    ck_assert_uint_eq(a.peak, 128 + 5 * 64);
    rec_arena_rewind(&a, empty);
    ck_assert_uint_eq(a.in_use, 0);
    rec_arena_deinit(&a);
    ck_assert_ptr_null(a.first);
}
END_TEST

#ifndef REC_ARENA_SEPARATE
/* Five requests of 128 bytes in blocks of 256: three blocks, then one with room for all of them. */
START_TEST(reset_joins_blocks)
{
    rec_arena a = {.block_size = 256};
    rec_arena_reset(&a); /* nothing yet: harmless */
    for (int round = 0; round < 3; round++) {
        char *first = rec_arena_alloc(&a, 128, 1, NULL), *last = NULL;
        for (int i = 0; i < 4; i++)
            last = rec_arena_alloc(&a, 128, 1, NULL);
        ck_assert(round == 0 || last == first + 4 * 128);
        rec_arena_reset(&a);
        ck_assert_uint_eq(a.in_use, 0);
        ck_assert_uint_eq(a.peak, 5 * 128);
    }
    rec_arena_deinit(&a);
}
END_TEST

START_TEST(blocks_are_kept)
{
    rec_arena a = {.block_size = 256};
    void *first[8];
    for (int step = 0; step < 3; step++) {
        rec_arena_mark mark = rec_arena_get_mark(&a);
        for (int i = 0; i < 8; i++) {
            void *p = rec_arena_alloc(&a, 128, 1, NULL);
            if (step == 0)
                first[i] = p;
            else
                ck_assert_ptr_eq(p, first[i]); /* the second step asks the system for nothing */
        }
        rec_arena_rewind(&a, mark);
    }
    rec_arena_deinit(&a);
}
END_TEST
#endif

START_TEST(absurd_sizes)
{
    rec_arena a = {.block_size = 0};
    rec_error err;
    ck_assert_ptr_null(rec_arena_alloc(&a, SIZE_MAX, 2, &err));
    ck_assert_int_eq(err.status, REC_ERR_RESOURCE);
    ck_assert_ptr_null(rec_arena_alloc(&a, SIZE_MAX, 1, &err));
    ck_assert_uint_eq(a.in_use, 0);
    rec_arena_deinit(&a);
}
END_TEST

START_TEST(strings_are_copied)
{
    rec_arena a = {.block_size = 0};
    char text[] = "text";
    rec_error err;
    const char *copy = rec_arena_strdup(&a, text, &err), *empty = rec_arena_strdup(&a, "", &err);
    text[0] = 'n';
    ck_assert_str_eq(copy, "text");
    ck_assert_str_eq(empty, "");
    rec_arena_deinit(&a);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, strings_are_copied);
    tcase_add_test(t, requests_are_aligned_and_disjoint);
    tcase_add_test(t, larger_than_a_block);
    tcase_add_test(t, rewind_gives_back);
#ifndef REC_ARENA_SEPARATE
    tcase_add_test(t, reset_joins_blocks);
    tcase_add_test(t, blocks_are_kept);
#endif
    tcase_add_test(t, absurd_sizes);
}

REC_SUITE("core/arena", add_tests(t);)
