/** One sequence being generated, private to generate.c and beam.c: tokens, cache, text, constraint. */
#ifndef REC_MODELS_LM_SEQUENCE_H
#define REC_MODELS_LM_SEQUENCE_H

#include "core/buffer.h"
#include "models/lm/generate.h"

typedef struct rec_sequence {
    rec_kv cache;
    rec_token_list tokens; /* prompt, then what was generated */
    size_t n_prompt;
    float *logprobs;            /* owned, of generated tokens; follows tokens.capacity */
    size_t *text_ends;          /* owned, of generated tokens: length of the text with them */
    size_t capacity;            /* of the two arrays */
    double sum;                 /* of log-probabilities, a stop token included */
    rec_constraint *constraint; /* owned, or NULL */
    rec_rng rng;
    rec_token_stream stream;
    rec_buffer text;
    size_t n_sent;       /* bytes of the text given to on_text */
    uint32_t *seen;      /* owned: distinct tokens so far, where a penalty needs them */
    unsigned char *bits; /* owned: bit per token of the vocabulary: is it in seen? */
    size_t n_seen, n_counted;
    const rec_token_chance *top; /* alternatives of the token about to be accepted; borrowed */
    size_t n_top;
    bool finished;
    rec_finish finish;
    size_t n_kept; /* generated tokens that belong to the result, once finished */
} rec_sequence;

/** A prompt; the cache is empty. */
rec_status rec_sequence_init(rec_sequence *s, const rec_generation *request,
                             const rec_tokenizer *tokenizer, rec_error *err);
/** The cache must have been cleared. */
void rec_sequence_deinit(rec_sequence *s);

/** An independent copy that shares the cache's pages. No text is copied: beams have none. */
rec_status rec_sequence_fork(rec_sequence *out, const rec_sequence *s, rec_kv_pool *pool,
                             rec_error *err);

size_t rec_sequence_n_generated(const rec_sequence *s);

/** Tokens that are in the list and not in the cache yet. */
size_t rec_sequence_n_pending(const rec_sequence *s);

bool rec_is_stop_id(const rec_generation *request, const rec_lm_config *config, uint32_t id);

/**
 * Take a chosen token: constraint, text, stop conditions, hook, then every token that the constraint
 * forces. @param hidden  the state it was chosen from, for the hook
 */
rec_status rec_sequence_accept(rec_sequence *s, const rec_generation *request,
                               const rec_lm_config *config, uint32_t id, double logprob,
                               const float *hidden, rec_error *err);

/** Before the first choice: tokens that the constraint forces right away. */
rec_status rec_sequence_force(rec_sequence *s, const rec_generation *request,
                              const rec_lm_config *config, rec_error *err);

/** Bring seen up to date. */
rec_status rec_sequence_update_seen(rec_sequence *s, size_t vocab_size, rec_error *err);

/** The result of a finished sequence; text and arrays move over. */
rec_status rec_sequence_result(rec_generated *out, rec_sequence *s, const rec_generation *request,
                               const rec_tokenizer *tokenizer, rec_error *err);

#endif
