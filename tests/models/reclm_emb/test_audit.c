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
    size_t n_seen = 0; /* on purpose, and said: no leak */
    for (size_t i = 0; i < o.corpus.rows.n; i++)
        n_seen += o.corpus.rows.rows[i].part == REC_EMB_TEST && o.corpus.rows.rows[i].seen_item;
    ck_assert_uint_gt(n_seen, 0);
    close_synth(&o);
}
END_TEST

/* Ways in which a row of one part can give away what another part asks. */
static void share_user(rec_emb_row *from, rec_emb_row *to)
{
    to->user = from->user;
}

static void share_item(rec_emb_row *from, rec_emb_row *to)
{
    to->item = from->item;
    to->seen_item = false; /* it says that it was never seen */
}

static void show_in_history(rec_emb_row *from, rec_emb_row *to)
{
    to->seen_item = false;
    from->history = &to->item;
    from->n_history = 1;
}

static void show_as_target(rec_emb_row *from, rec_emb_row *to)
{
    to->seen_item = false;
    from->positives = &to->item;
    from->n_positives = 1;
}

static void show_as_negative(rec_emb_row *from, rec_emb_row *to)
{
    to->seen_item = false;
    from->negatives = &to->item;
    from->n_negatives = 1;
}

static void share_template(rec_emb_row *from, rec_emb_row *to)
{
    to->template_index = from->template_index;
    to->wording = from->wording;
    to->seen_wording = false;
}

static void share_text(rec_emb_row *from, rec_emb_row *to)
{
    to->bare = from->bare;
}

static void share_conditions(rec_emb_row *from, rec_emb_row *to)
{
    to->conditions = from->conditions;
    to->n_conditions = from->n_conditions;
}

typedef struct leak {
    void (*plant)(rec_emb_row *from, rec_emb_row *to);
    const char *what; /* the audit calls it so */
    size_t task, other;
    rec_emb_part from, to;
} leak;

static const leak leaks[] = {
    {share_user, "the user", REC_EMB_TASK_uh2i, REC_EMB_TASK_uh2i, REC_EMB_TRAIN, REC_EMB_TEST},
    {share_user, "the user", REC_EMB_TASK_uq2i, REC_EMB_TASK_us2i, REC_EMB_TRAIN, REC_EMB_DEV},
    {share_user, "the user", REC_EMB_TASK_uh2i, REC_EMB_TASK_uq2i, REC_EMB_DEV, REC_EMB_TEST},
    {share_item, "the item", REC_EMB_TASK_i2i, REC_EMB_TASK_i2i, REC_EMB_TRAIN, REC_EMB_TEST},
    {share_item, "the item", REC_EMB_TASK_nm2i, REC_EMB_TASK_sa2i, REC_EMB_TRAIN, REC_EMB_DEV},
    {share_item, "the item", REC_EMB_TASK_fa2i, REC_EMB_TASK_vc2i, REC_EMB_DEV, REC_EMB_TEST},
    {show_in_history, "the item", REC_EMB_TASK_uh2i, REC_EMB_TASK_i2i, REC_EMB_TRAIN, REC_EMB_TEST},
    {show_in_history, "the item", REC_EMB_TASK_us2i, REC_EMB_TASK_fa2i, REC_EMB_DEV, REC_EMB_TEST},
    {show_as_target, "the item", REC_EMB_TASK_uq2i, REC_EMB_TASK_sa2i, REC_EMB_TRAIN, REC_EMB_DEV},
    {show_as_target, "the item", REC_EMB_TASK_i2i, REC_EMB_TASK_na2i, REC_EMB_TRAIN, REC_EMB_TEST},
    {show_as_negative, "the item", REC_EMB_TASK_as2i, REC_EMB_TASK_vc2i, REC_EMB_TRAIN,
     REC_EMB_TEST},
    {share_template, "the template", REC_EMB_TASK_sa2i, REC_EMB_TASK_sa2i, REC_EMB_TRAIN,
     REC_EMB_DEV},
    {share_template, "the template", REC_EMB_TASK_i2i, REC_EMB_TASK_i2i, REC_EMB_TRAIN,
     REC_EMB_TEST},
    {share_template, "the template", REC_EMB_TASK_vc2i, REC_EMB_TASK_vc2i, REC_EMB_DEV,
     REC_EMB_TEST},
    {share_text, "the text", REC_EMB_TASK_vc2i, REC_EMB_TASK_vc2i, REC_EMB_TRAIN, REC_EMB_TEST},
    {share_text, "the text", REC_EMB_TASK_as2i, REC_EMB_TASK_as2i, REC_EMB_TRAIN, REC_EMB_DEV},
    {share_text, "the text", REC_EMB_TASK_sa2i, REC_EMB_TASK_fa2i, REC_EMB_DEV, REC_EMB_TEST},
    {share_conditions, "the set of conditions", REC_EMB_TASK_na2i, REC_EMB_TASK_na2i, REC_EMB_TRAIN,
     REC_EMB_TEST},
    {share_conditions, "the set of conditions", REC_EMB_TASK_fa2i, REC_EMB_TASK_sa2i, REC_EMB_TRAIN,
     REC_EMB_DEV},
    {share_conditions, "the set of conditions", REC_EMB_TASK_vc2i, REC_EMB_TASK_vc2i, REC_EMB_DEV,
     REC_EMB_TEST},
};
enum { N_LEAKS = sizeof leaks / sizeof *leaks };

/* Acceptance 20: each of twenty planted leaks is found, and named. */
START_TEST(planted_leaks_are_found)
{
    const leak *l = &leaks[_i];
    opened o;
    open_synth(&o);
    l->plant(row_of(&o, l->task, l->from), row_of(&o, l->other, l->to));
    rec_emb_audit a = audit(&o);
    ck_assert_uint_gt(rec_emb_audit_leaks(&a), 0);
    ck_assert_msg(strncmp(a.first, l->what, strlen(l->what)) == 0, "%s", a.first);
    ck_assert_ptr_nonnull(strstr(a.first, rec_emb_part_names[l->from]));
    ck_assert_ptr_nonnull(strstr(a.first, rec_emb_part_names[l->to]));
    close_synth(&o);
}
END_TEST

REC_SUITE("models/reclm_emb/audit", tcase_add_test(t, generated_rows_are_clean);
          tcase_add_loop_test(t, planted_leaks_are_found, 0, N_LEAKS);)
