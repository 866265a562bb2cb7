#include "tests/datasets/data.h"

#include "datasets/filters.h"

/* a: x(5) y(3) x(1); b: x(4) z(2); c: w(1). */
static rec_dataset *six_rows(void)
{
    static const data_row rows[] = {{.user = "a", .item = "x", .value = 5, .time = 10},
                                    {.user = "a", .item = "y", .value = 3, .time = 20},
                                    {.user = "a", .item = "x", .value = 1, .time = 30},
                                    {.user = "b", .item = "x", .value = 4, .time = 15},
                                    {.user = "b", .item = "z", .value = 2, .time = 25},
                                    {.user = "c", .item = "w", .value = 1, .time = 35}};
    return data_of_rows(rows, 6, REC_ROWS_VALUE | REC_ROWS_TIME);
}

static rec_status try_filter(rec_dataset *d, rec_filter_counts *counts, const char *yaml,
                             rec_error *error)
{
    rec_yaml *map;
    rec_filter_options o;
    ck_assert_int_eq(rec_yaml_parse(&map, yaml, strlen(yaml), "test.yaml", error), REC_OK);
    ck_assert_int_eq(rec_options_parse(&o, rec_filter_option_table, map, NULL, error), REC_OK);
    rec_status status = rec_dataset_filter(d, counts, &o, error);
    rec_options_deinit(&o, rec_filter_option_table);
    rec_yaml_free(map);
    return status;
}

static rec_filter_counts filter(rec_dataset *d, const char *yaml)
{
    rec_filter_counts counts;
    ck_assert_ok(try_filter(d, &counts, yaml, err));
    return counts;
}

/* "user:item,item user:item" of what is left, by id. */
static void check_rows(const rec_dataset *d, const char *expected)
{
    char text[256] = "";
    for (size_t u = 0; u < d->n_users; u++) {
        sprintf(text + strlen(text), "%s%s:", u > 0 ? " " : "", d->user_ids[u]);
        for (size_t i = d->interactions.start[u]; i < d->interactions.start[u + 1]; i++)
            sprintf(text + strlen(text), "%s", d->catalogue.ids[d->interactions.item[i]]);
    }
    ck_assert_str_eq(text, expected);
}

START_TEST(rows_by_value_and_time)
{
    rec_dataset *d = six_rows();
    rec_filter_counts c = filter(d, "{min_rating: 3}");
    check_rows(d, "a:xy b:x"); /* c has no row left and goes; w stays in the catalogue */
    ck_assert_uint_eq(c.below_min_rating, 3);
    ck_assert_uint_eq(c.users_dropped, 1);
    ck_assert_uint_eq(d->catalogue.n_items, 4);
    ck_assert_uint_eq(d->interactions.n_users, 2);
    rec_dataset_free(d);
    d = six_rows();
    c = filter(d, "{from: 15, until: 30, catalogue: interacted}");
    check_rows(d, "a:y b:xz");
    ck_assert_uint_eq(c.outside_window, 3);
    ck_assert_uint_eq(c.items_dropped, 1);
    ck_assert_uint_eq(rec_dataset_item(d, "z"), 2);
    ck_assert_uint_eq(rec_dataset_item(d, "w"), REC_NO_ITEM);
    rec_dataset_free(d);
}
END_TEST

START_TEST(duplicate_rules)
{
    rec_filter_counts c;
    rec_dataset *d = six_rows();
    c = filter(d, "{duplicates: first}");
    check_rows(d, "a:xy b:xz c:w");
    ck_assert_uint_eq(c.duplicates, 1);
    ck_assert_float_eq(d->interactions.value[0], 5);
    rec_dataset_free(d);
    d = six_rows();
    filter(d, "{duplicates: last}");
    check_rows(d, "a:yx b:xz c:w");
    ck_assert_float_eq(d->interactions.value[1], 1);
    rec_dataset_free(d);
    d = six_rows();
    filter(d, "{duplicates: sum}");
    check_rows(d, "a:xy b:xz c:w");
    ck_assert_float_eq(d->interactions.value[0], 6);
    rec_dataset_free(d);
    d = six_rows();
    ck_assert_fails(try_filter(d, &c, "{duplicates: error}", err), REC_ERR_DATA,
                    "user \"a\" has item \"x\" more than once");
    rec_dataset_free(d);
    d = six_rows();
    c = filter(d, "{duplicates: keep}");
    check_rows(d, "a:xyx b:xz c:w");
    ck_assert_uint_eq(c.duplicates, 0);
    rec_dataset_free(d);
}
END_TEST

START_TEST(sum_counts_rows_without_values)
{
    static const data_row rows[] = {{.user = "a", .item = "x"},
                                    {.user = "a", .item = "x"},
                                    {.user = "a", .item = "x"},
                                    {.user = "a", .item = "y"}};
    rec_dataset *d = data_of_rows(rows, 4, 0);
    filter(d, "{duplicates: sum}");
    ck_assert_uint_eq(d->interactions.n, 2);
    ck_assert_float_eq(d->interactions.value[0], 3);
    ck_assert_float_eq(d->interactions.value[1], 1);
    rec_dataset_free(d);
}
END_TEST

/* 2-core: w goes, then c; y and z go, then a (xx: two rows of one item count) and b (one row) ... a has
 * x twice, x then has 3 rows - 1 (b's) = 2: {a: x x} is stable. */
