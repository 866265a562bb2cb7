/* Memory is that of blocks, not of queries times items. */
#include <stdlib.h>
#include <sys/resource.h>

#include "core/memory.h"
#include "models/ranking.h"
#include "tests/models/fake_recommenders.h"
#include "tests/suite.h"

enum { N_QUERIES = 2048, N_ITEMS = 120000, DIM = 4, K = 10 };

static size_t peak_bytes(void)
{
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return (size_t)usage.ru_maxrss * 1024;
}

/* All scores would take 983 MB; a quarter of that is far above every block. Item i has the vector
 * (i % 7, 0, ...), so the best are 6, 13, 20, ... for everyone. */
START_TEST(scores_are_never_all_there)
{
    float *users = rec_alloc(N_QUERIES * DIM, sizeof *users, NULL);
    float *items = rec_alloc((size_t)N_ITEMS * DIM, sizeof *items, NULL);
    rec_rank_request *requests = rec_alloc(N_QUERIES, sizeof *requests, NULL);
    const size_t all_scores = (size_t)N_QUERIES * N_ITEMS * sizeof(float);
    rec_ranked out;
    for (uint32_t q = 0; q < N_QUERIES; q++) {
        users[q * DIM] = 1.0f;
        requests[q] = (rec_rank_request){.query = {.user = q}};
    }
    for (size_t i = 0; i < N_ITEMS; i++)
        items[i * DIM] = (float)(i % 7);
    const fake_towers towers = {users, {items, NULL, N_ITEMS, DIM}};
    size_t before = peak_bytes();
    ck_assert_ok(rec_rank(&out, &fake_towers_type, &towers, requests, N_QUERIES, K, REC_TIES_INDEX,
                          N_ITEMS, err));
    ck_assert_uint_lt(peak_bytes() - before, all_scores / 4);
    for (size_t i = 0; i < (size_t)N_QUERIES * K; i++)
        ck_assert_uint_eq(out.items[i], 6 + 7 * (i % K));
    rec_ranked_deinit(&out);
    free(requests);
    free(items);
    free(users);
}
END_TEST

REC_SUITE("models/ranking_memory", tcase_add_test(t, scores_are_never_all_there);)
