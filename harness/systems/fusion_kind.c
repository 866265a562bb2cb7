/* harness/systems/fusion_kind.c: two systems' rankings as one. score(i) = sum over the two lists of
 * 1 / (constant + rank of i), items past the lists' ends counting nothing. "Reciprocal rank fusion
 * outperforms Condorcet and individual rank learning methods", SIGIR 2009, eq. (1). */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/systems/kinds.h"

typedef struct fusion {
    char *names[2];
    int64_t constant, depth;
    const rec_system *systems[2]; /* borrowed, after connect */
} fusion;

static const rec_option options[] = {
    {"first", "a system of the config", offsetof(fusion, names[0]), REC_OPT_REFERENCE,
     .refers_to = "system", .needs = REC_CAN_SCORE, .required = true},
    {"second", "another one", offsetof(fusion, names[1]), REC_OPT_REFERENCE, .refers_to = "system",
     .needs = REC_CAN_SCORE, .required = true},
    {"constant", "added to ranks: how much the top counts over what follows",
     offsetof(fusion, constant), REC_OPT_INT, .value = 60, .min = 0, .max = 1e6},
    {"depth", "places of each list that count", offsetof(fusion, depth), REC_OPT_INT, .value = 1000,
     .min = 1, .max = 1e6},
    {.key = NULL},
};

static const rec_system_type types[] = {{
    .kind = &rec_system_kind_fusion,
    .name = "fusion",
    .help = "two systems' rankings as one, by reciprocal ranks; of several seeds the first",
    .citation = "Reciprocal rank fusion outperforms Condorcet and individual rank learning "
                "methods, SIGIR 2009, eq. (1)",
    .can = REC_CAN_SCORE | REC_CAN_SEARCH,
    .options = options,
}};

static rec_status connect(void *self, const rec_system_links *links, rec_error *err)
{
    fusion *f = self;
    for (size_t i = 0; i < 2; i++) {
        f->systems[i] = links->system != NULL ? links->system(links->context, f->names[i]) : NULL;
        if (f->systems[i] == NULL)
            return rec_fail(err, REC_ERR_INTERNAL, "system %s is not there", f->names[i]);
    }
    return REC_OK;
}

/* ---- answering ---- */

/* The lists of both as a recommender whose queries are numbers of requests. */
typedef struct lists {
    const fusion *f;
    const rec_reply_batch *replies; /* (2) */
    size_t n_items;
} lists;

static rec_status score(float *scores, const void *self, const rec_query *queries, size_t n,
                        rec_error *err)
{
    const lists *l = self;
    (void)err;
    memset(scores, 0, n * l->n_items * sizeof *scores);
    for (size_t q = 0; q < n; q++)
        for (size_t s = 0; s < 2; s++) {
            const rec_reply *reply = &l->replies[s].replies[queries[q].user];
            for (size_t i = 0; i < reply->n_ranked; i++)
                scores[q * l->n_items + reply->items[i]] +=
                    (float)(1.0 / ((double)l->f->constant + (double)i + 1.0));
        }
    return REC_OK;
}

static const rec_recommender ranker = {.name = "fusion", .score = score};

/* Both are asked for their lists, without targets. */
static rec_status ask_both(rec_reply_batch *replies, const fusion *f, rec_request *requests,
                           size_t n, size_t n_items, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n; i++) {
        requests[i].rank.targets = NULL;
        requests[i].rank.n_targets = 0;
        requests[i].k = (size_t)f->depth < n_items ? (size_t)f->depth : n_items;
        requests[i].ties = REC_TIES_INDEX;
    }
    for (size_t s = 0; s < 2 && status == REC_OK; s++)
        status = rec_system_answer(&replies[s], f->systems[s], requests, n, n_items, err);
    return status;
}

static rec_status answer(rec_reply_batch *replies, const void *self, const rec_request *requests,
                         size_t n, size_t n_items, rec_error *err)
{
    rec_reply_batch both[2] = {{.replies = NULL}, {.replies = NULL}};
    lists l = {.f = self, .replies = both, .n_items = n_items};
    rec_request *asked = NULL;
    rec_rank_request *queries = NULL;
    rec_ranked ranked = {.k = 0};
    rec_status status;
    if (n == 0)
        return REC_OK;
    REC_TRY_NEW(asked, n, err);
    REC_TRY_NEW(queries, n, err);
    memcpy(asked, requests, n * sizeof *asked);
    REC_TRY(ask_both(both, self, asked, n, n_items, err));
    for (size_t i = 0; i < n; i++) {
        queries[i] = requests[i].rank;
        queries[i].query.user = (uint32_t)i;
    }
    REC_TRY(
        rec_rank(&ranked, &ranker, &l, queries, n, requests[0].k, requests[0].ties, n_items, err));
    status = rec_replies_from_ranked(replies, &ranked, err);
cleanup:
    rec_ranked_deinit(&ranked);
    rec_reply_batch_deinit(&both[0]);
    rec_reply_batch_deinit(&both[1]);
    free(queries);
    free(asked);
    return status;
}

const rec_system_kind rec_system_kind_fusion = {
    .name = "fusion",
    .types = types,
    .n_types = sizeof types / sizeof *types,
    .size = sizeof(fusion),
    .connect = connect,
    .answer = answer,
};
