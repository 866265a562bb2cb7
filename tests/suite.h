/** What every Check program here shares: one suite, one main, checks of a status and its message. */
#ifndef REC_TESTS_SUITE_H
#define REC_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

#include "core/status.h"

/** The call succeeds; otherwise the test fails with the library's own message. */
#define ck_assert_ok(call)                                                                         \
    do {                                                                                           \
        rec_error ck_error = {.status = REC_OK};                                                   \
        rec_error *err = &ck_error;                                                                \
        rec_status ck_status = (call);                                                             \
        ck_assert_msg(ck_status == REC_OK, "%s: status %d: %s", #call, (int)ck_status,             \
                      ck_error.message);                                                           \
    } while (0)

/** The call (which names its error argument `err`) fails with this status and this text in its
 * message. */
#define ck_assert_fails(call, expected_status, text)                                               \
    do {                                                                                           \
        rec_error ck_error = {.status = REC_OK};                                                   \
        rec_error *err = &ck_error;                                                                \
        rec_status ck_status = (call);                                                             \
        ck_assert_msg(ck_status == (expected_status) && ck_error.status == ck_status,              \
                      "%s: status %d, wanted %d: %s", #call, (int)ck_status,                       \
                      (int)(expected_status), ck_error.message);                                   \
        ck_assert_msg(strstr(ck_error.message, (text)) != NULL, "no \"%s\" in \"%s\"", (text),     \
                      ck_error.message);                                                           \
    } while (0)

/** main() of a test program: REC_SUITE("core/rng", tcase_add_test(t, a); tcase_add_test(t, b);) */
#define REC_SUITE(name, ...)                                                                       \
    int main(void)                                                                                 \
    {                                                                                              \
        Suite *s = suite_create(name);                                                             \
        TCase *t = tcase_create("all");                                                            \
        tcase_set_timeout(t, 120);                                                                 \
        __VA_ARGS__                                                                                \
        suite_add_tcase(s, t);                                                                     \
        SRunner *runner = srunner_create(s);                                                       \
        srunner_run_all(runner, CK_NORMAL);                                                        \
        int failed = srunner_ntests_failed(runner);                                                \
        srunner_free(runner);                                                                      \
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                          \
    }

#endif
