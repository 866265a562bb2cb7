/**
 * Typed conditions that queries state and items satisfy or not: what predicate tasks judge by, what
 * negatives must violate, what `recai recommend --query` shows. A query is their conjunction.
 */
#ifndef REC_MODELS_RECLM_EMB_CONDITION_H
#define REC_MODELS_RECLM_EMB_CONDITION_H

#include "core/buffer.h"
#include "models/reclm_emb/items.h"

typedef enum rec_emb_condition_kind {
    REC_EMB_HAS,       /* attribute contains value */
    REC_EMB_LACKS,     /* attribute does not contain value */
    REC_EMB_PRICE,     /* low < price < high */
    REC_EMB_DATE,      /* low <= date < high, seconds */
    REC_EMB_TITLED,    /* has exactly the title of item `value` */
    REC_EMB_DESCRIBED, /* has exactly the description of item `value` (original/ only) */
} rec_emb_condition_kind;

typedef struct rec_emb_condition {
    rec_emb_condition_kind kind;
    uint32_t attribute, value;
    double low, high; /* infinite = open */
    bool by_month;    /* DATE: the bound is a month, not a year */
} rec_emb_condition;

/** Exactly this price; exactly the day of this moment. */
rec_emb_condition rec_emb_exact_price(double price);
rec_emb_condition rec_emb_exact_day(double seconds);

/** An unknown price or date satisfies nothing. */
bool rec_emb_holds(const rec_emb_items *x, const rec_emb_condition *c, uint32_t item);
bool rec_emb_all_hold(const rec_emb_items *x, const rec_emb_condition *c, size_t n, uint32_t item);

/** How many items satisfy all; those in ascending order go to `out` (n_items) unless it is NULL. */
size_t rec_emb_satisfying(uint32_t *out, const rec_emb_items *x, const rec_emb_condition *c,
                          size_t n);

/** A number for a set of conditions, whatever their order: equal sets have equal numbers. */
uint64_t rec_emb_conditions_hash(const rec_emb_condition *c, size_t n);

/** Append the condition in words: "genre: drama", "not genre: drama", "price less than 20", "release
 * date before 1996". */
rec_status rec_emb_condition_text(rec_buffer *out, const rec_emb_items *x,
                                  const rec_emb_condition *c, rec_error *err);

#endif
