#include <string.h>

#include "core/buffer.h"
#include "tests/suite.h"

START_TEST(appends_and_terminates)
{
    rec_buffer b = {.data = NULL};
    ck_assert_ok(rec_buffer_puts(&b, "one", err));
    ck_assert_ok(rec_buffer_append(&b, "\0two", 4, err));
    ck_assert_ok(rec_buffer_append(&b, NULL, 0, err));
    ck_assert_ok(rec_buffer_printf(&b, err, " %d %s", 3, "four"));
    ck_assert_uint_eq(b.length, 14);
    ck_assert_mem_eq(b.data, "one\0two 3 four", 15);
    rec_buffer_clear(&b);
    ck_assert_uint_eq(b.length, 0);
    ck_assert_str_eq(b.data, "");
    rec_buffer_deinit(&b);
    rec_buffer_deinit(&b);
}
END_TEST

START_TEST(grows)
{
    rec_buffer b = {.data = NULL};
    for (int i = 0; i < 10000; i++)
        ck_assert_ok(rec_buffer_printf(&b, err, "%04d", i));
    ck_assert_uint_eq(b.length, 40000);
    ck_assert_mem_eq(b.data + 4 * 1234, "1234", 4);
    rec_buffer_deinit(&b);
}
END_TEST

START_TEST(maximum)
{
    rec_buffer b = {.max = 5};
    ck_assert_ok(rec_buffer_puts(&b, "12345", err));
    ck_assert_fails(rec_buffer_puts(&b, "6", err), REC_ERR_RESOURCE, "longer than 5 bytes");
    ck_assert_str_eq(b.data, "12345");
    ck_assert_fails(rec_buffer_printf(&b, err, "%d", 6), REC_ERR_RESOURCE, "longer than 5 bytes");
    ck_assert_str_eq(b.data, "12345");
    rec_buffer_deinit(&b);
    ck_assert_uint_eq(b.max, 5);
}
END_TEST

START_TEST(take_hands_the_string_over)
{
    rec_buffer b = {.data = NULL};
    char *text = rec_buffer_take(&b, NULL);
    ck_assert_str_eq(text, ""); /* never NULL */
    free(text);
    ck_assert_ok(rec_buffer_puts(&b, "mine", err));
    text = rec_buffer_take(&b, NULL);
    ck_assert_str_eq(text, "mine");
    ck_assert_ptr_null(b.data);
    free(text);
}
END_TEST

REC_SUITE("core/buffer", tcase_add_test(t, appends_and_terminates); tcase_add_test(t, grows);
          tcase_add_test(t, maximum); tcase_add_test(t, take_hands_the_string_over);)
