#include "harness/replies/grounding.h"

#include <math.h>

#include "harness/replies/similarity.h"
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

/* The titles of RecLM-eval's specification, 4.1. */
static char *const games[] = {"Half-Life 2",
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
enum { N_GAMES = sizeof games / sizeof games[0] };

START_TEST(every_sequel_is_itself_alone)
{
    rec_grounder *g;
    rec_grounding found;
    ck_assert_ok(rec_grounder_new(&g, games, N_GAMES, REC_SIMILAR_LIST_METRICS, err));
    for (uint32_t i = 0; i < N_GAMES; i++) {
        ck_assert_ok(rec_ground(&found, g, rec_span_of(games[i]), NULL, 0, err));
        ck_assert_int_eq(found.step, REC_GROUNDED_EXACT);
        ck_assert_uint_eq(found.items.n, 1);
        ck_assert_uint_eq(found.items.items[0], i);
    }
    rec_grounder_free(g);
}
END_TEST

/* Without the title itself in the catalogue, its sequel does not take its place, but in RecLM-eval. */
START_TEST(a_missing_sequel_is_out_of_the_catalogue)
{
    static const char *const pairs[][2] = {{"Half-Life 2", "Half-Life"},
                                           {"FIFA 19", "FIFA 20"},
                                           {"The Sims 3", "The Sims 4"},
                                           {"Halo 1", "Halo 2"}};
    for (size_t i = 0; i < 4; i++) {
        rec_grounder *g;
        rec_grounding found;
        rec_tfidf *compat;
        rec_tfidf_vector a;
        char *only[] = {(char *)pairs[i][1], "Portal"};
        ck_assert_ok(rec_grounder_new(&g, only, 2, REC_SIMILAR_LIST_METRICS, err));
        ck_assert_ok(rec_ground(&found, g, rec_span_of(pairs[i][0]), NULL, 0, err));
        ck_assert_int_eq(found.step, REC_GROUNDED_NOT);
        ck_assert_uint_eq(found.items.n, 0);
        ck_assert_ok(rec_tfidf_new(&compat, (const char *const *)only, 2, REC_PIECES_RECLM, err));
        ck_assert_ok(rec_tfidf_vector_init(&a, compat, rec_span_of(pairs[i][0]), err));
        ck_assert_double_ge(rec_tfidf_cosine_with(compat, &a, 0), REC_SIMILAR_ERRORS);
        rec_tfidf_vector_deinit(&a);
        rec_tfidf_free(compat);
        rec_grounder_free(g);
    }
}
END_TEST

START_TEST(two_equally_similar_titles_are_none)
{
    static char *const two[] = {"Shadow Kingdom Alpha", "Shadow Kingdom Omega", "Unrelated"};
    rec_grounder *g;
    rec_grounding found;
    ck_assert_ok(rec_grounder_new(&g, two, 3, 0.3, err));
    ck_assert_ok(rec_ground(&found, g, rec_span_of("Shadow Kingdom"), NULL, 0, err));
    ck_assert_int_eq(found.step, REC_GROUNDED_NOT);
    ck_assert(found.ambiguous);
    uint32_t candidate = 1; /* of the two, one was shown */
    ck_assert_ok(rec_ground(&found, g, rec_span_of("Shadow Kingdom"), &candidate, 1, err));
    ck_assert_int_eq(found.step, REC_GROUNDED_SIMILAR);
    ck_assert_uint_eq(found.items.items[0], 1);
    rec_grounder_free(g);
}
END_TEST

/* The threshold is put on the cosine itself. */
START_TEST(a_similarity_at_the_threshold_is_counted)
{
    static char *const two[] = {"Garden of Stone", "Unrelated"};
    static const char reply[] = "Garden of Stones";
    double similarity = 0.0;
    for (int round = 0; round < 2; round++) {
        rec_grounder *g;
        rec_title_list list = {.titles = (char *[]){(char *)reply, "Unrelated"}, .n = 2};
        rec_grounded_list grounded;
        rec_grounding_context context = {0};
        ck_assert_ok(rec_grounder_new(&g, two, 2, round == 0 ? 0.5 : similarity, err));
        ck_assert_ok(rec_ground_list(&grounded, g, &list, &context, err));
        similarity = grounded.groundings[0].similarity;
        ck_assert_int_eq(grounded.groundings[0].step, REC_GROUNDED_SIMILAR);
        ck_assert_uint_eq(grounded.n_near_threshold, (size_t)round);
        rec_grounded_list_deinit(&grounded);
        rec_grounder_free(g);
    }
}
END_TEST

START_TEST(thresholds)
{
    rec_grounder *g;
    rec_grounding found;
    ck_assert_fails(rec_grounder_new(&g, films, 8, 0.0, err), REC_ERR_CONFIG, "threshold");
    ck_assert_fails(rec_grounder_new(&g, films, 8, NAN, err), REC_ERR_CONFIG, "threshold");
    ck_assert_ok(rec_grounder_new(&g, films, 8, 2.0, err)); /* spellings only */
    ck_assert_ok(rec_ground(&found, g, rec_span_of("The Counter-Strike: Source"), NULL, 0, err));
    ck_assert_int_eq(found.step, REC_GROUNDED_NOT);
    ck_assert_ok(rec_ground(&found, g, rec_span_of(""), NULL, 0, err));
    ck_assert_int_eq(found.step, REC_GROUNDED_NOT);
    rec_grounder_free(g);
}
END_TEST

REC_SUITE("harness/replies/grounding", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, exact_then_canonical);
          tcase_add_test(t, a_shared_title_is_all_of_its_items);
          tcase_add_test(t, sequels_are_not_similar);
          tcase_add_test(t, the_target_stands_for_a_shared_title);
          tcase_add_test(t, every_sequel_is_itself_alone);
          tcase_add_test(t, a_missing_sequel_is_out_of_the_catalogue);
          tcase_add_test(t, two_equally_similar_titles_are_none);
          tcase_add_test(t, a_similarity_at_the_threshold_is_counted);
          tcase_add_test(t, thresholds);)
