/**
 * Is an item among a user's? Asked once or more for every negative sample of a training, so a small
 * filter per user (16 bits per item, one probe) answers most questions and a binary search the rest.
 */
#ifndef REC_MODELS_ITEM_SETS_H
#define REC_MODELS_ITEM_SETS_H

#include <stdbool.h>

#include "models/sparse.h"

typedef struct rec_item_sets {
    const rec_sparse *rows; /* borrowed: user u's items are row u */
    uint64_t *bits;         /* owned: filters, one after the other */
    size_t *start;          /* owned (n_rows): first word of a user's filter */
    uint8_t *shift;         /* owned (n_rows): 32 - log2 of the filter's bits */
} rec_item_sets;

rec_status rec_item_sets_init(rec_item_sets *out, const rec_sparse *rows, rec_error *err);
void rec_item_sets_deinit(rec_item_sets *s);

bool rec_item_sets_contain(const rec_item_sets *s, uint32_t user, uint32_t item);

#endif
