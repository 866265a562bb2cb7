/**
 * Models from scratch: a byte-level BPE trained on the catalogue's own texts, and a Llama of random
 * weights around it, written as a Hugging Face folder that trains, generates and opens like any other.
 */
#ifndef REC_MODELS_LM_TRAINING_SCRATCH_H
#define REC_MODELS_LM_TRAINING_SCRATCH_H

#include <stdbool.h>

#include "core/option.h"
#include "core/status.h"

typedef struct rec_lm_scratch_options {
    int64_t layers, d_model, d_ff; /* d_ff 0: 8/3 d_model, rounded up to a multiple of 32 */
    int64_t heads, kv_heads;       /* kv_heads 0: heads */
    int64_t context;               /* positions */
    int64_t vocab_size;            /* at most: fewer where the texts have no more pairs to merge */
    bool tied;                     /* embeddings are the output matrix */
    int64_t seed;                  /* of the weights */
} rec_lm_scratch_options;

/** Keys layers, d_model, d_ff, heads, kv_heads, context, vocab_size, tied, seed. */
extern const rec_option rec_lm_scratch_option_table[];

/**
 * Write config.json, model.safetensors, tokenizer.json and tokenizer_config.json (ChatML, as SmolLM2
 * without a default system text). Token ids 0, 1, 2 are <|endoftext|> (padding), <|im_start|>, <|im_end|>
 * (ends a text).
 * @return REC_ERR_CONFIG for sizes that do not fit each other
 */
rec_status rec_lm_scratch_write(const char *folder, const rec_lm_scratch_options *options,
                                const char *const *texts, size_t n_texts, rec_error *err);

#endif
