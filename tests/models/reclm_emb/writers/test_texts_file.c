#include "core/file.h"
#include "core/json_build.h"
#include "models/reclm_emb/writers/texts_file.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

static films f;
static char *user_ids[] = {"a/b", "c"};
static rec_dataset data = {.name = "films", .n_users = 2, .user_ids = user_ids};

static void set_up(void)
{
    test_folder();
    films_init(&f);
    data.catalogue = f.catalogue;
}

static void write_file(const char *text)
{
    test_write("t.jsonl", text, strlen(text));
}

static void check_refused(const char *text, const char *message)
{
    rec_emb_texts_file *file;
    write_file(text);
    ck_assert_fails(rec_emb_texts_open(&file, test_path("t.jsonl"), false, &data, err),
                    REC_ERR_DATA, message);
    ck_assert_ptr_null(file);
}

/* The last record of an id counts; ids may have slashes of their own; a failed one has no text. */
START_TEST(records_are_read)
{
    rec_emb_texts_file *file;
    write_file("{\"id\":\"us2i/train/a/b/0\",\"status\":\"ok\",\"text\":\"old\"}\n\n"
               "{\"id\":\"as2i/test/3/2\",\"status\":\"failed\",\"reason\":\"timeout\"}\n"
               "{\"id\":\"us2i/train/a/b/0\",\"status\":\"ok\",\"text\":\"new\",\"key\":\"k\","
               "\"inputs\":{\"kind\": \"summary\"}}");
    ck_assert_ok(rec_emb_texts_open(&file, test_path("t.jsonl"), false, &data, err));
    const rec_emb_text_record *r = rec_emb_texts_find(file, "us2i/train/a/b/0");
    ck_assert_str_eq(r->text, "new");
    ck_assert_str_eq(r->key, "k");
    ck_assert_str_eq(r->inputs, "{\"kind\":\"summary\"}");
    r = rec_emb_texts_find(file, "as2i/test/3/2");
    ck_assert(r != NULL && r->text == NULL);
    ck_assert_ptr_null(rec_emb_texts_find(file, "as2i/test/3/1"));
    rec_emb_texts_free(file);
}
END_TEST

START_TEST(broken_lines_are_named)
{
    const char *good = "{\"id\":\"as2i/test/3/0\",\"status\":\"ok\",\"text\":\"x\"}\n";
    char text[512];
    snprintf(text, sizeof text, "%s{\"id\":", good);
    check_refused(text, "t.jsonl:2:");
    snprintf(text, sizeof text, "%s[]\n", good);
    check_refused(text, "t.jsonl:2: an object with a string `id` is needed");
    check_refused("{\"id\":\"as2i/test/3/0\",\"text\":\"x\"}\n",
                  "t.jsonl:1: \"as2i/test/3/0\": `status`");
    check_refused("{\"id\":\"as2i/test/3/0\",\"status\":\"ok\",\"text\":\" \"}\n", "not empty");
}
END_TEST

START_TEST(ids_must_be_of_the_data)
{
    check_refused("{\"id\":\"us2i/train/nobody/0\",\"status\":\"failed\"}\n",
                  "t.jsonl:1: \"us2i/train/nobody/0\": names no user of the data");
    check_refused("{\"id\":\"as2i/train/99/0\",\"status\":\"failed\"}\n",
                  "names no item of the data");
    check_refused("{\"id\":\"as3i/train/3/0\",\"status\":\"failed\"}\n", "TASK/PART");
    check_refused("{\"id\":\"as2i/valid/3/0\",\"status\":\"failed\"}\n", "TASK/PART");
    check_refused("{\"id\":\"as2i/train/3/x\",\"status\":\"failed\"}\n", "TASK/PART");
    check_refused("{\"id\":\"as2i\",\"status\":\"failed\"}\n", "TASK/PART");
}
END_TEST

START_TEST(a_missing_file_is_an_error_unless_it_grows)
{
    rec_emb_texts_file *file;
    ck_assert_fails(rec_emb_texts_open(&file, test_path("none.jsonl"), false, &data, err),
                    REC_ERR_DATA, "none.jsonl");
    ck_assert_ok(rec_emb_texts_open(&file, test_path("none.jsonl"), true, &data, err));
    rec_emb_texts_free(file);
}
END_TEST

/* What a killed process left of its last line is cut off; what is appended is there for the next. */
START_TEST(a_growing_file_goes_on_where_it_stopped)
{
    rec_emb_texts_file *file;
    cJSON *json;
    rec_text text;
    write_file("{\"id\":\"as2i/test/3/0\",\"status\":\"ok\",\"text\":\"x\"}\n{\"id\":\"as2i/te");
    ck_assert_ok(rec_emb_texts_open(&file, test_path("t.jsonl"), true, &data, err));
    ck_assert_ok(rec_json_new_object(&json, err));
    ck_assert_ok(rec_json_add_text(json, "id", "as2i/test/3/1", err));
    ck_assert_ok(rec_json_add_text(json, "status", "ok", err));
    ck_assert_ok(rec_json_add_text(json, "text", "line\nbreak", err));
    ck_assert_ok(rec_emb_texts_append(file, json, err));
    ck_assert_str_eq(rec_emb_texts_find(file, "as2i/test/3/1")->text, "line\nbreak");
    cJSON_Delete(json);
    rec_emb_texts_free(file);
    ck_assert_ok(rec_text_read(&text, test_path("t.jsonl"), err));
    const char *expected =
        "{\"id\":\"as2i/test/3/0\",\"status\":\"ok\",\"text\":\"x\"}\n"
        "{\"id\":\"as2i/test/3/1\",\"status\":\"ok\",\"text\":\"line\\nbreak\"}\n";
    ck_assert_uint_eq(text.length, strlen(expected));
    ck_assert_mem_eq(text.data, expected, text.length);
    rec_text_close(&text);
}
END_TEST

/* Half a line may be one that another process is writing: only who appends cuts it off. */
START_TEST(reading_a_growing_file_leaves_it_alone)
{
    rec_emb_texts_file *file;
    rec_text text;
    const char *half =
        "{\"id\":\"as2i/test/3/0\",\"status\":\"ok\",\"text\":\"x\"}\n{\"id\":\"as2i/te";
    write_file(half);
    ck_assert_ok(rec_emb_texts_open(&file, test_path("t.jsonl"), true, &data, err));
    ck_assert_ptr_nonnull(rec_emb_texts_find(file, "as2i/test/3/0"));
    rec_emb_texts_free(file);
    ck_assert_ok(rec_text_read(&text, test_path("t.jsonl"), err));
    ck_assert_uint_eq(text.length, strlen(half));
    rec_text_close(&text);
}
END_TEST

REC_SUITE("models/reclm_emb/writers/texts_file",
          tcase_add_checked_fixture(t, set_up, test_folder_remove);
          tcase_add_test(t, records_are_read); tcase_add_test(t, broken_lines_are_named);
          tcase_add_test(t, ids_must_be_of_the_data);
          tcase_add_test(t, a_missing_file_is_an_error_unless_it_grows);
          tcase_add_test(t, a_growing_file_goes_on_where_it_stopped);
          tcase_add_test(t, reading_a_growing_file_leaves_it_alone);)
