/** Beam search, private to generate.c. */
#ifndef REC_MODELS_LM_BEAM_H
#define REC_MODELS_LM_BEAM_H

#include "models/lm/sequence.h"

enum { REC_MAX_BEAMS = 1024 };

/** Finished beams, best first. */
typedef struct rec_hypotheses {
    rec_sequence *items; /* owned (n_beams + 1); their caches are cleared */
    double *scores;      /* owned */
    size_t n;
} rec_hypotheses;

void rec_hypotheses_deinit(rec_hypotheses *h);

/** Move the n_best of them into a result whose list has room. */
rec_status rec_hypotheses_take(rec_generation_result *result, rec_hypotheses *h,
                               const rec_generation *request, const rec_tokenizer *tokenizer,
                               rec_error *err);

/** What may follow a live beam. */
typedef struct rec_beam_choice {
    const uint32_t *ids; /* (n), or NULL: ids are 0 .. n - 1 */
    size_t n;
    const float *logits; /* (n) */
} rec_beam_choice;

/**
 * Replace the live beams by the best continuations of all of them: sums of log-probabilities, within
 * the allowed tokens where a constraint holds; ties by beam, then by id. Continuations that end
 * become hypotheses, ranked by sum / n_tokens^length_penalty ("Google's neural machine translation
 * system", 2016, section 7, has another form of the length penalty; this is the one in common use).
 * *ended when no live beam can do better than the n_beams hypotheses.
 * @param beams  room for n_beams; *n_beams live ones
 */
rec_status rec_beam_step(bool *ended, rec_sequence *beams, size_t *n_beams, rec_hypotheses *h,
                         const rec_beam_choice *choices, const rec_generation *request,
                         const rec_lm_config *config, rec_kv_pool *pool, rec_error *err);

#endif
