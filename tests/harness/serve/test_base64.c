/* The examples of the standard. */
#include "harness/serve/base64.h"

#include <string.h>

#include "tests/suite.h"

/* RFC 4648, section 10. */
START_TEST(base64)
{
    static const char *const pairs[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        rec_buffer out = {.data = NULL};
        ck_assert_ok(rec_buffer_puts(&out, "", err));
        ck_assert_ok(
            rec_base64_append(&out, (const unsigned char *)pairs[i][0], strlen(pairs[i][0]), err));
        ck_assert_str_eq(out.data, pairs[i][1]);
        rec_buffer_deinit(&out);
    }
}
END_TEST

REC_SUITE("harness/serve/base64", tcase_add_test(t, base64);)
