/** Generated rows of all tasks: a query, what answers it, what does not. */
#ifndef REC_MODELS_RECLM_EMB_ROWS_H
#define REC_MODELS_RECLM_EMB_ROWS_H

#include "core/arena.h"
#include "models/reclm_emb/condition.h"
#include "models/reclm_emb/part.h"

#define REC_EMB_BARE UINT32_MAX /* no template around the query */

/** Arrays and texts live in the arena of the set. */
typedef struct rec_emb_row {
    uint8_t task;            /* index into rec_emb_tasks */
    uint8_t part;            /* rec_emb_part */
    bool seen_item;          /* the item may stand in training rows */
    bool seen_wording;       /* the template is one of training's, or there is none */
    bool only_positives;     /* training: whatever else would answer counts as wrong (original/) */
    bool is_written;         /* by the generator; else a template around facts */
    uint8_t wording;         /* rec_emb_part: the set that the template is of */
    uint32_t template_index; /* in the phrase and set; REC_EMB_BARE */
    uint32_t user, item;     /* whom and what it is about: REC_NO_USER, REC_NO_ITEM */
    const char *query;       /* as it is asked */
    const char *bare;        /* what is asked, without template: for comparing rows */
    const uint32_t *history; /* oldest first: what recommenders go by */
    size_t n_history;
    const uint32_t *excluded; /* never an answer: the user's whole history, the source item */
    size_t n_excluded;
    const uint32_t *positives; /* training: one of these is drawn */
    size_t n_positives;
    const uint32_t *negatives;
    size_t n_negatives;
    const rec_emb_condition *conditions; /* what the query states */
    size_t n_conditions;
    const uint32_t *answers; /* ascending. Test: ground truth. Training: never a negative */
    size_t n_answers;
} rec_emb_row;

typedef struct rec_emb_rows {
    rec_emb_row *rows; /* owned */
    size_t n, capacity;
    rec_arena arena;
} rec_emb_rows;

void rec_emb_rows_deinit(rec_emb_rows *x);

/** A zeroed row at the end; NULL when memory is out. Valid until the next one is added. */
rec_emb_row *rec_emb_rows_add(rec_emb_rows *x, rec_error *err);
/** Drop the row added last. */
void rec_emb_rows_drop_last(rec_emb_rows *x);

/** Keep rows whose `keep` is true, in order. */
void rec_emb_rows_filter(rec_emb_rows *x, const bool *keep);

/** Copies in the arena; NULL when memory is out. */
const char *rec_emb_rows_text(rec_emb_rows *x, const char *text, size_t n, rec_error *err);
void *rec_emb_rows_memdup(rec_emb_rows *x, const void *from, size_t n, size_t size, rec_error *err);

/** Does the item answer the row: is it among the answers, or satisfies it all conditions? Such an item is
 * never a negative. */
bool rec_emb_row_accepts(const rec_emb_row *row, const rec_emb_items *items, uint32_t item);

#endif
