#include "harness/replies/span.h"

#include "tests/suite.h"

static void trims(const char *text, const char *inside)
{
    ck_assert_msg(rec_span_equals(rec_span_trim(rec_span_of(text)), inside), "\"%s\"", text);
}

START_TEST(white_space_of_every_kind)
{
    trims(" \t\r\n\v\f Up \n", "Up");
    trims("\u00a0\u2003\u3000Up\u2028\u1680\xC2\x85", "Up");
    trims("\x1cUp\x1f", "Up");
    trims("\u200bUp", "\u200bUp"); /* no white space in Unicode */
    trims("   ", "");
    trims("", "");
    trims("é", "é");
    trims("\xFF Up \xC3", "\xFF Up \xC3"); /* malformed bytes are characters */
}
END_TEST

START_TEST(characters_at_both_ends)
{
    uint32_t c;
    ck_assert_uint_eq(rec_span_first(&c, rec_span_of("é!")), 2);
    ck_assert_uint_eq(c, 0xE9);
    ck_assert_uint_eq(rec_span_last(&c, rec_span_of("!日")), 3);
    ck_assert_uint_eq(c, 0x65E5);
    ck_assert_uint_eq(rec_span_last(&c, rec_span_of("a\x80\x80\x80\x80")), 1);
    ck_assert_uint_eq(c, 0xFFFD);
    ck_assert_uint_eq(rec_span_first(&c, (rec_span){"\xE6\x97", 2}), 1);
    ck_assert_uint_eq(c, 0xFFFD);
}
END_TEST

START_TEST(classes)
{
    ck_assert(rec_is_alnum('a') && rec_is_alnum('7') && rec_is_alnum(0x65E5) && rec_is_alnum(0xBD));
    ck_assert(!rec_is_alnum('_') && !rec_is_alnum(' ') && !rec_is_alnum(0x301));
    ck_assert(rec_is_digit('7') && rec_is_digit(0x663) && !rec_is_digit(0xB2) &&
              !rec_is_digit('a'));
}
END_TEST

START_TEST(lines)
{
    rec_span rest = rec_span_of("a\n\nb");
    ck_assert(rec_span_equals(rec_span_line(&rest), "a"));
    ck_assert(rec_span_equals(rec_span_line(&rest), ""));
    ck_assert(rec_span_equals(rec_span_line(&rest), "b"));
    ck_assert_uint_eq(rest.n, 0);
    ck_assert(rec_span_equals(rec_span_line(&rest), ""));
}
END_TEST

START_TEST(finding)
{
    rec_span s = rec_span_of("The ANSWER is");
    ck_assert_uint_eq(rec_span_find(s, "is"), 11);
    ck_assert_uint_eq(rec_span_find(s, "no"), s.n);
    ck_assert_uint_eq(rec_span_find_folded(s, "answer"), 4);
    ck_assert_uint_eq(rec_span_find_folded(s, "answers"), s.n);
    ck_assert_uint_eq(rec_span_find((rec_span){NULL, 0}, "a"), 0);
    ck_assert(rec_span_starts_folded(s, "the answer"));
    ck_assert(!rec_span_starts_folded(rec_span_of("Th"), "the"));
    ck_assert(rec_span_starts(s, "The") && !rec_span_starts(s, "the"));
    ck_assert(rec_span_ends(s, " is") && !rec_span_ends(rec_span_of("s"), "is"));
}
END_TEST

REC_SUITE("harness/replies/span", tcase_add_test(t, white_space_of_every_kind);
          tcase_add_test(t, characters_at_both_ends); tcase_add_test(t, classes);
          tcase_add_test(t, lines); tcase_add_test(t, finding);)
