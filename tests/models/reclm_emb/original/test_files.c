#include "models/reclm_emb/original/files.h"

#include <stdio.h>

#include "core/file.h"
#include "core/json.h"
#include "datasets/json_lines.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

static void same_items(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
    ck_assert_uint_eq(n_a, n_b);
    for (size_t i = 0; i < n_a; i++)
        ck_assert_uint_eq(a[i], b[i]);
}

static bool has_file(size_t task, rec_emb_part part)
{
    for (size_t f = 0; f < rec_emb_n_files; f++)
        if (rec_emb_files[f].task == task && rec_emb_files[f].in[part] &&
            rec_emb_files[f].is_written)
            return true;
    return false;
}

/* What a file holds of a row is the same after writing and reading. Rows come file by file. */
static void same_rows(const rec_emb_corpus *a, const rec_emb_corpus *b, size_t n_left_out)
{
    size_t n = 0;
    for (size_t k = 0; k < b->rows.n; k++) {
        const rec_emb_row *y = &b->rows.rows[k], *x;
        size_t nth = 0;
        for (size_t j = 0; j < k; j++)
            nth += b->rows.rows[j].task == y->task && b->rows.rows[j].part == y->part;
        for (size_t i = 0;; i++) {
            ck_assert_uint_lt(i, a->rows.n);
            x = &a->rows.rows[i];
            if (x->task == y->task && x->part == y->part && nth-- == 0)
                break;
        }
        ck_assert_str_eq(x->query, y->query);
        ck_assert_uint_eq(x->user, y->user);
        if (x->part == REC_EMB_TRAIN) {
            same_items(x->positives, x->n_positives, y->positives, y->n_positives);
            same_items(x->negatives, x->n_negatives, y->negatives, y->n_negatives);
        } else {
            same_items(x->answers, x->n_answers, y->answers, y->n_answers);
            same_items(x->history, x->n_history, y->history, y->n_history);
            same_items(x->excluded, x->n_excluded, y->excluded, y->n_excluded);
        }
    }
    for (size_t i = 0; i < a->rows.n; i++)
        n += has_file(a->rows.rows[i].task, (rec_emb_part)a->rows.rows[i].part);
    ck_assert_uint_eq(b->rows.n + n_left_out, n);
}

static char *bytes_of(const char *path)
{
    rec_text text;
    ck_assert_ok(rec_text_read(&text, path, err));
    char *copy = strndup(text.data, text.length);
    rec_text_close(&text);
    return copy;
}

static void check_round_trip(const char *options)
{
    rec_dataset *d = load_data("{type: synth, users: 60, items: 50, mean_length: 8}");
    rec_emb_data_options o;
    rec_emb_corpus c, again;
    size_t n_left_out, n_left_again;
    read_options(&o, options);
    make_corpus(&c, &o, d);
    ck_assert_ok(rec_emb_original_write(&n_left_out, &c, test_path("first"), err));
    o.files = (char *)test_path("first");
    make_corpus(&again, &o, d);
    o.files = NULL;
    if (n_left_out == 0)
        same_rows(&c, &again, n_left_out);
    ck_assert_ok(rec_emb_original_write(&n_left_again, &again, test_path("second"), err));
    ck_assert_uint_eq(n_left_again, 0);
    for (size_t f = 0; f < rec_emb_n_files; f++)
        for (size_t p = 0; p < REC_EMB_N_PARTS; p++) {
            char name[96], other[96];
            if (!rec_emb_files[f].in[p] || !rec_emb_files[f].is_written)
                continue;
            snprintf(name, sizeof name, "first/%s/%s.jsonl", rec_emb_part_names[p],
                     rec_emb_files[f].name);
            snprintf(other, sizeof other, "second/%s/%s.jsonl", rec_emb_part_names[p],
                     rec_emb_files[f].name);
            char *one = bytes_of(test_path(name)), *two = bytes_of(test_path(other));
            ck_assert_str_eq(one, two);
            free(one);
            free(two);
        }
    rec_emb_corpus_deinit(&again);
    rec_emb_corpus_deinit(&c);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}

START_TEST(rows_of_the_original_come_back)
{
    check_round_trip("{compat: original, " SYNTH_ROLES ", train_rows: 60, test_rows: 60}");
}
END_TEST

START_TEST(rows_of_ours_come_back)
{
    check_round_trip("{" SYNTH_ROLES ", train_rows: 60, test_rows: 60}");
}
END_TEST

