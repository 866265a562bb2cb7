#include "tests/datasets/data.h"

#include <math.h>

START_TEST(everything_is_renumbered)
{
    rec_builder *b;
    rec_dataset *d;
    rec_column_builder *price, *tags, *note, *column;
    rec_table_builder *table;
    uint32_t u, i, j;
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_ok(rec_builder_user(&u, b, "u", 1, err));
    ck_assert_ok(rec_builder_item(&i, b, "20", 2, err));
    ck_assert_ok(rec_builder_item(&j, b, "3", 1, err));
    ck_assert_uint_eq(i, 0);
    ck_assert_ok(rec_builder_add(b, u, i, 1, 0, REC_PART_NONE, err));
    ck_assert_ok(rec_builder_add(b, u, j, 1, 0, REC_PART_NONE, err));
    ck_assert_ok(rec_builder_title(b, i, "Twenty", 6, err));
    ck_assert_ok(rec_builder_column(&price, b, "price", REC_COLUMN_NUMBER, err));
    ck_assert_ok(rec_builder_column(&tags, b, "tags", REC_COLUMN_TEXTS, err));
    ck_assert_ok(rec_builder_column(&note, b, "note", REC_COLUMN_TEXT, err));
    ck_assert_ok(rec_column_set_number(price, i, 2.5, err));
    ck_assert_ok(rec_column_add_text(tags, j, "b", 1, err));
    ck_assert_ok(rec_column_add_text(tags, i, "x", 1, err));
    ck_assert_ok(rec_column_add_text(tags, j, "a", 1, err));
    ck_assert_ok(rec_column_set_text(note, j, "three", 5, err));
    ck_assert_ok(rec_builder_negative(b, u, j, err));
    ck_assert_ok(rec_builder_negative(b, u, i, err));
    ck_assert_ok(rec_builder_table(&table, b, "log", err));
    ck_assert_ok(rec_table_builder_column(&column, table, "line", REC_COLUMN_TEXT, err));
    rec_table_builder_row(table);
    ck_assert_ok(rec_column_set_text(column, rec_table_builder_row(table), "second", 6, err));
    ck_assert_fails(rec_builder_column(&column, b, "price", REC_COLUMN_TEXT, err), REC_ERR_DATA,
                    "column \"price\" is number in one place and text in another");
    ck_assert_ok(rec_builder_finish(&d, b, err));
    rec_builder_free(b);
    ck_assert_str_eq(d->catalogue.ids[0], "3");
    ck_assert_ptr_null(d->catalogue.titles[0]);
    ck_assert_str_eq(d->catalogue.titles[1], "Twenty");
    ck_assert(isnan(rec_catalogue_column(&d->catalogue, "price")->number[0]));
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "price")->number[1], 2.5);
    const rec_column *t = rec_catalogue_column(&d->catalogue, "tags");
    ck_assert_uint_eq(t->start[1], 2);
    ck_assert_str_eq(t->texts[0], "b"); /* the order of arrival stays */
    ck_assert_str_eq(t->texts[1], "a");
    ck_assert_str_eq(t->texts[2], "x");
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "note")->text[0], "three");
    ck_assert_ptr_null(rec_catalogue_column(&d->catalogue, "note")->text[1]);
    ck_assert_uint_eq(d->negatives->item[0], 0);
    ck_assert_uint_eq(d->negatives->item[1], 1);
    ck_assert_uint_eq(d->interactions.item[0], 1); /* file order */
    const rec_table *log = rec_dataset_table(d, "log");
    ck_assert_uint_eq(log->n_rows, 2);
    ck_assert_ptr_null(rec_table_column(log, "line")->text[0]);
    ck_assert_str_eq(rec_table_column(log, "line")->text[1], "second");
    rec_dataset_free(d);
}
END_TEST

START_TEST(titles_and_ids_are_checked)
{
    rec_builder *b;
    uint32_t i;
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_fails(rec_builder_user(&i, b, "", 0, err), REC_ERR_DATA, "empty user id");
    ck_assert_fails(rec_builder_item(&i, b, "", 0, err), REC_ERR_DATA, "empty item id");
    ck_assert_ok(rec_builder_item(&i, b, "7", 1, err));
    ck_assert_ok(rec_builder_title(b, i, "", 0, err));
    ck_assert(!rec_builder_has_title(b, i));
    ck_assert_ok(rec_builder_title(b, i, "Up", 2, err));
    ck_assert_ok(rec_builder_title(b, i, "Up", 2, err));
    ck_assert_fails(rec_builder_title(b, i, "Up!", 3, err), REC_ERR_DATA,
                    "item \"7\" has two titles, \"Up\" and \"Up!\"");
    ck_assert_str_eq(rec_builder_title_of(b, i), "Up");
    ck_assert_ptr_null(rec_builder_title_of(b, 5));
    ck_assert_uint_eq(rec_builder_find_item(b, "8", 1), REC_NO_ITEM);
    rec_builder_free(b);
    rec_builder_free(NULL);
}
END_TEST

