/** What a model thinks of given tokens: log-probabilities and the likeliest alternatives out of
 * logits. Private to generation. */
#ifndef REC_MODELS_LM_VIEW_H
#define REC_MODELS_LM_VIEW_H

#include "core/arena.h"
#include "models/lm/generate.h"

/**
 * The largest of n logits with their log-probabilities, best first, of equal ones the first.
 * @param ids      what the logits stand for; NULL: 0 .. n - 1
 * @param log_sum  rec_log_sum_exp of the logits
 * @return how many were written: n_top, or n when there are no more
 */
size_t rec_top_chances(rec_token_chance *out, size_t n_top, const float *logits, size_t n,
                       const uint32_t *ids, double log_sum);

/** Call the request's hook for prompt tokens next[i] that hidden states (n, d_model) predict. */
rec_status rec_view_prompt(const rec_generation *request, rec_engine *engine, const float *hidden,
                           const uint32_t *next, size_t n, rec_arena *arena, rec_error *err);

#endif
