#include "models/reclm_emb/writer.h"

#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

typedef struct fixture {
    films f;
    rec_emb_items items;
    rec_emb_bands bands;
    rec_emb_wording *wording;
    rec_dataset data;
    char *user_ids[1];
    rec_emb_writer *writer;
    rec_arena scratch;
    rec_rng rng;
    rec_emb_writer_source source;
} fixture;

static const uint32_t history[] = {1, 0};

static void open_fixture(fixture *x)
{
    memset(x, 0, sizeof *x);
    films_init(&x->f);
    ck_assert_ok(rec_emb_items_init(&x->items, &x->f.roles, &x->f.catalogue, err));
    ck_assert_ok(rec_emb_bands_find(&x->bands, &x->items, err));
    ck_assert_ok(rec_emb_wording_open(&x->wording, NULL, err));
    x->user_ids[0] = "a";
    x->data = (rec_dataset){.catalogue = x->f.catalogue, .n_users = 1, .user_ids = x->user_ids};
    x->rng = rec_rng_keyed(1, "test", 0);
    x->source = (rec_emb_writer_source){
        .items = &x->items, .wording = x->wording, .bands = &x->bands, .dataset = &x->data};
}

static void close_fixture(fixture *x)
{
    rec_emb_writer_free(x->writer);
    rec_arena_deinit(&x->scratch);
    rec_emb_wording_free(x->wording);
    rec_emb_items_deinit(&x->items);
}

static rec_emb_outcome write_one(rec_buffer *out, fixture *x, rec_emb_text_kind kind,
                                 const char *id, const rec_emb_style *style, uint32_t item,
                                 const rec_emb_condition *facts, size_t n_facts)
{
    rec_emb_outcome outcome;
    const rec_emb_ask ask = {.kind = kind,
                             .id = id,
                             .set = REC_EMB_TEST,
                             .style = *style,
                             .item = item,
                             .history = history,
                             .n_history = 2,
                             .conditions = facts,
                             .n_conditions = n_facts,
                             .rng = &x->rng,
                             .scratch = &x->scratch};
    rec_buffer_clear(out);
    ck_assert_ok(rec_emb_writer_begin(x->writer, err));
    ck_assert_ok(rec_emb_write(&outcome, out, x->writer, &ask, err));
    return outcome;
}

/* Every cell of the grid is drawn, lengths are those of RecAI's prompts. */
START_TEST(styles_fill_the_grid)
{
    size_t seen[REC_EMB_N_VOICES][REC_EMB_N_CLARITIES] = {{0}}, guesses = 0;
    rec_rng rng = rec_rng_keyed(7, "test", 0);
    for (int i = 0; i < 4000; i++) {
        const rec_emb_style s = rec_emb_style_draw(REC_EMB_SUMMARY, &rng);
        seen[s.voice][s.clarity]++;
        guesses += s.guesses;
        ck_assert(s.words == 50 || s.words == 100 || s.words == 150 || s.words == 200);
        ck_assert(s.level < REC_EMB_N_LEVELS && s.turns >= 2 && s.turns <= 5);
    }
    for (int v = 0; v < REC_EMB_N_VOICES; v++)
        for (int c = 0; c < REC_EMB_N_CLARITIES; c++)
            ck_assert_uint_gt(seen[v][c], 4000 / 9 - 80); /* four standard deviations */
    ck_assert_double_eq_tol((double)guesses / 4000, 0.3, 0.03);
}
END_TEST

START_TEST(names_have_versions)
{
    ck_assert_str_eq(rec_emb_generator_name(REC_EMB_RULES), "rules-2");
    ck_assert_str_eq(rec_emb_generator_name(REC_EMB_LOCAL_LM), "local-lm-1");
    ck_assert_str_eq(rec_emb_generator_name(REC_EMB_REPLAY), "replay-1");
    ck_assert(rec_emb_generator_writes(REC_EMB_RULES, REC_EMB_SUMMARY));
    ck_assert(!rec_emb_generator_writes(REC_EMB_RULES, REC_EMB_DISLIKE)); /* templates do */
    ck_assert(rec_emb_generator_writes(REC_EMB_REPLAY, REC_EMB_DISLIKE));
    ck_assert(!rec_emb_generator_writes(REC_EMB_REPLAY, REC_EMB_NO_TEXT));
}
END_TEST

