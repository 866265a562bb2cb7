#include "tests/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/yaml.h"
#include "datasets/dataset.h"

#define FIXTURES REC_TEST_DIR "/datasets/fixtures/"

static rec_status load(rec_dataset **d, const char *yaml, rec_error *err)
{
    rec_yaml *map;
    ck_assert_int_eq(rec_yaml_parse(&map, yaml, strlen(yaml), "test.yaml", err), REC_OK);
    rec_status status = rec_dataset_load(d, map, 1, err);
    rec_yaml_free(map);
    return status;
}

static const char tiny[] = "{type: recbole, path: '" FIXTURES "recbole'}";

/* tests/datasets/fixtures/recbole: ids are decimal, so the order is 9, 10, 100; user 1 has items 10
 * and 100 at time 100 in that file order, then 9. */
START_TEST(dense_order_and_leave_one_out)
{
    rec_dataset *d;
    ck_assert_ok(load(&d, tiny, err));
    ck_assert_uint_eq(d->n_users, 3);
    ck_assert_uint_eq(d->catalogue.n_items, 3);
    ck_assert_str_eq(d->catalogue.ids[0], "9");
    ck_assert_str_eq(d->catalogue.ids[2], "100");
    ck_assert_uint_eq(rec_dataset_item(d, "100"), 2);
    ck_assert_uint_eq(rec_dataset_item(d, "11"), REC_NO_ITEM);
    ck_assert_uint_eq(rec_dataset_user(d, "3"), 2);
    static const uint32_t items[] = {1, 2, 0, 0, 1, 2, 0};
    static const float values[] = {3, 1, 5, 2.5f, 4, 5, 4};
    static const uint8_t parts[] = {1, 2, 4, 1, 2, 4, 1};
    ck_assert_uint_eq(d->interactions.n, 7);
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_mem_eq(d->interactions.value, values, sizeof values);
    ck_assert_mem_eq(d->part, parts, sizeof parts);
    ck_assert_double_eq(d->interactions.time[2], 300);
    rec_dataset_free(d);
}
END_TEST

START_TEST(columns_are_typed_and_nullable)
{
    rec_dataset *d;
    ck_assert_ok(load(&d, tiny, err));
    ck_assert_str_eq(d->catalogue.titles[1], "Rain, The Musical");
    ck_assert_str_eq(d->catalogue.titles[2], "\"Quote\" Unquote"); /* no field in quotes */
    const rec_column *year = rec_catalogue_column(&d->catalogue, "release_year");
    ck_assert_int_eq(year->type, REC_COLUMN_NUMBER);
    ck_assert_double_eq(year->number[0], 1999);
    ck_assert(isnan(year->number[1]) && isnan(year->number[2])); /* missing; "V" */
    const rec_column *class = rec_catalogue_column(&d->catalogue, "class");
    ck_assert_uint_eq(class->start[1], 2);
    ck_assert_uint_eq(class->start[3], 3);
    ck_assert_str_eq(class->texts[1], "slow");
    const rec_table *users = rec_dataset_table(d, "users");
    ck_assert_uint_eq(users->n_rows, 3);
    ck_assert_int_eq(rec_table_column(users, "zip")->type, REC_COLUMN_TEXT); /* "01234" is a code */
    ck_assert_double_eq(rec_table_column(users, "age")->number[1], 53);
    ck_assert_ptr_null(rec_catalogue_column(&d->catalogue, "movie_title"));
    ck_assert_ptr_null(rec_dataset_table(d, "dialogues"));
    ck_assert_ptr_nonnull(strstr(d->rules, "\"values_not_numbers\":1"));
    rec_dataset_free(d);
}
END_TEST

/* With the item order among equal times nothing changes here but the printed rule; with file order
 * alone user 1's last row is item 100. */
START_TEST(order_rule_is_obeyed_and_recorded)
{
    rec_dataset *d;
    ck_assert_ok(
        load(&d, "{type: recbole, path: '" FIXTURES "recbole', split: {order: [file]}}", err));
    static const uint32_t items[] = {0, 1, 2, 1, 0, 2, 0};
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_ptr_nonnull(strstr(d->rules, "\"order\":[\"file\"]"));
    rec_dataset_free(d);
}
END_TEST

