/**
 * A tile of requests on its way through a ranking, and what each of its rows needs whichever way the
 * scores come: in whole rows (ranking.c) or in spans of a long catalogue (ranking_spans.c). Private to
 * the ranker.
 */
#ifndef REC_MODELS_RANKING_TILE_H
#define REC_MODELS_RANKING_TILE_H

#include <stdatomic.h>

#include "core/arena.h"
#include "models/ranking.h"

/** Columns of one product: a block of scores (256 rows) stays in the L2 cache. */
enum { REC_RANKING_BLOCK = 512 };

/** Position of a target that is not among the candidates. */
#define REC_NO_POSITION UINT32_MAX

/** What all tiles of a call share. */
typedef struct rec_ranking {
    const rec_recommender *type;
    const void *self;
    const rec_rank_request *requests;
    size_t n, n_items, tile_rows;
    rec_ties ties;
    rec_item_table table; /* rows NULL: no item vectors */
    rec_ranked *out;
    rec_arena *arenas; /* one per thread */
} rec_ranking;

/** A request being ranked. */
typedef struct rec_rank_row {
    rec_top top;
    const uint32_t *excluded;    /* ascending */
    size_t n_excluded, n_masked; /* all, and those already masked */
} rec_rank_row;

/** Scores of a target's competitors, counted block by block, on any thread. */
typedef struct rec_target_count {
    atomic_uint above, equal;
    atomic_uint before; /* of the equal ones those of lower position */
} rec_target_count;

typedef struct rec_rank_tile {
    const rec_ranking *job;
    rec_arena *arena;
    size_t first, n; /* requests first .. first + n - 1 */
    rec_query *queries;
    rec_rank_row *rows;
    float *vectors; /* (tile_rows, dim) of a model with item vectors; rows past n are 0 */
    float *scores;  /* (tile_rows, ld), or NULL */
    size_t ld;
} rec_rank_tile;

/** The rows of tile `index`, in the calling thread's arena: exclusions sorted, lists empty. */
rec_status rec_rank_tile_init(rec_rank_tile *t, const rec_ranking *job, size_t index,
                              rec_error *err);

/** Vectors of the tile's queries, for a model that has them. */
rec_status rec_rank_tile_encode(const rec_rank_tile *t, rec_error *err);

const rec_rank_request *rec_rank_request_of(const rec_rank_tile *t, size_t r);
bool rec_rank_tile_asks_catalogue(const rec_rank_tile *t);

/** Scores (tile_rows, n) of items first .. first + n - 1; ld elements between rows. The product always
 * has tile_rows rows, and n is REC_RANKING_BLOCK except at the end of the catalogue: the last bits of a
 * row would otherwise depend on how many requests share its tile. */
void rec_rank_score_block(float *block, size_t ld, const rec_rank_tile *t, size_t first, size_t n);

/** Mask and take the scores of positions first .. first + n - 1: items, or places among candidates. */
void rec_rank_row_take(rec_rank_row *x, float *scores, size_t first, size_t n);

/**
 * Compare n_targets targets with the scores of positions first .. first + n - 1, masked.
 * @param target_scores  -INFINITY: not ranked
 */
void rec_rank_count(rec_target_count *counts, const rec_ranking *job, const uint32_t *positions,
                    const float *target_scores, size_t n_targets, const float *scores, size_t first,
                    size_t n);

/** The ranks of request r's targets from complete counts. */
void rec_rank_place(const rec_rank_tile *t, size_t r, const rec_target_count *counts,
                    const uint32_t *positions, const float *target_scores);

/** Count and place request r's targets in one whole row of scores (n). */
rec_status rec_rank_place_in_row(const rec_rank_tile *t, size_t r, const float *scores, size_t n,
                                 const uint32_t *positions, rec_error *err);

/** Rank the candidates of request r, if it names any, and write what its list came to.
 * @return REC_ERR_MODEL for NaN */
rec_status rec_rank_row_finish(const rec_rank_tile *t, size_t r, rec_error *err);

/** Rank requests on item vectors (ranking_spans.c): tiles of requests by spans of items. */
rec_status rec_rank_spans(const rec_ranking *job, rec_error *err);

#endif
