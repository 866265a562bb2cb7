#include "tests/models/reclm_emb/films.h"

/* Histories 0 1 2 | 0 1 | 0 3 3. By hand: c(0,1) = 2, c(0,2) = c(1,2) = 1, c(0,3) = 2 (both places);
 * deg 0 = 2 + 1 + 2 = 5, deg 1 = 2 + 1 = 3, deg 2 = 2, deg 3 = 2 + 2 = 4.
 * sim(0,1) = 2 / (sqrt 15 + 10) = 0.144, sim(0,3) = 2 / (sqrt 20 + 10) = 0.138,
 * sim(0,2) = 1 / (sqrt 10 + 10) = 0.076. */
static size_t start[] = {0, 3, 5, 8};
static uint32_t item[] = {0, 1, 2, 0, 1, 0, 3, 3};
static const rec_interactions histories = {
    .n_users = 3, .n_items = 5, .n = 8, .start = start, .item = item};

START_TEST(most_similar_first)
{
    rec_emb_neighbours x;
    ck_assert_ok(rec_emb_neighbours_init(&x, &histories, NULL, NULL, err));
    ck_assert_uint_eq(x.start[1], 3);
    ck_assert(x.item[0] == 1 && x.item[1] == 3 && x.item[2] == 2);
    ck_assert_uint_eq(x.start[5] - x.start[4], 0); /* nobody has item 4 */
    rec_emb_neighbours_deinit(&x);
}
END_TEST

START_TEST(masks_hide_users_and_items)
{
    const bool users[] = {false, true, true}, items[] = {true, true, true, false, true};
    rec_emb_neighbours x;
    ck_assert_ok(rec_emb_neighbours_init(&x, &histories, users, items, err));
    ck_assert_uint_eq(x.start[1], 1);
    ck_assert_uint_eq(x.item[0], 1);
    ck_assert_uint_eq(x.start[4] - x.start[2], 0);
    rec_emb_neighbours_deinit(&x);
}
END_TEST

/* Thirty items in one history: all pairs are as similar, the lowest twenty stay. */
START_TEST(ties_go_to_lower_items)
{
    size_t one[] = {0, 30};
    uint32_t all[30];
    const rec_interactions x = {.n_users = 1, .n_items = 30, .n = 30, .start = one, .item = all};
    rec_emb_neighbours n;
    for (uint32_t i = 0; i < 30; i++)
        all[i] = 29 - i;
    ck_assert_ok(rec_emb_neighbours_init(&n, &x, NULL, NULL, err));
    ck_assert_uint_eq(n.start[1], REC_EMB_NEIGHBOURS);
    for (uint32_t i = 0; i < REC_EMB_NEIGHBOURS; i++)
        ck_assert_uint_eq(n.item[i], i + 1); /* of item 0 */
    rec_emb_neighbours_deinit(&n);
}
END_TEST

REC_SUITE("models/reclm_emb/neighbours", tcase_add_test(t, most_similar_first);
          tcase_add_test(t, masks_hide_users_and_items); tcase_add_test(t, ties_go_to_lower_items);)
