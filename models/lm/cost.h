/**
 * What calls of a language model cost, in integers: tokens times micro-dollars per million tokens are
 * pico-dollars (1e-12), which are added exactly and rounded once, to micro-dollars, where they are
 * shown. A price nobody stated is unknown; no number is invented for it.
 */
#ifndef REC_MODELS_LM_COST_H
#define REC_MODELS_LM_COST_H

#include <stdbool.h>
#include <stdint.h>

#include "models/lm/lm.h"

/** Micro-dollars per million tokens. */
typedef struct rec_lm_price {
    int64_t input, output;
    int64_t cached_input; /* prompt tokens the server had in its own cache */
    char date[11];        /* "2025-06-01": when the price was looked up; "" = not said */
} rec_lm_price;

/** All counts of a model since it was opened. */
typedef struct rec_lm_ledger {
    uint64_t requests;         /* sent, retries included */
    uint64_t retries;          /* of these */
    uint64_t failures;         /* requests without an answer in the end */
    uint64_t tokens_in;        /* of answers that were paid for */
    uint64_t tokens_in_cached; /* of these: in the server's cache */
    uint64_t tokens_out;
    uint64_t answers_unpriced; /* answers whose price or usage is unknown */
    int64_t cost_picodollars;  /* of the others */
    uint64_t model_changes;    /* answers by another model than the first one */
    uint64_t cache_hits;       /* answers out of the response cache */
    uint64_t cache_misses;
    uint64_t cache_corrupted; /* damaged entries that were ignored; each is a miss, too */
    uint64_t cache_tokens;    /* in and out, of the hits */
} rec_lm_ledger;

/** Zeros for a model that counts nothing. */
void rec_lm_ledger_get(rec_lm_ledger *out, const rec_lm *lm);

/** Total rounded half up to micro-dollars; -1 when any answer could not be priced. */
int64_t rec_lm_ledger_microdollars(const rec_lm_ledger *l);

/** "1000 requests (12 repeated), 3 failures, 52000 + 9100 tokens, $0.0123; 40 answers from the cache":
 * one line for people, cut at `size`; "" when nothing was counted. */
void rec_lm_ledger_text(char *out, size_t size, const rec_lm_ledger *l);

/** False when no price is known. Where lm->paid is false there is none, and nothing to pay. */
bool rec_lm_price_get(rec_lm_price *out, const rec_lm *lm);

/** Cost of so many tokens. @param cached  of `in` */
int64_t rec_lm_price_picodollars(const rec_lm_price *p, uint64_t in, uint64_t cached, uint64_t out);
int64_t rec_lm_microdollars(int64_t picodollars); /* rounded half up */

/** What may be spent in this process, by one model or by several together. */
typedef struct rec_lm_budget {
    int64_t limit; /* pico-dollars; -1 = none */
    int64_t spent;
} rec_lm_budget;

/** limit of so many dollars; more than an int64_t holds is no limit. */
rec_lm_budget rec_lm_budget_of(double dollars);

/**
 * No request of this model is started from now on that may take `spent` above `limit`: the call fails as
 * REC_ERR_ENDPOINT, and everything answered so far stays. Does nothing for a model that is not paid.
 * @param budget  borrowed as long as the model lives; its limit may change
 */
void rec_lm_share_budget(rec_lm *lm, rec_lm_budget *budget);

#endif
