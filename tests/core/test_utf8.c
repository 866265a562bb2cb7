/* Well-formed and malformed sequences of the Unicode Standard 15, section 3.9, table 3-7. */
#include <string.h>

#include "core/utf8.h"
#include "tests/suite.h"

static void assert_one(const char *bytes, uint32_t expected)
{
    uint32_t c = 0;
    char again[4];
    ck_assert_uint_eq(rec_utf8_decode(&c, bytes, strlen(bytes)), strlen(bytes));
    ck_assert_uint_eq(c, expected);
    ck_assert_uint_eq(rec_utf8_encode(again, c), strlen(bytes));
    ck_assert_mem_eq(again, bytes, strlen(bytes));
}

START_TEST(well_formed)
{
    assert_one("A", 0x41);
    assert_one("\xC2\x80", 0x80);
    assert_one("\xDF\xBF", 0x7FF);
    assert_one("\xE0\xA0\x80", 0x800);
    assert_one("\xED\x9F\xBF", 0xD7FF);
    assert_one("\xEE\x80\x80", 0xE000);
    assert_one("\xEF\xBF\xBF", 0xFFFF);
    assert_one("\xF0\x90\x80\x80", 0x10000);
    assert_one("\xF4\x8F\xBF\xBF", 0x10FFFF);
}
END_TEST

START_TEST(malformed)
{
    static const char *const bad[] = {
        "\x80",             /* continuation first */
        "\xC0\xAF",         /* overlong */
        "\xC1\xBF",         /* overlong */
        "\xE0\x9F\xBF",     /* overlong */
        "\xF0\x8F\xBF\xBF", /* overlong */
        "\xED\xA0\x80",     /* surrogate */
        "\xF4\x90\x80\x80", /* above U+10FFFF */
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xE2\x82",     /* cut off */
        "\xC3(",        /* no continuation */
        "\xE2\x82\x41", /* no continuation */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(rec_utf8_decode(NULL, bad[i], strlen(bad[i])) == 0, "case %zu", i);
    char out[4];
    ck_assert_uint_eq(rec_utf8_encode(out, 0xD800), 0);
    ck_assert_uint_eq(rec_utf8_encode(out, 0x110000), 0);
}
END_TEST

START_TEST(prefixes)
{
    const char *text = "twelve bytes\xC3\xA9 and then \xFF not";
    ck_assert_uint_eq(rec_utf8_valid_prefix(text, strlen(text)), 24);
    ck_assert(!rec_utf8_valid(text, strlen(text)));
    ck_assert(rec_utf8_valid(text, 24));
    ck_assert(!rec_utf8_valid(text, 13)); /* in the middle of the two bytes */
    ck_assert(rec_utf8_valid("", 0));
}
END_TEST

REC_SUITE("core/utf8", tcase_add_test(t, well_formed); tcase_add_test(t, malformed);
          tcase_add_test(t, prefixes);)
