#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "models/top_k.h"
#include "tests/suite.h"

START_TEST(orders_by_score_then_item)
{
    float row[] = {1, 3, 2, 3, -INFINITY, NAN, 2};
    uint32_t items[7];
    float scores[7];
    ck_assert_uint_eq(rec_top_k(items, scores, row, 7, 3), 3);
    ck_assert_mem_eq(items, ((uint32_t[]){1, 3, 2}), 3 * sizeof *items);
    ck_assert_mem_eq(scores, ((float[]){3, 3, 2}), 3 * sizeof *scores);
    ck_assert_uint_eq(rec_top_k(items, scores, row, 7, 7), 5); /* without -inf and NaN */
    ck_assert_mem_eq(items, ((uint32_t[]){1, 3, 2, 6, 0}), 5 * sizeof *items);
    ck_assert_uint_eq(rec_top_k(items, scores, row, 7, 0), 0);
    ck_assert_uint_eq(rec_top_k(items, scores, row, 0, 3), 0);
}
END_TEST

/* Equal scores everywhere: the lowest items, whatever the chunking. */
START_TEST(constant_scores_keep_the_first)
{
    enum { N = 5000, K = 40 };
    static float row[N];
    uint32_t items[K];
    float scores[K];
    ck_assert_uint_eq(rec_top_k(items, scores, row, N, K), K);
    for (uint32_t i = 0; i < K; i++)
        ck_assert_uint_eq(items[i], i);
}
END_TEST

static size_t naive_rank(const float *row, size_t n, size_t i)
{
    size_t rank = 0;
    for (size_t j = 0; j < n; j++)
        rank += row[j] > row[i] || (row[j] == row[i] && j < i);
    return rank;
}

START_TEST(agrees_with_counting)
{
    enum { N = 3001, K = 200 };
    static float row[N];
    rec_rng r = rec_rng_keyed(1, "top", 0);
    for (size_t i = 0; i < N; i++)
        row[i] = (float)rec_rng_below(&r, 500) / 7.0f;
    uint32_t items[K];
    float scores[K];
    ck_assert_uint_eq(rec_top_k(items, scores, row, N, K), K);
    for (size_t i = 0; i < K; i++) {
        ck_assert_uint_eq(naive_rank(row, N, items[i]), i);
        ck_assert_float_eq(scores[i], row[items[i]]);
    }
}
END_TEST

/* Blocks of any length give what one scan gives. */
START_TEST(blocks_join)
{
    enum { N = 700, K = 12 };
    float row[N], whole_scores[K], scores[K];
    uint32_t whole[K], items[K];
    rec_rng r = rec_rng_keyed(2, "top", 0);
    for (size_t i = 0; i < N; i++)
        row[i] = rec_rng_uniform_float(&r);
    rec_top_k(whole, whole_scores, row, N, K);
    rec_top t;
    rec_top_init(&t, items, scores, K);
    for (uint32_t first = 0, n = 1; first < N; first += n, n = n * 2 + 1)
        rec_top_scan(&t, row + first, n < N - first ? n : N - first, first);
    rec_top_finish(&t);
    ck_assert_uint_eq(t.n_seen, N);
    ck_assert_mem_eq(items, whole, sizeof whole);
    ck_assert_mem_eq(scores, whole_scores, sizeof whole_scores);
}
END_TEST

START_TEST(moved_items_change_place_in_their_group_only)
{
    float row[] = {5, 4, 4, 4, 4, 9, 1};
    uint32_t items[4];
    float scores[4];
    rec_top t;
    rec_top_init(&t, items, scores, 4);
    t.moved = (const uint32_t[]){3, 4, 6};
    t.n_moved = 3;
    t.moved_first = true;
    rec_top_scan(&t, row, 7, 0);
    rec_top_finish(&t);
    ck_assert_mem_eq(items, ((uint32_t[]){5, 0, 3, 4}), sizeof items);
    rec_top_init(&t, items, scores, 4);
    t.moved = (const uint32_t[]){1, 2};
    t.n_moved = 2;
    t.moved_first = false;
    rec_top_scan(&t, row, 7, 0);
    rec_top_finish(&t);
    ck_assert_mem_eq(items, ((uint32_t[]){5, 0, 3, 4}), sizeof items);
}
END_TEST

