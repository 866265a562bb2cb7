/** The language models that `lms:` names: each is opened at its first use and shared by all who use it. */
#ifndef REC_MODELS_LM_POOL_H
#define REC_MODELS_LM_POOL_H

#include "models/lm/backend.h"

typedef struct rec_lm_pool rec_lm_pool;

/**
 * Reads the options of every entry and opens nothing.
 * @param lms  a mapping of names to mappings with `backend`; NULL or null: none
 * @return REC_ERR_CONFIG "file:line:column: ..."
 */
rec_status rec_lm_pool_new(rec_lm_pool **out, const rec_yaml *lms, rec_error *err);
void rec_lm_pool_free(rec_lm_pool *p);

size_t rec_lm_pool_count(const rec_lm_pool *p); /* 0 for NULL */
/** In the order of the config. */
const rec_lm_entry *rec_lm_pool_entry(const rec_lm_pool *p, size_t i);
const rec_lm_entry *rec_lm_pool_find(const rec_lm_pool *p, const char *name); /* or NULL */

/** All paid models together may spend so many dollars: before the first is opened. A model without a
 * known price then cannot be opened. */
void rec_lm_pool_limit_cost(rec_lm_pool *p, double dollars);

/** A line on standard error for every open model that has counted requests or recorded answers. */
void rec_lm_pool_tell(const rec_lm_pool *p);

/** The model, open; of the pool. REC_ERR_CONFIG for a name that is not there. */
rec_status rec_lm_pool_get(rec_lm **out, rec_lm_pool *p, const char *name, rec_error *err);

#endif
