/* Every allocation of the original's rows and files fails once: a status, nothing leaked (ASan). */
#include "models/reclm_emb/original/files.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

static films f;
static rec_emb_data_options options;
static rec_dataset data;
static rec_emb_corpus made;

static void set_up(void)
{
    films_init(&f);
    films_dataset(&data, &f);
    options = (rec_emb_data_options){.roles = f.roles,
                                     .compat = REC_EMB_ORIGINAL,
                                     .seed = 3,
                                     .train_rows = 1,
                                     .test_rows = 1,
                                     .history_max = 5,
                                     .negatives = 2};
}

static rec_status make_once(rec_error *err)
{
    rec_emb_corpus_plan plan = {.parts = {true, false, true}};
    rec_emb_corpus c;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        plan.tasks[t] = true;
    rec_status status = rec_emb_corpus_init(&c, &options, &data, &plan, err);
    if (status == REC_OK)
        rec_emb_corpus_deinit(&c);
    return status;
}

static rec_status write_items(rec_error *err)
{
    return rec_emb_original_write_items(&made, test_folder_name, err);
}

START_TEST(rows)
{
    set_up();
    ck_assert_uint_gt(failing_malloc_exhaust(make_once), 100);
}
END_TEST

/* What was written is read, too. Rows are written once: a file costs more than its allocations. */
START_TEST(files)
{
    size_t n_left_out;
    set_up();
    make_corpus(&made, &options, &data);
    ck_assert_uint_gt(failing_malloc_exhaust(write_items), 20);
    ck_assert_ok(rec_emb_original_write(&n_left_out, &made, test_folder_name, err));
    rec_emb_corpus_deinit(&made);
    options.files = test_folder_name;
    ck_assert_uint_gt(failing_malloc_exhaust(make_once), 100);
}
END_TEST

REC_SUITE("models/reclm_emb/original/rows_alloc",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, rows); tcase_add_test(t, files);)
