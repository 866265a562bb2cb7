/* Catalogues with everything that can be wrong: rows are made or counted as missing, what they claim holds,
 * and an encoder tuned on them gives finite vectors. */
#include "core/utf8.h"
#include "models/reclm_emb/training.h"
#include "tests/checkpoint.h"
#include "tests/datasets/data.h"
#include "tests/models/reclm_emb/films.h"

#define CSV                                                                                        \
    "{type: csv, path: '@/log.csv', items: items.csv, lists: [tags], numbers: [price], split: "    \
    "{type: leave_one_out, order: [file]}}"
#define CSV_ROLES "roles: {lists: [tags], words: [maker], price: price, noun: film, nouns: films}"

/* Every user takes as many items as there are, from another one on. */
static void write_log(size_t n_users, size_t n_items, size_t length)
{
    static char text[1 << 16];
    size_t n = (size_t)sprintf(text, "user_id,item_id\n");
    for (size_t u = 0; u < n_users; u++)
        for (size_t i = 0; i < length && i < n_items; i++)
            n += (size_t)sprintf(text + n, "u%zu,i%zu\n", u, (u + i) % n_items);
    data_put("log.csv", text);
}

/* Acceptance 19: every positive and answer fits its own conditions, no negative does. */
static void check_row(const rec_emb_corpus *c, const rec_emb_row *row)
{
    bool by_predicate = row->n_conditions > 0;
    ck_assert(row->query[0] != '\0' && row->bare[0] != '\0');
    ck_assert(rec_utf8_valid(row->query, strlen(row->query)));
    for (size_t p = 0; p < row->n_positives; p++) {
        ck_assert_str_ne(c->items.texts[row->positives[p]], "");
        if (by_predicate)
            ck_assert(
                rec_emb_all_hold(&c->items, row->conditions, row->n_conditions, row->positives[p]));
    }
    if (row->item != REC_NO_ITEM && by_predicate) /* also of rows that only test */
        ck_assert(rec_emb_all_hold(&c->items, row->conditions, row->n_conditions, row->item));
    for (size_t n = 0; n < row->n_negatives; n++) {
        ck_assert_str_ne(c->items.texts[row->negatives[n]], "");
        ck_assert(!rec_emb_row_accepts(row, &c->items, row->negatives[n]));
        if (by_predicate)
            ck_assert(!rec_emb_all_hold(&c->items, row->conditions, row->n_conditions,
                                        row->negatives[n]));
    }
    for (size_t a = 0; a < row->n_answers; a++)
        ck_assert_uint_lt(row->answers[a], c->items.n);
}

static void check_rows(const rec_emb_corpus *c)
{
    rec_emb_audit audit;
    for (size_t i = 0; i < c->rows.n; i++)
        check_row(c, &c->rows.rows[i]);
    ck_assert_ok(rec_emb_audit_rows(&audit, c->rows.rows, c->rows.n, err));
    ck_assert_msg(rec_emb_audit_leaks(&audit) == 0, "%s", audit.first);
}

static void check_vectors(const rec_emb_model *m, const rec_emb_items *items)
{
    float vector[16];
    for (size_t i = 0; i < items->n; i++) {
        const char *text = items->texts[i][0] != '\0' ? items->texts[i] : "-";
        double square = 0.0;
        ck_assert_ok(rec_emb_model_embed(vector, m, REC_EMB_PASSAGE, &text, 1, err));
        for (size_t k = 0; k < 16; k++)
            square += (double)vector[k] * (double)vector[k];
        ck_assert_double_eq_tol(square, 1.0, 1e-4); /* NaN is not */
    }
}

/* A few steps of a small new encoder with every kind of negative. */
static void check_training(const rec_dataset *d, const rec_emb_corpus *c)
{
    static const char text[] = "{pairs: 24, group: 3, hard: own, dev_candidates: 5, tuning: "
                               "{batch_size: 8, training: {epochs: 2, patience: 1}}}";
    const rec_emb_shape shape = {
        .layers = 1, .d_model = 16, .d_ff = 16, .heads = 2, .vocab_size = 400, .seed = 1};
    const rec_emb_format format = {.length = {0}};
    const rec_fit_data fit = {.dataset = d, .seed = 1};
    rec_emb_training_options o;
    rec_training_report report;
    rec_emb_model m;
    rec_yaml *map;
    ck_assert_ok(rec_yaml_parse(&map, text, strlen(text), "t.yaml", err));
    ck_assert_ok(rec_options_parse(&o, rec_emb_training_option_table, map, NULL, err));
    ck_assert_ok(rec_emb_model_new(&m, &shape, (const char *const *)c->items.texts, c->items.n,
                                   &format, err));
    ck_assert_ok(rec_emb_train(&report, &m, c, &o, &fit, "test", err));
    ck_assert(isfinite(report.loss_train[0]));
    check_vectors(&m, &c->items);
    rec_training_report_deinit(&report);
    rec_emb_model_deinit(&m);
    rec_options_deinit(&o, rec_emb_training_option_table);
    rec_yaml_free(map);
}

