/* The ranker against hand-worked rows and, at sizes past every tile and block, against counting. */
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

#define ITEMS(...) ((const uint32_t[]){__VA_ARGS__})

/* One user, items 0..5; 1 and 3 tie, 0 and 4 tie, 5 can never be shown. */
static const float small_scores[] = {2, 7, 1, 7, 2, -INFINITY};
static const fake_matrix small = {small_scores, 6};

static void rank_small(rec_ranked *out, const rec_rank_request *request, size_t k, rec_ties ties)
{
    ck_assert_ok(rec_rank(out, &fake_matrix_type, &small, request, 1, k, ties, 6, err));
}

START_TEST(catalogue_list_and_padding)
{
    rec_ranked out;
    rec_rank_request request = {.query = {.user = 0}};
    rank_small(&out, &request, 7, REC_TIES_INDEX);
    ck_assert_uint_eq(out.n_ranked[0], 5);
    ck_assert_uint_eq(out.n_pool[0], 5);
    ck_assert_mem_eq(out.items, ITEMS(1, 3, 0, 4, 2, REC_NO_ITEM, REC_NO_ITEM), 7 * 4);
    ck_assert_mem_eq(out.scores, ((float[]){7, 7, 2, 2, 1}), 5 * sizeof(float));
    rec_ranked_deinit(&out);
}
END_TEST

START_TEST(excluded_items_are_never_ranked)
{
    rec_ranked out;
    rec_rank_request request = {.query = {.user = 0},
                                .excluded = ITEMS(4, 1, 4), /* any order, twice is once */
                                .n_excluded = 3,
                                .targets = ITEMS(1, 2, 5),
                                .n_targets = 3};
    rank_small(&out, &request, 2, REC_TIES_INDEX);
    ck_assert_uint_eq(out.n_pool[0], 3);
    ck_assert_mem_eq(out.items, ITEMS(3, 0), 2 * 4);
    ck_assert_uint_eq(out.target_ranks[0].rank, 0); /* excluded */
    ck_assert_uint_eq(out.target_ranks[1].rank, 3); /* past k, still known */
    ck_assert_uint_eq(out.target_ranks[2].rank, 0); /* -inf */
    rec_ranked_deinit(&out);
}
END_TEST

static void check_rank(const rec_ranked *out, size_t i, uint32_t rank, uint32_t above,
                       uint32_t equal)
{
    ck_assert_uint_eq(out->target_ranks[i].rank, rank);
    ck_assert_uint_eq(out->target_ranks[i].n_above, above);
    ck_assert_uint_eq(out->target_ranks[i].n_equal, equal);
}

/* Order by index: 1 3 | 0 4 | 2. Optimistic with targets 3, 4: 3 1 | 4 0 | 2. Pessimistic with
 * targets 1, 0: 3 1 | 4 0 | 2. The list agrees with the ranks. */
START_TEST(tie_rules_move_targets_inside_their_group)
{
    rec_ranked out;
    rec_rank_request request = {.query = {.user = 0}, .targets = ITEMS(4, 3), .n_targets = 2};
    rank_small(&out, &request, 4, REC_TIES_INDEX);
    check_rank(&out, 0, 4, 2, 2);
    check_rank(&out, 1, 2, 0, 2);
    rec_ranked_deinit(&out);
    rank_small(&out, &request, 4, REC_TIES_EXPECTED);
    check_rank(&out, 0, 4, 2, 2);
    rec_ranked_deinit(&out);
    rank_small(&out, &request, 4, REC_TIES_OPTIMISTIC);
    check_rank(&out, 0, 3, 2, 2);
    check_rank(&out, 1, 1, 0, 2);
    ck_assert_mem_eq(out.items, ITEMS(3, 1, 4, 0), 4 * 4);
    rec_ranked_deinit(&out);
    request.targets = ITEMS(1, 0);
    rank_small(&out, &request, 4, REC_TIES_PESSIMISTIC);
    check_rank(&out, 0, 2, 0, 2);
    check_rank(&out, 1, 4, 2, 2);
    ck_assert_mem_eq(out.items, ITEMS(3, 1, 4, 0), 4 * 4);
    rec_ranked_deinit(&out);
}
END_TEST

