#include <string.h>

#include "models/words.h"
#include "tests/suite.h"

static void check(const char *text, const char *expected)
{
    char *out;
    ck_assert_ok(rec_words_fold(&out, text, err));
    ck_assert_str_eq(out, expected);
    free(out);
}

START_TEST(words_are_folded)
{
    check("The Lord of the Rings (2001), Part 1", "the lord of the rings 2001 part 1 ");
    check("  a--b  ", "a b ");
    check("", "");
    check("... !!", "");
    check("x", "x ");
    check("STRASSE Straße", "strasse strasse ");
    check("Cafe\xcc\x81 caf\xc3\xa9", "caf\xc3\xa9 caf\xc3\xa9 "); /* composed alike */
    check("\xef\xbc\xb1\xef\xbc\x92", "q2 ");                      /* full width */
    check("soft\xc2\xadhyphen", "softhyphen ");
    check("\xe6\x9d\xb1\xe4\xba\xac\xe3\x80\x81 Tokyo", "\xe6\x9d\xb1\xe4\xba\xac tokyo ");
}
END_TEST

START_TEST(words_come_one_by_one)
{
    const char *at = "ab c ", *word;
    size_t n;
    word = rec_words_next(&n, &at);
    ck_assert_uint_eq(n, 2);
    ck_assert_mem_eq(word, "ab", 2);
    word = rec_words_next(&n, &at);
    ck_assert_uint_eq(n, 1);
    ck_assert_mem_eq(word, "c", 1);
    ck_assert_ptr_null(rec_words_next(&n, &at));
}
END_TEST

START_TEST(broken_utf8_is_reported)
{
    char *out;
    ck_assert_fails(rec_words_fold(&out, "ab\xff", err), REC_ERR_DATA, "text \"ab");
    ck_assert_ptr_null(out);
}
END_TEST

REC_SUITE("models/words", tcase_add_test(t, words_are_folded);
          tcase_add_test(t, words_come_one_by_one); tcase_add_test(t, broken_utf8_is_reported);)
