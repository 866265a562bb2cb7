#include "tests/models/reclm_emb/films.h"

typedef struct opened {
    rec_dataset *data;
    rec_emb_data_options options;
    rec_emb_corpus corpus;
} opened;

static void open_synth(opened *o)
{
    o->data = load_data(SYNTH_DATA);
    read_options(&o->options, "{" SYNTH_ROLES
                              ", train_rows: 300, test_rows: 100, dev_items: 0.3, dev_users: 0.2}");
    make_corpus(&o->corpus, &o->options, o->data);
}

static void close_synth(opened *o)
{
    rec_emb_corpus_deinit(&o->corpus);
    rec_options_deinit(&o->options, rec_emb_data_option_table);
    rec_dataset_free(o->data);
}

static rec_emb_audit audit(const opened *o)
{
    rec_emb_audit a;
    ck_assert_ok(rec_emb_audit_rows(&a, o->corpus.rows.rows, o->corpus.rows.n, err));
    return a;
}

static rec_emb_row *row_of(opened *o, size_t task, rec_emb_part part)
{
    for (size_t i = 0; i < o->corpus.rows.n; i++) {
        rec_emb_row *row = &o->corpus.rows.rows[i];
        if (row->task == task && row->part == part && row->template_index != REC_EMB_BARE)
            return row;
    }
    ck_abort_msg("no row of %s, %s", rec_emb_tasks[task]->name, rec_emb_part_names[part]);
    return NULL;
}

START_TEST(generated_rows_are_clean)
{
    opened o;
    open_synth(&o);
    rec_emb_audit a = audit(&o);
    ck_assert_msg(rec_emb_audit_leaks(&a) == 0, "%s", a.first);
    ck_assert_str_eq(a.first, "");
    close_synth(&o);
}
END_TEST

/* Acceptance 20: each of ten planted leaks is found, and named. */
START_TEST(planted_leaks_are_found)
{
    static const struct {
        size_t task;
        rec_emb_part part; /* of the row that is made to repeat a training row */
        const char *what;
    } leaks[] = {
        {REC_EMB_TASK_uh2i, REC_EMB_TEST, "the user"},
        {REC_EMB_TASK_uq2i, REC_EMB_DEV, "the user"},
        {REC_EMB_TASK_i2i, REC_EMB_TEST, "the item"},
        {REC_EMB_TASK_nm2i, REC_EMB_DEV, "the item"},
        {REC_EMB_TASK_sa2i, REC_EMB_DEV, "the template"},
        {REC_EMB_TASK_i2i, REC_EMB_DEV, "the template"},
        {REC_EMB_TASK_vc2i, REC_EMB_TEST, "the text"},
        {REC_EMB_TASK_as2i, REC_EMB_TEST, "the text"},
        {REC_EMB_TASK_na2i, REC_EMB_TEST, "the set of conditions"},
        {REC_EMB_TASK_fa2i, REC_EMB_DEV, "the set of conditions"},
    };
    for (size_t i = 0; i < sizeof leaks / sizeof *leaks; i++) {
        opened o;
        open_synth(&o);
        const rec_emb_row *from = row_of(&o, leaks[i].task, REC_EMB_TRAIN);
        rec_emb_row *to = row_of(&o, leaks[i].task, leaks[i].part);
        if (strcmp(leaks[i].what, "the user") == 0) {
            to->user = from->user;
        } else if (strcmp(leaks[i].what, "the item") == 0) {
            to->item = from->item;
            to->seen_item = false; /* it says that it was never seen */
        } else if (strcmp(leaks[i].what, "the template") == 0) {
            to->template_index = from->template_index;
            to->wording = REC_EMB_TRAIN;
            to->seen_wording = false;
        } else if (strcmp(leaks[i].what, "the text") == 0) {
            to->bare = from->bare;
        } else {
            to->conditions = from->conditions;
            to->n_conditions = from->n_conditions;
        }
        rec_emb_audit a = audit(&o);
        ck_assert_msg(rec_emb_audit_leaks(&a) > 0, "leak %zu was not found", i);
        ck_assert_msg(strncmp(a.first, leaks[i].what, strlen(leaks[i].what)) == 0, "%s", a.first);
        close_synth(&o);
    }
}
END_TEST

REC_SUITE("models/reclm_emb/audit", tcase_add_test(t, generated_rows_are_clean);
          tcase_add_test(t, planted_leaks_are_found);)
