/* Catalogues long enough to be cut into spans, against a model of whole rows with the same scores: small
 * whole numbers, so that products are exact and ties reach across every border. */
#include <math.h>
#include <stdlib.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "models/ranking.h"
#include "tests/models/fake_recommenders.h"
#include "tests/models/fake_towers_world.h"
#include "tests/suite.h"

/* Two tiles of requests; one thread cuts the catalogue in 2, two and more threads in 4. */
enum { N_USERS = 260, N_ITEMS = 33001, DIM = 3, MANY = 9000 };

/* First and last items of blocks and of spans. */
static const uint32_t borders[] = {0,     511,   512,   8191,  8192,  8703,  8704,
                                   16383, 16384, 16895, 16896, 25087, 25088, 33000};
enum { N_BORDERS = sizeof borders / sizeof *borders };

typedef struct world {
    float users[N_USERS * DIM], items[N_ITEMS * DIM], bias[N_ITEMS], scores[N_USERS * N_ITEMS];
    uint32_t excluded[N_USERS][40], targets[N_USERS][5], candidates[N_USERS][30];
    rec_rank_request requests[N_USERS];
    fake_towers towers;
    fake_matrix matrix;
} world;

/* Distinct: a border and random items between the borders. */
static void draw_items(uint32_t *items, uint32_t n, uint32_t border, rec_rng *r)
{
    rec_rng_sample(items, r, N_ITEMS - 1, n);
    for (uint32_t i = 0; i < n; i++)
        items[i] += items[i] >= border;
    items[n / 2] = border;
}

static void fill_requests(world *w)
{
    for (uint32_t u = 0; u < N_USERS; u++) {
        rec_rng r = rec_rng_keyed(9, "requests", u);
        draw_items(w->excluded[u], 40, borders[u % N_BORDERS], &r);
        draw_items(w->targets[u], 5, borders[u / 3 % N_BORDERS], &r);
        draw_items(w->candidates[u], 30, w->targets[u][1], &r);
        w->requests[u] = (rec_rank_request){.query = {.user = u},
                                            .excluded = w->excluded[u],
                                            .n_excluded = u % 41,
                                            .targets = w->targets[u],
                                            .n_targets = u % 6};
        if (u % 9 == 4) {
            w->requests[u].candidates = w->candidates[u];
            w->requests[u].n_candidates = 30;
        }
    }
}

static world *world_new(void)
{
    world *w = rec_alloc(1, sizeof *w, NULL);
    rec_rng r = rec_rng_keyed(9, "world", 0);
    draw_towers(w->users, w->items, w->bias, w->scores, N_USERS, N_ITEMS, DIM, &r);
    fill_requests(w);
    w->towers = (fake_towers){w->users, {w->items, w->bias, N_ITEMS, DIM}};
    w->matrix = (fake_matrix){w->scores, N_ITEMS};
    return w;
}

/* Requests first .. first + n - 1 in spans and in whole rows. */
static void compare(const world *w, size_t first, size_t n, size_t k, rec_ties ties)
{
    rec_ranked rows, spans;
    ck_assert_ok(rec_rank(&rows, &fake_matrix_type, &w->matrix, w->requests + first, n, k, ties,
                          N_ITEMS, err));
    ck_assert_ok(rec_rank(&spans, &fake_towers_type, &w->towers, w->requests + first, n, k, ties,
                          N_ITEMS, err));
    assert_same(&rows, &spans);
    rec_ranked_deinit(&rows);
    rec_ranked_deinit(&spans);
}

START_TEST(spans_agree_with_whole_rows)
{
    world *w = world_new();
    for (rec_ties ties = REC_TIES_INDEX; ties <= REC_TIES_EXPECTED; ties++)
        for (size_t threads = 1; threads <= 3; threads++) {
            rec_parallel_set_threads(threads);
            compare(w, 0, N_USERS, 25, ties);
        }
    rec_cpu_set_cap(REC_CPU_GENERIC);
    compare(w, 0, N_USERS, 25, REC_TIES_OPTIMISTIC);
    free(w);
}
END_TEST

/* More tiles than are at work together: 1,100 requests are 5 tiles, one thread takes 4. */
START_TEST(more_than_one_group_of_tiles)
{
    enum { N = 1100 };
    world *w = world_new();
    static rec_rank_request requests[N];
    for (size_t i = 0; i < N; i++)
        requests[i] = w->requests[i % N_USERS];
    rec_ranked one, two;
    rec_parallel_set_threads(1);
    ck_assert_ok(rec_rank(&one, &fake_towers_type, &w->towers, requests, N, 5, REC_TIES_INDEX,
                          N_ITEMS, err));
    rec_parallel_set_threads(2);
    ck_assert_ok(rec_rank(&two, &fake_towers_type, &w->towers, requests, N, 5, REC_TIES_INDEX,
                          N_ITEMS, err));
    assert_same(&one, &two);
    for (size_t i = N_USERS; i < N; i++)
        ck_assert_mem_eq(one.items + 5 * i, one.items + 5 * (i % N_USERS), 5 * sizeof *one.items);
    rec_ranked_deinit(&one);
    rec_ranked_deinit(&two);
    free(w);
}
END_TEST

