#include <errno.h>
#include <string.h>

#include "core/status.h"
#include "tests/suite.h"

START_TEST(fail_fills_and_returns)
{
    rec_error err = {.status = REC_OK};
    ck_assert_int_eq(rec_fail(&err, REC_ERR_DATA, "%s:%d: bad", "f", 3), REC_ERR_DATA);
    ck_assert_int_eq(err.status, REC_ERR_DATA);
    ck_assert_str_eq(err.message, "f:3: bad");
    ck_assert_int_eq(rec_fail(NULL, REC_ERR_MODEL, "nobody listens"), REC_ERR_MODEL);
}
END_TEST

START_TEST(errno_is_appended)
{
    rec_error err;
    errno = ENOENT;
    ck_assert_int_eq(rec_fail_errno(&err, REC_ERR_RESOURCE, "%s", "x"), REC_ERR_RESOURCE);
    ck_assert_str_eq(err.message, "x: No such file or directory");
    ck_assert_int_eq(rec_fail_errno(NULL, REC_ERR_DATA, "x"), REC_ERR_DATA);
}
END_TEST

START_TEST(prefixes_stack)
{
    rec_error err;
    rec_fail(&err, REC_ERR_DATA, "deep");
    ck_assert_int_eq(rec_error_prefix(&err, "level %d", 1), REC_ERR_DATA);
    rec_error_prefix(&err, "top");
    ck_assert_str_eq(err.message, "top: level 1: deep");
    /* the message may be an argument of its own replacement */
    rec_fail(&err, REC_ERR_MODEL, "again: %s", err.message);
    ck_assert_str_eq(err.message, "again: top: level 1: deep");
}
END_TEST

START_TEST(long_messages_are_cut)
{
    rec_error err;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    rec_fail(&err, REC_ERR_DATA, "%s", text);
    rec_error_prefix(&err, "front");
    ck_assert_uint_eq(strlen(err.message), REC_ERROR_MESSAGE_MAX - 1);
    ck_assert_mem_eq(err.message, "front: xxx", 10);
    errno = ENOENT;
    rec_fail_errno(&err, REC_ERR_DATA, "%s", text); /* no room for the reason */
    ck_assert_uint_eq(strlen(err.message), REC_ERROR_MESSAGE_MAX - 1);
}
END_TEST

REC_SUITE("core/status", tcase_add_test(t, fail_fills_and_returns);
          tcase_add_test(t, errno_is_appended); tcase_add_test(t, prefixes_stack);
          tcase_add_test(t, long_messages_are_cut);)