/* id, padding, title, features, price, dates: by hand from the films. */
static rec_status check_prompt(void *context, const cJSON *line, size_t number, rec_error *err)
{
    static const char *const expected[] = {
        "{\"id\":0,\"text\":\"padding\",\"title\":[\"padding\",null],\"features\":[\"padding\","
        "null],\"price\":null,\"release date\":null,\"next month\":null,\"last month\":null}",
        "{\"id\":1,\"text\":\"title: Heat, genre: crime,drama, made by: Mann, price: 10.0, release "
        "date: December 15, 1995, description: A thief and a cop.\",\"title\":[\"title: "
        "\",\"Heat\"],\"features\":[[\"genre: \",[\"crime\",\"drama\"]],[\"made by: "
        "\",\"Mann\"],[\"price: \",\"10.0\"],[\"release date: \",\"December 15, "
        "1995\"],[\"description: \",\"A thief and a cop.\"]],\"price\":10,\"release "
        "date\":\"December 15, 1995\",\"next month\":\"January 15, 1996\",\"last "
        "month\":\"November 15, 1995\"}",
    };
    char *text = rec_json_print(line, err);
    size_t *n = context;
    if (number <= 2)
        ck_assert_str_eq(text, expected[number - 1]);
    if (number == 5) /* no date, and May 31 less a month would not exist */
        ck_assert_ptr_nonnull(strstr(text, "\"last month\":\"April 30, 1979\""));
    free(text);
    (*n)++;
    return REC_OK;
}

START_TEST(items_as_its_evaluator_reads_them)
{
    films f;
    rec_emb_corpus c = {.items = {.n = 0}};
    size_t n = 0;
    films_init(&f);
    f.roles.layout = REC_EMB_LAYOUT_ORIGINAL;
    f.date[3] = (double)rec_date_seconds(1979, 5, 31);
    ck_assert_ok(rec_emb_items_init(&c.items, &f.roles, &f.catalogue, err));
    ck_assert_ok(rec_emb_original_write_items(&c, test_folder_name, err));
    ck_assert_ok(
        rec_json_lines_read(test_path("item_embedding_prompt.jsonl"), NULL, check_prompt, &n, err));
    ck_assert_uint_eq(n, N_FILMS + 1);
    rec_emb_items_deinit(&c.items);
}
END_TEST

static void read_again(rec_dataset *d, rec_emb_data_options *o, rec_status expected,
                       const char *message)
{
    rec_emb_corpus c;
    rec_emb_corpus_plan plan = {.parts = {true, false, true}};
    plan.tasks[REC_EMB_TASK_uh2i] = true;
    o->files = (char *)test_path("files");
    if (expected == REC_OK) {
        ck_assert_ok(rec_emb_corpus_init(&c, o, d, &plan, err));
        rec_emb_corpus_deinit(&c);
    } else {
        ck_assert_fails(rec_emb_corpus_init(&c, o, d, &plan, err), expected, message);
    }
    o->files = NULL;
}

START_TEST(mistakes_have_a_file_and_a_line)
{
    static const char good[] =
        "{\"user_id\":1,\"text\":\"t\",\"ground_truth\":2,\"history\":[1]}\n";
    static const char bad[] = "{\"user_id\":1,\"text\":\"t\",\"ground_truth\":2,\"history\":[1]}\n"
                              "{\"user_id\":1,\"text\":\"t\",\"ground_truth\":200,\"history\":[]}";
    static const char cut[] = "{\"user_id\":1,\"text\":";
    rec_dataset *d = load_data("{type: synth, users: 60, items: 50, mean_length: 8}");
    rec_emb_data_options o;
    read_options(&o, "{compat: original, " SYNTH_ROLES "}");
    ck_assert_ok(rec_make_folders(test_path("files/test"), err));
    test_write("files/test/user2item.jsonl", good, strlen(good));
    read_again(d, &o, REC_OK, NULL);
    test_write("files/test/user2item.jsonl", bad, strlen(bad));
    read_again(d, &o, REC_ERR_DATA, "user2item.jsonl:2: ground_truth");
    test_write("files/test/user2item.jsonl", cut, strlen(cut));
    read_again(d, &o, REC_ERR_DATA, "user2item.jsonl:1:");
    test_write("files/test/user2item.jsonl", "[]", 2);
    read_again(d, &o, REC_ERR_DATA, "user2item.jsonl:1: not an object");
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}
END_TEST

/* Nothing is read of dev/, nor under the names of our own layout. */
START_TEST(a_folder_of_other_files_is_refused)
{
    static const char missing[] = "files has none of the original's files, neither in train/";
    rec_dataset *d = load_data("{type: synth, users: 60, items: 50, mean_length: 8}");
    rec_emb_data_options o;
    read_options(&o, "{compat: original, " SYNTH_ROLES "}");
    read_again(d, &o, REC_ERR_DATA, missing); /* no folder at all */
    ck_assert_ok(rec_make_folders(test_path("files/dev"), err));
    test_write("files/dev/user2item.jsonl", "", 0);
    read_again(d, &o, REC_ERR_DATA, missing);
    ck_assert_ok(rec_make_folders(test_path("files/train"), err));
    read_again(d, &o, REC_ERR_DATA, missing);
    test_write("files/train/uh2i.jsonl", "", 0);
    read_again(d, &o, REC_ERR_DATA, missing);
    test_write("files/train/item2item.jsonl", "", 0);
    read_again(d, &o, REC_OK, NULL);
    rec_options_deinit(&o, rec_emb_data_option_table);
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("models/reclm_emb/original/files",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, rows_of_the_original_come_back);
          tcase_add_test(t, rows_of_ours_come_back);
          tcase_add_test(t, items_as_its_evaluator_reads_them);
          tcase_add_test(t, a_folder_of_other_files_is_refused);
          tcase_add_test(t, mistakes_have_a_file_and_a_line);)
