/* harness/systems/ideal_kind.c: what answers first, the rest by item index: the ceiling that a task and
 * its cut-offs set, a row of its tables beside chance. It reads the targets and levels that a question
 * carries so that ranks can be told, which no system under test does; it is marked, and takes no part
 * in significance tests. (`oracle` is something else: the true probabilities of generated data.) */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/systems/kinds.h"

static const rec_option options[] = {{.key = NULL}};

static const rec_system_type types[] = {{
    .kind = &rec_system_kind_ideal,
    .name = "ideal",
    .help = "what answers first: the ceiling of a task, read from its answers",
    .can = REC_CAN_SCORE | REC_CAN_SEARCH,
    .options = options,
    .sees_answers = true,
}};

/* The questions as a recommender whose queries are their numbers. */
typedef struct questions {
    const rec_rank_request *requests;
    size_t n_items;
} questions;

/* Level of each target, 0 for everything else, as metrics have it. */
static rec_status score(float *scores, const void *self, const rec_query *queries, size_t n,
                        rec_error *err)
{
    const questions *q = self;
    (void)err;
    memset(scores, 0, n * q->n_items * sizeof *scores);
    for (size_t i = 0; i < n; i++) {
        const rec_rank_request *r = &q->requests[queries[i].user];
        for (size_t t = 0; t < r->n_targets; t++)
            scores[i * q->n_items + r->targets[t]] =
                r->target_gains != NULL ? r->target_gains[t] : 1.0f;
    }
    return REC_OK;
}

static const rec_recommender ranker = {.name = "ideal", .score = score};

static rec_status answer(rec_reply_batch *replies, const void *self, const rec_request *requests,
                         size_t n, size_t n_items, rec_error *err)
{
    questions q = {.n_items = n_items};
    rec_rank_request *asked = NULL;
    rec_ranked ranked = {.k = 0};
    rec_status status;
    (void)self;
    if (n == 0)
        return REC_OK;
    REC_TRY_NEW(asked, n, err);
    q.requests = asked;
    for (size_t i = 0; i < n; i++) {
        asked[i] = requests[i].rank;
        asked[i].query.user = (uint32_t)i;
    }
    REC_TRY(
        rec_rank(&ranked, &ranker, &q, asked, n, requests[0].k, requests[0].ties, n_items, err));
    status = rec_replies_from_ranked(replies, &ranked, err);
cleanup:
    rec_ranked_deinit(&ranked);
    free(asked);
    return status;
}

const rec_system_kind rec_system_kind_ideal = {
    .name = "ideal",
    .types = types,
    .n_types = sizeof types / sizeof *types,
    .size = 1, /* nothing to keep */
    .answer = answer,
};
