/**
 * Exact top-k over the catalogue or over candidate lists, blocked: memory O(block), never
 * O(users x items). Two-tower models go through GEMM tiles with a running top-k.
 *
 * Order: score descending, then dense item index ascending. Options move the *targets* inside their
 * group of equal scores: optimistic (first), pessimistic (last). NaN is REC_ERR_MODEL naming the
 * query and item. -INFINITY is never ranked.
 */
#ifndef REC_MODELS_RANKING_H
#define REC_MODELS_RANKING_H

#include "models/recommender.h"

typedef enum rec_ties { REC_TIES_INDEX, REC_TIES_OPTIMISTIC, REC_TIES_PESSIMISTIC, REC_TIES_EXPECTED } rec_ties;

typedef struct rec_rank_request {
    rec_query query;
    const uint32_t *excluded; /* never ranked (history mask); any order, or NULL */
    size_t n_excluded;
    const uint32_t *candidates; /* rank only these; NULL: the whole catalogue */
    size_t n_candidates;
    const uint32_t *targets; /* relevant items whose ranks are wanted; or NULL */
    size_t n_targets;
} rec_rank_request;

/** Where a target stands in the full order, whatever k is. */
typedef struct rec_target_rank {
    uint32_t rank;     /* from 1 under the tie rule; 0 = not ranked (excluded, not a candidate, -inf) */
    uint32_t n_above;  /* items with a greater score */
    uint32_t n_equal;  /* items with the same score, itself included */
} rec_target_rank;

typedef struct rec_ranked {
    size_t k;
    size_t n;          /* requests */
    uint32_t *items;   /* (n, k), REC_NO_ITEM past n_ranked */
    float *scores;     /* (n, k) */
    uint32_t *n_ranked; /* (n) list lengths, <= k */
    uint32_t *n_pool;   /* (n) items that could be ranked at all */
    size_t *target_start;          /* (n + 1) */
    rec_target_rank *target_ranks; /* in the order of each request's targets */
} rec_ranked;

/** Rank n requests with a fitted model; parallel, same bits for any thread count. */
rec_status rec_rank(rec_ranked *out, const rec_recommender *type, const void *self,
                    const rec_rank_request *requests, size_t n, size_t k, rec_ties ties,
                    size_t n_items, rec_error *err);
void rec_ranked_deinit(rec_ranked *r);

/** Top k of one row of scores (n), ascending index on ties; items, scores (k). Returns the length. */
size_t rec_top_k(uint32_t *items, float *scores, const float *row, size_t n, size_t k);

#endif
