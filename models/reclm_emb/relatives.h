/**
 * Sets that a query names by comparison: the newest, cheapest, dearest, most popular items of the
 * catalogue. A twentieth of it each, as in RecAI (RecLM-emb, preprocess: relative queries), but ties are
 * never divided: an item that is as new as one of the set is in it. The set is then the largest one of
 * whole ties that is no more than a twentieth, or, where the first tie alone is more, that tie.
 */
#ifndef REC_MODELS_RECLM_EMB_RELATIVES_H
#define REC_MODELS_RECLM_EMB_RELATIVES_H

#include "models/reclm_emb/items.h"

typedef enum rec_emb_relative {
    REC_EMB_RECENT,
    REC_EMB_CHEAP,
    REC_EMB_EXPENSIVE,
    REC_EMB_POPULAR,
    REC_EMB_N_RELATIVES
} rec_emb_relative;

extern const char *const rec_emb_relative_names[]; /* "recent", ... */

typedef struct rec_emb_relatives {
    uint32_t *items[REC_EMB_N_RELATIVES]; /* owned, ascending */
    size_t n[REC_EMB_N_RELATIVES];        /* 0: unknown, or half the items and more are alike */
} rec_emb_relatives;

/** @param train  interactions whose counts are popularity */
rec_status rec_emb_relatives_find(rec_emb_relatives *out, const rec_emb_items *items,
                                  const rec_interactions *train, rec_error *err);
void rec_emb_relatives_deinit(rec_emb_relatives *r);

bool rec_emb_is_relative(const rec_emb_relatives *r, rec_emb_relative kind, uint32_t item);

#endif
