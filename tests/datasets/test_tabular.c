#include "tests/datasets/data.h"

#include "datasets/tabular.h"

static rec_records *open_text(const char *text, const char *delimiter)
{
    rec_records *r;
    ck_assert_ok(rec_records_open_bytes(&r, text, strlen(text), "t",
                                        &(rec_records_format){.delimiter = delimiter}, err));
    return r;
}

static rec_status read_rows(const char *text, rec_row_layout layout, rec_error *error)
{
    rec_builder *b;
    ck_assert_int_eq(rec_builder_new(&b, error), REC_OK);
    rec_builder_set_rows(b, REC_ROWS_VALUE | REC_ROWS_TIME);
    rec_records *r = open_text(text, "\t");
    rec_status status = rec_rows_read(b, r, &layout, REC_PART_NONE, error);
    rec_records_close(r);
    rec_builder_free(b);
    return status;
}

START_TEST(rows_say_where_they_are_wrong)
{
    rec_row_layout four = {.user = 0, .item = 1, .value = 2, .time = 3, .n_fields = 4};
    ck_assert_ok(read_rows("a\tb\t1\t2\n", four, err));
    ck_assert_fails(read_rows("a\tb\t1\t2\na\tb\t1\n", four, err), REC_ERR_DATA,
                    "t:2: 3 fields, but 4 are expected");
    ck_assert_fails(read_rows("a\tb\tx\t2\n", four, err), REC_ERR_DATA,
                    "t:1:5: value: \"x\" is not a number");
    ck_assert_fails(read_rows("a\tb\t1e39\t2\n", four, err), REC_ERR_DATA,
                    "t:1:5: value: 1e39 is out of range");
    ck_assert_fails(read_rows("a\tb\t1\t\n", four, err), REC_ERR_DATA, "t:1:7: time");
    ck_assert_fails(read_rows("\tb\t1\t2\n", four, err), REC_ERR_DATA, "t:1:1: empty user id");
    ck_assert_fails(read_rows("a\t\t1\t2\n", four, err), REC_ERR_DATA, "t:1:3: empty item id");
    rec_row_layout dated = {.user = 1, .item = 0, .value = REC_NO_FIELD, .time = 2, .dates = true};
    ck_assert_ok(read_rows("a\tb\t2014-07-01\tmore\na\tc\t77\n", dated, err));
    ck_assert_fails(read_rows("a\tb\n", dated, err), REC_ERR_DATA, "t:1: 2 fields, but at least 3");
    ck_assert_fails(read_rows("a\tb\tMay\n", dated, err), REC_ERR_DATA, "t:1:5: time: \"May\"");
}
END_TEST

START_TEST(items_of_every_kind)
{
    rec_builder *b;
    rec_dataset *d;
    rec_field_plan plan[] = {{.kind = REC_FIELD_SKIP},
                             {.kind = REC_FIELD_ID},
                             {.kind = REC_FIELD_TITLE},
                             {.kind = REC_FIELD_TEXTS, .name = "tags", .separator = '|'},
                             {.kind = REC_FIELD_DATE, .name = "day"},
                             {.kind = REC_FIELD_FLAG, .name = "War", .list = "genres"},
                             {.kind = REC_FIELD_FLAG, .name = "Crime", .list = "genres"}};
    ck_assert_ok(rec_builder_new(&b, err));
    rec_records *r = open_text("x,1,One,a | b||,1970-01-02,1,1\ny,2,,,,0,1\nz,1,One,c,,1,1\n", ",");
    ck_assert_ok(rec_items_read(b, r, plan, 7, err));
    rec_records_close(r);
    size_t n;
    ck_assert_str_eq(rec_builder_count_at(&n, b, 0), "repeated_items"); /* its attributes stay */
    ck_assert_ok(rec_builder_finish(&d, b, err));
    const rec_column *tags = rec_catalogue_column(&d->catalogue, "tags");
    ck_assert_uint_eq(tags->start[2], 2);
    ck_assert_str_eq(tags->texts[1], "b");
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "day")->number[0], 86400);
    const rec_column *genres = rec_catalogue_column(&d->catalogue, "genres");
    ck_assert_uint_eq(genres->start[1], 2);
    ck_assert_str_eq(genres->texts[2], "Crime");
    rec_builder_free(b);
    rec_dataset_free(d);
}
END_TEST

static void check_items_fail(const char *text, const char *message)
{
    rec_builder *b;
    rec_field_plan plan[] = {{.kind = REC_FIELD_ID},
                             {.kind = REC_FIELD_TITLE},
                             {.kind = REC_FIELD_NUMBER, .name = "price"},
                             {.kind = REC_FIELD_DATE, .name = "day"}};
    ck_assert_ok(rec_builder_new(&b, err));
    rec_records *r = open_text(text, ",");
    ck_assert_fails(rec_items_read(b, r, plan, 4, err), REC_ERR_DATA, message);
    rec_records_close(r);
    rec_builder_free(b);
}

START_TEST(bad_items)
{
    check_items_fail("1,A,,\n1,B,,\n", "t:2:3: item \"1\" has two titles, \"A\" and \"B\"");
    check_items_fail("1,A,cheap,\n", "t:1:5: price: \"cheap\" is not a number");
    check_items_fail("1,A,2,May\n", "t:1:7: \"May\" is not a date");
    check_items_fail("1,A,2\n", "t:1: 3 fields, but 4");
    check_items_fail(",A,2,\n", "t:1:1: empty item id");
}
END_TEST

START_TEST(names_of_titles)
{
    ck_assert(rec_is_title_name("movie_title"));
    ck_assert(rec_is_title_name("app_name"));
    ck_assert(!rec_is_title_name("class"));
}
END_TEST

REC_SUITE("datasets/tabular", tcase_add_test(t, rows_say_where_they_are_wrong);
          tcase_add_test(t, items_of_every_kind); tcase_add_test(t, bad_items);
          tcase_add_test(t, names_of_titles);)
