/* The tasks beside the ten: relative queries and dialogues; and when their rows are made at all. */
#include "models/reclm_emb/training.h"
#include "tests/models/reclm_emb/films.h"

static rec_emb_data_options o;
static rec_dataset *d;

static void set_up(void)
{
    d = load_data(SYNTH_DATA);
    read_options(&o, "{" SYNTH_ROLES ", train_rows: 400, test_rows: 200, dev_rows: 50}");
}

static void tear_down(void)
{
    rec_dataset_free(d);
    rec_options_deinit(&o, rec_emb_data_option_table);
}

/* A row's answers are one whole set; the positive is of it, negatives are not; tests ask each wording
 * once. */
START_TEST(relative_rows_answer_with_a_set)
{
    rec_emb_corpus c;
    size_t n = 0;
    make_corpus(&c, &o, d);
    for (size_t i = 0; i < c.rows.n; i++) {
        const rec_emb_row *row = &c.rows.rows[i];
        if (row->task != REC_EMB_TASK_rel2i)
            continue;
        size_t kind = 0;
        n++;
        while (kind < REC_EMB_N_RELATIVES && (row->n_answers != c.relatives.n[kind] ||
                                              memcmp(row->answers, c.relatives.items[kind],
                                                     row->n_answers * sizeof *row->answers) != 0))
            kind++;
        ck_assert_uint_lt(kind, REC_EMB_N_RELATIVES);
        ck_assert(rec_emb_is_relative(&c.relatives, (rec_emb_relative)kind, row->positives[0]));
        for (size_t k = 0; k < row->n_negatives; k++)
            ck_assert(
                !rec_emb_is_relative(&c.relatives, (rec_emb_relative)kind, row->negatives[k]));
        ck_assert_str_eq(row->query, row->bare); /* nothing but the wording is said */
        for (size_t j = 0; j < i && row->part == REC_EMB_TEST; j++)
            ck_assert(c.rows.rows[j].task != row->task ||
                      strcmp(c.rows.rows[j].query, row->query) != 0);
    }
    ck_assert_uint_gt(n, 40);
    rec_emb_corpus_deinit(&c);
}
END_TEST

/* Every dialogue is lines of two speakers, ends with the user, and keeps the target's title back. What the
 * row's conditions say is true of the target. */
START_TEST(dialogues_end_before_the_answer)
{
    rec_emb_corpus c;
    size_t n = 0;
    make_corpus(&c, &o, d);
    for (size_t i = 0; i < c.rows.n; i++) {
        const rec_emb_row *row = &c.rows.rows[i];
        if (row->task != REC_EMB_TASK_dialogue)
            continue;
        n++;
        ck_assert(strncmp(row->query, "User: ", 6) == 0 && row->is_written);
        const char *last = strrchr(row->query, '\n');
        ck_assert(last != NULL && strncmp(last, "\nUser: ", 7) == 0);
        ck_assert_ptr_null(strcasestr(row->query, rec_emb_title(&c.items, row->item)));
        ck_assert(rec_emb_all_hold(&c.items, row->conditions, row->n_conditions, row->item));
        ck_assert_uint_gt(row->n_conditions, 0);
        ck_assert_uint_gt(row->n_history, 0);
    }
    ck_assert_uint_gt(n, 100);
    rec_emb_corpus_deinit(&c);
}
END_TEST

/* Rows of extras are made where they are asked for, rows of the ten always. */
START_TEST(extras_are_made_when_wanted)
{
    rec_emb_corpus_plan plan = {.parts = {true, false, true}};
    rec_emb_corpus c;
    size_t count[REC_EMB_N_TASKS] = {0};
    plan.tasks[REC_EMB_TASK_rel2i] = true;
    ck_assert_ok(rec_emb_corpus_init(&c, &o, d, &plan, err));
    for (size_t i = 0; i < c.rows.n; i++)
        count[c.rows.rows[i].task]++;
    ck_assert_uint_gt(count[REC_EMB_TASK_rel2i], 0);
    ck_assert_uint_gt(count[REC_EMB_TASK_us2i], 0);
    ck_assert_uint_eq(count[REC_EMB_TASK_dialogue], 0);
    rec_emb_corpus_deinit(&c);
    ck_assert(rec_emb_task_is_always_made(REC_EMB_TASK_us2i, &o));
    o.generator = REC_EMB_REPLAY; /* nobody is to write what nobody reads */
    ck_assert(!rec_emb_task_is_always_made(REC_EMB_TASK_us2i, &o));
    ck_assert(rec_emb_task_is_always_made(REC_EMB_TASK_uh2i, &o));
    ck_assert(!rec_emb_task_is_always_made(REC_EMB_TASK_dialogue, &o));
}
END_TEST

START_TEST(extras_are_trained_when_named)
{
    rec_emb_training_options t;
    char *names[] = {"uh2i", "rel2i"};
    ck_assert_ok(rec_options_defaults(&t, rec_emb_training_option_table, err));
    for (size_t i = 0; i < REC_EMB_N_TASKS; i++)
        ck_assert(rec_emb_is_trained(&t, i) ==
                  (i != REC_EMB_TASK_rel2i && i != REC_EMB_TASK_dialogue));
    t.tasks = (rec_string_list){.items = names, .n = 2};
    ck_assert(rec_emb_is_trained(&t, REC_EMB_TASK_rel2i));
    ck_assert(rec_emb_is_trained(&t, REC_EMB_TASK_uh2i));
    ck_assert(!rec_emb_is_trained(&t, REC_EMB_TASK_i2i));
    t.tasks = (rec_string_list){.n = 0};
    rec_options_deinit(&t, rec_emb_training_option_table);
}
END_TEST

REC_SUITE("models/reclm_emb/extras", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, relative_rows_answer_with_a_set);
          tcase_add_test(t, dialogues_end_before_the_answer);
          tcase_add_test(t, extras_are_made_when_wanted);
          tcase_add_test(t, extras_are_trained_when_named);)
