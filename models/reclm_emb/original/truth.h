/**
 * Ground truths of the released RecLM-emb as JSON: an item, a list of items, [[key, value], ...] for
 * attributes, [combine, [less than | more than, number], by month, [before | after | in, year | long date]]
 * for price and date. Judging by them is judging by conditions (condition.h): equal texts are equal values.
 */
#ifndef REC_MODELS_RECLM_EMB_ORIGINAL_TRUTH_H
#define REC_MODELS_RECLM_EMB_ORIGINAL_TRUTH_H

#include <cjson/cJSON.h>

#include "models/reclm_emb/corpus.h"

/** Add member "ground_truth" for a test row. *stated false (and nothing added): the original has no words
 * for one of its conditions. */
rec_status rec_emb_truth_write(bool *stated, cJSON *json, const rec_emb_items *x,
                               const rec_emb_row *row, rec_error *err);

/**
 * Set the row's answers, and its conditions where the truth is made of them. row->task, row->item are set.
 * @return REC_ERR_DATA for another shape, an unknown key, value, date or item
 */
rec_status rec_emb_truth_read(rec_emb_rows *rows, rec_emb_row *row, const rec_emb_items *x,
                              const cJSON *truth, rec_error *err);

/** Add member or element `name` (NULL): ["key: ", text], or ["key: ", []] with the list in *values. */
rec_status rec_emb_add_pair(cJSON *parent, const char *name, const char *key, const char *text,
                            rec_error *err);
rec_status rec_emb_add_list_pair(cJSON **values, cJSON *parent, const char *key, rec_error *err);

/** Add member `name`: the items' numbers from 1. */
rec_status rec_emb_add_item_numbers(cJSON *json, const char *name, const uint32_t *items, size_t n,
                                    rec_error *err);

/** An item's number from 1, in 1..n_items. */
rec_status rec_emb_item_number(uint32_t *item, const cJSON *json, size_t n_items, rec_error *err);

/** Items of a number or a list of numbers, in the rows' arena. */
rec_status rec_emb_item_numbers(const uint32_t **items, size_t *n, rec_emb_rows *rows,
                                const cJSON *json, size_t n_items, rec_error *err);

#endif
