#include "tests/datasets/data.h"

#include "datasets/leaks.h"

#define T REC_PART_TRAIN
#define V REC_PART_VALID
#define E REC_PART_TEST

/* a: x train 1, y valid 2, x test 2 (in train; tied with y), w train 9 (after his test)
 * b: z test 5 (z has no training row), y test 6 (y: validation only, so unseen too)
 * c: x train 3 (after the first test of all, at 2) */
static const data_row rows[] = {{"a", "x", 1, 1, T}, {"a", "y", 1, 2, V}, {"a", "x", 1, 2, E},
                                {"a", "w", 1, 9, T}, {"b", "z", 1, 5, E}, {"b", "y", 1, 6, E},
                                {"c", "x", 1, 3, T}};

START_TEST(every_kind_is_counted)
{
    rec_leaks l;
    rec_dataset *d = data_of_rows(rows, 7, REC_ROWS_TIME | REC_ROWS_PART);
    ck_assert_ok(rec_dataset_leaks(&l, d, err));
    ck_assert_uint_eq(l.test_pairs_in_train, 1);
    ck_assert_uint_eq(l.test_pairs_in_valid, 0);
    ck_assert_uint_eq(l.train_after_own_test, 1);
    ck_assert_uint_eq(l.train_after_first_test, 2);
    ck_assert_uint_eq(l.test_items_unseen, 2);
    ck_assert_uint_eq(l.test_rows_unseen, 2);
    ck_assert_uint_eq(l.test_users_unseen, 1);
    ck_assert_uint_eq(l.tied_at_boundary, 0); /* a's latest earlier row is at 9 */
    rec_dataset_free(d);
}
END_TEST

START_TEST(ties_at_the_boundary)
{
    rec_leaks l;
    rec_dataset *d = data_of_rows(rows, 3, REC_ROWS_TIME | REC_ROWS_PART);
    ck_assert_ok(rec_dataset_leaks(&l, d, err));
    ck_assert_uint_eq(l.tied_at_boundary, 1);
    rec_dataset_free(d);
    d = data_of_rows(rows, 7, REC_ROWS_PART); /* without times nothing is late */
    ck_assert_ok(rec_dataset_leaks(&l, d, err));
    ck_assert_uint_eq(l.tied_at_boundary + l.train_after_own_test + l.train_after_first_test, 0);
    ck_assert_uint_eq(l.test_pairs_in_train, 1);
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/leaks", tcase_add_test(t, every_kind_is_counted);
          tcase_add_test(t, ties_at_the_boundary);)