START_TEST(k_core_repeats_until_stable)
{
    rec_dataset *d = six_rows();
    rec_filter_counts c = filter(d, "{k_core: 2}");
    check_rows(d, "a:xx");
    ck_assert_uint_eq(c.below_k_core, 4);
    ck_assert_uint_eq(c.items_dropped, 3);
    ck_assert_uint_eq(d->catalogue.n_items, 1);
    rec_dataset_free(d);
    d = six_rows();
    filter(d, "{k_core: 2, duplicates: first}"); /* on distinct pairs nothing is left */
    ck_assert_uint_eq(d->interactions.n, 0);
    ck_assert_uint_eq(d->n_users, 0);
    rec_dataset_free(d);
    d = six_rows();
    c = filter(d, "{min_user_interactions: 3}");
    check_rows(d, "a:xyx");
    ck_assert_uint_eq(d->catalogue.n_items, 4); /* no limit on items: they stay */
    rec_dataset_free(d);
}
END_TEST

START_TEST(values_of_one_have_one_form)
{
    rec_dataset *d = six_rows();
    filter(d, "{binarise: true}");
    ck_assert_ptr_null(d->interactions.value);
    rec_dataset_free(d);
    static const data_row ones[] = {{.user = "a", .item = "x", .value = 1},
                                    {.user = "a", .item = "y", .value = 1}};
    d = data_of_rows(ones, 2, REC_ROWS_VALUE);
    filter(d, "{}");
    ck_assert_ptr_null(d->interactions.value);
    rec_dataset_free(d);
}
END_TEST

/* Columns, titles and candidates follow the items that stay. */
START_TEST(catalogue_is_compacted)
{
    rec_builder *b;
    rec_dataset *d;
    rec_column_builder *tags, *price, *note;
    uint32_t user[2], item;
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_ok(rec_builder_column(&tags, b, "tags", REC_COLUMN_TEXTS, err));
    ck_assert_ok(rec_builder_column(&price, b, "price", REC_COLUMN_NUMBER, err));
    ck_assert_ok(rec_builder_column(&note, b, "note", REC_COLUMN_TEXT, err));
    ck_assert_ok(rec_builder_user(&user[0], b, "u", 1, err));
    ck_assert_ok(rec_builder_user(&user[1], b, "v", 1, err));
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_ok(rec_builder_item(&item, b, &"abcde"[i], 1, err));
        ck_assert_ok(rec_builder_title(b, item, &"ABCDE"[i], 1, err));
        for (uint32_t k = 0; k < i; k++)
            ck_assert_ok(rec_column_add_text(tags, item, &"pqrst"[k], 1, err));
        ck_assert_ok(rec_column_set_number(price, item, i, err));
        ck_assert_ok(rec_column_set_text(note, item, &"vwxyz"[i], 1, err));
        ck_assert_ok(rec_builder_negative(b, user[i % 2], item, err));
    }
    ck_assert_ok(rec_builder_add(b, user[1], 2, 1, 0, 0, err));
    ck_assert_ok(rec_builder_add(b, user[1], 4, 1, 0, 0, err));
    ck_assert_ok(rec_builder_finish(&d, b, err));
    rec_builder_free(b);
    rec_filter_counts c = filter(d, "{catalogue: interacted}");
    ck_assert_uint_eq(d->catalogue.n_items, 2);
    ck_assert_str_eq(d->catalogue.ids[0], "c");
    ck_assert_str_eq(d->catalogue.titles[1], "E");
    const rec_column *t = rec_catalogue_column(&d->catalogue, "tags");
    ck_assert_uint_eq(t->start[0], 0);
    ck_assert_uint_eq(t->start[1], 2);
    ck_assert_uint_eq(t->start[2], 6);
    ck_assert_str_eq(t->texts[2], "p");
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "price")->number[0], 2);
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "note")->text[1], "z");
    ck_assert_uint_eq(c.users_dropped, 1); /* u had candidates only: a, c, e */
    ck_assert_uint_eq(d->n_users, 1);
    ck_assert_uint_eq(c.negatives_dropped, 2); /* v's b and d */
    ck_assert_uint_eq(d->negatives->start[1], 0);
    ck_assert_uint_eq(d->interactions.item[1], 1);
    rec_dataset_free(d);
}
END_TEST

START_TEST(windows_need_times)
{
    static const data_row rows[] = {{.user = "a", .item = "x"}};
    rec_dataset *d = data_of_rows(rows, 1, 0);
    rec_filter_counts c;
    ck_assert_fails(try_filter(d, &c, "{from: 3}", err), REC_ERR_DATA, "needs times");
    rec_dataset_free(d);
    d = six_rows();
    ck_assert_fails(try_filter(d, &c, "{until: later}", err), REC_ERR_CONFIG, "until: \"later\"");
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/filters", tcase_add_test(t, rows_by_value_and_time);
          tcase_add_test(t, duplicate_rules); tcase_add_test(t, sum_counts_rows_without_values);
          tcase_add_test(t, k_core_repeats_until_stable);
          tcase_add_test(t, values_of_one_have_one_form); tcase_add_test(t, catalogue_is_compacted);
          tcase_add_test(t, windows_need_times);)
