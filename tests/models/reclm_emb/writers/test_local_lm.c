/* Texts of a model, kept in a file and replayed, through whole corpora. The model is a rule that says
 * its prompt again: prompts state what is true, some are too long, none is the same as another. */
#include "core/file.h"
#include "models/lm/pool.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

static rec_dataset *data;
static rec_lm_pool *lms;

static void open_lms(const char *text)
{
    rec_yaml *map;
    ck_assert_ok(rec_yaml_parse(&map, text, strlen(text), "lms.yaml", err));
    rec_lm_pool_free(lms);
    ck_assert_ok(rec_lm_pool_new(&lms, map, err));
    rec_yaml_free(map);
}

static void set_up(void)
{
    test_folder();
    data = load_data(SYNTH_DATA);
    lms = NULL;
    open_lms("{smol: {backend: scripted, role: echo}}");
}

static void tear_down(void)
{
    rec_lm_pool_free(lms);
    rec_dataset_free(data);
    test_folder_remove();
}

/* Rows of us2i and as2i, 40 and 20 of each. */
static rec_status make_rows(rec_emb_corpus *c, rec_emb_data_options *o, const char *generator,
                            const char *file, rec_error *err)
{
    char text[1024];
    rec_emb_corpus_plan plan = {.lms = lms, .parts = {true, false, true}};
    plan.tasks[REC_EMB_TASK_us2i] = plan.tasks[REC_EMB_TASK_as2i] = true;
    bool is_replay = strcmp(generator, "replay") == 0;
    snprintf(text, sizeof text,
             "{" SYNTH_ROLES
             ", train_rows: 40, test_rows: 20, history_max: 2, generator: %s, %s%s%s}",
             generator, is_replay ? "answers: " : "texts: {lm: smol, file: ", file,
             is_replay ? "" : "}");
    read_options(o, text);
    return rec_emb_corpus_init(c, o, data, &plan, err);
}

static void drop_rows(rec_emb_corpus *c, rec_emb_data_options *o)
{
    rec_emb_corpus_deinit(c);
    rec_options_deinit(o, rec_emb_data_option_table);
}

static void check_same(const rec_emb_corpus *a, const rec_emb_corpus *b)
{
    ck_assert_uint_eq(a->rows.n, b->rows.n);
    for (size_t i = 0; i < a->rows.n; i++)
        ck_assert_str_eq(a->rows.rows[i].query, b->rows.rows[i].query);
}

static char *content(const char *path, size_t *n_lines)
{
    rec_text text;
    ck_assert_ok(rec_text_read(&text, path, err));
    char *copy = calloc(text.length + 1, 1);
    memcpy(copy, text.data, text.length);
    *n_lines = 0;
    for (size_t i = 0; i < text.length; i++)
        *n_lines += copy[i] == '\n';
    rec_text_close(&text);
    return copy;
}

/* A second run asks nothing; one that was cut in the middle of a line asks for what is missing. */
START_TEST(texts_are_asked_for_once)
{
    rec_emb_corpus first, again;
    rec_emb_data_options o, p;
    size_t n_first, n_again;
    const char *path = test_path("texts.jsonl");
    ck_assert_ok(make_rows(&first, &o, "local-lm", path, err));
    char *whole = content(path, &n_first);
    const rec_emb_tally *tally = &first.tally[REC_EMB_TRAIN][REC_EMB_TASK_us2i];
    ck_assert_uint_gt(tally->texts[REC_EMB_WRITTEN], 10);
    ck_assert_uint_eq(tally->texts[REC_EMB_PENDING], 0);

    ck_assert_ok(make_rows(&again, &p, "local-lm", path, err));
    char *same = content(path, &n_again);
    ck_assert_str_eq(whole, same);
    check_same(&first, &again);
    drop_rows(&again, &p);

    ck_assert_int_eq(truncate(path, (off_t)strlen(whole) / 2), 0);
    ck_assert_ok(make_rows(&again, &p, "local-lm", path, err));
    char *resumed = content(path, &n_again);
    ck_assert_uint_eq(n_first, n_again);
    check_same(&first, &again);
    drop_rows(&again, &p);
    free(whole);
    free(same);
    free(resumed);
    drop_rows(&first, &o);
}
END_TEST

