/** Parts of the rows of emb_* tasks: what their figures are also reported over (`slices:`). */
#ifndef REC_HARNESS_TASKS_EMB_STRATA_H
#define REC_HARNESS_TASKS_EMB_STRATA_H

#include "harness/tasks/strata.h"
#include "models/reclm_emb/rows.h"

/** Thirds of the catalogue by training interactions; items of equal number stand together. */
typedef enum rec_emb_popularity {
    REC_EMB_TAIL,
    REC_EMB_MIDDLE,
    REC_EMB_HEAD,
    REC_EMB_NO_ITEM,
} rec_emb_popularity;

/** A query of at most so many words is short, one of more than the second is long. */
enum { REC_EMB_SHORT_QUERY = 8, REC_EMB_MIDDLE_QUERY = 20 };

/** What a row is like: the first member of a sample's `own`. */
typedef struct rec_emb_facts {
    bool seen_item, seen_wording;
    rec_emb_popularity popularity; /* of the item to find; of the source item in i2i */
    size_t n_words;                /* of the query, between white space */
} rec_emb_facts;

/** Most interactions of an item of the lower third, and of the middle one. */
typedef struct rec_emb_thirds {
    uint32_t tail_max, middle_max;
} rec_emb_thirds;

/** From the training interactions of each item, n_items > 0. */
rec_status rec_emb_thirds_init(rec_emb_thirds *out, const uint32_t *popularity, size_t n_items,
                               rec_error *err);

rec_emb_facts rec_emb_facts_of(const rec_emb_row *row, const rec_emb_thirds *thirds,
                               const uint32_t *popularity);

/** seen_item, new_item, ..., long_query: a table for rec_strata_add. */
extern const rec_stratum rec_emb_strata[];

#endif
