/* Every allocation of items and of a whole corpus fails once: a status, nothing leaked (ASan). */
#include "models/reclm_emb/files.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

static films f;
static rec_emb_data_options options;
static rec_dataset data;

static void set_up(void)
{
    films_init(&f);
    films_dataset(&data, &f);
    options = (rec_emb_data_options){.roles = f.roles,
                                     .seed = 3,
                                     .test_users = 0.3,
                                     .test_items = 0.2,
                                     .train_rows = 3,
                                     .dev_rows = 2,
                                     .test_rows = 3,
                                     .history_max = 5,
                                     .negatives = 2,
                                     .seen_wording = 0.5};
}

static rec_status make_items(rec_error *err)
{
    rec_emb_items x;
    rec_status status = rec_emb_items_init(&x, &f.roles, &f.catalogue, err);
    if (status == REC_OK)
        rec_emb_items_deinit(&x);
    return status;
}

static rec_status make_corpus_once(rec_error *err)
{
    rec_emb_corpus_plan plan = {.parts = {true, true, true}};
    rec_emb_corpus c;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        plan.tasks[t] = true;
    rec_status status = rec_emb_corpus_init(&c, &options, &data, &plan, err);
    if (status == REC_OK)
        rec_emb_corpus_deinit(&c);
    return status;
}

START_TEST(items)
{
    set_up();
    ck_assert_uint_gt(failing_malloc_exhaust(make_items), 10);
}
END_TEST

START_TEST(corpus)
{
    set_up();
    ck_assert_uint_gt(failing_malloc_exhaust(make_corpus_once), 100);
}
END_TEST

/* Recorded texts, one of them good, and a record of what is asked. */
static rec_status replay_once(rec_error *err)
{
    rec_emb_corpus_plan plan = {.parts = {true}};
    rec_emb_corpus c;
    plan.tasks[REC_EMB_TASK_as2i] = true;
    plan.record = fopen("/dev/null", "w");
    rec_status status = rec_emb_corpus_init(&c, &options, &data, &plan, err);
    if (status == REC_OK)
        rec_emb_corpus_deinit(&c);
    if (plan.record != NULL)
        fclose(plan.record);
    return status;
}

START_TEST(replay)
{
    static const char file[] =
        "{\"id\":\"as2i/train/1/0\",\"status\":\"ok\",\"text\":\"a story\"}\n"
        "{\"id\":\"as2i/train/2/0\",\"status\":\"failed\"}\n";
    test_folder();
    set_up();
    test_write("t.jsonl", file, sizeof file - 1);
    options.generator = REC_EMB_REPLAY;
    options.answers = strdup(test_path("t.jsonl"));
    ck_assert_uint_gt(failing_malloc_exhaust(replay_once), 100);
    free(options.answers);
    test_folder_remove();
}
END_TEST

static rec_emb_corpus written;

static rec_status write_beir(rec_error *err)
{
    return rec_emb_corpus_write_beir(&written, test_path("beir"), err);
}

/* Rows of one task: each file is synced to the disk. */
START_TEST(beir_files)
{
    rec_emb_corpus_plan plan = {.parts = {true, true, true}};
    bool keep[512] = {false};
    set_up();
    test_folder();
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        plan.tasks[t] = true;
    ck_assert_ok(rec_emb_corpus_init(&written, &options, &data, &plan, err));
    ck_assert_uint_le(written.rows.n, 512);
    for (size_t i = 0; i < written.rows.n; i++)
        keep[i] = written.rows.rows[i].task == REC_EMB_TASK_sa2i;
    rec_emb_rows_filter(&written.rows, keep);
    ck_assert_uint_gt(failing_malloc_exhaust(write_beir), 20);
    rec_emb_corpus_deinit(&written);
    test_folder_remove();
}
END_TEST

REC_SUITE("models/reclm_emb/corpus_alloc", tcase_add_test(t, items); tcase_add_test(t, corpus);
          tcase_add_test(t, replay); tcase_add_test(t, beir_files);)
