#include "tests/datasets/data.h"

#include <math.h>

#include "datasets/negatives.h"

/* User 0 has items 0 (train) and 1 (test) of 12; every other item is someone's training row: item i
 * has i rows by other users. */
static rec_dataset *skewed(void)
{
    rec_builder *b;
    rec_dataset *d;
    uint32_t n;
    ck_assert_ok(rec_builder_new(&b, err));
    rec_builder_set_rows(b, REC_ROWS_PART);
    for (uint32_t i = 0; i < 12; i++) {
        char id[8];
        int length = sprintf(id, "%u", i);
        ck_assert_ok(rec_builder_item(&n, b, id, (size_t)length, err));
        ck_assert_ok(rec_builder_user(&n, b, id, (size_t)length, err));
    }
    ck_assert_ok(rec_builder_add(b, 0, 0, 1, 0, REC_PART_TRAIN, err));
    ck_assert_ok(rec_builder_add(b, 0, 1, 1, 0, REC_PART_TEST, err));
    for (uint32_t i = 2; i < 12; i++)
        for (uint32_t u = 1; u <= i; u++)
            ck_assert_ok(rec_builder_add(b, u, i, 1, 0, REC_PART_TRAIN, err));
    ck_assert_ok(rec_builder_finish(&d, b, err));
    rec_builder_free(b);
    return d;
}

static rec_negatives_options options(int type, int64_t n)
{
    return (rec_negatives_options){.type = type, .n = n, .seed = -1};
}

static void check_valid(const rec_dataset *d, size_t n)
{
    ck_assert_uint_eq(d->negatives->start[1], n);
    ck_assert_uint_eq(d->negatives->start[12], n); /* only user 0 is tested */
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_ge(d->negatives->item[i], 2); /* neither history nor target */
        for (size_t j = 0; j < i; j++)
            ck_assert_uint_ne(d->negatives->item[i], d->negatives->item[j]);
    }
}

START_TEST(draws_are_distinct_and_foreign)
{
    rec_dataset *d = skewed();
    rec_negatives_counts c;
    for (int type = REC_NEGATIVES_UNIFORM; type <= REC_NEGATIVES_POPULARITY; type++) {
        for (int64_t n = 1; n <= 10; n++) { /* up to all that is left: both ways of drawing */
            rec_negatives_options o = options(type, n);
            ck_assert_ok(rec_dataset_negatives(d, &c, &o, 5, err));
            check_valid(d, (size_t)n);
            ck_assert_uint_eq(c.rows, (size_t)n);
            ck_assert_uint_eq(c.users, 1);
            ck_assert_uint_eq(c.short_users, 0);
        }
    }
    rec_dataset_free(d);
}
END_TEST

/* Probabilities of one draw: 1/10 each, or i / 65 for item i = 2..11; chi-square, 9 degrees, 99.9 %. */
static void check_frequencies(int type)
{
    enum { N = 20000 };
    rec_dataset *d = skewed();
    rec_negatives_options o = options(type, 1);
    rec_negatives_counts c;
    size_t hits[12] = {0};
    for (uint64_t seed = 0; seed < N; seed++) {
        ck_assert_ok(rec_dataset_negatives(d, &c, &o, seed, err));
        hits[d->negatives->item[0]]++;
    }
    double chi2 = 0.0;
    for (size_t i = 2; i < 12; i++) {
        double expected = type == REC_NEGATIVES_UNIFORM ? N / 10.0 : N * (double)i / 65.0;
        chi2 += pow((double)hits[i] - expected, 2) / expected;
    }
    ck_assert_double_lt(chi2, 27.88);
    rec_dataset_free(d);
}

START_TEST(frequencies)
{
    check_frequencies(REC_NEGATIVES_UNIFORM);
    check_frequencies(
        REC_NEGATIVES_POPULARITY); /* 2 + 3 + .. + 11 = 65 rows, less none of user 0 */
}
END_TEST

START_TEST(too_few_items)
{
    rec_dataset *d = skewed();
    rec_negatives_options o = options(REC_NEGATIVES_UNIFORM, 11);
    rec_negatives_counts c;
    ck_assert_fails(rec_dataset_negatives(d, &c, &o, 5, err), REC_ERR_DATA,
                    "user \"0\" has 10 items to draw from, 11 are wanted");
    o.allow_short = true;
    ck_assert_ok(rec_dataset_negatives(d, &c, &o, 5, err));
    check_valid(d, 10);
    ck_assert_uint_eq(c.short_users, 1);
    rec_dataset_free(d);
}
END_TEST

static rec_dataset *with_stored(const uint32_t *items, size_t n)
{
    rec_dataset *d = skewed();
    d->negatives = calloc(1, sizeof *d->negatives);
    d->negatives->start = calloc(13, sizeof(size_t));
    d->negatives->item = calloc(n, sizeof(uint32_t));
    memcpy(d->negatives->item, items, n * sizeof *items);
    for (size_t u = 1; u <= 12; u++)
        d->negatives->start[u] = n;
    return d;
}

START_TEST(stored_lists_are_checked)
{
    rec_negatives_counts c;
    rec_negatives_options o = options(REC_NEGATIVES_AUTO, 99);
    static const uint32_t good[] = {5, 0, 5, 7};
    rec_dataset *d = with_stored(good, 4);
    ck_assert_ok(rec_dataset_negatives(d, &c, &o, 5, err));
    ck_assert_int_eq(c.type, REC_NEGATIVES_STORED);
    ck_assert_uint_eq(c.rows, 3);
    ck_assert_uint_eq(c.repeated, 1);
    ck_assert_uint_eq(c.in_history, 1); /* item 0 */
    ck_assert_uint_eq(d->negatives->item[2], 7);
    ck_assert_uint_eq(c.short_users, 0);
    rec_dataset_free(d);
    static const uint32_t target[] = {5, 1};
    d = with_stored(target, 2);
    ck_assert_fails(
        rec_dataset_negatives(d, &c, &o, 5, err), REC_ERR_DATA,
        "stored negatives of user \"0\" contain \"1\", one of the user's own test items");
    rec_dataset_free(d);
}
END_TEST

START_TEST(none_and_missing)
{
    static const uint32_t items[] = {5};
    rec_dataset *d = with_stored(items, 1);
    rec_negatives_counts c;
    rec_negatives_options o = options(REC_NEGATIVES_NONE, 1);
    ck_assert_ok(rec_dataset_negatives(d, &c, &o, 5, err));
    ck_assert_ptr_null(d->negatives);
    o.type = REC_NEGATIVES_AUTO;
    ck_assert_ok(rec_dataset_negatives(d, &c, &o, 5, err));
    ck_assert_int_eq(c.type, REC_NEGATIVES_NONE);
    o.type = REC_NEGATIVES_STORED;
    ck_assert_fails(rec_dataset_negatives(d, &c, &o, 5, err), REC_ERR_CONFIG,
                    "no file of negatives");
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/negatives", tcase_add_test(t, draws_are_distinct_and_foreign);
          tcase_add_test(t, frequencies); tcase_add_test(t, too_few_items);
          tcase_add_test(t, stored_lists_are_checked); tcase_add_test(t, none_and_missing);)