/* A system that trains on both tasks and a task that asks one see the same rows of it. */
START_TEST(rows_do_not_depend_on_who_wants_them)
{
    rec_emb_corpus both, one;
    rec_emb_data_options o;
    rec_emb_corpus_plan plan = {.lms = lms, .parts = {true, false, true}};
    size_t at = 0, n = 0;
    ck_assert_ok(make_rows(&both, &o, "local-lm", test_path("texts.jsonl"), err));
    plan.tasks[REC_EMB_TASK_us2i] = true;
    ck_assert_ok(rec_emb_corpus_init(&one, &o, data, &plan, err));
    for (size_t i = 0; i < one.rows.n; i++) {
        if (one.rows.rows[i].task != REC_EMB_TASK_us2i)
            continue;
        while (both.rows.rows[at].task != REC_EMB_TASK_us2i)
            at++;
        ck_assert_str_eq(one.rows.rows[i].query, both.rows.rows[at++].query);
        n++;
    }
    ck_assert_uint_gt(n, 20);
    rec_emb_corpus_deinit(&one);
    drop_rows(&both, &o);
}
END_TEST

/* What the model wrote is what replay reads. Rows say who wrote them. */
START_TEST(the_file_can_be_replayed)
{
    rec_emb_corpus written, replayed;
    rec_emb_data_options o, p;
    size_t n_written = 0;
    const char *path = test_path("texts.jsonl");
    ck_assert_ok(make_rows(&written, &o, "local-lm", path, err));
    ck_assert_ok(make_rows(&replayed, &p, "replay", path, err));
    check_same(&written, &replayed);
    for (size_t i = 0; i < written.rows.n; i++) {
        bool is_text = rec_emb_tasks[written.rows.rows[i].task]->text != REC_EMB_NO_TEXT;
        ck_assert(written.rows.rows[i].is_written == is_text);
        n_written += is_text;
    }
    ck_assert_uint_gt(n_written, 20);
    drop_rows(&replayed, &p);
    drop_rows(&written, &o);
}
END_TEST

/* Another seed draws other facts: what was recorded is about others and counts as missing. */
START_TEST(texts_about_other_facts_are_missing)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    const char *path = test_path("texts.jsonl");
    ck_assert_ok(make_rows(&c, &o, "local-lm", path, err));
    drop_rows(&c, &o);
    rec_emb_corpus_plan plan = {.parts = {true}};
    plan.tasks[REC_EMB_TASK_us2i] = true;
    char text[1024];
    snprintf(text, sizeof text,
             "{" SYNTH_ROLES
             ", train_rows: 40, history_max: 2, seed: 5, generator: replay, answers: %s}",
             path);
    read_options(&o, text);
    ck_assert_ok(rec_emb_corpus_init(&c, &o, data, &plan, err));
    const size_t *texts = c.tally[REC_EMB_TRAIN][REC_EMB_TASK_us2i].texts;
    ck_assert_uint_gt(texts[REC_EMB_OTHER_FACTS], 0);
    ck_assert_uint_gt(texts[REC_EMB_NO_ANSWER], 0);
    ck_assert_uint_eq(
        texts[REC_EMB_OTHER_FACTS] + texts[REC_EMB_NO_ANSWER] + texts[REC_EMB_WRITTEN], 40);
    drop_rows(&c, &o);
}
END_TEST

/* Half of the rows with a dislike are the model's, sentences of its own; the others stay templates. */
START_TEST(dislikes_are_written_for_half_the_rows)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    rec_emb_corpus_plan plan = {.lms = lms, .parts = {true}};
    size_t n_written = 0, n_rows = 0;
    char text[1024];
    plan.tasks[REC_EMB_TASK_na2i] = true;
    snprintf(text, sizeof text,
             "{" SYNTH_ROLES ", train_rows: 200, generator: local-lm, texts: {lm: smol, file: %s}}",
             test_path("texts.jsonl"));
    read_options(&o, text);
    ck_assert_ok(rec_emb_corpus_init(&c, &o, data, &plan, err));
    for (size_t i = 0; i < c.rows.n; i++) {
        const rec_emb_row *row = &c.rows.rows[i];
        if (row->task != REC_EMB_TASK_na2i)
            continue;
        n_rows++;
        n_written += row->is_written;
        ck_assert(row->is_written == (row->template_index == REC_EMB_BARE));
        ck_assert_uint_eq(row->n_conditions, 2);
        ck_assert_uint_gt(row->n_negatives, 0);
    }
    ck_assert_uint_gt(n_written, n_rows / 10);
    ck_assert_uint_lt(n_written, n_rows);
    ck_assert_uint_eq(c.tally[REC_EMB_TRAIN][REC_EMB_TASK_na2i].texts[REC_EMB_WRITTEN], n_written);
    drop_rows(&c, &o);
}
END_TEST