/* Both members of a group are targets: they share its places in index order under every rule. */
START_TEST(tied_targets_keep_index_order)
{
    for (rec_ties ties = REC_TIES_INDEX; ties <= REC_TIES_EXPECTED; ties++) {
        rec_ranked out;
        rec_rank_request request = {.query = {.user = 0}, .targets = ITEMS(3, 1), .n_targets = 2};
        rank_small(&out, &request, 1, ties);
        check_rank(&out, 0, 2, 0, 2);
        check_rank(&out, 1, 1, 0, 2);
        ck_assert_uint_eq(out.items[0], 1);
        rec_ranked_deinit(&out);
    }
}
END_TEST

/* Candidates 4 3 0 1, of which 1 is excluded: order 3 | 0 4; target 2 is no candidate. */
START_TEST(candidates_are_ranked_among_themselves)
{
    rec_ranked out;
    rec_rank_request request = {.query = {.user = 0},
                                .excluded = ITEMS(1, 2),
                                .n_excluded = 2,
                                .candidates = ITEMS(4, 3, 0, 1),
                                .n_candidates = 4,
                                .targets = ITEMS(4, 2, 0),
                                .n_targets = 3};
    rank_small(&out, &request, 5, REC_TIES_INDEX);
    ck_assert_uint_eq(out.n_ranked[0], 3);
    ck_assert_uint_eq(out.n_pool[0], 3);
    ck_assert_mem_eq(out.items, ITEMS(3, 0, 4, REC_NO_ITEM, REC_NO_ITEM), 5 * 4);
    check_rank(&out, 0, 3, 1, 2);
    check_rank(&out, 1, 0, 0, 0);
    check_rank(&out, 2, 2, 1, 2);
    rec_ranked_deinit(&out);
    request.targets = ITEMS(4);
    request.n_targets = 1;
    rank_small(&out, &request, 5, REC_TIES_OPTIMISTIC);
    check_rank(&out, 0, 2, 1, 2);
    ck_assert_mem_eq(out.items, ITEMS(3, 4, 0), 3 * 4);
    rec_ranked_deinit(&out);
    request.n_candidates = 0; /* an empty list of candidates is not the catalogue */
    rank_small(&out, &request, 5, REC_TIES_INDEX);
    ck_assert_uint_eq(out.n_ranked[0], 0);
    rec_ranked_deinit(&out);
}
END_TEST

/* Vectors of zeros, and vectors that are all the same, say nothing: the list is the order of the items,
 * without what is masked. */
START_TEST(equal_vectors_give_the_order_of_the_items)
{
    static const float zeros[8] = {0}, same[8] = {1, 2, 1, 2, 1, 2, 1, 2}, user[2] = {3, -1};
    const float *const tables[] = {zeros, same};
    for (size_t i = 0; i < 2; i++) {
        const fake_towers towers = {user, {tables[i], NULL, 4, 2}};
        const rec_rank_request request = {.query = {.user = 0},
                                          .excluded = ITEMS(1),
                                          .n_excluded = 1,
                                          .targets = ITEMS(3),
                                          .n_targets = 1};
        rec_ranked out;
        ck_assert_ok(
            rec_rank(&out, &fake_towers_type, &towers, &request, 1, 4, REC_TIES_INDEX, 4, err));
        ck_assert_mem_eq(out.items, ITEMS(0, 2, 3, REC_NO_ITEM), 4 * 4);
        check_rank(&out, 0, 3, 0, 3);
        rec_ranked_deinit(&out);
    }
}
END_TEST

START_TEST(nan_names_query_and_item)
{
    const float scores[] = {1, 2, 3, 1, NAN, 3};
    const fake_matrix m = {scores, 3};
    rec_rank_request requests[] = {{.query = {.user = 0}}, {.query = {.user = 1}}};
    rec_ranked out;
    ck_assert_fails(rec_rank(&out, &fake_matrix_type, &m, requests, 2, 1, REC_TIES_INDEX, 3, err),
                    REC_ERR_MODEL, "matrix: query 1: the score of item 1 is NaN");
    ck_assert_ptr_null(out.items);
    requests[1].candidates = ITEMS(2, 1);
    requests[1].n_candidates = 2;
    ck_assert_fails(rec_rank(&out, &fake_matrix_type, &m, requests, 2, 1, REC_TIES_INDEX, 3, err),
                    REC_ERR_MODEL, "item 1 is NaN");
    requests[1].candidates = ITEMS(2, 0); /* not looked at */
    ck_assert_ok(rec_rank(&out, &fake_matrix_type, &m, requests, 2, 1, REC_TIES_INDEX, 3, err));
    rec_ranked_deinit(&out);
}
END_TEST

