#include "tests/datasets/data.h"

#include <math.h>

#include "datasets/statistics.h"

/* Lorenz by hand: 1 1 1 1 -> 0; 0 0 0 4 -> (4 - 1) / 4; 1 2 3 -> (-2 + 0 + 6) / (3 * 6). */
START_TEST(gini)
{
    size_t even[] = {1, 1, 1, 1}, one[] = {0, 4, 0, 0}, steps[] = {3, 1, 2}, none[] = {0, 0};
    ck_assert_double_eq_tol(rec_gini(even, 4), 0.0, 1e-15);
    ck_assert_double_eq_tol(rec_gini(one, 4), 0.75, 1e-15);
    ck_assert_double_eq_tol(rec_gini(steps, 3), 4.0 / 18.0, 1e-15);
    ck_assert(isnan(rec_gini(none, 2)));
}
END_TEST

START_TEST(counts_and_oddities)
{
    static const data_row rows[] = {{.user = "a", .item = "x", .value = 1, .time = 10},
                                    {.user = "a", .item = "y", .value = 1, .time = 10},
                                    {.user = "a", .item = "x", .value = 1, .time = 20},
                                    {.user = "b", .item = "x", .value = 1, .time = 7},
                                    {.user = "b", .item = "z", .value = 1, .time = 8},
                                    {.user = "b", .item = "y", .value = 1, .time = 8}};
    rec_statistics s;
    rec_dataset *d = data_of_rows(rows, 6, REC_ROWS_TIME);
    d->catalogue.titles[0] = "Same";
    d->catalogue.titles[2] = "Same";
    ck_assert_ok(rec_dataset_statistics(&s, d, err));
    ck_assert_uint_eq(s.n_users, 2);
    ck_assert_uint_eq(s.n_items, 3);
    ck_assert_uint_eq(s.n_interactions, 6);
    ck_assert_double_eq_tol(s.density, 5.0 / 6.0, 1e-15);
    ck_assert_uint_eq(s.repeated_pairs, 1);
    ck_assert_uint_eq(s.equal_times, 2);
    ck_assert_uint_eq(s.users_with_tied_last, 1);
    ck_assert_double_eq(s.first_time, 7);
    ck_assert_double_eq(s.last_time, 20);
    ck_assert_uint_eq(s.items_without_title, 1);
    ck_assert_uint_eq(s.items_without_metadata, 1);
    ck_assert_uint_eq(s.repeated_titles, 1);
    ck_assert_uint_eq(s.per_user.median, 3);
    ck_assert_uint_eq(s.per_item.min, 1);
    ck_assert_uint_eq(s.per_item.median, 2);
    ck_assert_uint_eq(s.per_item.max, 3);
    ck_assert_double_eq(s.per_item.mean, 2);
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/statistics", tcase_add_test(t, gini); tcase_add_test(t, counts_and_oddities);)
