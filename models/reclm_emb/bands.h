/**
 * Thirds of a catalogue's known prices and dates, for texts that say "cheap" or "old" and mean
 * something that can be checked.
 */
#ifndef REC_MODELS_RECLM_EMB_BANDS_H
#define REC_MODELS_RECLM_EMB_BANDS_H

#include "models/reclm_emb/condition.h"

enum { REC_EMB_N_BANDS = 3 };

/** Low, middle, high: what an item of the band satisfies. */
typedef struct rec_emb_bands {
    rec_emb_condition price[REC_EMB_N_BANDS], date[REC_EMB_N_BANDS];
    bool has_price, has_date; /* false: unknown, or all alike */
} rec_emb_bands;

rec_status rec_emb_bands_find(rec_emb_bands *out, const rec_emb_items *items, rec_error *err);

/** The band of an item, -1 when it has none. */
int rec_emb_price_band(const rec_emb_bands *b, const rec_emb_items *items, uint32_t item);
int rec_emb_date_band(const rec_emb_bands *b, const rec_emb_items *items, uint32_t item);

/** Keys of their words in the wording; NULL: nothing is said of that band. */
extern const char *const rec_emb_price_words[REC_EMB_N_BANDS];
extern const char *const rec_emb_date_words[REC_EMB_N_BANDS];

#endif
