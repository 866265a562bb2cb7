#include "models/reclm_emb/wording.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

/* The original's counts of templates, training and test (RecAI, RecLM-emb/template.py); its test lists
 * contain its training lists, ours share nothing and are as long. `item` and so on: {train, test}. */
START_TEST(there_are_enough_templates)
{
    static const size_t least[REC_EMB_N_PHRASES][2] = {
        [REC_EMB_PHRASE_HISTORY] = {26, 46},    [REC_EMB_PHRASE_ITEM] = {19, 38},
        [REC_EMB_PHRASE_ATTRIBUTES] = {30, 60}, [REC_EMB_PHRASE_TITLE] = {15, 35},
        [REC_EMB_PHRASE_VAGUE] = {19, 39},      [REC_EMB_PHRASE_NEGATIVE] = {15, 35},
        [REC_EMB_PHRASE_WISH] = {27, 53},       [REC_EMB_PHRASE_SUMMARY] = {6, 26},
        [REC_EMB_PHRASE_EXCLUSION] = {15, 35},  [REC_EMB_PHRASE_RECENT] = {8, 28},
        [REC_EMB_PHRASE_CHEAP] = {13, 33},      [REC_EMB_PHRASE_EXPENSIVE] = {16, 36},
        [REC_EMB_PHRASE_POPULAR] = {18, 38}};
    rec_emb_wording *w;
    ck_assert_ok(rec_emb_wording_open(&w, NULL, err));
    for (size_t p = 0; p < REC_EMB_N_PHRASES; p++) {
        ck_assert_uint_gt(least[p][0], 0);
        ck_assert_uint_ge(rec_emb_wording_count(w, (rec_emb_phrase)p, REC_EMB_TRAIN), least[p][0]);
        ck_assert_uint_ge(rec_emb_wording_count(w, (rec_emb_phrase)p, REC_EMB_TEST), least[p][1]);
        ck_assert_uint_ge(rec_emb_wording_count(w, (rec_emb_phrase)p, REC_EMB_DEV), 3);
    }
    rec_emb_wording_free(w);
}
END_TEST

/* A sentence of each set, {it} filled. */
START_TEST(sentences_are_of_their_set)
{
    const rec_emb_slots slots = {.nouns = "films", .it = "war"};
    rec_emb_wording *w;
    rec_buffer text = {.length = 0};
    rec_rng rng = rec_rng_keyed(1, "test", 0);
    ck_assert_ok(rec_emb_wording_open(&w, NULL, err));
    ck_assert_ok(rec_emb_wording_say(&text, w, REC_EMB_ERA, REC_EMB_DEV, &slots, &rng, err));
    ck_assert_str_eq(text.data, "chiefly of the war");
    rec_buffer_deinit(&text);
    rec_emb_wording_free(w);
}
END_TEST

START_TEST(slots_are_filled)
{
    const rec_emb_slots slots = {.noun = "film", .nouns = "films", .query = "A {noun}"};
    rec_emb_wording *w;
    rec_buffer text = {.length = 0};
    ck_assert_ok(rec_emb_wording_open(&w, NULL, err));
    ck_assert_ok(
        rec_emb_wording_apply(&text, w, REC_EMB_PHRASE_ITEM, REC_EMB_TRAIN, 3, &slots, err));
    /* what is filled in is not read again */
    ck_assert_str_eq(text.data, "Show me films similar to A {noun}");
    rec_buffer_deinit(&text);
    rec_emb_wording_free(w);
}
END_TEST

START_TEST(synonyms_are_of_their_set)
{
    rec_emb_wording *w;
    rec_rng rng = rec_rng_keyed(1, "test", 0);
    ck_assert_ok(rec_emb_wording_open(&w, NULL, err));
    ck_assert_str_eq(rec_emb_wording_synonym(w, REC_EMB_TRAIN, "Western", &rng), "cowboys");
    ck_assert_str_eq(rec_emb_wording_synonym(w, REC_EMB_TEST, "western", &rng),
                     "gunslingers of the frontier");
    ck_assert_ptr_null(rec_emb_wording_synonym(w, REC_EMB_TRAIN, "no such genre", &rng));
    rec_emb_wording_free(w);
}
END_TEST

/* The default with one text replaced, as a user's file. */
static void check_refused(const char *from, const char *to, const char *message)
{
    rec_emb_wording *w;
    size_t length;
    ck_assert_ok(rec_emb_wording_open(&w, NULL, err));
    const char *text = rec_emb_wording_text(w, &length);
    char *copy = calloc(length + 256, 1), *path = strdup(test_path("wording.yaml"));
    memcpy(copy, text, length);
    char *at = strstr(copy, from);
    ck_assert_ptr_nonnull(at);
    memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
    memcpy(at, to, strlen(to));
    FILE *file = fopen(path, "w");
    fputs(copy, file);
    fclose(file);
    rec_emb_wording_free(w);
    ck_assert_fails(rec_emb_wording_open(&w, path, err), REC_ERR_CONFIG, message);
    free(copy);
    free(path);
}

START_TEST(files_that_break_a_rule_are_refused)
{
    check_refused("\"that resemble {query}\"", "\"similar to {query}\"",
                  "\"similar to {query}\" stands in two sets");
    check_refused("\"that resemble {query}\"", "\"that resemble\"", "lacks the slot {query}");
    check_refused("\"search: {nouns} {core}\"", "\"search: {nouns}\"", "lacks the slot {core}");
    check_refused("  negative:", "  positive:", "negative: sets train, dev, test are needed");
    check_refused("  likes_first:", "  likes:", "likes_first: sets train, dev, test are needed");
    check_refused("\"chiefly of the {it}\"", "\"chiefly\"", "lacks the slot {it}");
    rec_emb_wording *w;
    ck_assert_fails(rec_emb_wording_open(&w, "/no/such/file.yaml", err), REC_ERR_DATA, "no/such");
}
END_TEST

REC_SUITE("models/reclm_emb/wording", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, there_are_enough_templates);
          tcase_add_test(t, sentences_are_of_their_set); tcase_add_test(t, slots_are_filled);
          tcase_add_test(t, synonyms_are_of_their_set);
          tcase_add_test(t, files_that_break_a_rule_are_refused);)
