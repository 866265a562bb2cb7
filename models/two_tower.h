/** What every model with user and item vectors shares: scores and similar items. */
#ifndef REC_MODELS_TWO_TOWER_H
#define REC_MODELS_TWO_TOWER_H

#include "models/recommender.h"

/** The `score` entry of such a model: out (n, n_items) = vectors (n, dim) rows^T + bias. */
void rec_two_tower_score(float *scores, const float *vectors, size_t n,
                         const rec_item_table *table);

/**
 * The `similar` entry: the k items of greatest cosine with an item, ties to the lower index. A zero
 * vector has cosine 0 with everything; items whose bias is -INFINITY are left out.
 * @param items, similarities  outputs (k); *n_found <= k
 */
rec_status rec_two_tower_similar(uint32_t *items, float *similarities, size_t *n_found,
                                 const rec_item_table *table, uint32_t item, size_t k,
                                 rec_error *err);

#endif
