#include "harness/replies/markup.h"

#include "tests/suite.h"

static void answers(const char *reply, const char *expected)
{
    char *answer;
    ck_assert_ok(rec_markup_answer(&answer, reply, err));
    ck_assert_str_eq(answer, expected);
    free(answer);
}

START_TEST(thoughts_are_no_answer)
{
    answers("<think>a</think>b", "b\n");
    answers("a<Thinking>b</THINKING>c<reasoning>d</reasoning>", "ac\n");
    answers("a</think>b", "b\n");
    answers("a<think>b", "a\n");
    answers("a<b>c<", "a<b>c<\n");
    answers("<think></think>", "");
    answers("", "");
}
END_TEST

START_TEST(fences_go_and_their_content_stays)
{
    answers("x\n```json\n[1]\n```\ny", "x\n[1]\ny\n");
    answers("```[1]```", "[1]\n");
    answers("~~~\na\n~~~", "a\n");
}
END_TEST

static void is_bare(const char *text, const char *expected)
{
    rec_span bare = rec_markup_bare(rec_span_of(text));
    ck_assert_msg(rec_span_equals(bare, expected), "%s: %.*s", text, (int)bare.n, bare.text);
}

START_TEST(marks_around_a_title)
{
    is_bare(" **Up** ", "Up");
    is_bare("***\"Up\"***", "Up");
    is_bare("<SOI>Up<EOI><end>", "Up");
    is_bare("**Up", "Up");
    is_bare("Up**", "Up");
    is_bare("「千と千尋」", "千と千尋");
    is_bare("\"a\" and \"b\"", "\"a\" and \"b\"");
    is_bare("\"Weird Al\" Yankovic", "\"Weird Al\" Yankovic");
    is_bare("M*A*S*H", "M*A*S*H");
    is_bare("*M*A*S*H*", "M*A*S*H");
    is_bare("**", "**");
    is_bare("\"", "\"");
    is_bare("", "");
}
END_TEST

START_TEST(prose_and_names)
{
    ck_assert(rec_markup_is_prose(rec_span_of("I cannot help you with that")));
    ck_assert(!rec_markup_is_prose(rec_span_of("The Lord of the Rings: The Return of the King")));
    ck_assert(!rec_markup_is_prose(rec_span_of("Who's Afraid of Virginia Woolf?")));
    ck_assert(rec_markup_is_prose(rec_span_of("A B C D E F G H I J K L M N O P")));
    ck_assert(!rec_markup_is_sentence(rec_span_of("A B C D E F G H I J K L M N O P")));
    ck_assert(rec_markup_is_sentence(rec_span_of("抱歉。 ")));
    ck_assert(!rec_markup_is_prose(rec_span_of("")));
}
END_TEST

START_TEST(numbers_of_lines)
{
    unsigned number = 77;
    ck_assert_uint_eq(rec_markup_number(&number, rec_span_of("12. Up")), 3);
    ck_assert_uint_eq(number, 12);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of(" **3) Up**")), 5);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of("1、Up")), 4);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of("1.5 Up")), 0);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of("2001: A Space Odyssey")), 0);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of("12 Angry Men")), 0);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of("1.")), 0);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of("99999999999999999999. x")), 0);
    ck_assert_uint_eq(rec_markup_number(NULL, rec_span_of("")), 0);
}
END_TEST

START_TEST(heads_of_entries)
{
    static char *const titles[] = {"Up", "Spider-Man - Far from Home", "A - B - C"};
    static const char *const cases[][2] = {
        {"Up - a film", "Up"},
        {"Spider-Man - Far from Home - fun", "Spider-Man - Far from Home"},
        {"A - B - C - D", "A - B - C"},
        {"**Nope**: x", "Nope"},
        {"Nope - x", "Nope - x"},
        {"Up,", "Up"}};
    rec_title_index *known;
    rec_span title;
    ck_assert_ok(rec_title_index_new(&known, titles, 3, err));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_ok(rec_markup_title(&title, rec_span_of(cases[i][0]), known, err));
        ck_assert_msg(rec_span_equals(title, cases[i][1]), "%s", cases[i][0]);
    }
    ck_assert_ok(rec_markup_title(&title, rec_span_of("Up - a film"), NULL, err));
    ck_assert(rec_span_equals(title, "Up - a film"));
    rec_title_index_free(known);
}
END_TEST

REC_SUITE("harness/replies/markup", tcase_add_test(t, thoughts_are_no_answer);
          tcase_add_test(t, fences_go_and_their_content_stays);
          tcase_add_test(t, marks_around_a_title); tcase_add_test(t, prose_and_names);
          tcase_add_test(t, numbers_of_lines); tcase_add_test(t, heads_of_entries);)