/* More rows than a block holds, users interleaved: rows of a user keep their order. */
START_TEST(blocks_keep_file_order)
{
    enum { N = 50000, USERS = 7 };
    rec_builder *b;
    rec_dataset *d;
    uint32_t user, item;
    ck_assert_ok(rec_builder_new(&b, err));
    rec_builder_set_rows(b, REC_ROWS_VALUE | REC_ROWS_TIME | REC_ROWS_PART);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert_ok(rec_builder_item(&item, b, i == 0 ? "0" : "1", 1, err));
    for (uint32_t u = 0; u < USERS; u++)
        ck_assert_ok(rec_builder_user(&user, b, &"0123456"[u], 1, err));
    size_t wrong = 0; /* one assertion per row would take seconds */
    for (uint32_t i = 0; i < N; i++)
        wrong +=
            rec_builder_add(b, i % USERS, i % 2, (float)i, 2.0 * i, REC_PART_TEST, NULL) != REC_OK;
    ck_assert_ok(rec_builder_finish(&d, b, err));
    ck_assert_uint_eq(d->interactions.n, N);
    for (uint32_t u = 0; u < USERS; u++) {
        size_t at = d->interactions.start[u];
        for (uint32_t i = u; i < N; i += USERS, at++)
            wrong += d->interactions.value[at] != (float)i || d->interactions.time[at] != 2.0 * i ||
                     d->interactions.item[at] != i % 2 || d->part[at] != REC_PART_TEST;
        ck_assert_uint_eq(at, d->interactions.start[u + 1]);
    }
    ck_assert_uint_eq(wrong, 0);
    rec_builder_free(b);
    rec_dataset_free(d);
}
END_TEST

START_TEST(types_are_inferred)
{
    rec_builder *b;
    rec_dataset *d;
    rec_column_builder *year, *day, *code, *forced;
    uint32_t item;
    char *names[] = {"forced"};
    rec_string_list numbers = {.items = names, .n = 1};
    ck_assert_ok(rec_builder_new(&b, err));
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_ok(rec_builder_item(&item, b, &"012"[i], 1, err));
    ck_assert_ok(rec_builder_column(&year, b, "year", REC_COLUMN_TEXT, err));
    ck_assert_ok(rec_builder_column(&day, b, "day", REC_COLUMN_TEXT, err));
    ck_assert_ok(rec_builder_column(&code, b, "code", REC_COLUMN_TEXT, err));
    ck_assert_ok(rec_builder_column(&forced, b, "forced", REC_COLUMN_TEXT, err));
    ck_assert_ok(rec_column_set_text(year, 0, "1999", 4, err));
    ck_assert_ok(rec_column_set_text(year, 2, "-5.50", 5, err));
    ck_assert_ok(rec_column_set_text(day, 1, "1970-01-02", 10, err));
    ck_assert_ok(rec_column_set_text(code, 0, "12", 2, err));
    ck_assert_ok(rec_column_set_text(code, 1, "012", 3, err));
    ck_assert_ok(rec_column_set_text(forced, 0, "12", 2, err));
    ck_assert_ok(rec_column_set_text(forced, 1, "n/a", 3, err));
    ck_assert_ok(rec_builder_infer_types(b, &numbers, err));
    size_t n;
    ck_assert_uint_eq(rec_builder_n_counts(b), 1);
    ck_assert_str_eq(rec_builder_count_at(&n, b, 0), "values_not_numbers");
    ck_assert_uint_eq(n, 1);
    ck_assert_ok(rec_builder_finish(&d, b, err));
    const rec_column *c = rec_catalogue_column(&d->catalogue, "year");
    ck_assert_int_eq(c->type, REC_COLUMN_NUMBER);
    ck_assert_double_eq(c->number[2], -5.5);
    ck_assert(isnan(c->number[1]));
    c = rec_catalogue_column(&d->catalogue, "day");
    ck_assert_int_eq(c->type, REC_COLUMN_DATE);
    ck_assert_double_eq(c->number[1], 86400);
    ck_assert_int_eq(rec_catalogue_column(&d->catalogue, "code")->type, REC_COLUMN_TEXT);
    c = rec_catalogue_column(&d->catalogue, "forced");
    ck_assert_double_eq(c->number[0], 12);
    ck_assert(isnan(c->number[1]));
    rec_builder_free(b);
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/builder", tcase_add_test(t, everything_is_renumbered);
          tcase_add_test(t, titles_and_ids_are_checked); tcase_add_test(t, blocks_keep_file_order);
          tcase_add_test(t, types_are_inferred);)
