#include "tests/datasets/data.h"

#include <math.h>
#include <sys/stat.h>

#include "datasets/export.h"

static void check_column(const rec_column *a, const rec_column *b, size_t n)
{
    ck_assert_ptr_nonnull(b);
    ck_assert_int_eq(a->type, b->type);
    for (size_t i = 0; i < n; i++) {
        if (a->type == REC_COLUMN_TEXT)
            ck_assert_pstr_eq(a->text[i], b->text[i]);
        if (a->type == REC_COLUMN_TEXTS) {
            ck_assert_uint_eq(a->start[i + 1], b->start[i + 1]);
            for (size_t k = a->start[i]; k < a->start[i + 1]; k++)
                ck_assert_str_eq(a->texts[k], b->texts[k]);
        }
        if (a->number != NULL && !isnan(a->number[i]))
            ck_assert_double_eq(a->number[i], b->number[i]);
        if (a->number != NULL)
            ck_assert_int_eq(isnan(a->number[i]) != 0, isnan(b->number[i]) != 0);
    }
}

/* Texts, numbers, dates, lists, missing values, fractions and blanks inside list entries come back. */
START_TEST(everything_comes_back)
{
    rec_dataset *a = data_load("{type: synth, users: 30, items: 60, split: {type: none}}");
    ck_assert_ok(rec_dataset_export(a, data_folder, "x", err));
    rec_dataset *b =
        data_load("{type: recbole, path: '@', lists: [], split: {type: none, order: [file]}}");
    const rec_interactions *x = &a->interactions, *y = &b->interactions;
    ck_assert_uint_eq(x->n, y->n);
    ck_assert_mem_eq(x->item, y->item, x->n * sizeof *x->item);
    ck_assert_mem_eq(x->value, y->value, x->n * sizeof *x->value);
    ck_assert_mem_eq(x->time, y->time, x->n * sizeof *x->time);
    ck_assert_uint_eq(a->catalogue.n_columns, b->catalogue.n_columns);
    for (size_t i = 0; i < 60; i++)
        ck_assert_str_eq(a->catalogue.titles[i], b->catalogue.titles[i]);
    for (size_t k = 0; k < a->catalogue.n_columns; k++) {
        const rec_column *c = &a->catalogue.columns[k];
        check_column(c, rec_catalogue_column(&b->catalogue, c->name), 60);
    }
    rec_dataset_free(a);
    rec_dataset_free(b);
}
END_TEST

/* What a .item field cannot hold travels in the JSON file. */
START_TEST(awkward_titles)
{
    data_put("log.csv", "user_id,item_id,v\nu,a,0.1\nu,b,1\nu,c,3\n");
    data_put("things.csv", "item_id,title\na,\"Tab\there\"\nb,\"\"\"Quoted\"\" first\"\nc,Plain\n");
    rec_dataset *a = data_load("{type: csv, path: '@/log.csv', items: things.csv, value: v}");
    ck_assert_ok(rec_dataset_export(a, data_folder, "x", err));
    rec_dataset *b = data_load("{type: recbole, path: '@'}");
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(a->catalogue.titles[i], b->catalogue.titles[i]);
    ck_assert_float_eq(b->interactions.value[0], 0.1f);
    rec_dataset_free(a);
    rec_dataset_free(b);
}
END_TEST

START_TEST(folders_that_cannot_be_written)
{
    rec_dataset *d = data_load("{type: synth, users: 3, items: 60}");
    ck_assert_fails(rec_dataset_export(d, data_put("file", "x"), "x", err), REC_ERR_RESOURCE,
                    "file");
    ck_assert_fails(rec_dataset_export(d, "/proc/nowhere", "x", err), REC_ERR_RESOURCE,
                    "/proc/nowhere");
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/export", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, everything_comes_back); tcase_add_test(t, awkward_titles);
          tcase_add_test(t, folders_that_cannot_be_written);)