START_TEST(a_failing_model_ends_the_ranking)
{
    rec_rank_request requests[200] = {{.query = {.user = 0}}};
    requests[150].query.user = 1000;
    rec_ranked out;
    ck_assert_fails(
        rec_rank(&out, &fake_matrix_type, &small, requests, 200, 2, REC_TIES_INDEX, 6, err),
        REC_ERR_MODEL, "user 1000 breaks this model");
    ck_assert_ptr_null(out.items);
}
END_TEST

START_TEST(nothing_to_rank)
{
    rec_ranked out;
    ck_assert_ok(rec_rank(&out, &fake_matrix_type, &small, NULL, 0, 3, REC_TIES_INDEX, 6, err));
    ck_assert_uint_eq(out.n, 0);
    rec_ranked_deinit(&out);
    rec_ranked_deinit(&out);
    rec_rank_request request = {.query = {.user = 0}};
    ck_assert_fails(
        rec_rank(&out, &fake_matrix_type, &small, &request, SIZE_MAX, 2, REC_TIES_INDEX, 6, err),
        REC_ERR_RESOURCE, "do not fit in memory");
}
END_TEST

/* A model with item vectors past every tile: 600 queries, 1,300 items, small whole numbers, so that
 * products are exact and ties are many. */
enum { N_USERS = 600, N_ITEMS = 1300, DIM = 5, K = 20 };

typedef struct world {
    float users[N_USERS * DIM], items[N_ITEMS * DIM], bias[N_ITEMS], scores[N_USERS * N_ITEMS];
    uint32_t excluded[N_USERS][60], targets[N_USERS][3], candidates[N_USERS][30];
    rec_rank_request requests[N_USERS];
    fake_towers towers;
    fake_matrix matrix;
} world;

static void fill_requests(world *w)
{
    for (uint32_t u = 0; u < N_USERS; u++) {
        rec_rng r = rec_rng_keyed(8, "requests", u);
        rec_rng_sample(w->excluded[u], &r, N_ITEMS, 60);
        rec_rng_sample(w->targets[u], &r, N_ITEMS, 3);
        rec_rng_sample(w->candidates[u], &r, N_ITEMS, 30);
        w->candidates[u][0] = w->targets[u][0];
        for (int i = 1; i < 30; i++)
            if (w->candidates[u][i] == w->targets[u][0])
                w->candidates[u][i] = (w->targets[u][0] + 1) % N_ITEMS;
        w->requests[u] = (rec_rank_request){.query = {.user = u},
                                            .excluded = w->excluded[u],
                                            .n_excluded = 10 + u % 50,
                                            .targets = w->targets[u],
                                            .n_targets = u % 4};
    }
}

static world *world_new(void)
{
    world *w = rec_alloc(1, sizeof *w, NULL);
    rec_rng r = rec_rng_keyed(8, "world", 0);
    draw_towers(w->users, w->items, w->bias, w->scores, N_USERS, N_ITEMS, DIM, &r);
    fill_requests(w);
    w->towers = (fake_towers){w->users, {w->items, w->bias, N_ITEMS, DIM}};
    w->matrix = (fake_matrix){w->scores, N_ITEMS};
    return w;
}

static void rank_world(rec_ranked *out, const world *w, bool towers, rec_ties ties)
{
    const rec_recommender *type = towers ? &fake_towers_type : &fake_matrix_type;
    const void *self = towers ? (const void *)&w->towers : (const void *)&w->matrix;
    ck_assert_ok(rec_rank(out, type, self, w->requests, N_USERS, K, ties, N_ITEMS, err));
}

