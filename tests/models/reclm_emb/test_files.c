#include "models/reclm_emb/files.h"

#include "core/json.h"
#include "datasets/json_lines.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

typedef struct counted {
    size_t n;
    bool is_test;
} counted;

static rec_status check_line(void *context, const cJSON *line, size_t number, rec_error *err)
{
    counted *c = context;
    (void)number;
    (void)err;
    c->n++;
    if (c->is_test) {
        ck_assert(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(line, "text")));
        ck_assert(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(line, "ground_truth")) > 0);
    } else {
        const cJSON *pos = cJSON_GetObjectItemCaseSensitive(line, "pos");
        ck_assert(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(line, "query")));
        ck_assert_int_gt(cJSON_GetArraySize(pos), 0);
        ck_assert_int_eq(cJSON_GetArraySize(pos),
                         cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(line, "pos_ids")));
    }
    return REC_OK;
}

START_TEST(every_row_is_a_line)
{
    rec_dataset *d = load_data(SYNTH_DATA);
    rec_emb_data_options o;
    rec_emb_corpus c;
    char name[64];
    read_options(&o, "{" SYNTH_ROLES ", train_rows: 50, test_rows: 20, dev_rows: 10}");
    make_corpus(&c, &o, d);
    ck_assert_ok(rec_emb_corpus_write(&c, test_path("rows"), err));
    for (size_t p = 0; p < REC_EMB_N_PARTS; p++)
        for (size_t t = 0; t < REC_EMB_N_TASKS; t++) {
            size_t n = 0;
            counted found = {.is_test = p == REC_EMB_TEST};
            for (size_t i = 0; i < c.rows.n; i++)
                n += c.rows.rows[i].part == p && c.rows.rows[i].task == t;
            snprintf(name, sizeof name, "rows/%s/%s.jsonl", rec_emb_part_names[p],
                     rec_emb_tasks[t]->name);
            ck_assert_ok(rec_json_lines_read(test_path(name), NULL, check_line, &found, err));
            ck_assert_uint_eq(found.n, n);
        }
    rec_emb_wording *w; /* what was written replaces the words it came from */
    ck_assert_ok(rec_emb_wording_open(&w, test_path("rows/wording.yaml"), err));
    rec_emb_wording_free(w);
    rec_emb_corpus_deinit(&c);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}
END_TEST

/* Through the reader again: the same passages, queries, answers and masks. */
START_TEST(beir_folders_read_as_they_were)
{
    rec_dataset *d = load_data(SYNTH_DATA), *read;
    rec_emb_data_options o;
    rec_emb_corpus c;
    char yaml[600];
    size_t n_queries = 0, n_answers = 0, n_excluded = 0;
    read_options(&o, "{" SYNTH_ROLES ", train_rows: 50, test_rows: 20, dev_rows: 10}");
    make_corpus(&c, &o, d);
    ck_assert_ok(rec_emb_corpus_write_beir(&c, test_path("beir"), err));
    snprintf(yaml, sizeof yaml, "{type: beir, path: '%s'}", test_path("beir/uq2i"));
    read = load_data(yaml);
    ck_assert_uint_eq(read->catalogue.n_items, d->catalogue.n_items);
    for (size_t i = 0; i < d->catalogue.n_items; i++) {
        uint32_t item = rec_dataset_item(read, d->catalogue.ids[i]);
        ck_assert_str_eq(rec_catalogue_column(&read->catalogue, "text")->text[item],
                         c.items.texts[i]);
        ck_assert_str_eq(read->catalogue.titles[item], d->catalogue.titles[i]);
    }
    const rec_table *queries = rec_dataset_table(read, "queries");
    for (size_t i = 0; i < c.rows.n; i++) {
        const rec_emb_row *row = &c.rows.rows[i];
        if (row->part != REC_EMB_TEST || row->task != REC_EMB_TASK_uq2i)
            continue;
        ck_assert_str_eq(rec_table_column(queries, "query")->text[n_queries++], row->query);
        n_answers += row->n_answers;
        n_excluded += row->n_excluded;
    }
    ck_assert_uint_gt(n_queries, 0);
    ck_assert_uint_eq(queries->n_rows, n_queries);
    ck_assert_uint_eq(rec_table_column(queries, "excluded")->start[n_queries], n_excluded);
    ck_assert_uint_eq(rec_dataset_table(read, "qrels")->n_rows, n_answers);
    rec_dataset_free(read);
    rec_emb_corpus_deinit(&c);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("models/reclm_emb/files", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, every_row_is_a_line);
          tcase_add_test(t, beir_folders_read_as_they_were);)
