#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "tests/suite.h"

START_TEST(allocations_are_zeroed)
{
    int *p = rec_alloc(3, sizeof *p, NULL);
    ck_assert(p[0] == 0 && p[1] == 0 && p[2] == 0);
    free(p);
    p = rec_alloc(0, sizeof *p, NULL);
    ck_assert_ptr_nonnull(p); /* never NULL for nothing */
    free(p);
    char *aligned = rec_alloc_aligned(65, 1, NULL);
    ck_assert_uint_eq((uintptr_t)aligned % 64, 0);
    for (int i = 0; i < 65; i++)
        ck_assert_int_eq(aligned[i], 0);
    free(aligned);
}
END_TEST

START_TEST(sizes_do_not_overflow)
{
    rec_error err = {.status = REC_OK};
    ck_assert_ptr_null(rec_alloc(SIZE_MAX / 2, 4, &err));
    ck_assert_int_eq(err.status, REC_ERR_RESOURCE);
    ck_assert_ptr_null(rec_alloc_aligned(SIZE_MAX / 2, 4, NULL));
    ck_assert_ptr_null(rec_alloc_aligned(SIZE_MAX, 1, NULL));
    char *old = rec_strdup("kept", NULL);
    ck_assert_ptr_null(rec_realloc(old, SIZE_MAX / 2, 4, NULL));
    ck_assert_str_eq(old, "kept");
    free(old);
}
END_TEST

START_TEST(copies)
{
    char *text = rec_strdup("abc", NULL), *bytes = rec_memdup("a\0b", 3, NULL);
    ck_assert_str_eq(text, "abc");
    ck_assert_mem_eq(bytes, "a\0b", 3);
    text = rec_realloc(text, 100, 1, NULL);
    ck_assert_str_eq(text, "abc");
    free(text);
    free(bytes);
    bytes = rec_memdup(NULL, 0, NULL);
    ck_assert_ptr_nonnull(bytes);
    free(bytes);
    text = rec_format(NULL, "%d-%s", 7, "x");
    ck_assert_str_eq(text, "7-x");
    free(text);
}
END_TEST

REC_SUITE("core/memory", tcase_add_test(t, allocations_are_zeroed);
          tcase_add_test(t, sizes_do_not_overflow); tcase_add_test(t, copies);)
