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
#include "models/top_k.h"

typedef enum rec_ties {
    REC_TIES_INDEX,
    REC_TIES_OPTIMISTIC,
    REC_TIES_PESSIMISTIC,
    REC_TIES_EXPECTED
} rec_ties;

/** One query and what may be ranked for it. All items are below n_items; nothing is copied. */
typedef struct rec_rank_request {
    rec_query query;
    const uint32_t *excluded; /* never ranked (history mask); any order, or NULL */
    size_t n_excluded;
    const uint32_t *candidates; /* rank only these, distinct, any order; NULL: whole catalogue */
    size_t n_candidates;
    const uint32_t *targets; /* relevant items, distinct, whose ranks are wanted; or NULL */
    size_t n_targets;
    const float *target_gains; /* (n_targets) relevance levels, or NULL: all 1; not for models */
    const char *name;          /* what messages call the query: the user's id; or NULL */
    char *const *item_names;   /* (n_items) what they call items: original ids; or NULL */
} rec_rank_request;

/** Where a target stands in the full order, whatever k is. */
typedef struct rec_target_rank {
    uint32_t rank; /* from 1 under the tie rule; 0 = not ranked (excluded, not a candidate, -inf) */
    uint32_t n_above; /* items with a greater score */
    uint32_t n_equal; /* items with the same score, itself included */
} rec_target_rank;

typedef struct rec_ranked {
    size_t k;
    size_t n;                      /* requests */
    uint32_t *items;               /* (n, k), REC_NO_ITEM past n_ranked */
    float *scores;                 /* (n, k) */
    uint32_t *n_ranked;            /* (n) list lengths, <= k */
    uint32_t *n_pool;              /* (n) items that could be ranked at all */
    size_t *target_start;          /* (n + 1) */
    rec_target_rank *target_ranks; /* in the order of each request's targets */
} rec_ranked;

/**
 * Rank n requests with a fitted model; parallel, same bits for any thread count.
 *
 * A model with item vectors is asked to encode tiles of queries; its scores are float32 products
 * of fixed shape, so that a query's list does not depend on the others (candidates: one dot product
 * each, which may differ from the full ranking's in the last bits). Any other model scores tiles of
 * queries over the catalogue. REC_TIES_EXPECTED orders like REC_TIES_INDEX: the expectation is the
 * metric's business, with n_above and n_equal.
 *
 * @param out  filled; released with rec_ranked_deinit. Empty on failure.
 * @param k    list length; 0 = target ranks only
 * @return what the model's score or encode returns; REC_ERR_MODEL for NaN; REC_ERR_RESOURCE
 */
rec_status rec_rank(rec_ranked *out, const rec_recommender *type, const void *self,
                    const rec_rank_request *requests, size_t n, size_t k, rec_ties ties,
                    size_t n_items, rec_error *err);
void rec_ranked_deinit(rec_ranked *r);

#endif