/* A list longer than a span, no list at all, and the whole catalogue. */
START_TEST(lists_of_any_length)
{
    world *w = world_new();
    rec_parallel_set_threads(2);
    for (rec_ties ties = REC_TIES_INDEX; ties <= REC_TIES_PESSIMISTIC; ties++) {
        compare(w, 17, 6, MANY, ties);
        compare(w, 17, 6, 0, ties);
    }
    compare(w, 40, 2, N_ITEMS + 5, REC_TIES_INDEX);
    free(w);
}
END_TEST

/* Fewer rankable items than the list has places, all in one span; and none. */
START_TEST(short_pools)
{
    world *w = world_new();
    for (size_t i = 0; i < N_ITEMS; i++)
        if (i < 20000 || i > 20010)
            w->bias[i] = -INFINITY;
    rec_parallel_set_threads(2);
    rec_ranked out;
    const uint32_t all[] = {20000, 20001, 20002, 20003, 20004, 20005,
                            20006, 20007, 20008, 20009, 20010};
    rec_rank_request requests[] = {{.query = {.user = 3}},
                                   {.query = {.user = 3}, .excluded = all, .n_excluded = 11}};
    ck_assert_ok(rec_rank(&out, &fake_towers_type, &w->towers, requests, 2, 15, REC_TIES_INDEX,
                          N_ITEMS, err));
    ck_assert_uint_eq(out.n_ranked[0], 11);
    ck_assert_uint_eq(out.n_pool[0], 11);
    ck_assert_uint_eq(out.items[11], REC_NO_ITEM);
    ck_assert_uint_eq(out.n_ranked[1], 0);
    ck_assert_uint_eq(out.n_pool[1], 0);
    rec_ranked_deinit(&out);
    free(w);
}
END_TEST

/* Of several NaN the lowest query and its first item are named, whichever span they lie in. */
START_TEST(nan_in_a_later_span)
{
    world *w = world_new();
    rec_ranked out;
    w->items[30000 * DIM] = NAN;
    w->items[20000 * DIM] = NAN;
    const uint32_t first[] = {20000};
    rec_rank_request requests[] = {{.query = {.user = 1}, .excluded = first, .n_excluded = 1},
                                   {.query = {.user = 0}}};
    for (size_t threads = 1; threads <= 3; threads++) {
        rec_parallel_set_threads(threads);
        ck_assert_fails(rec_rank(&out, &fake_towers_type, &w->towers, requests, 2, 3,
                                 REC_TIES_INDEX, N_ITEMS, err),
                        REC_ERR_MODEL, "towers: query 0: the score of item 30000 is NaN");
        ck_assert_ptr_null(out.items);
        ck_assert_fails(rec_rank(&out, &fake_towers_type, &w->towers, requests + 1, 1, 3,
                                 REC_TIES_INDEX, N_ITEMS, err),
                        REC_ERR_MODEL, "towers: query 0: the score of item 20000 is NaN");
    }
    free(w);
}
END_TEST

/* Products that round: a query's list and its targets' places are the same alone, without targets and
 * among others. */
START_TEST(a_list_depends_on_its_query_only)
{
    world *w = world_new();
    rec_ranked all, lists, alone;
    for (size_t i = 0; i < N_USERS * DIM; i++)
        w->users[i] *= 0.37f;
    rec_parallel_set_threads(2);
    ck_assert_ok(rec_rank(&all, &fake_towers_type, &w->towers, w->requests, N_USERS, 20,
                          REC_TIES_INDEX, N_ITEMS, err));
    for (size_t u = 0; u < N_USERS; u += 37) {
        ck_assert_ok(rec_rank(&alone, &fake_towers_type, &w->towers, &w->requests[u], 1, 20,
                              REC_TIES_INDEX, N_ITEMS, err));
        ck_assert_mem_eq(alone.items, all.items + u * 20, 20 * sizeof *all.items);
        ck_assert_mem_eq(alone.scores, all.scores + u * 20, 20 * sizeof *all.scores);
        ck_assert_mem_eq(alone.target_ranks, all.target_ranks + all.target_start[u],
                         w->requests[u].n_targets * sizeof *all.target_ranks);
        rec_ranked_deinit(&alone);
    }
    for (size_t u = 0; u < N_USERS; u++)
        w->requests[u].n_targets = 0;
    ck_assert_ok(rec_rank(&lists, &fake_towers_type, &w->towers, w->requests, N_USERS, 20,
                          REC_TIES_INDEX, N_ITEMS, err));
    ck_assert_mem_eq(all.items, lists.items, N_USERS * 20 * sizeof *all.items);
    rec_ranked_deinit(&all);
    rec_ranked_deinit(&lists);
    free(w);
}
END_TEST

REC_SUITE("models/ranking_spans", tcase_set_timeout(t, 120);
          tcase_add_test(t, spans_agree_with_whole_rows);
          tcase_add_test(t, more_than_one_group_of_tiles); tcase_add_test(t, lists_of_any_length);
          tcase_add_test(t, short_pools); tcase_add_test(t, nan_in_a_later_span);
          tcase_add_test(t, a_list_depends_on_its_query_only);)