/* Parts 5 3 -inf | 3 4 3 NaN of one row; item 5 is moved to the front of its group. */
START_TEST(parts_merge_in_any_order)
{
    const float row[] = {5, 3, -INFINITY, 3, 4, 3, NAN};
    const uint32_t moved[] = {5};
    for (int order = 0; order < 2; order++) {
        rec_top part[2], whole;
        uint32_t items[3][4];
        float scores[3][4];
        for (int i = 0; i < 2; i++) {
            rec_top_init(&part[i], items[i], scores[i], 3);
            part[i].moved = moved;
            part[i].n_moved = 1;
            part[i].moved_first = true;
            rec_top_scan(&part[i], row + 3 * i, i == 0 ? 3 : 4, (uint32_t)(3 * i));
        }
        rec_top_init(&whole, items[2], scores[2], 4);
        rec_top_merge(&whole, &part[order]);
        ck_assert_float_eq(rec_top_worst(&whole), -INFINITY); /* not full */
        rec_top_merge(&whole, &part[1 - order]);
        ck_assert_float_eq(rec_top_worst(&whole), 3);
        rec_top_finish(&whole);
        ck_assert_mem_eq(items[2], ((uint32_t[]){0, 4, 5, 1}), 4 * sizeof(uint32_t));
        ck_assert_uint_eq(whole.n_seen, 7);
        ck_assert_uint_eq(whole.n_never, 1);
        ck_assert_uint_eq(whole.nan_item, 6);
    }
}
END_TEST

/* Scores below the floor are left out, equal ones stay: 3 places elsewhere reach 2. */
START_TEST(a_floor_keeps_equal_scores)
{
    const float row[] = {1, 2, 1.5f, 2, 7, 0};
    rec_top t;
    uint32_t items[3];
    float scores[3];
    rec_top_init(&t, items, scores, 3);
    t.floor = 2;
    rec_top_scan(&t, row, 3, 0);
    ck_assert_uint_eq(t.n, 1);
    rec_top_scan(&t, row + 3, 3, 3);
    rec_top_finish(&t);
    ck_assert_uint_eq(t.n, 3);
    ck_assert_mem_eq(items, ((uint32_t[]){4, 1, 3}), sizeof items);
    ck_assert_uint_eq(t.n_seen, 6);
}
END_TEST

START_TEST(reports_the_first_nan)
{
    float row[] = {1, 2, NAN, NAN};
    uint32_t items[1];
    float scores[1];
    rec_top t;
    rec_top_init(&t, items, scores, 1);
    rec_top_scan(&t, row, 2, 0);
    ck_assert_uint_eq(t.nan_item, UINT32_MAX);
    rec_top_scan(&t, row + 2, 2, 2);
    ck_assert_uint_eq(t.nan_item, 2);
    rec_top_init(&t, items, scores, 0); /* k = 0 still looks */
    rec_top_scan(&t, row, 4, 0);
    ck_assert_uint_eq(t.nan_item, 2);
}
END_TEST

REC_SUITE("models/top_k", tcase_add_test(t, orders_by_score_then_item);
          tcase_add_test(t, constant_scores_keep_the_first);
          tcase_add_test(t, agrees_with_counting); tcase_add_test(t, blocks_join);
          tcase_add_test(t, moved_items_change_place_in_their_group_only);
          tcase_add_test(t, parts_merge_in_any_order);
          tcase_add_test(t, a_floor_keeps_equal_scores); tcase_add_test(t, reports_the_first_nan);)