/* Heat and Casino: crime and drama, of the 1990s. */
START_TEST(rules_summarise_what_is_frequent)
{
    static const rec_emb_style clear = {
        .voice = REC_EMB_NO_PERSON, .clarity = REC_EMB_CLEAR, .words = 50};
    fixture x;
    rec_buffer out = {.length = 0};
    open_fixture(&x);
    ck_assert_ok(rec_emb_writer_new(&x.writer, REC_EMB_RULES, &x.source, err));
    ck_assert(!rec_emb_writer_is_outside(x.writer) && !rec_emb_writer_collects(x.writer));
    ck_assert_int_eq(write_one(&out, &x, REC_EMB_SUMMARY, "us2i/test/a/0", &clear, 3, NULL, 0),
                     REC_EMB_WRITTEN);
    ck_assert_ptr_nonnull(strcasestr(out.data, "gangsters and detectives")); /* crime, of tests */
    ck_assert_ptr_nonnull(strstr(out.data, "1990s"));
    rec_buffer_deinit(&out);
    close_fixture(&x);
}
END_TEST

START_TEST(rules_describe_with_voice_and_without)
{
    static const rec_emb_style list = {.voice = REC_EMB_NO_PERSON, .words = 30},
                               speech = {.voice = REC_EMB_FIRST_PERSON, .words = 30};
    fixture x;
    rec_buffer out = {.length = 0};
    open_fixture(&x);
    rec_emb_condition facts[] = {{.kind = REC_EMB_HAS, .attribute = 0}, x.bands.date[1]};
    facts[0].value = rec_interner_find(&x.items.values, "crime", 5);
    ck_assert_ok(rec_emb_writer_new(&x.writer, REC_EMB_RULES, &x.source, err));
    ck_assert_int_eq(write_one(&out, &x, REC_EMB_DESCRIPTION, "as2i/test/1/0", &list, 0, facts, 1),
                     REC_EMB_WRITTEN);
    ck_assert_str_eq(out.data, "gangsters and detectives");
    ck_assert_int_eq(
        write_one(&out, &x, REC_EMB_DESCRIPTION, "as2i/test/1/0", &speech, 0, facts, 1),
        REC_EMB_WRITTEN);
    ck_assert(out.length > strlen("gangsters and detectives"));
    /* the middle of the dates has no word: nothing to say */
    ck_assert_int_eq(
        write_one(&out, &x, REC_EMB_DESCRIPTION, "as2i/test/1/0", &list, 0, facts + 1, 1),
        REC_EMB_NO_FACTS);
    ck_assert_uint_eq(out.length, 0);
    rec_buffer_deinit(&out);
    close_fixture(&x);
}
END_TEST

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        n++;
    return n;
}

/* Greeting, history, and a wish a turn; the wrong guess costs one line of each. */
START_TEST(rules_hold_a_dialogue)
{
    rec_emb_style style = {.words = 300, .turns = 2};
    fixture x;
    rec_buffer out = {.length = 0};
    open_fixture(&x);
    const rec_emb_condition facts[] = {
        {.kind = REC_EMB_HAS, .value = rec_interner_find(&x.items.values, "horror", 6)},
        {.kind = REC_EMB_HAS,
         .attribute = 1,
         .value = rec_interner_find(&x.items.values, "Scott", 5)}};
    ck_assert_ok(rec_emb_writer_new(&x.writer, REC_EMB_RULES, &x.source, err));
    ck_assert_int_eq(
        write_one(&out, &x, REC_EMB_DIALOGUE, "dialogue/test/a/0", &style, 3, facts, 2),
        REC_EMB_WRITTEN);
    ck_assert_uint_eq(count_of(out.data, "User: "), 4); /* greets, tells, wishes twice */
    ck_assert_uint_eq(count_of(out.data, "Assistant: "), 3);
    ck_assert_ptr_nonnull(strstr(out.data, "Heat, Casino")); /* newest first */
    ck_assert_ptr_null(strstr(out.data, "Alien"));
    style.guesses = true;
    ck_assert_int_eq(
        write_one(&out, &x, REC_EMB_DIALOGUE, "dialogue/test/a/0", &style, 3, facts, 2),
        REC_EMB_WRITTEN);
    ck_assert_uint_eq(count_of(out.data, "User: "), 5);
    ck_assert_uint_eq(count_of(out.data, "Assistant: "), 4);
    ck_assert_ptr_nonnull(
        strstr(out.data, "Big")); /* the only film that is neither known nor fits */
    rec_buffer_deinit(&out);
    close_fixture(&x);
}
END_TEST

