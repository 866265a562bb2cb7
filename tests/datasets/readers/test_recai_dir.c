#include "tests/datasets/data.h"

static void put_folder(void)
{
    data_put("metadata.json",
             "{\"id\": 1, \"app_name\": \"One\", \"price\": \"free\", \"tags\": [\"a\"]}\n"
             "{\"id\": \"2\", \"title\": \"Two\", \"price\": 3.5}\n"
             "{\"id\": 30, \"title\": \"Thirty\", \"description\": [\"x\", \"y\"]}\n");
    data_put("sequential_data.txt", "7 1 30 2\n8 2 1 30\n");
    data_put("negative_samples.txt", "7 1 30\n8 2\n");
}

START_TEST(one_folder)
{
    put_folder();
    data_put("search_data.csv", "query,target,candidates\n\"cheap, small\",2,1|2\n");
    rec_dataset *d = data_load("{type: recai_dir, path: '@'}");
    ck_assert_str_eq(d->catalogue.titles[0], "One");
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "description")->text[2], "x y");
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "price")->number[1], 3.5);
    ck_assert_double_eq(data_rule(d, "values_not_numbers"), 1);
    const rec_table *queries = rec_dataset_table(d, "queries");
    ck_assert_str_eq(rec_table_column(queries, "query")->text[0], "cheap, small");
    ck_assert_str_eq(rec_table_column(queries, "candidates")->texts[1], "2");
    ck_assert_uint_eq(d->negatives->start[2], 3);
    rec_dataset_free(d);
}
END_TEST

static void check_fails(const char *options, const char *message)
{
    rec_dataset *d;
    char yaml[256];
    snprintf(yaml, sizeof yaml, "{type: recai_dir, path: '@'%s}", options);
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, message);
}

START_TEST(unknown_and_untitled)
{
    check_fails("", "neither metadata.json nor metadata.jsonl");
    put_folder();
    data_put("sequential_data.txt", "7 1 30 3 4\n");
    check_fails("", "sequential_data.txt:1:8: item \"3\" is not in the catalogue (2 unknown");
    put_folder();
    data_put("negative_samples.txt", "9 1\n");
    check_fails("", "user \"9\" has candidates and no sequence");
    put_folder();
    data_put("metadata.json", "{\"id\": 1, \"title\": \"A\"}\n{\"id\": 2}\n{\"id\": 30}\n");
    check_fails("", "2 items without a title, the first is \"2\"");
    data_put("metadata.json", "{\"id\": 1, \"title\": \"A\", \"TitleName\": \"B\"}\n");
    check_fails("", "metadata.json:1: item \"1\" has two titles");
    data_put("metadata.json", "{'id': 1}\n");
    check_fails("", "metadata.json:1:2");
    data_put("search_data.csv", "a,b\n");
    put_folder();
    check_fails("", "search_data.csv:1: header query,target,candidates is due");
}
END_TEST

START_TEST(ids_by_line_number)
{
    put_folder();
    data_put("sequential_data.txt", "7 1 3 2\n8 2 1 3\n");
    data_put("negative_samples.txt", "7 1 3\n");
    rec_dataset *d = data_load("{type: recai_dir, path: '@', id: line}");
    ck_assert_str_eq(d->catalogue.ids[2], "3");
    ck_assert_str_eq(d->catalogue.titles[2], "Thirty");
    rec_dataset_free(d);
    data_put("metadata.json", "{\"id\": 1, \"title\": \"A\"}\n{\"id\": 2}\n{\"id\": 30}\n");
    d = data_load("{type: recai_dir, path: '@', id: line, allow_untitled: true}");
    ck_assert_ptr_null(d->catalogue.titles[1]);
    ck_assert_ptr_nonnull(strstr(d->rules, "2 items have no title"));
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/readers/recai_dir", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, one_folder); tcase_add_test(t, unknown_and_untitled);
          tcase_add_test(t, ids_by_line_number);)
