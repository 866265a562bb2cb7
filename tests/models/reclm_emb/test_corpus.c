#include "tests/models/reclm_emb/films.h"

static void open_synth(rec_emb_corpus *c, rec_emb_data_options *o, rec_dataset **d)
{
    *d = load_data(SYNTH_DATA);
    read_options(o, "{" SYNTH_ROLES ", train_rows: 400, test_rows: 200, dev_rows: 50}");
    make_corpus(c, o, *d);
}

static void close_synth(rec_emb_corpus *c, rec_emb_data_options *o, rec_dataset *d)
{
    rec_emb_corpus_deinit(c);
    rec_options_deinit(o, rec_emb_data_option_table);
    rec_dataset_free(d);
}

/* Acceptance 19: every target satisfies its own query, no stored negative does; and what is held out
 * is in no training row. */
START_TEST(positives_answer_and_negatives_do_not)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    rec_dataset *d;
    size_t count[REC_EMB_N_PARTS][REC_EMB_N_TASKS] = {0};
    open_synth(&c, &o, &d);
    for (size_t i = 0; i < c.rows.n; i++) {
        const rec_emb_row *row = &c.rows.rows[i];
        count[row->part][row->task]++;
        for (size_t p = 0; p < row->n_positives && row->n_conditions > 0; p++)
            ck_assert(
                rec_emb_all_hold(&c.items, row->conditions, row->n_conditions, row->positives[p]));
        for (size_t n = 0; n < row->n_negatives; n++) {
            ck_assert(!rec_emb_row_accepts(row, &c.items, row->negatives[n]));
            ck_assert_uint_eq(c.split.item_part[row->negatives[n]], REC_EMB_TRAIN);
        }
        for (size_t p = 0; p < row->n_positives && row->part == REC_EMB_TRAIN; p++)
            ck_assert_uint_eq(c.split.item_part[row->positives[p]], REC_EMB_TRAIN);
        for (size_t h = 0; h < row->n_history && row->part == REC_EMB_TRAIN; h++)
            ck_assert_uint_eq(c.split.item_part[row->history[h]], REC_EMB_TRAIN);
        if (row->user != REC_NO_USER)
            ck_assert_uint_eq(c.split.user_part[row->user], row->part);
        ck_assert(row->query[0] != '\0' && row->bare[0] != '\0');
    }
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++) {
        ck_assert_uint_gt(count[REC_EMB_TRAIN][t], 0);
        ck_assert_uint_gt(count[REC_EMB_TEST][t], 0);
    }
    close_synth(&c, &o, d);
}
END_TEST

START_TEST(answers_of_tests_are_complete)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    rec_dataset *d;
    open_synth(&c, &o, &d);
    for (size_t i = 0; i < c.rows.n; i++) {
        const rec_emb_row *row = &c.rows.rows[i];
        if (row->part != REC_EMB_TEST || !rec_emb_tasks[row->task]->by_predicate)
            continue;
        ck_assert_uint_eq(row->n_answers,
                          rec_emb_satisfying(NULL, &c.items, row->conditions, row->n_conditions));
        for (size_t a = 1; a < row->n_answers; a++)
            ck_assert_uint_lt(row->answers[a - 1], row->answers[a]);
    }
    close_synth(&c, &o, d);
}
END_TEST

/* Descriptions never say the title; what they say is true (checked above). */
START_TEST(descriptions_keep_the_title_back)
{
    rec_emb_corpus c;
    rec_emb_data_options o;
    rec_dataset *d;
    open_synth(&c, &o, &d);
    for (size_t i = 0; i < c.rows.n; i++)
        if (c.rows.rows[i].task == REC_EMB_TASK_as2i)
            ck_assert_ptr_null(
                strcasestr(c.rows.rows[i].bare, rec_emb_title(&c.items, c.rows.rows[i].item)));
    close_synth(&c, &o, d);
}
END_TEST

START_TEST(the_same_seed_makes_the_same_rows)
{
    rec_emb_corpus a, b;
    rec_emb_data_options oa, ob;
    rec_dataset *da, *db;
    open_synth(&a, &oa, &da);
    open_synth(&b, &ob, &db);
    ck_assert_uint_eq(a.rows.n, b.rows.n);
    for (size_t i = 0; i < a.rows.n; i++) {
        ck_assert_str_eq(a.rows.rows[i].query, b.rows.rows[i].query);
        ck_assert_uint_eq(a.rows.rows[i].n_answers, b.rows.rows[i].n_answers);
    }
    close_synth(&a, &oa, da);
    close_synth(&b, &ob, db);
}
END_TEST

/* Acceptance 21: nothing crashes, nothing loops; what cannot be asked is counted. */
START_TEST(odd_catalogues_end_well)
{
    static const char *const data[] = {
        "{type: synth, users: 5, items: 3, topics: 1, mean_length: 1, min_length: 1, split: {type: "
        "none}}",
        "{type: synth, users: 30, items: 30, mean_length: 5, missing: 1}", /* titles alone */
    };
    for (size_t i = 0; i < 2; i++) {
        rec_dataset *d = load_data(data[i]);
        rec_emb_data_options o;
        rec_emb_corpus c;
        read_options(&o, "{" SYNTH_ROLES "}");
        make_corpus(&c, &o, d);
        if (i == 1)
            ck_assert_uint_gt(c.tally[REC_EMB_TRAIN][REC_EMB_TASK_fa2i].n_without +
                                  c.tally[REC_EMB_TRAIN][REC_EMB_TASK_vc2i].n_without,
                              0);
        rec_emb_corpus_deinit(&c);
        rec_options_deinit(&o, rec_emb_data_option_table);
        rec_dataset_free(d);
    }
}
END_TEST

START_TEST(equal_prices_bound_nothing)
{
    rec_dataset *d = load_data(SYNTH_DATA);
    rec_emb_data_options o;
    rec_emb_corpus c;
    double *price = NULL;
    for (size_t k = 0; k < d->catalogue.n_columns; k++)
        if (strcmp(d->catalogue.columns[k].name, "price") == 0)
            price = d->catalogue.columns[k].number;
    for (size_t i = 0; i < d->catalogue.n_items; i++)
        price[i] = 9.99;
    read_options(&o, "{" SYNTH_ROLES "}");
    make_corpus(&c, &o, d);
    for (size_t i = 0; i < c.rows.n; i++)
        if (c.rows.rows[i].task == REC_EMB_TASK_vc2i)
            for (size_t k = 0; k < c.rows.rows[i].n_conditions; k++)
                ck_assert_int_ne(c.rows.rows[i].conditions[k].kind, REC_EMB_PRICE);
    close_synth(&c, &o, d);
}
END_TEST

REC_SUITE("models/reclm_emb/corpus", tcase_add_test(t, positives_answer_and_negatives_do_not);
          tcase_add_test(t, answers_of_tests_are_complete);
          tcase_add_test(t, descriptions_keep_the_title_back);
          tcase_add_test(t, the_same_seed_makes_the_same_rows);
          tcase_add_test(t, odd_catalogues_end_well);
          tcase_add_test(t, equal_prices_bound_nothing);)