/* Without any title attributes stand for items; items without a name are not told at all. */
START_TEST(dialogues_tell_what_has_a_name)
{
    const rec_emb_style style = {.words = 300, .turns = 2};
    const rec_emb_condition facts[] = {{.kind = REC_EMB_HAS}, {.kind = REC_EMB_HAS}};
    fixture x;
    rec_buffer out = {.length = 0};
    open_fixture(&x);
    ck_assert_ok(rec_emb_writer_new(&x.writer, REC_EMB_RULES, &x.source, err));
    char *const alien = x.f.titles[3];
    for (size_t i = 0; i < N_FILMS; i++)
        x.f.titles[i] = NULL;
    rec_emb_items_deinit(&x.items);
    ck_assert_ok(rec_emb_items_init(&x.items, &x.f.roles, &x.f.catalogue, err));
    write_one(&out, &x, REC_EMB_DIALOGUE, "dialogue/test/a/0", &style, 0, facts, 2);
    ck_assert_ptr_nonnull(
        strstr(out.data, "crime and drama and Mann, crime and drama and Scorsese"));
    x.f.titles[3] = alien;
    rec_emb_items_deinit(&x.items);
    ck_assert_ok(rec_emb_items_init(&x.items, &x.f.roles, &x.f.catalogue, err));
    write_one(&out, &x, REC_EMB_DIALOGUE, "dialogue/test/a/0", &style, 0, facts, 2);
    ck_assert_uint_eq(count_of(out.data, "User: "), 3); /* greets, wishes twice */
    ck_assert_uint_eq(count_of(out.data, "Assistant: "), 2);
    rec_buffer_deinit(&out);
    close_fixture(&x);
}
END_TEST

/* A planted violation of each kind in a file of recorded texts. */
START_TEST(replay_passes_the_gates_or_is_missing)
{
    static const char file[] =
        "{\"id\":\"as2i/test/1/0\",\"status\":\"ok\",\"text\":\"a crime story\"}\n"
        "{\"id\":\"as2i/test/1/1\",\"status\":\"ok\",\"text\":\"crime with heat\"}\n"
        "{\"id\":\"as2i/test/1/2\",\"status\":\"ok\",\"text\":\"a comedy\"}\n"
        "{\"id\":\"as2i/test/1/3\",\"status\":\"ok\",\"text\":\"one two three four five\"}\n"
        "{\"id\":\"as2i/test/1/4\",\"status\":\"failed\",\"reason\":\"timeout\"}\n"
        "{\"id\":\"as2i/test/1/5\",\"status\":\"ok\",\"text\":\"a "
        "story\",\"inputs\":{\"item\":\"2\"}}\n";
    static const struct {
        const char *id;
        rec_emb_outcome outcome;
    } expected[] = {{"as2i/test/1/0", REC_EMB_WRITTEN},    {"as2i/test/1/1", REC_EMB_SAYS_TITLE},
                    {"as2i/test/1/2", REC_EMB_SAYS_FALSE}, {"as2i/test/1/3", REC_EMB_WRONG_LENGTH},
                    {"as2i/test/1/4", REC_EMB_NO_ANSWER},  {"as2i/test/1/5", REC_EMB_OTHER_FACTS},
                    {"as2i/test/1/6", REC_EMB_NO_ANSWER}};
    static const rec_emb_style style = {.words = 4}; /* four and a tenth of it: no fifth word */
    fixture x;
    rec_buffer out = {.length = 0};
    open_fixture(&x);
    test_write("t.jsonl", file, sizeof file - 1);
    x.source.answers = test_path("t.jsonl");
    ck_assert_ok(rec_emb_writer_new(&x.writer, REC_EMB_REPLAY, &x.source, err));
    ck_assert(rec_emb_writer_is_outside(x.writer));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        ck_assert_int_eq(
            write_one(&out, &x, REC_EMB_DESCRIPTION, expected[i].id, &style, 0, NULL, 0),
            expected[i].outcome);
        ck_assert(expected[i].outcome == REC_EMB_WRITTEN || out.length == 0);
    }
    rec_buffer_deinit(&out);
    close_fixture(&x);
}
END_TEST

START_TEST(what_a_generator_needs_is_named)
{
    static const rec_emb_lm_options none = {.lm = NULL};
    fixture x;
    open_fixture(&x);
    x.source.lm = &none;
    ck_assert_fails(rec_emb_writer_new(&x.writer, REC_EMB_REPLAY, &x.source, err), REC_ERR_CONFIG,
                    "answers: FILE");
    ck_assert_fails(rec_emb_writer_new(&x.writer, REC_EMB_LOCAL_LM, &x.source, err), REC_ERR_CONFIG,
                    "texts: {lm: NAME, file: FILE}");
    close_fixture(&x);
}
END_TEST

REC_SUITE("models/reclm_emb/writer", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, styles_fill_the_grid); tcase_add_test(t, names_have_versions);
          tcase_add_test(t, rules_summarise_what_is_frequent);
          tcase_add_test(t, rules_describe_with_voice_and_without);
          tcase_add_test(t, rules_hold_a_dialogue);
          tcase_add_test(t, dialogues_tell_what_has_a_name);
          tcase_add_test(t, replay_passes_the_gates_or_is_missing);
          tcase_add_test(t, what_a_generator_needs_is_named);)
