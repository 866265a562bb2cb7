/** Inputs of rec_lm as token ids and vectors. */
#ifndef REC_MODELS_LM_INPUT_H
#define REC_MODELS_LM_INPUT_H

#include "models/lm/lm.h"

/** What an input is for a model with tokens. */
typedef struct rec_lm_encoded {
    rec_token_list ids; /* REC_VECTOR_ID where a row of the vectors stands */
    float *vectors;     /* owned (n_vectors, d_model) */
    size_t n_vectors;
} rec_lm_encoded;

void rec_lm_encoded_deinit(rec_lm_encoded *e);

/** How texts are encoded; what the tokenizer puts around a text is found out once. */
typedef struct rec_lm_encoder {
    const rec_tokenizer *tokenizer;
    const rec_chat_template *chat; /* NULL: chats are REC_ERR_CONFIG */
    size_t d_model;
    rec_token_list before, after; /* owned: ids around a text */
} rec_lm_encoder;

rec_status rec_lm_encoder_init(rec_lm_encoder *e, const rec_tokenizer *tokenizer,
                               const rec_chat_template *chat, size_t d_model, rec_error *err);
void rec_lm_encoder_deinit(rec_lm_encoder *e);

/** Chats through the template; texts with `before` in front unless bare, and `after` behind them if
 * `close` is set. `out` is empty storage. */
rec_status rec_lm_encode(rec_lm_encoded *out, const rec_lm_encoder *e, const rec_lm_input *input,
                         bool close, rec_error *err);

/** Drop tokens at the start (those in front of `keep_first` stay) so that n remain; their vectors go
 * too. @return how many were dropped */
size_t rec_lm_encoded_drop_oldest(rec_lm_encoded *x, size_t keep_first, size_t n, size_t d_model);

#endif
