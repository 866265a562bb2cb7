#include "harness/replies/grounding.h"
#include "tests/suite.h"

static rec_grounder *grounder;
static char *const films[] = {"Half-Life 2", "Half-Life", "Portal", "Up",
                              "海街日记",    "Portal",    NULL,     "Counter-Strike: Source"};

static void setup(void)
{
    ck_assert_ok(rec_grounder_new(&grounder, films, 8, REC_SIMILAR_ERRORS, err));
}

static void teardown(void)
{
    rec_grounder_free(grounder);
}

static rec_grounding ground(const char *title)
{
    rec_grounding g;
    ck_assert_ok(rec_ground(&g, grounder, rec_span_of(title), NULL, 0, err));
    return g;
}

START_TEST(exact_then_canonical)
{
    rec_grounding g = ground("Up");
    ck_assert_int_eq(g.step, REC_GROUNDED_EXACT);
    ck_assert_uint_eq(g.items.n, 1);
    ck_assert_uint_eq(g.items.items[0], 3);
    g = ground("half life 2");
    ck_assert_int_eq(g.step, REC_GROUNDED_CANONICAL);
    ck_assert_uint_eq(g.items.items[0], 0);
    ck_assert_int_eq(ground("海街日记").step, REC_GROUNDED_EXACT);
}
END_TEST

START_TEST(a_shared_title_is_all_of_its_items)
{
    rec_grounding g = ground("PORTAL");
    ck_assert_uint_eq(g.items.n, 2);
    ck_assert_uint_eq(g.items.items[0], 2);
    ck_assert_uint_eq(g.items.items[1], 5);
}
END_TEST

START_TEST(sequels_are_not_similar)
{
    ck_assert_int_eq(ground("Half-Life 3").step, REC_GROUNDED_NOT);
    ck_assert_int_eq(ground("The Counter-Strike: Source").step, REC_GROUNDED_SIMILAR);
}
END_TEST

START_TEST(the_target_stands_for_a_shared_title)
{
    char *titles[] = {"portal", "nothing like it"};
    uint32_t target = 5;
    rec_title_list list = {.titles = titles, .n = 2};
    rec_grounding_context context = {.targets = &target, .n_targets = 1};
    rec_grounded_list grounded;
    ck_assert_ok(rec_ground_list(&grounded, grounder, &list, &context, err));
    ck_assert_uint_eq(grounded.items[0], 5);
    ck_assert_uint_eq(grounded.items[1], UINT32_MAX);
    rec_grounded_list_deinit(&grounded);
}
END_TEST

REC_SUITE("harness/replies/grounding", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, exact_then_canonical);
          tcase_add_test(t, a_shared_title_is_all_of_its_items);
          tcase_add_test(t, sequels_are_not_similar);
          tcase_add_test(t, the_target_stands_for_a_shared_title);)
