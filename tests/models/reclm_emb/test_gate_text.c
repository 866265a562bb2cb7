#include "models/reclm_emb/gate_text.h"

#include <string.h>

#include "tests/suite.h"

static bool says(const char *text, const char *title)
{
    bool found;
    ck_assert_ok(rec_emb_says_title(&found, text, title, err));
    return found;
}

START_TEST(words_are_normalised)
{
    rec_buffer out = {.length = 0};
    ck_assert_ok(rec_emb_normalise(&out, "  The CAT's  \"Sci-Fi\" caf\xc3\xa9!", err));
    ck_assert_str_eq(out.data, "the cats sci fi caf\xc3\xa9");
    rec_buffer_clear(&out);
    ck_assert_ok(rec_emb_normalise(&out, "?!", err));
    ck_assert_str_eq(out.data, "");
    rec_buffer_deinit(&out);
}
END_TEST

/* A quarter of six letters is one edit, of nine two; under five letters none. */
START_TEST(titles_are_found_within_edits)
{
    ck_assert(says("a night at the casino", "casino"));
    ck_assert(says("cassino nights", "casino"));
    ck_assert(!says("cassinos nights", "casino"));
    ck_assert(says("like the godfahter please", "the godfather")); /* two letters swapped */
    ck_assert(says("godfather", "the godfather"));
    ck_assert(says("godfather", "godfather the"));
    ck_assert(says("a heat wave", "heat"));
    ck_assert(!says("head over heels", "heat"));
    ck_assert(!says("wheat fields", "heat")); /* a part of a word is not the title */
    ck_assert(says("any star wers fans", "star wars"));
    ck_assert(!says("", "heat"));
    ck_assert(!says("heat", ""));
}
END_TEST

static void check_title(const char *title, const char *expected)
{
    rec_buffer out = {.length = 0};
    ck_assert_ok(rec_buffer_puts(&out, "before", err)); /* goes */
    ck_assert_ok(rec_emb_normalise_title(&out, title, err));
    ck_assert_str_eq(out.data, expected);
    rec_buffer_deinit(&out);
}

START_TEST(years_in_brackets_are_no_title)
{
    check_title("Heat (1995)", "heat");
    check_title("Heat (1995) ", "heat");
    check_title("Heat (95)", "heat 95");
    check_title("Heat 1995", "heat 1995");
    check_title("Heat [x1995)", "heat x1995");
    check_title("(1995)", "");
    check_title("", "");
}
END_TEST

START_TEST(words_come_one_after_the_other)
{
    const char *at = "a heat wave", *word;
    size_t n;
    ck_assert_uint_eq(rec_emb_count_words(at), 3);
    word = rec_emb_next_word(&n, &at);
    ck_assert(n == 1 && *word == 'a');
    word = rec_emb_next_word(&n, &at);
    ck_assert(n == 4 && strncmp(word, "heat", n) == 0);
    word = rec_emb_next_word(&n, &at);
    ck_assert(n == 4 && strcmp(word, "wave") == 0);
    ck_assert_ptr_null(rec_emb_next_word(&n, &at));
    ck_assert_uint_eq(rec_emb_count_words(""), 0);
}
END_TEST

static bool misspells(const char *text, const char *title)
{
    bool is;
    ck_assert_ok(rec_emb_is_misspelling(&is, text, title, err));
    return is;
}

/* Of six letters 1 + 2.4 edits are let through, of none 1. */
START_TEST(misspellings_are_a_few_edits_away)
{
    ck_assert(!misspells("casino", "casino"));
    ck_assert(misspells("Casino", "casino")); /* a letter is another one in capitals */
    ck_assert(misspells("csaino", "casino"));
    ck_assert(misspells("caxxxo", "casino"));
    ck_assert(!misspells("cxxxxo", "casino"));
    ck_assert(!misspells("the casino", "casino")); /* four more, though the title is in it */
    ck_assert(!misspells("", "casino"));
    ck_assert(misspells("a", ""));
    ck_assert(!misspells("ab", ""));
}
END_TEST

START_TEST(titles_are_blanked_out_as_whole_words)
{
    char text[] = "heat and wheat, heat heated heat";
    char none[] = "heat";
    rec_emb_blank_out(text, "heat");
    ck_assert_str_eq(text, "____ and wheat, ____ heated ____");
    rec_emb_blank_out(none, "");
    ck_assert_str_eq(none, "heat");
}
END_TEST

START_TEST(circles)
{
    ck_assert(!rec_emb_turns_in_circles(""));
    ck_assert(!rec_emb_turns_in_circles("to eat"));
    ck_assert(!rec_emb_turns_in_circles("to eat and to drink and to eat"));
    /* runs of three: "a b c", "b c a", "c a b", and "a b c" again: one of four, then two of five */
    ck_assert(!rec_emb_turns_in_circles("a b c a b c"));
    ck_assert(rec_emb_turns_in_circles("a b c a b c a"));
    ck_assert(!rec_emb_turns_in_circles("xa b c a b cd a")); /* parts of words are others */
}
END_TEST

START_TEST(dialogues_are_of_two_and_end_with_the_user)
{
    ck_assert(rec_emb_is_dialogue("User: hi\nAssistant: what is it?\nUser: a scary one"));
    ck_assert(rec_emb_is_dialogue("User: hi\nUser: a scary one"));
    ck_assert(!rec_emb_is_dialogue("User: hi\nUser: a scary one\nAssistant: this"));
    ck_assert(!rec_emb_is_dialogue("User: hi\nClerk: what is it?\nUser: a scary one"));
    ck_assert(!rec_emb_is_dialogue("Assistant: what is it?\nUser: a scary one"));
    ck_assert(!rec_emb_is_dialogue("User: hi\nuser: a scary one"));
    ck_assert(!rec_emb_is_dialogue(""));
}
END_TEST

START_TEST(years_and_decades)
{
    static const struct {
        const char *word;
        int year;
        bool is_decade;
    } cases[] = {{"1995", 1995, false}, {"1990s", 1990, true}, {"1800", 1800, false},
                 {"2100", 2100, false}, {"1799", 0, false},    {"2101", 0, false},
                 {"199x", 0, false},    {"19900", 0, false},   {"90s", 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_decade;
        ck_assert_int_eq(rec_emb_year_of(&is_decade, cases[i].word, strlen(cases[i].word)),
                         cases[i].year);
        ck_assert_int_eq(is_decade, cases[i].is_decade);
    }
}
END_TEST

REC_SUITE("models/reclm_emb/gate_text", tcase_add_test(t, words_are_normalised);
          tcase_add_test(t, years_in_brackets_are_no_title);
          tcase_add_test(t, words_come_one_after_the_other);
          tcase_add_test(t, titles_are_found_within_edits);
          tcase_add_test(t, misspellings_are_a_few_edits_away);
          tcase_add_test(t, titles_are_blanked_out_as_whole_words); tcase_add_test(t, circles);
          tcase_add_test(t, dialogues_are_of_two_and_end_with_the_user);
          tcase_add_test(t, years_and_decades);)
