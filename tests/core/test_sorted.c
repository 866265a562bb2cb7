#include <string.h>

#include "core/rng.h"
#include "core/sorted.h"
#include "tests/suite.h"

enum { N_MAX = 300 };

/* Of each length on both sides of the switch from insertion sort to qsort; few values: many doubles. */
static const size_t lengths[] = {0, 1, 2, 3, 10, 47, 48, 49, 100, N_MAX};

static size_t count_of(const uint32_t *x, size_t n, uint32_t value)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] == value;
    return count;
}

static void draw(uint32_t *x, size_t n, uint64_t id, uint32_t n_values)
{
    rec_rng rng = rec_rng_keyed(1, "test/sorted", id);
    for (size_t i = 0; i < n; i++)
        x[i] = rec_rng_below(&rng, n_values);
}

START_TEST(sorts_by_number)
{
    uint32_t x[] = {7, UINT32_MAX, 0, 0x80000000u, 7, 1};
    static const uint32_t expected[] = {0, 1, 7, 7, 0x80000000u, UINT32_MAX};
    rec_sort_u32(x, 6);
    ck_assert_mem_eq(x, expected, sizeof x);
}
END_TEST

START_TEST(sorting_keeps_every_element)
{
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        uint32_t before[N_MAX] = {0}, x[N_MAX];
        size_t n = lengths[l];
        draw(before, n, l, 40);
        memcpy(x, before, sizeof x);
        rec_sort_u32(x, n);
        for (size_t i = 1; i < n; i++)
            ck_assert_uint_le(x[i - 1], x[i]);
        for (uint32_t value = 0; value < 40; value++)
            ck_assert_uint_eq(count_of(x, n, value), count_of(before, n, value));
    }
}
END_TEST

START_TEST(keeps_one_of_each)
{
    uint32_t x[] = {5, 2, 5, 9, 2, 2, 0};
    static const uint32_t expected[] = {0, 2, 5, 9};
    ck_assert_uint_eq(rec_sort_distinct_u32(x, 7), 4);
    ck_assert_mem_eq(x, expected, sizeof expected);
    ck_assert_uint_eq(rec_sort_distinct_u32(x, 4), 4); /* nothing is left to drop */
    ck_assert_mem_eq(x, expected, sizeof expected);
    uint32_t same[] = {3, 3, 3}, sorted[] = {0, 0, UINT32_MAX, UINT32_MAX};
    ck_assert_uint_eq(rec_sorted_distinct(same, 3), 1);
    ck_assert_uint_eq(same[0], 3);
    ck_assert_uint_eq(rec_sorted_distinct(sorted, 4), 2);
    ck_assert_uint_eq(sorted[1], UINT32_MAX);
}
END_TEST

START_TEST(distinct_values_agree_with_a_scan)
{
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        uint32_t before[N_MAX] = {0}, x[N_MAX];
        size_t n = lengths[l], n_distinct = 0;
        draw(before, n, l, 60);
        memcpy(x, before, sizeof x);
        size_t kept = rec_sort_distinct_u32(x, n);
        for (uint32_t value = 0; value < 60; value++)
            if (count_of(before, n, value) > 0)
                ck_assert_uint_eq(x[n_distinct++], value);
        ck_assert_uint_eq(kept, n_distinct);
    }
}
END_TEST

START_TEST(no_list_at_all)
{
    rec_sort_u32(NULL, 0);
    ck_assert_uint_eq(rec_sort_distinct_u32(NULL, 0), 0);
    ck_assert_uint_eq(rec_sorted_distinct(NULL, 0), 0);
    ck_assert_uint_eq(rec_sorted_at(NULL, 0, 3), 0);
    ck_assert(!rec_sorted_has(NULL, 0, 0));
}
END_TEST

START_TEST(finds_ends_gaps_and_first_of_equals)
{
    static const uint32_t one[] = {4}, list[] = {1, 3, 3, 3, 8, UINT32_MAX};
    ck_assert_uint_eq(rec_sorted_at(one, 1, 3), 0);
    ck_assert_uint_eq(rec_sorted_at(one, 1, 4), 0);
    ck_assert_uint_eq(rec_sorted_at(one, 1, 5), 1);
    ck_assert(rec_sorted_has(one, 1, 4));
    ck_assert(!rec_sorted_has(one, 1, 3));
    ck_assert(!rec_sorted_has(one, 1, 5));
    ck_assert_uint_eq(rec_sorted_at(list, 6, 0), 0);
    ck_assert_uint_eq(rec_sorted_at(list, 6, 1), 0);
    ck_assert_uint_eq(rec_sorted_at(list, 6, 3), 1);
    ck_assert_uint_eq(rec_sorted_at(list, 6, 4), 4);
    ck_assert_uint_eq(rec_sorted_at(list, 6, UINT32_MAX), 5);
    ck_assert_uint_eq(rec_sorted_at(list, 6, (uint64_t)UINT32_MAX + 1), 6); /* does not wrap to 0 */
    ck_assert(rec_sorted_has(list, 6, UINT32_MAX));
    ck_assert(!rec_sorted_has(list, 5, UINT32_MAX));
    ck_assert(!rec_sorted_has(list, 6, 2));
}
END_TEST

START_TEST(finding_agrees_with_a_scan)
{
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        uint32_t x[N_MAX];
        size_t n = lengths[l];
        draw(x, n, l, 200);
        rec_sort_u32(x, n);
        for (uint32_t value = 0; value < 202; value++) {
            size_t first = 0;
            while (first < n && x[first] < value)
                first++;
            ck_assert_uint_eq(rec_sorted_at(x, n, value), first);
            ck_assert_int_eq(rec_sorted_has(x, n, value), count_of(x, n, value) > 0);
        }
    }
}
END_TEST

REC_SUITE("core/sorted", tcase_add_test(t, sorts_by_number);
          tcase_add_test(t, sorting_keeps_every_element); tcase_add_test(t, keeps_one_of_each);
          tcase_add_test(t, distinct_values_agree_with_a_scan); tcase_add_test(t, no_list_at_all);
          tcase_add_test(t, finds_ends_gaps_and_first_of_equals);
          tcase_add_test(t, finding_agrees_with_a_scan);)
