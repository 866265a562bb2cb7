#include "tests/datasets/data.h"

#include <math.h>

#include "datasets/splits.h"

#define T REC_PART_TRAIN
#define V REC_PART_VALID
#define E REC_PART_TEST

static rec_split_options options_of(const char *yaml)
{
    rec_yaml *map;
    rec_split_options o;
    ck_assert_ok(rec_yaml_parse(&map, yaml, strlen(yaml), "test.yaml", err));
    ck_assert_ok(rec_options_parse(&o, rec_split_option_table, map, NULL, err));
    rec_yaml_free(map);
    return o;
}

/* Users a, b, c with 10, 5 and 2 rows at times 0..9, 100..104, 1..2. */
static rec_dataset *three_users(unsigned carried)
{
    data_row rows[17];
    static const char *const items[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    for (size_t i = 0; i < 17; i++) {
        size_t at = i < 10 ? i : i < 15 ? i - 10 : i - 15;
        double from = i < 10 ? 0 : i < 15 ? 100 : 1;
        rows[i] = (data_row){i < 10 ? "a" : i < 15 ? "b" : "c", items[at], 1, from + (double)at, T};
    }
    return data_of_rows(rows, 17, carried);
}

static rec_split_counts split(rec_dataset *d, const char *yaml)
{
    rec_split_counts counts;
    rec_split_options o = options_of(yaml);
    ck_assert_ok(rec_dataset_split(d, &counts, &o, 7, err));
    rec_options_deinit(&o, rec_split_option_table);
    return counts;
}

static void check(const char *yaml, const uint8_t expected[17])
{
    rec_dataset *d = three_users(REC_ROWS_TIME);
    rec_split_counts c = split(d, yaml);
    ck_assert_mem_eq(d->part, expected, 17);
    ck_assert_uint_eq(c.train + c.valid + c.test + c.none, 17);
    rec_dataset_free(d);
}

START_TEST(by_order)
{
    check("{type: leave_one_out}",
          (const uint8_t[]){T, T, T, T, T, T, T, T, V, E, T, T, T, V, E, T, T});
    check("{type: leave_one_out, min_interactions: 2}",
          (const uint8_t[]){T, T, T, T, T, T, T, T, V, E, T, T, T, V, E, V, E});
    check("{type: ratio, valid: 0.2, test: 0.3}", /* floors: 2 and 3 of 10, 1 and 1 of 5 */
          (const uint8_t[]){T, T, T, T, T, V, V, E, E, E, T, T, T, V, E, T, T});
    check("{type: none}", (const uint8_t[]){T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T});
}
END_TEST

/* All rows by time: a and c together up to 9, then b. 0.1 of 17 is 1, 0.2 is 3. */
START_TEST(by_time_over_all_users)
{
    check("{type: ratio, scope: global, valid: 0.2, test: 0.1}",
          (const uint8_t[]){T, T, T, T, T, T, T, T, T, T, T, V, V, V, E, T, T});
    check("{type: temporal, valid_from: 8, test_from: 101}",
          (const uint8_t[]){T, T, T, T, T, T, T, T, V, V, V, E, E, E, E, T, T});
    check("{type: temporal, test_from: '1970-01-01 00:01:42'}", /* 102 seconds */
          (const uint8_t[]){T, T, T, T, T, T, T, T, T, T, T, T, E, E, E, T, T});
    /* Times sorted: 0 1 1 2 2 3 .. 9, 100 .. 104; test 14/17: cut at position 3, time 2: both rows. */
    check("{type: temporal, valid: 0, test: 0.83}",
          (const uint8_t[]){T, T, E, E, E, E, E, E, E, E, E, E, E, E, E, T, E});
    rec_dataset *d = three_users(REC_ROWS_TIME);
    rec_split_counts c = split(d, "{type: temporal, valid: 0, test: 0.83}");
    ck_assert_double_eq(c.test_from, 2);
    ck_assert_uint_eq(c.test_users, 3);
    rec_dataset_free(d);
}
END_TEST

/* Counts are floors, the draw is seeded and does not depend on other users. */
START_TEST(random_is_seeded_per_user)
{
    rec_dataset *d = three_users(REC_ROWS_TIME), *same = three_users(0), *other = three_users(0);
    rec_split_counts c = split(d, "{type: random, valid: 0.1, test: 0.3}");
    ck_assert_uint_eq(c.test, 3 + 1);
    ck_assert_uint_eq(c.valid, 1);
    ck_assert_uint_eq(c.short_users, 1);
    split(same, "{type: random, valid: 0.1, test: 0.3}");
    ck_assert_mem_eq(d->part, same->part, 17);
    split(other, "{type: random, valid: 0.1, test: 0.3, seed: 8}");
    ck_assert_mem_ne(d->part, other->part, 17);
    static const data_row alone[] = {{.user = "a", .item = "0"}, {.user = "a", .item = "1"},
                                     {.user = "a", .item = "2"}, {.user = "a", .item = "3"},
                                     {.user = "a", .item = "4"}, {.user = "a", .item = "5"},
                                     {.user = "a", .item = "6"}, {.user = "a", .item = "7"},
                                     {.user = "a", .item = "8"}, {.user = "a", .item = "9"}};
    rec_dataset *one = data_of_rows(alone, 10, 0);
    split(one, "{type: random, valid: 0.1, test: 0.3}");
    ck_assert_mem_eq(d->part, one->part, 10);
    rec_dataset *all = three_users(0);
    c = split(all, "{type: random, scope: global, valid: 0.2, test: 0.2}");
    ck_assert_uint_eq(c.test, 3);
    ck_assert_uint_eq(c.valid, 3);
    rec_dataset_free(d);
    rec_dataset_free(same);
    rec_dataset_free(other);
    rec_dataset_free(one);
    rec_dataset_free(all);
}
END_TEST

/* Each row of a user is tested equally often over seeds: chi-square, 9 degrees of freedom, 99.9 %. */
START_TEST(random_is_uniform)
{
    rec_dataset *d = three_users(0);
    rec_split_options o = options_of("{type: random, valid: 0.1, test: 0.1}");
    rec_split_counts c;
    size_t hits[10] = {0};
    for (uint64_t seed = 0; seed < 5000; seed++) {
        ck_assert_ok(rec_dataset_split(d, &c, &o, seed, err));
        for (size_t i = 0; i < 10; i++)
            hits[i] += d->part[i] == E;
    }
    double chi2 = 0.0;
    for (size_t i = 0; i < 10; i++)
        chi2 += pow((double)hits[i] - 500.0, 2) / 500.0;
    ck_assert_double_lt(chi2, 27.88);
    rec_options_deinit(&o, rec_split_option_table);
    rec_dataset_free(d);
}
END_TEST

START_TEST(fixed_parts_stay)
{
    static const data_row rows[] = {{"a", "x", 1, 0, V}, {"a", "y", 1, 0, E}, {"a", "z", 1, 0, 0}};
    rec_dataset *d = data_of_rows(rows, 3, REC_ROWS_PART);
    rec_split_counts c = split(d, "{type: fixed}");
    ck_assert_uint_eq(c.valid, 1);
    ck_assert_uint_eq(c.none, 1);
    ck_assert_uint_eq(d->part[1], E);
    ck_assert(isnan(c.test_from));
    rec_dataset_free(d);
}
END_TEST

static void check_fails(rec_dataset *d, const char *yaml, rec_status expected, const char *message)
{
    rec_split_options o = options_of(yaml);
    rec_split_counts c;
    ck_assert_fails(rec_dataset_split(d, &c, &o, 1, err), expected, message);
    rec_options_deinit(&o, rec_split_option_table);
}

START_TEST(impossible_splits)
{
    rec_dataset *d = three_users(REC_ROWS_TIME), *untimed = three_users(0);
    check_fails(d, "{type: ratio, valid: 0.6, test: 0.6}", REC_ERR_CONFIG, "more than 1");
    check_fails(d, "{type: temporal, valid_from: 3}", REC_ERR_CONFIG, "without test_from");
    check_fails(d, "{type: temporal, valid_from: 9, test_from: 3}", REC_ERR_CONFIG, "behind");
    check_fails(d, "{type: temporal, test_from: soon}", REC_ERR_CONFIG, "neither a date");
    check_fails(d, "{type: temporal, test_from: 1000}", REC_ERR_DATA, "the test set is empty");
    check_fails(d, "{type: leave_one_out, min_interactions: 11}", REC_ERR_DATA,
                "the test set is empty");
    check_fails(untimed, "{type: temporal}", REC_ERR_DATA, "needs times");
    check_fails(untimed, "{type: ratio, scope: global}", REC_ERR_DATA, "needs times");
    rec_dataset_free(d);
    rec_dataset_free(untimed);
}
END_TEST

REC_SUITE("datasets/splits", tcase_add_test(t, by_order); tcase_add_test(t, by_time_over_all_users);
          tcase_add_test(t, random_is_seeded_per_user); tcase_add_test(t, random_is_uniform);
          tcase_add_test(t, fixed_parts_stay); tcase_add_test(t, impossible_splits);)
