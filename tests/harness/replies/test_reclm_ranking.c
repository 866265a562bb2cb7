#include "harness/replies/reclm_ranking.h"

#include <stdarg.h>
#include <string.h>

#include "tests/suite.h"

static const char *const candidates[] = {"Half-Life", "Portal",   "Up",
                                         "half life", "海街日记", "七人の侍"};
static const char *const history[] = {"Up"};
static rec_reclm_ranking ranking;
static rec_title_list list;

static void setup(void)
{
    ranking = (rec_reclm_ranking){candidates, 6, history, 1, 3};
}

static void teardown(void)
{
    rec_title_list_deinit(&list);
}

static void repair(const char *reply, uint64_t seed)
{
    rec_rng rng = rec_rng_keyed(seed, "reclm/padding", 1);
    ck_assert_ok(rec_reclm_repair(&list, reply, &ranking, &rng, err));
    ck_assert_int_eq(list.mode, REC_LIST_RECLM);
}

static void is_list(size_t n, ...)
{
    va_list titles;
    va_start(titles, n);
    ck_assert_uint_eq(list.n, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_str_eq(list.titles[i], va_arg(titles, const char *));
    va_end(titles);
}

START_TEST(wrappers_spellings_and_repeats)
{
    ranking.top_k = 2;
    repair("<SOI>Portal<EOI><end><SOI> portal <end>PORTAL!<EOI><end>Half-Life<end>", 1);
    is_list(2, "Portal", "Half-Life");
    repair("HALF LIFE<end>Portal<end>", 1); /* the last candidate of that form wins */
    is_list(2, "half life", "Portal");
    repair("Up<end>Nowhere<end>Portal<end>Half-Life<end>", 1); /* history and foreign ones vanish */
    is_list(2, "Portal", "Half-Life");
    repair("日本<end>Portal<end>", 1); /* every title without ASCII has the empty form */
    is_list(2, "七人の侍", "Portal");
    repair("<SOI><EOI><end><SOI>EOI><end>Portal<end>half life<end>", 1);
    is_list(2, "七人の侍", "Portal"); /* nothing is written like that one as well */
}
END_TEST

START_TEST(padding_is_seeded)
{
    ranking.top_k = 5;
    repair("Portal<end>", 3);
    ck_assert_uint_eq(list.n, 5); /* five candidates are not in the history */
    ck_assert_str_eq(list.titles[0], "Portal");
    char first[2][64];
    for (int i = 0; i < 2; i++) {
        repair("", 3);
        strcpy(first[i], list.titles[0]);
        ck_assert_uint_eq(list.n, 5);
    }
    ck_assert_str_eq(first[0], first[1]);
    bool differs = false;
    for (uint64_t seed = 4; seed < 40 && !differs; seed++) {
        repair("", seed);
        differs = strcmp(list.titles[0], first[0]) != 0;
    }
    ck_assert(differs);
    for (size_t i = 0; i < list.n; i++) {
        ck_assert_str_ne(list.titles[i], "Up");
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(list.titles[i], list.titles[j]);
    }
}
END_TEST

START_TEST(without_candidates)
{
    ranking.n_candidates = 0;
    repair(" A <end>Up<end>B<end>B<end>C", 1); /* repeats stay, history goes, three are kept */
    is_list(3, "A", "B", "B");
    repair("nothing but text", 1);
    is_list(1, "nothing but text");
}
END_TEST

REC_SUITE("harness/replies/reclm_ranking", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, wrappers_spellings_and_repeats); tcase_add_test(t, padding_is_seeded);
          tcase_add_test(t, without_candidates);)