START_TEST(select_and_transpose)
{
    rec_dataset *d;
    rec_interactions train, by_item;
    ck_assert_ok(load(&d, tiny, err));
    ck_assert_ok(rec_dataset_select(&train, d, REC_PART_TRAIN | REC_PART_VALID, err));
    ck_assert_uint_eq(train.n, 5);
    ck_assert_uint_eq(train.n_users, 3);
    static const uint32_t items[] = {1, 2, 0, 1, 0};
    ck_assert_mem_eq(train.item, items, sizeof items);
    ck_assert_ok(rec_interactions_transpose(&by_item, &train, err));
    static const size_t start[] = {0, 2, 4, 5};
    static const uint32_t users[] = {1, 2, 0, 1, 0};
    static const float values[] = {2.5f, 4, 3, 4, 1};
    ck_assert_uint_eq(by_item.n_users, 3); /* rows are items now, columns users */
    ck_assert_mem_eq(by_item.start, start, sizeof start);
    ck_assert_mem_eq(by_item.item, users, sizeof users);
    ck_assert_mem_eq(by_item.value, values, sizeof values);
    rec_interactions_deinit(&by_item);
    rec_interactions_deinit(&train);
    rec_dataset_free(d);
}
END_TEST

START_TEST(content_hash_follows_content_alone)
{
    rec_dataset *a, *b, *c;
    ck_assert_ok(load(&a, tiny, err));
    ck_assert_ok(
        load(&b, "{type: recbole, name: other, path: '" FIXTURES "recbole/tiny.inter'}", err));
    ck_assert_ok(
        load(&c, "{type: recbole, path: '" FIXTURES "recbole', split: {type: none}}", err));
    ck_assert_str_eq(a->sha256, b->sha256);
    ck_assert_str_ne(a->sha256, c->sha256);
    ck_assert_str_eq(a->name, "recbole"); /* the folder */
    ck_assert_str_eq(b->name, "other");
    rec_dataset_free(a);
    rec_dataset_free(b);
    rec_dataset_free(c);
}
END_TEST

START_TEST(config_errors_say_where)
{
    rec_dataset *d;
    ck_assert_fails(load(&d, "{path: x}", err), REC_ERR_CONFIG,
                    "test.yaml:1:1: dataset: missing key");
    ck_assert_fails(load(&d, "{type: recbol, path: x}", err), REC_ERR_CONFIG,
                    "did you mean \"recbole\"");
    ck_assert_fails(load(&d, "{type: recbole, pth: x}", err), REC_ERR_CONFIG, "test.yaml:1:17");
    ck_assert_fails(load(&d, "{type: recbole, path: x, split: {typ: a}}", err), REC_ERR_CONFIG,
                    "type");
    ck_assert_fails(load(&d, "{type: recbole, path: x, split: {order: [time, size]}}", err),
                    REC_ERR_CONFIG, "unknown key \"size\"");
    ck_assert_fails(load(&d, "{type: recbole, path: x, split: {type: fixed}}", err), REC_ERR_DATA,
                    "x");
    ck_assert_fails(
        load(&d, "{type: recbole, path: '" FIXTURES "recbole', split: {type: fixed}}", err),
        REC_ERR_CONFIG, "gives no parts");
    ck_assert_ptr_null(d);
}
END_TEST

static rec_status check(const char *yaml, rec_error *err)
{
    rec_yaml *map;
    ck_assert_int_eq(rec_yaml_parse(&map, yaml, strlen(yaml), "test.yaml", err), REC_OK);
    rec_status status = rec_dataset_check(map, err);
    rec_yaml_free(map);
    return status;
}

/* The files need not be there: what is wrong in the config is found before any work. */
START_TEST(configs_are_checked_without_data)
{
    ck_assert_ok(check("{type: recbole, path: nowhere}", err));
    ck_assert_fails(check("{type: recbole}", err), REC_ERR_CONFIG, "path");
    ck_assert_fails(check("{type: nothing}", err), REC_ERR_CONFIG, "unknown reader");
    ck_assert_fails(check("{type: synth, split: {order: [size]}}", err), REC_ERR_CONFIG,
                    "test.yaml:1:22: dataset: order: unknown key \"size\"");
    ck_assert_fails(check("{type: synth, split: {type: ratio, valid: 0.6, test: 0.6}}", err),
                    REC_ERR_CONFIG, "test.yaml:1:22: dataset: valid + test is more than 1");
    ck_assert_fails(check("{type: synth, split: {type: temporal, test_from: soon}}", err),
                    REC_ERR_CONFIG, "test_from: \"soon\"");
    ck_assert_fails(check("{type: synth, filter: {from: 5, until: 5}}", err), REC_ERR_CONFIG,
                    "test.yaml:1:23: dataset: from: not before until");
}
END_TEST

REC_SUITE("datasets/load", tcase_add_test(t, dense_order_and_leave_one_out);
          tcase_add_test(t, columns_are_typed_and_nullable);
          tcase_add_test(t, order_rule_is_obeyed_and_recorded);
          tcase_add_test(t, select_and_transpose);
          tcase_add_test(t, content_hash_follows_content_alone);
          tcase_add_test(t, config_errors_say_where);
          tcase_add_test(t, configs_are_checked_without_data);)
