#include "tests/datasets/data.h"

START_TEST(named_columns_and_attributes)
{
    data_put("log.csv", "when,who,what,stars\n2014-07-01,ann,\"B, "
                        "1\",4\n2014-06-01,ann,b2,3\n2014-08-01,ann,b3,5\n");
    data_put(
        "things.csv",
        "what,label,genres,price,since\n\"B, 1\",\"Say \"\"hi\"\"\",x|y,2.50,1970-01-02\nb2,,,,\n");
    data_put("people.csv", "who,age\nann,30\n");
    rec_dataset *d =
        data_load("{type: csv, path: '@/log.csv', user: who, item: what, value: stars, time: when, "
                  "items: things.csv, item_id: what, title: label, users: people.csv}");
    static const uint32_t items[] = {1, 0, 2};
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_str_eq(d->catalogue.ids[0], "B, 1");
    ck_assert_str_eq(d->catalogue.titles[0], "Say \"hi\"");
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "genres")->texts[1], "y");
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "price")->number[0], 2.5);
    ck_assert_int_eq(rec_catalogue_column(&d->catalogue, "since")->type, REC_COLUMN_DATE);
    ck_assert_double_eq(data_rule(d, "items_without_metadata"), 1);
    ck_assert_double_eq(rec_table_column(rec_dataset_table(d, "users"), "age")->number[0], 30);
    rec_dataset_free(d);
}
END_TEST

START_TEST(numbered_columns)
{
    data_put("log.tsv", "x\ta\t5\nx\tb\t6\nx\tc\t7\n");
    rec_dataset *d =
        data_load("{type: csv, path: '@/log.tsv', header: false, user: 1, item: 2, time: 3}");
    ck_assert_uint_eq(d->interactions.n, 3);
    ck_assert_double_eq(d->interactions.time[2], 7);
    ck_assert_ptr_null(d->interactions.value);
    rec_dataset_free(d);
    data_put("log.txt", "x;a\nx;b\nx;c\n");
    d = data_load(
        "{type: csv, path: '@/log.txt', header: false, delimiter: ';', user: 1, item: 2}");
    ck_assert_uint_eq(d->interactions.n, 3);
    rec_dataset_free(d);
}
END_TEST

static void check_fails(const char *text, const char *options, rec_status status,
                        const char *message)
{
    rec_dataset *d;
    char yaml[256];
    data_put("x.csv", text);
    snprintf(yaml, sizeof yaml, "{type: csv, path: '@/x.csv'%s}", options);
    ck_assert_fails(data_try(&d, yaml, err), status, message);
}

START_TEST(bad_files)
{
    check_fails("", "", REC_ERR_DATA, "x.csv: empty file");
    check_fails("user_id,item_id\n", "", REC_ERR_DATA, "a header and no interactions");
    check_fails("user,item_id\n1,2\n", "", REC_ERR_DATA,
                "x.csv:1: no column \"user_id\" (option user)");
    check_fails("user_id,item_id,ratng\n1,2,3\n", ", value: rating", REC_ERR_DATA,
                "did you mean \"ratng\"");
    check_fails("user_id,item_id\n1,2\n1\n", "", REC_ERR_DATA, "x.csv:3: 1 fields, but 2");
    check_fails("user_id,item_id\n1,\"2\n3", "", REC_ERR_DATA,
                "x.csv:2: a quoted field never ends");
    check_fails("user_id,item_id\n1,2\n", ", items: y.csv", REC_ERR_DATA, "y.csv: no such file");
    check_fails("user_id,item_id\n1,2\n", ", list_separator: ab", REC_ERR_CONFIG, "one character");
    check_fails("user_id,item_id\n1,2\n", ", delimiter: ''", REC_ERR_CONFIG, "delimiter is empty");
}
END_TEST

REC_SUITE("datasets/readers/csv", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, named_columns_and_attributes); tcase_add_test(t, numbered_columns);
          tcase_add_test(t, bad_files);)
