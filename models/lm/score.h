/** Log-likelihood of given tokens: chance of a continuation, perplexity of a text. Requests that begin
 * with the same tokens share what their beginning computes. */
#ifndef REC_MODELS_LM_SCORE_H
#define REC_MODELS_LM_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/status.h"
#include "models/lm/engine.h"

typedef struct rec_score_request {
    const uint32_t *ids; /* (n) */
    size_t n;
    size_t first;         /* ids from here on are scored, given all before; 0 counts as 1 */
    const float *vectors; /* for REC_VECTOR_ID in ids before `first`; or NULL */
} rec_score_request;

/**
 * @param logprobs  per request (n - first) natural logarithms, one after the other; a request with
 *                  nothing to score (n <= 1) has none
 * @param pool      with room for the longest request twice
 */
rec_status rec_score(float *const *logprobs, rec_engine *e, rec_kv_pool *pool,
                     const rec_score_request *requests, size_t n, rec_error *err);

/** Cache tokens that rec_score needs at least, and uses well. */
size_t rec_score_cache_tokens(const rec_score_request *requests, size_t n);

#endif
