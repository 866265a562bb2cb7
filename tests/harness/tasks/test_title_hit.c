#include "harness/tasks/title_hit.h"

#include <string.h>

#include "tests/suite.h"

static bool mentions(const char *reply, const char *title, const char *listed)
{
    rec_title_list list = {0};
    bool says;
    if (listed != NULL)
        ck_assert_ok(rec_title_list_add(&list, rec_span_of(listed), err));
    ck_assert_ok(rec_mentions_title(&says, reply, title, &list, err));
    rec_title_list_deinit(&list);
    return says;
}

START_TEST(titles_in_running_text)
{
    ck_assert(mentions("You should play half-life!", "Half-Life", NULL));
    ck_assert(!mentions("You should play Half-Life 2", "Half-Life", NULL));
    ck_assert(!mentions("Call of Duty: Black Ops II", "Call of Duty: Black Ops", NULL));
    ck_assert(mentions("Call of Duty: Black Ops II", "Call of Duty: Black Ops II", NULL));
    ck_assert(mentions("Half-Life 2 is good, Half-Life is better", "Half-Life", NULL));
    ck_assert(mentions("Heat (1995)", "Heat (1995)", NULL));
    ck_assert(mentions("I mean Heat, of course", "Heat (1995)", NULL));
    ck_assert(!mentions("Heat (1986)", "Heat (1995)", NULL));
    ck_assert(!mentions("in the heat of the night", "Heat (1995)", NULL));
    ck_assert(!mentions("Aliens", "Alien", NULL));
    ck_assert(!mentions("anything", "", NULL));
    ck_assert(!mentions("", "Heat", NULL));
}
END_TEST

START_TEST(years_may_be_missing)
{
    bool is_same;
    ck_assert_ok(rec_is_title_without_year(&is_same, "HEAT", "Heat (1995)", err));
    ck_assert(is_same);
    ck_assert_ok(rec_is_title_without_year(&is_same, "Heat 2", "Heat (1995)", err));
    ck_assert(!is_same);
    ck_assert_ok(rec_is_title_without_year(&is_same, "Heat", "Heat", err));
    ck_assert(!is_same); /* no year, nothing to leave out */
}
END_TEST

/* "Evil" inside a listed "Resident Evil" is that title's business. */
START_TEST(listed_titles_count_by_their_grounding)
{
    ck_assert(mentions("1. Resident Evil", "Evil", NULL));
    ck_assert(!mentions("1. Resident Evil", "Evil", "Resident Evil"));
    ck_assert(mentions("1. Resident Evil\nand Evil itself", "Evil", "Resident Evil"));
}
END_TEST

/* The catalogue of spec 4.1; by the original's measure sequels are alike. */
START_TEST(the_original_compares_windows)
{
    static const char *const titles[] = {"Half-Life 2",
                                         "Half-Life",
                                         "Portal",
                                         "Portal 2",
                                         "Up",
                                         "The Sims 3",
                                         "The Sims 4",
                                         "Dota 2",
                                         "Counter-Strike: Source",
                                         "Counter-Strike",
                                         "Call of Duty: Black Ops",
                                         "Call of Duty: Black Ops II",
                                         "FIFA 19",
                                         "FIFA 20",
                                         "Halo 1",
                                         "Halo 2"};
    rec_tfidf *corpus;
    bool hit;
    ck_assert_ok(rec_tfidf_new(&corpus, titles, 16, REC_PIECES_RECLM, err));
    const struct {
        const char *reply, *title;
        bool hit;
    } rows[] = {
        {"Half-Life", "Half-Life 2", true},
        {"I would go for Portal 2, it is a gem of a game with a long story", "Portal 2", true},
        {"1. Dota 2\n2. Counter-Strike: Source\n3. FIFA 19", "Counter-Strike", true},
        {"1. Dota 2\n2. FIFA 19", "Counter-Strike", false},
        {"Up", "Up", false}, /* too short to have pieces */
        {"", "Portal", false},
        {"short", "Call of Duty: Black Ops", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_ok(rec_reclm_mentions_title(&hit, rows[i].reply, rows[i].title, corpus, err));
        ck_assert_msg(hit == rows[i].hit, "\"%s\" in \"%s\"", rows[i].title, rows[i].reply);
    }
    rec_tfidf_free(corpus);
}
END_TEST

REC_SUITE("harness/tasks/title_hit", tcase_add_test(t, titles_in_running_text);
          tcase_add_test(t, years_may_be_missing);
          tcase_add_test(t, listed_titles_count_by_their_grounding);
          tcase_add_test(t, the_original_compares_windows);)
