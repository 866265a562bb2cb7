/** What two-tower models share: storage of item vectors, and their nearest neighbours. */
#ifndef REC_MODELS_ITEM_TABLE_H
#define REC_MODELS_ITEM_TABLE_H

#include "models/recommender.h"

/** The k items whose vectors have the greatest positive cosine with item's: a `similar` entry. */
rec_status rec_item_table_similar(uint32_t *items, float *similarities, size_t *n_found,
                                  rec_item_table table, uint32_t item, size_t k, rec_error *err);

#endif
