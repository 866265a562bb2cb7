#include "tests/harness/metrics/lists.h"

/* A list of items 2, 0, 1 and an empty one. */
static const uint32_t popularity[] = {2, 0, 8};
static const float vectors[] = {0.6f, 0.8f, 0, 1, 1, 0};
static const rec_list_set lists = {.items = (const uint32_t[]){2, 0, 1, 0, 0, 0},
                                   .n_ranked = (const uint32_t[]){3, 0},
                                   .n_lists = 2,
                                   .stride = 3,
                                   .n_items = 3,
                                   .popularity = popularity,
                                   .n_train_users = 16,
                                   .tail_popularity = 2,
                                   .item_vectors = vectors,
                                   .dim = 2};

static double at(size_t list, size_t k)
{
    return rec_metric_find("tail_share")->list_value(&lists, list, k);
}

START_TEST(by_hand)
{
    ck_assert_double_eq(at(0, 1), 0.0);
    ck_assert_double_eq(at(0, 2), 0.5);
    ck_assert_near(at(0, 9), 2.0 / 3);
    ck_assert_double_nan(at(1, 2));
}
END_TEST

static uint32_t tail_of(const uint32_t *counts, size_t n)
{
    uint32_t out = 99;
    ck_assert_ok(rec_tail_popularity(&out, counts, n, err));
    return out;
}

/* The fifth of 100 is 20: 0 + 5 + 5 + 10 fits, with equal popularities on one side. */
START_TEST(tail_holds_a_fifth)
{
    ck_assert_uint_eq(tail_of((const uint32_t[]){80, 5, 0, 10, 5}, 5), 10);
    ck_assert_uint_eq(tail_of((const uint32_t[]){70, 10, 10, 10}, 4), 0);
    ck_assert_uint_eq(tail_of((const uint32_t[]){7}, 1), 0);
    ck_assert_uint_eq(tail_of(NULL, 0), 0);
}
END_TEST

REC_SUITE("harness/metrics/tail_share", tcase_add_test(t, by_hand);
          tcase_add_test(t, tail_holds_a_fifth);)
