#include "tests/datasets/data.h"

#include <math.h>

#include "datasets/item_json.h"

static rec_dataset *read_json(const char *name, const char *text, rec_item_json_rules rules)
{
    rec_builder *b;
    rec_dataset *d;
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_ok(rec_item_json_read(b, data_put(name, text), &rules, err));
    ck_assert_ok(rec_builder_infer_types(b, NULL, err));
    ck_assert_ok(rec_builder_finish(&d, b, err));
    rec_builder_free(b);
    return d;
}

static void check_fails(const char *text, rec_item_json_rules rules, const char *message)
{
    rec_builder *b;
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_fails(rec_item_json_read(b, data_put("x.json", text), &rules, err), REC_ERR_DATA,
                    message);
    rec_builder_free(b);
}

static const char objects[] = "{\"id\": 2, \"title\": \"Two\", \"price\": 3.5, \"tags\": [\"a\", "
                              "\"b\"], \"cast\": \"X, Y\", \"n\": {\"q\": 1}}\n"
                              "{\"id\": \"10\", \"title\": \"Ten\", \"price\": null, "
                              "\"description\": [\"One.\", \"Two.\"], \"new\": true, "
                              "\"categories\": [[\"c\", \"d\"], [\"e\"]], \"tags\": \"z\"}\n";

static void check_objects(const rec_dataset *d)
{
    ck_assert_str_eq(d->catalogue.ids[1], "10");
    ck_assert_str_eq(d->catalogue.titles[0], "Two");
    const rec_column *c = rec_catalogue_column(&d->catalogue, "price");
    ck_assert_double_eq(c->number[0], 3.5);
    ck_assert(isnan(c->number[1]));
    c = rec_catalogue_column(&d->catalogue, "tags");
    ck_assert_uint_eq(c->start[1], 2);
    ck_assert_str_eq(c->texts[2], "z");
    c = rec_catalogue_column(&d->catalogue, "categories");
    ck_assert_uint_eq(c->start[2] - c->start[1], 3);
    ck_assert_str_eq(c->texts[2], "e");
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "description")->text[1], "One. Two.");
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "new")->text[1], "true");
    ck_assert_ptr_null(rec_catalogue_column(&d->catalogue, "n"));
    ck_assert_ptr_null(rec_catalogue_column(&d->catalogue, "id"));
}

START_TEST(lines_lists_and_maps)
{
    char *names[] = {"cast"};
    rec_string_list lists = {.items = names, .n = 1};
    char text[1024];
    rec_dataset *d = read_json("x.json", objects, (rec_item_json_rules){.lists = &lists});
    check_objects(d);
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "cast")->texts[1], "Y");
    rec_dataset_free(d);
    const char *second = strchr(objects, '\n') + 1;
    snprintf(text, sizeof text, "[%.*s, %s]", (int)(second - objects), objects, second);
    d = read_json("x.json", text, (rec_item_json_rules){.lists = &lists});
    check_objects(d);
    rec_dataset_free(d);
    d = read_json("x.json", "{\"7\": {\"name\": \"Seven\", \"year\": \"1995\"},\n \"8\": {}}",
                  (rec_item_json_rules){.map = true});
    ck_assert_str_eq(d->catalogue.titles[0], "Seven");
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "year")->number[0], 1995);
    rec_dataset_free(d);
    d = read_json("x.json", "{\"5\": [1, 2], \"6\": [\"x\"]}", (rec_item_json_rules){0});
    const rec_column *c = rec_catalogue_column(&d->catalogue, "attributes");
    ck_assert_str_eq(c->texts[1], "2");
    ck_assert_str_eq(c->texts[2], "x");
    rec_dataset_free(d);
}
END_TEST

START_TEST(title_aliases)
{
    char *names[] = {"app_name", "title"};
    rec_string_list titles = {.items = names, .n = 2};
    rec_item_json_rules loose = {.titles = &titles},
                        strict = {.titles = &titles, .strict_titles = true};
    rec_dataset *d = read_json("x.jsonl",
                               "{\"id\": 1, \"title\": \"B\", \"app_name\": \"A\"}\n"
                               "{\"id\": 2, \"title\": \"C\", \"app_name\": \"\"}",
                               loose);
    ck_assert_str_eq(d->catalogue.titles[0], "A"); /* the order of the list, not of the object */
    ck_assert_str_eq(d->catalogue.titles[1], "C");
    rec_dataset_free(d);
    d = read_json("x.jsonl", "{\"id\": 1, \"title\": \"B\", \"app_name\": \"B\"}", strict);
    rec_dataset_free(d);
    check_fails("{\"id\": 1, \"title\": \"B\", \"app_name\": \"A\"}\n{\"id\": 2}", strict,
                "x.json:1: item \"1\" has two titles, \"A\" and \"B\"");
}
END_TEST