/* A model that gives no answers: missing rows, never text, and they stay missing. */
START_TEST(failures_are_missing_rows)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    size_t n_lines;
    char lm[256];
    const char *path = test_path("texts.jsonl");
    test_write("nothing.jsonl", "", 0);
    snprintf(lm, sizeof lm, "{smol: {backend: scripted, role: empty}}");
    open_lms(lm);
    ck_assert_ok(make_rows(&c, &o, "local-lm", path, err));
    ck_assert_uint_eq(c.tally[REC_EMB_TRAIN][REC_EMB_TASK_us2i].texts[REC_EMB_NO_ANSWER], 40);
    for (size_t i = 0; i < c.rows.n; i++)
        ck_assert(!c.rows.rows[i].is_written);
    drop_rows(&c, &o);
    char *whole = content(path, &n_lines);
    ck_assert_ptr_nonnull(strstr(whole, "\"status\":\"failed\""));
    ck_assert_ptr_null(strstr(whole, "\"status\":\"ok\""));
    free(whole);
}
END_TEST

START_TEST(a_file_that_another_process_fills_is_left_alone)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    const char *path = test_path("texts.jsonl"), *lock = test_path("texts.jsonl.lock");
    rec_lock *held;
    ck_assert_ok(rec_lock_take(&held, lock, err));
    /* the owner is this very process, which is alive */
    rec_error e = {.status = REC_OK};
    rec_status status = make_rows(&c, &o, "local-lm", path, &e);
    ck_assert_int_eq(status, REC_ERR_RESOURCE);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_lock_free(held);
}
END_TEST

/* What rules wrote, taken down, reads back as recorded texts: the same text for each id, the same gates. */
START_TEST(what_was_asked_can_be_replayed)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    rec_emb_corpus_plan plan = {.parts = {true}};
    const char *path = test_path("asked.jsonl");
    size_t written[2], says_false[2];
    plan.tasks[REC_EMB_TASK_as2i] = true;
    for (int i = 0; i < 2; i++) {
        char text[512];
        snprintf(text, sizeof text, "{" SYNTH_ROLES ", train_rows: 1000, %s%s}",
                 i == 0 ? "generator: rules" : "generator: replay, answers: ", i == 0 ? "" : path);
        plan.record = i == 0 ? fopen(path, "w") : NULL;
        read_options(&o, text);
        ck_assert_ok(rec_emb_corpus_init(&c, &o, data, &plan, err));
        const size_t *texts = c.tally[REC_EMB_TRAIN][REC_EMB_TASK_as2i].texts;
        written[i] = texts[REC_EMB_WRITTEN];
        says_false[i] = texts[REC_EMB_SAYS_FALSE];
        if (plan.record != NULL)
            fclose(plan.record);
        drop_rows(&c, &o);
    }
    ck_assert_uint_gt(written[0], 50);
    ck_assert_uint_eq(written[0], written[1]); /* every item was visited: nothing is drawn anew */
    ck_assert_uint_eq(says_false[0], says_false[1]);
    size_t n_lines;
    char *whole = content(path, &n_lines);
    ck_assert_ptr_nonnull(strstr(whole, "\"outcome\":\"written\",\"generator\":\"rules-2\""));
    ck_assert_ptr_nonnull(strstr(whole, "\"prompt\":[{\"role\":\"system\""));
    free(whole);
}
END_TEST

START_TEST(the_original_has_rules_only)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    rec_emb_corpus_plan plan = {.lms = lms, .parts = {true}};
    char text[512];
    snprintf(text, sizeof text,
             "{" SYNTH_ROLES
             ", compat: original, generator: local-lm, texts: {lm: smol, file: %s}}",
             test_path("t.jsonl"));
    read_options(&o, text);
    ck_assert_fails(rec_emb_corpus_init(&c, &o, data, &plan, err), REC_ERR_CONFIG,
                    "compat: original goes with generator: rules");
    rec_options_deinit(&o, rec_emb_data_option_table);
}
END_TEST

REC_SUITE("models/reclm_emb/writers/local_lm", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, texts_are_asked_for_once);
          tcase_add_test(t, rows_do_not_depend_on_who_wants_them);
          tcase_add_test(t, the_file_can_be_replayed);
          tcase_add_test(t, texts_about_other_facts_are_missing);
          tcase_add_test(t, dislikes_are_written_for_half_the_rows);
          tcase_add_test(t, failures_are_missing_rows);
          tcase_add_test(t, what_was_asked_can_be_replayed);
          tcase_add_test(t, a_file_that_another_process_fills_is_left_alone);
          tcase_add_test(t, the_original_has_rules_only);)
