/**
 * The rule-based writer of texts that a language model wrote for the original: descriptions of users
 * and of items in other words than the catalogue's. Grammar and synonyms of training and tests share
 * nothing. Whatever is said of an item is true of it; no title is ever said.
 */
#ifndef REC_MODELS_RECLM_EMB_SUMMARY_H
#define REC_MODELS_RECLM_EMB_SUMMARY_H

#include "models/reclm_emb/task.h"

/** Names this writer in data and reports. */
#define REC_EMB_WRITER "rules-1"

/** What stands out in row->history (values, price band, era), in one of three voices, into d->query.
 * *made false when nothing is known about its items. */
rec_status rec_emb_summarise_user(bool *made, rec_emb_draft *d, rec_error *err);

/** One to five true things about row->item, reworded; row->conditions says what they are. */
rec_status rec_emb_describe_item(bool *made, rec_emb_draft *d, rec_error *err);

#endif
