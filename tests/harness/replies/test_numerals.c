#include <stdlib.h>

#include "harness/replies/numerals.h"
#include "harness/replies/titles.h"
#include "tests/suite.h"

static bool differ(const char *a, const char *b)
{
    char *x, *y;
    ck_assert_ok(rec_title_folded(&x, rec_span_of(a), err));
    ck_assert_ok(rec_title_folded(&y, rec_span_of(b), err));
    bool out = rec_numerals_differ(x, y);
    ck_assert(out == rec_numerals_differ(y, x));
    free(x);
    free(y);
    return out;
}

START_TEST(parts_of_a_series)
{
    static const char *const pairs[][2] = {
        {"Half-Life 2", "Half-Life"},
        {"FIFA 19", "FIFA 20"},
        {"The Sims 3", "The Sims 4"},
        {"Halo 1", "Halo 2"},
        {"Call of Duty: Black Ops", "Call of Duty: Black Ops II"},
        {"Final Fantasy VII", "Final Fantasy VIII"},
        {"Rocky", "Rocky V"},
        {"Civilization IV: Warlords", "Civilization: Warlords"},
        {"Apollo 13", "Apollo 18"},
        {"Ocean's 11", "Ocean's 12"},
        {"Mega Man X", "Mega Man"},
        {"Super Mario 64 DS", "Super Mario 64"},
        {"Toy Story (1995)", "Toy Story"},
        {"Area 51 2", "Area 2 51"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        ck_assert_msg(differ(pairs[i][0], pairs[i][1]), "%s, %s", pairs[i][0], pairs[i][1]);
}
END_TEST

START_TEST(other_differences_are_none_of_its_business)
{
    ck_assert(!differ("Counter-Strike: Source", "Counter-Strike"));
    ck_assert(!differ("Up", "Up"));
    ck_assert(!differ("Half-Life 2", "half life 2"));
    ck_assert(!differ("Shadow of the Colossus", "The Shadow of the Colossus"));
    ck_assert(!differ("", ""));
    ck_assert(differ("Portal", "")); /* no word is a short one */
}
END_TEST

START_TEST(words_that_are_numerals)
{
    ck_assert(rec_is_numeral(rec_span_of("12")) && rec_is_numeral(rec_span_of(" xx ")) &&
              rec_is_numeral(rec_span_of("٣")));
    ck_assert(!rec_is_numeral(rec_span_of("")) && !rec_is_numeral(rec_span_of("2d")) &&
              !rec_is_numeral(rec_span_of("xxi")));
}
END_TEST

REC_SUITE("harness/replies/numerals", tcase_add_test(t, parts_of_a_series);
          tcase_add_test(t, other_differences_are_none_of_its_business);
          tcase_add_test(t, words_that_are_numerals);)
