#include "harness/tasks/item_vectors.h"

#include <math.h>
#include <string.h>

#include "tests/suite.h"

/* Items: 0 {drama, war}, 1 {war}, 2 nothing; brands x, none, x. Dimensions in byte order. */
static char *genres[] = {"war", "drama", "war"}, *brands[] = {"x", NULL, "x"};
static size_t starts[] = {0, 2, 3, 3};
static double years[] = {1, 2, 3};
static rec_column columns[] = {
    {.name = "brand", .type = REC_COLUMN_TEXT, .text = brands},
    {.name = "year", .type = REC_COLUMN_NUMBER, .number = years},
    {.name = "genres", .type = REC_COLUMN_TEXTS, .start = starts, .texts = genres},
};
static const rec_dataset data = {
    .catalogue = {.n_items = 3, .n_columns = 3, .columns = columns}};

START_TEST(rows_have_unit_length)
{
    rec_item_vectors v;
    ck_assert_ok(rec_item_vectors_init(&v, &data, NULL, err)); /* the first column of lists */
    ck_assert_uint_eq(v.dim, 2);
    const float half = sqrtf(0.5f), want[] = {half, half, 0, 1, 0, 0};
    for (size_t i = 0; i < 6; i++)
        ck_assert_float_eq_tol(v.rows[i], want[i], 1e-6f);
    rec_item_vectors_deinit(&v);
    ck_assert_ok(rec_item_vectors_init(&v, &data, "brand", err));
    ck_assert_uint_eq(v.dim, 1);
    ck_assert_float_eq(v.rows[1], 0.0f);
    ck_assert_float_eq(v.rows[2], 1.0f);
    rec_item_vectors_deinit(&v);
}
END_TEST

START_TEST(columns_that_do_not_do)
{
    rec_item_vectors v;
    const rec_dataset bare = {.catalogue = {.n_items = 3, .n_columns = 2, .columns = columns}};
    ck_assert_fails(rec_item_vectors_init(&v, &data, "colour", err), REC_ERR_DATA,
                    "no column \"colour\"");
    ck_assert_fails(rec_item_vectors_init(&v, &data, "year", err), REC_ERR_DATA, "is not text");
    ck_assert_fails(rec_item_vectors_init(&v, &bare, NULL, err), REC_ERR_DATA,
                    "no column of lists");
    rec_item_vectors_deinit(&v);
}
END_TEST

REC_SUITE("harness/tasks/item_vectors", tcase_add_test(t, rows_have_unit_length);
          tcase_add_test(t, columns_that_do_not_do);)