START_TEST(line_numbers_as_ids)
{
    rec_dataset *d = read_json("x.json", "{\"id\": \"b\", \"title\": \"B\"}\n{\"title\": \"C\"}\n",
                               (rec_item_json_rules){.first_line_id = 1, .lines = true});
    ck_assert_str_eq(d->catalogue.ids[0], "1");
    ck_assert_str_eq(d->catalogue.titles[1], "C");
    rec_dataset_free(d);
}
END_TEST

/* Joining: unknown items are counted, titles only fill gaps. */
START_TEST(known_items_only)
{
    rec_builder *b;
    uint32_t item;
    size_t n;
    rec_item_json_rules rules = {.known_only = true};
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_ok(rec_builder_item(&item, b, "1", 1, err));
    ck_assert_ok(rec_builder_title(b, item, "Mine", 4, err));
    ck_assert_ok(rec_item_json_read(
        b, data_put("x.jsonl", "{\"id\": 1, \"title\": \"Other\"}\n{\"id\": 2}\n"), &rules, err));
    ck_assert_str_eq(rec_builder_title_of(b, 0), "Mine");
    ck_assert_uint_eq(rec_builder_n_items(b), 1);
    ck_assert_str_eq(rec_builder_count_at(&n, b, 0), "metadata_of_unknown_items");
    rec_builder_free(b);
}
END_TEST

/* Values go into the types that columns have; an item that is there already is refused. */
START_TEST(more_items_beside_typed_columns)
{
    static const char first[] = "{\"id\": 1, \"price\": 2, \"day\": \"2001-02-03\"}\n"
                                "{\"id\": 2, \"price\": 3, \"day\": \"2001-02-04\"}\n";
    rec_builder *b;
    rec_dataset *d;
    const rec_item_json_rules plain = {.lines = true}, more = {.lines = true, .new_only = true};
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_ok(rec_item_json_read(b, data_put("a.json", first), &plain, err));
    ck_assert_ok(rec_builder_infer_types(b, NULL, err));
    ck_assert_ok(rec_item_json_read(
        b, data_put("b.json", "{\"id\": 3, \"price\": 4.5, \"day\": \"1970-01-02\"}\n"), &more,
        err));
    ck_assert_fails(rec_item_json_read(b, data_put("b.json", "{\"id\": 2}\n"), &more, err),
                    REC_ERR_DATA, "b.json:1: item \"2\" is in the data already");
    ck_assert_fails(
        rec_item_json_read(b, data_put("b.json", "{\"id\": 4, \"price\": \"dear\"}\n"), &more, err),
        REC_ERR_DATA, "b.json:1: price: \"dear\" is not a number");
    ck_assert_fails(
        rec_item_json_read(b, data_put("b.json", "{\"id\": 5, \"day\": \"soon\"}\n"), &more, err),
        REC_ERR_DATA, "day: \"soon\" is not a date");
    ck_assert_ok(rec_builder_finish(&d, b, err));
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "price")->number[2], 4.5);
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "day")->number[2], 86400);
    rec_dataset_free(d);
    rec_builder_free(b);
}
END_TEST

START_TEST(bad_documents)
{
    rec_item_json_rules none = {0};
    check_fails("{\"id\": 1}\n{\"id\": 2,}\n", none, "x.json:2:10");
    check_fails("{\"title\": \"x\"}\n{}\n", none, "x.json:1: no item id");
    check_fails("[{\"id\": 1}, 5]", none, "x.json: element 2: not an object");
    check_fails("5", none, "neither a list nor an object");
    check_fails("{\"1\": 5}", none, "item \"1\": neither an object nor a list");
    check_fails("{\"id\": 1, \"a\": 1, \"a\": 2}\n{\"id\": 3}", none, "x.json:1:");
    rec_builder *b;
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_fails(rec_item_json_read(b, "/nowhere.json", &none, err), REC_ERR_DATA,
                    "/nowhere.json");
    rec_builder_free(b);
}
END_TEST

REC_SUITE("datasets/item_json", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, lines_lists_and_maps); tcase_add_test(t, title_aliases);
          tcase_add_test(t, line_numbers_as_ids); tcase_add_test(t, known_items_only);
          tcase_add_test(t, more_items_beside_typed_columns); tcase_add_test(t, bad_documents);)
