/* Every allocation of a ranking fails once: a status, an empty result, nothing leaked (ASan). */
#include <string.h>

#include "core/parallel.h"
#include "models/ranking.h"
#include "tests/failing_malloc.h"
#include "tests/models/fake_recommenders.h"
#include "tests/suite.h"

static const float user_vectors[] = {1, 2}, item_vectors[] = {1, 0, 0, 1, 1, 1};
static const fake_towers towers = {user_vectors, {item_vectors, NULL, 3, 2}};
static const uint32_t excluded[] = {1}, targets[] = {0}, candidates[] = {0, 2};

START_TEST(nth_allocation_fails)
{
    const rec_rank_request requests[] = {
        {.query = {.user = 0},
         .excluded = excluded,
         .n_excluded = 1,
         .targets = targets,
         .n_targets = 1},
        {.query = {.user = 0},
         .candidates = candidates,
         .n_candidates = 2,
         .targets = targets,
         .n_targets = 1},
    };
    rec_parallel_set_threads(1);
    for (size_t n = 1;; n++) {
        rec_ranked out;
        rec_error error = {.status = REC_OK};
        failing_malloc_arm(n);
        rec_status status = rec_rank(&out, &fake_towers_type, &towers, requests, 2, 2,
                                     REC_TIES_OPTIMISTIC, 3, &error);
        bool reached = failing_malloc_disarm();
        if (!reached) {
            ck_assert_int_eq(status, REC_OK);
            ck_assert_uint_eq(out.items[0], 2); /* 0 excluded 1: scores 1, 3 */
            rec_ranked_deinit(&out);
            ck_assert_uint_gt(n, 5);
            break;
        }
        ck_assert_int_eq(status, REC_ERR_RESOURCE);
        ck_assert_ptr_nonnull(strstr(error.message, "out of memory"));
        ck_assert_ptr_null(out.items);
    }
}
END_TEST

/* The same for a catalogue that is ranked in spans: item 0 scores 2, all others 1. */
START_TEST(nth_allocation_of_a_long_ranking_fails)
{
    enum { N_ITEMS = 17000 };
    static float rows[N_ITEMS];
    static const float one[] = {1};
    const fake_towers many = {one, {rows, NULL, N_ITEMS, 1}};
    const rec_rank_request request = {.targets = targets, .n_targets = 1};
    for (size_t i = 0; i < N_ITEMS; i++)
        rows[i] = i == 0 ? 2 : 1;
    rec_parallel_set_threads(1);
    for (size_t n = 1;; n++) {
        rec_ranked out;
        rec_error error = {.status = REC_OK};
        failing_malloc_arm(n);
        rec_status status = rec_rank(&out, &fake_towers_type, &many, &request, 1, 2, REC_TIES_INDEX,
                                     N_ITEMS, &error);
        bool reached = failing_malloc_disarm();
        if (!reached) {
            ck_assert_int_eq(status, REC_OK);
            ck_assert_mem_eq(out.items, ((uint32_t[]){0, 1}), 2 * sizeof *out.items);
            ck_assert_uint_eq(out.target_ranks[0].rank, 1);
            rec_ranked_deinit(&out);
            ck_assert_uint_gt(n, 6);
            break;
        }
        ck_assert_int_eq(status, REC_ERR_RESOURCE);
        ck_assert_ptr_null(out.items);
    }
}
END_TEST

REC_SUITE("models/ranking_alloc", tcase_add_test(t, nth_allocation_of_a_long_ranking_fails);
          tcase_add_test(t, nth_allocation_fails);)
