#include <math.h>
#include <string.h>

#include "models/two_tower.h"
#include "tests/suite.h"

static const float rows[] = {1, 0, 3, 3, 0, 0, -2, 0}; /* cosines with item 0: 1, .7071, 0, -1 */

START_TEST(scores_are_products_plus_bias)
{
    const float vectors[] = {1, 2, 0, -1}, bias[] = {0, 10, 20, 30};
    rec_item_table table = {.rows = rows, .bias = bias, .n_items = 4, .dim = 2};
    float scores[8];
    rec_two_tower_score(scores, vectors, 2, &table);
    ck_assert_mem_eq(scores, ((float[]){1, 19, 20, 28}), 4 * sizeof(float));
    ck_assert_float_eq(scores[5], 7);
    table.bias = NULL;
    rec_two_tower_score(scores, vectors, 2, &table);
    ck_assert_float_eq(scores[3], -2);
}
END_TEST

START_TEST(similar_items_by_cosine)
{
    rec_item_table table = {.rows = rows, .n_items = 4, .dim = 2};
    uint32_t items[9];
    float similarities[9];
    size_t n;
    ck_assert_ok(rec_two_tower_similar(items, similarities, &n, &table, 0, 9, err));
    ck_assert_uint_eq(n, 3);
    ck_assert_mem_eq(items, ((uint32_t[]){1, 2, 3}), 3 * sizeof *items);
    ck_assert_double_eq_tol(similarities[0], sqrt(0.5), 1e-6);
    ck_assert_float_eq(similarities[1], 0); /* a zero vector */
    ck_assert_double_eq_tol(similarities[2], -1, 1e-6);
    ck_assert_ok(rec_two_tower_similar(items, similarities, &n, &table, 2, 1, err));
    ck_assert_uint_eq(items[0], 0); /* all 0: the lowest index */
    const float bias[] = {0, -INFINITY, 5, 0};
    table.bias = bias;
    ck_assert_ok(rec_two_tower_similar(items, similarities, &n, &table, 0, 9, err));
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(items[0], 2);
}
END_TEST

REC_SUITE("models/two_tower", tcase_add_test(t, scores_are_products_plus_bias);
          tcase_add_test(t, similar_items_by_cosine);)
