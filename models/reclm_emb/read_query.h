/** What a free-text request states in the catalogue's own words: for showing which wishes an item meets. */
#ifndef REC_MODELS_RECLM_EMB_READ_QUERY_H
#define REC_MODELS_RECLM_EMB_READ_QUERY_H

#include "models/reclm_emb/condition.h"

/**
 * Attribute values that stand in the text as whole words (any case), unwanted where "without", "no", "not",
 * "except" or the like stands before; "less than 20", "under 20", "more than 5" as prices; "before 1990",
 * "after 1990", "in 1990", "nineties" as dates. Nothing is guessed: what is not in these words is not
 * found.
 * @param out  (max), filled from the start
 * @return how many
 */
size_t rec_emb_read_query(rec_emb_condition *out, size_t max, const rec_emb_items *x,
                          const char *text);

#endif
