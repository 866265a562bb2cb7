#include "tests/datasets/data.h"

static const char header[] = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n";

static void put_inter(const char *rows)
{
    char text[4096];
    snprintf(text, sizeof text, "%s%s", header, rows);
    data_put("x.inter", text);
}

static void check_fails(const char *options, const char *message)
{
    rec_dataset *d;
    char yaml[512];
    snprintf(yaml, sizeof yaml, "{type: recbole, path: '@'%s}", options);
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, message);
    ck_assert_ptr_null(d);
}

START_TEST(bad_interactions)
{
    check_fails("", "no .inter file in this folder");
    data_put("x.inter", "");
    check_fails("", "x.inter: empty file");
    put_inter("");
    check_fails("", "x.inter: a header and no interactions");
    put_inter("1\t2\t3\n");
    check_fails("", "x.inter:2: 3 fields, but 4 are expected");
    put_inter("1\t2\tgood\t5\n");
    check_fails("", "x.inter:2:5: value: \"good\" is not a number");
    put_inter("1\t2\t3\t5\n1\t2\t1e99\t5\n");
    check_fails("", "x.inter:3:5: value: 1e99 is out of range");
    put_inter("1\t2\t3\t1e999\n");
    check_fails("", "x.inter:2:7: time: \"1e999\" is too large");
    put_inter("1\t\xC3\t3\t5\n");
    check_fails("", "x.inter:2:3: not UTF-8");
    put_inter("1\t2\t3\t5\n");
    check_fails("", "the test set is empty");
    data_put("x.inter", "user_id:token\titem:token\n1\t2\n");
    check_fails("", "x.inter:1: no field \"item_id\" in the header (option item names another)");
    data_put("x.inter", "user_id:token\titem_id\n1\t2\n");
    check_fails("", "x.inter:1:15: header: \"item_id\" is not name:type");
    data_put("x.inter", "user_id:token\titem_id:word\n1\t2\n");
    check_fails("", "header: unknown type \"word\"");
    data_put("y.inter", "x");
    check_fails("", "several *.inter files");
}
END_TEST

START_TEST(bad_items)
{
    put_inter("1\t2\t3\t5\n1\t3\t3\t6\n1\t4\t3\t7\n");
    data_put("x.item", "item_id:token\ttitle:token_seq\n2\tUp\n2\tDown\n");
    check_fails("", "x.item:3:3: item \"2\" has two titles, \"Up\" and \"Down\"");
    data_put("x.item", "id:token\ttitle:token_seq\n2\tUp\n");
    check_fails("", "x.item:1: no field \"item_id\"");
    data_put("x.item", "item_id:token\ttitle:token_seq\n2\tUp\n");
    check_fails(", title: name", "x.item:1: no field \"name\" in the header (option title");
}
END_TEST

/* CRLF, byte order mark, quotes, repeated items with one title, items without metadata: read and
 * counted. */
START_TEST(oddities_are_counted)
{
    data_put("x.inter", "\xEF\xBB\xBF"
                        "user_id:token\titem_id:token\r\n\"1\"\t2\r\n1\t3\r\n1\t4\r\n\r\n2\t2\r\n");
    data_put("x.item", "item_id:token\ttitle:token_seq\n2\tUp\n2\tUp\n");
    rec_dataset *d = data_load("{type: recbole, path: '@/x.inter'}");
    ck_assert_uint_eq(d->interactions.n, 4);
    ck_assert_ptr_null(d->interactions.time);
    ck_assert_double_eq(data_rule(d, "crlf_lines"), 6);
    ck_assert_double_eq(data_rule(d, "byte_order_marks"), 1);
    ck_assert_double_eq(data_rule(d, "quoted_fields"), 1);
    ck_assert_double_eq(data_rule(d, "blank_lines"), 1);
    ck_assert_double_eq(data_rule(d, "repeated_items"), 1);
    ck_assert_double_eq(data_rule(d, "items_without_metadata"), 2);
    ck_assert_double_eq(data_rule(d, "short_users"), 1);
    ck_assert_ptr_nonnull(strstr(d->rules, "1 users have too few interactions"));
    rec_dataset_free(d);
}
END_TEST

/* Three benchmark files are a fixed split. */
START_TEST(files_of_parts)
{
    data_put("x.train.inter", "user_id:token\titem_id:token\n1\t2\n1\t3\n");
    data_put("x.valid.inter", "user_id:token\titem_id:token\n1\t4\n");
    data_put("x.test.inter", "user_id:token\titem_id:token\n1\t5\n");
    rec_dataset *d = data_load("{type: recbole, path: '@'}");
    static const uint8_t parts[] = {REC_PART_TRAIN, REC_PART_TRAIN, REC_PART_VALID, REC_PART_TEST};
    ck_assert_mem_eq(d->part, parts, 4);
    ck_assert_ptr_nonnull(strstr(d->rules, "\"split\":{\"type\":\"fixed\""));
    rec_dataset_free(d);
    d = data_load("{type: recbole, path: '@', split: {type: leave_one_out}}"); /* told otherwise */
    ck_assert_uint_eq(d->part[1], REC_PART_TRAIN);
    ck_assert_uint_eq(d->part[3], REC_PART_TEST);
    rec_dataset_free(d);
}
END_TEST

START_TEST(item_info_joins)
{
    put_inter("1\t2\t3\t5\n1\t3\t3\t6\n1\t4\t3\t7\n");
    data_put("items_info.json", "[{\"movielens_id\": \"3\", \"title\": \"Three\", \"cast\": \"A, "
                                "B\", \"plot\": \"p\"}, {\"movielens_id\": \"99\"}]");
    rec_dataset *d = data_load("{type: recbole, path: '@'}");
    ck_assert_double_eq(data_rule(d, "metadata_of_unknown_items"), 1);
    ck_assert_str_eq(d->catalogue.titles[1], "Three"); /* fills a gap */
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "cast")->texts[1], "B");
    rec_dataset_free(d);
    data_put("x.item", "item_id:token\tname:token_seq\n3\tDrei\n");
    d = data_load("{type: recbole, path: '@'}");
    ck_assert_str_eq(d->catalogue.titles[1], "Drei"); /* and replaces nothing */
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/readers/recbole", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, bad_interactions); tcase_add_test(t, bad_items);
          tcase_add_test(t, oddities_are_counted); tcase_add_test(t, files_of_parts);
          tcase_add_test(t, item_info_joins);)