/* The lists and ranks of a few users, by counting. */
START_TEST(large_ranking_agrees_with_counting)
{
    world *w = world_new();
    rec_ranked out;
    rank_world(&out, w, true, REC_TIES_INDEX);
    for (size_t u = 0; u < N_USERS; u += 83) {
        float *row = w->scores + u * N_ITEMS;
        for (size_t e = 0; e < w->requests[u].n_excluded; e++)
            row[w->excluded[u][e]] = -INFINITY;
        for (size_t i = 0; i < N_ITEMS; i++) {
            size_t rank = 1;
            for (size_t j = 0; j < N_ITEMS; j++)
                rank += row[j] > row[i] || (row[j] == row[i] && j < i);
            if (row[i] > -INFINITY && rank <= K)
                ck_assert_uint_eq(out.items[u * K + rank - 1], i);
            for (size_t g = 0; g < w->requests[u].n_targets; g++)
                if (w->targets[u][g] == i)
                    ck_assert_uint_eq(out.target_ranks[out.target_start[u] + g].rank,
                                      row[i] > -INFINITY ? rank : 0);
        }
    }
    rec_ranked_deinit(&out);
    free(w);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_instructions)
{
    world *w = world_new();
    for (size_t u = 0; u < N_USERS; u += 7) {
        w->requests[u].candidates = w->candidates[u];
        w->requests[u].n_candidates = 30;
    }
    for (rec_ties ties = REC_TIES_INDEX; ties <= REC_TIES_PESSIMISTIC; ties++) {
        rec_ranked one, other;
        rec_parallel_set_threads(1);
        rank_world(&one, w, true, ties);
        for (size_t threads = 2; threads <= 7; threads += 5) {
            rec_parallel_set_threads(threads);
            rank_world(&other, w, true, ties);
            assert_same(&one, &other);
            rec_ranked_deinit(&other);
        }
        rank_world(&other, w, false, ties); /* exact products: the other path agrees */
        assert_same(&one, &other);
        rec_ranked_deinit(&other);
        rec_cpu_set_cap(REC_CPU_GENERIC);
        rank_world(&other, w, true, ties);
        assert_same(&one, &other);
        rec_ranked_deinit(&other);
        rec_cpu_set_cap(REC_CPU_AVX512_VNNI);
        rec_ranked_deinit(&one);
    }
    free(w);
}
END_TEST

/* Without targets the scores are not kept; the lists are the same, and a query alone ranks as it
 * does among others. */
START_TEST(a_list_depends_on_its_query_only)
{
    world *w = world_new();
    for (size_t i = 0; i < N_USERS * DIM; i++)
        w->users[i] *= 0.37f; /* products that round */
    rec_ranked all, lists, alone;
    rank_world(&all, w, true, REC_TIES_INDEX);
    for (size_t u = 0; u < N_USERS; u++)
        w->requests[u].n_targets = 0;
    rank_world(&lists, w, true, REC_TIES_INDEX);
    ck_assert_mem_eq(all.items, lists.items, N_USERS * K * sizeof *all.items);
    ck_assert_mem_eq(all.scores, lists.scores, N_USERS * K * sizeof *all.scores);
    for (size_t u = 0; u < N_USERS; u += 59) {
        ck_assert_ok(rec_rank(&alone, &fake_towers_type, &w->towers, &w->requests[u], 1, K,
                              REC_TIES_INDEX, N_ITEMS, err));
        ck_assert_mem_eq(alone.items, all.items + u * K, K * sizeof *all.items);
        ck_assert_mem_eq(alone.scores, all.scores + u * K, K * sizeof *all.scores);
        rec_ranked_deinit(&alone);
    }
    rec_ranked_deinit(&all);
    rec_ranked_deinit(&lists);
    free(w);
}
END_TEST

REC_SUITE("models/ranking", tcase_add_test(t, catalogue_list_and_padding);
          tcase_add_test(t, excluded_items_are_never_ranked);
          tcase_add_test(t, tie_rules_move_targets_inside_their_group);
          tcase_add_test(t, tied_targets_keep_index_order);
          tcase_add_test(t, candidates_are_ranked_among_themselves);
          tcase_add_test(t, equal_vectors_give_the_order_of_the_items);
          tcase_add_test(t, nan_names_query_and_item);
          tcase_add_test(t, a_failing_model_ends_the_ranking); tcase_add_test(t, nothing_to_rank);
          tcase_add_test(t, large_ranking_agrees_with_counting);
          tcase_add_test(t, same_bits_for_any_thread_count_and_instructions);
          tcase_add_test(t, a_list_depends_on_its_query_only);)