/* Rows of the catalogue in items.csv; n_rows receives how many there are of a task. */
static void check_catalogue(size_t n_rows[REC_EMB_N_TASKS], const char *items)
{
    rec_emb_data_options o;
    rec_emb_corpus c;
    data_put("items.csv", items);
    rec_dataset *d = data_load(CSV);
    read_options(&o, "{" CSV_ROLES ", dev_items: 0, test_items: 0, test_users: 0.3}");
    make_corpus(&c, &o, d);
    check_rows(&c);
    memset(n_rows, 0, REC_EMB_N_TASKS * sizeof *n_rows);
    for (size_t i = 0; i < c.rows.n; i++)
        n_rows[c.rows.rows[i].task] += c.rows.rows[i].part == REC_EMB_TRAIN;
    check_training(d, &c);
    rec_emb_corpus_deinit(&c);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}

#define HEAD "item_id,title,tags,maker,price\n"

START_TEST(titles_alone)
{
    size_t n[REC_EMB_N_TASKS];
    write_log(30, 4, 4);
    check_catalogue(n, HEAD "i0,Heat,,,\ni1,Casino,,,\ni2,Big,,,\ni3,Alien,,,\n");
    ck_assert_uint_gt(n[REC_EMB_TASK_uh2i], 0);
    ck_assert_uint_gt(n[REC_EMB_TASK_title], 0);
    ck_assert_uint_eq(n[REC_EMB_TASK_sa2i] + n[REC_EMB_TASK_vc2i] + n[REC_EMB_TASK_na2i] +
                          n[REC_EMB_TASK_fa2i], /* a title alone is what task title asks for */
                      0);
}
END_TEST

START_TEST(attributes_alone)
{
    size_t n[REC_EMB_N_TASKS];
    write_log(30, 4, 4);
    check_catalogue(n, HEAD "i0,,crime|drama,,\ni1,  ,crime,,5\ni2,,comedy|drama,,7\ni3,,,,\n");
    ck_assert_uint_eq(n[REC_EMB_TASK_title] + n[REC_EMB_TASK_nm2i], 0);
    ck_assert_uint_gt(n[REC_EMB_TASK_uh2i], 0); /* attributes stand for the items */
    ck_assert_uint_gt(n[REC_EMB_TASK_sa2i], 0);
}
END_TEST

/* Whatever is asked by title is answered by all items: nothing is a negative, and the loss is 0. */
START_TEST(one_title_for_all)
{
    size_t n[REC_EMB_N_TASKS];
    write_log(30, 4, 4);
    check_catalogue(n, HEAD "i0,Heat,a,m,3\ni1,Heat,a,m,3\ni2,Heat,a,m,3\ni3,Heat,a,m,3\n");
    ck_assert_uint_gt(n[REC_EMB_TASK_title], 0);
    ck_assert_uint_eq(n[REC_EMB_TASK_vc2i] + n[REC_EMB_TASK_na2i],
                      0); /* nothing tells them apart */
}
END_TEST

START_TEST(scripts_and_signs)
{
    size_t n[REC_EMB_N_TASKS];
    char text[9000] =
        HEAD "i0,七人の侍 Seven,時代劇|戦い,黒澤明,3\ni1,\"الرسالة 😀, {query}\",a,é,-4\ni2,"
             "\"say \"\"{core}\"\" \\n\x01\",b,,1e300\ni3,";
    size_t length = strlen(text);
    memset(text + length, 'x', 6000); /* one word, far longer than any encoder reads */
    strcpy(text + length + 6000, ",a|b,,0\n");
    write_log(30, 4, 4);
    check_catalogue(n, text);
    ck_assert_uint_gt(n[REC_EMB_TASK_uh2i], 0);
    ck_assert_uint_gt(n[REC_EMB_TASK_nm2i], 0);
}
END_TEST

