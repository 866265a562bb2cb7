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
    return rec_metric_find("intra_list_diversity")->list_value(&lists, list, k);
}

START_TEST(by_hand)
{
    ck_assert_double_eq_tol(at(0, 2), 1 - 0.6, 1e-7); /* float vectors */
    /* cosines 0.6, 0, 0.8 */
    ck_assert_double_eq_tol(at(0, 9), (0.4 + 1 + 0.2) / 3, 1e-7);
    ck_assert_double_nan(at(0, 1));
    ck_assert_double_nan(at(1, 2));
}
END_TEST

START_TEST(undefined_without_vectors)
{
    rec_list_set bare = lists;
    bare.item_vectors = NULL;
    ck_assert_double_nan(rec_metric_find("intra_list_diversity")->list_value(&bare, 0, 3));
}
END_TEST

REC_SUITE("harness/metrics/intra_list_diversity", tcase_add_test(t, by_hand);
          tcase_add_test(t, undefined_without_vectors);)
