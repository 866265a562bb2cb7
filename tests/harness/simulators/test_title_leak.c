#include "harness/simulators/title_leak.h"

#include <string.h>

#include "tests/suite.h"

START_TEST(words_in_a_row)
{
    static const struct {
        const char *text, *title;
        bool says;
    } rows[] = {
        {"I want Blade Runner.", "Blade Runner", true},
        {"something like blade   RUNNER please", "Blade Runner", true},
        {"a runner with a blade", "Blade Runner", false},
        {"Blade Runners", "Blade Runner", false},
        {"the heat of the night", "Heat (1995)", false}, /* one word: its own spelling */
        {"It was in Heat, I think", "Heat (1995)", true},
        {"Heat (1995)", "Heat (1995)", true},
        {"I like her voice", "Her", false},
        {"Her, by Jonze", "Her", true},
        {"go up the hill", "Up", false},
        {"Upside", "Up", false},
        {"Half-Life", "Half-Life", true},
        {"half life", "Half-Life", true},
        {"\xe4\xb8\x83\xe6\xad\xa6\xe5\xa3\xab", "\xe4\xb8\x83\xe6\xad\xa6\xe5\xa3\xab", true},
        {"anything", "", false},
        {"", "Up", false},
        {"(1995)", "(1995)", true}, /* not a year behind a title */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool says;
        ck_assert_ok(rec_says_title(&says, rows[i].text, rows[i].title, err));
        ck_assert_msg(says == rows[i].says, "\"%s\" in \"%s\"", rows[i].title, rows[i].text);
    }
}
END_TEST

START_TEST(word_sequences)
{
    ck_assert(rec_has_words("a b c", "a"));
    ck_assert(rec_has_words("a b c", "b c"));
    ck_assert(rec_has_words("ab abc b", "b"));
    ck_assert(!rec_has_words("ab bc", "b"));
    ck_assert(!rec_has_words("a b", ""));
}
END_TEST

REC_SUITE("harness/simulators/title_leak", tcase_add_test(t, words_in_a_row);
          tcase_add_test(t, word_sequences);)