START_TEST(a_catalogue_of_one)
{
    size_t n[REC_EMB_N_TASKS];
    data_put("log.csv", "user_id,item_id\na,i0\nb,i0\nc,i0\na,i0\na,i0\na,i0\n");
    check_catalogue(n, HEAD "i0,Heat,crime,Mann,5\n");
    ck_assert_uint_gt(n[REC_EMB_TASK_title], 0);
}
END_TEST

START_TEST(users_of_one_item)
{
    size_t n[REC_EMB_N_TASKS];
    write_log(30, 3, 1);
    data_put("items.csv", HEAD "i0,Heat,crime,Mann,5\ni1,Big,comedy,,7\ni2,Alien,horror,Scott,9\n");
    rec_dataset *d = data_load(
        "{type: csv, path: '@/log.csv', items: items.csv, lists: [tags], split: {type: none}}");
    rec_emb_data_options o;
    rec_emb_corpus c;
    read_options(&o, "{" CSV_ROLES ", dev_items: 0, test_items: 0}");
    make_corpus(&c, &o, d);
    check_rows(&c);
    memset(n, 0, sizeof n);
    for (size_t i = 0; i < c.rows.n; i++)
        n[c.rows.rows[i].task]++;
    ck_assert_uint_eq(n[REC_EMB_TASK_uh2i] + n[REC_EMB_TASK_uq2i] + n[REC_EMB_TASK_i2i], 0);
    ck_assert_uint_eq(c.tally[REC_EMB_TRAIN][REC_EMB_TASK_uh2i].n_without, /* counted, each one */
                      c.tally[REC_EMB_TRAIN][REC_EMB_TASK_uq2i].n_without);
    ck_assert_uint_gt(c.tally[REC_EMB_TRAIN][REC_EMB_TASK_uh2i].n_without, 15);
    rec_emb_corpus_deinit(&c);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}
END_TEST

/* Items that are in histories together with one that has no text: it is never what is asked for. */
START_TEST(items_without_a_text_are_never_positives)
{
    size_t n[REC_EMB_N_TASKS];
    write_log(40, 5, 4);
    check_catalogue(n, HEAD "i0,Heat,a,,\ni1,,,,\ni2,Big,b,,\ni3,,,,\ni4,Alien,,,\n");
    ck_assert_uint_gt(n[REC_EMB_TASK_i2i], 0);
}
END_TEST

START_TEST(shares_that_leave_nothing_are_refused)
{
    rec_emb_data_options o;
    rec_emb_corpus c;
    const rec_emb_corpus_plan plan = {.parts = {true}};
    rec_dataset *d = load_data(SYNTH_DATA);
    read_options(&o, "{" SYNTH_ROLES ", dev_users: 0.5, test_users: 0.5}");
    ck_assert_fails(rec_emb_corpus_init(&c, &o, d, &plan, err), REC_ERR_CONFIG,
                    "dev_users and test_users are 0.5 and 0.5: nothing is left for training");
    rec_options_deinit(&o, rec_emb_data_option_table);
    read_options(&o, "{" SYNTH_ROLES ", dev_items: 0.3, test_items: 0.8}");
    ck_assert_fails(rec_emb_corpus_init(&c, &o, d, &plan, err), REC_ERR_CONFIG, "dev_items");
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}
END_TEST

/* Real titles, lists and years; the plots are long. */
START_TEST(movies_keep_their_word)
{
    rec_emb_data_options o;
    rec_emb_corpus c;
    if (!checkpoint_is_there("data:ml-100k"))
        return;
    rec_dataset *d = load_data("{type: recbole, name: ml-100k, path: 'data:ml-100k', split: {type: "
                               "leave_one_out, order: [time, file]}}");
    bool has_more = rec_catalogue_column(&d->catalogue, "directors") != NULL; /* items_info.json */
    read_options(&o, has_more ? "{roles: {lists: [genres, directors, cast], date: release_year, "
                                "description: plot}, train_rows: 500, test_rows: 200}"
                              : "{train_rows: 500, test_rows: 200}");
    make_corpus(&c, &o, d);
    ck_assert_uint_gt(c.rows.n, 1000);
    check_rows(&c);
    rec_emb_corpus_deinit(&c);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("models/reclm_emb/corpus_odd", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, titles_alone); tcase_add_test(t, attributes_alone);
          tcase_add_test(t, one_title_for_all); tcase_add_test(t, scripts_and_signs);
          tcase_add_test(t, a_catalogue_of_one); tcase_add_test(t, users_of_one_item);
          tcase_add_test(t, items_without_a_text_are_never_positives);
          tcase_add_test(t, shares_that_leave_nothing_are_refused);
          tcase_add_test(t, movies_keep_their_word);)
