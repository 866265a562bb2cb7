/** Where a tokenizer can come from; rec_tokenizer_read picks by what lies at the path. */
#ifndef REC_MODELS_LM_TOKENIZERS_READ_H
#define REC_MODELS_LM_TOKENIZERS_READ_H

#include <cjson/cJSON.h>

#include "models/lm/gguf.h"
#include "models/lm/tokenizers/tokenizer.h"

/** From a parsed tokenizer.json. Messages carry no file name: the caller prefixes it. */
rec_status rec_tokenizer_from_json(rec_tokenizer **out, const cJSON *root, rec_error *err);

/** From BERT's vocab.txt: one token per line, the line number is the id. */
rec_status rec_tokenizer_from_vocab(rec_tokenizer **out, const char *text, size_t length,
                                    bool lowercase, rec_error *err);

/** The tables a GGUF file carries under tokenizer.ggml.*; all borrowed. */
typedef struct rec_gguf_vocab {
    const char *model; /* "gpt2", "llama", "bert", "t5" */
    const char *pre;   /* name of the pre-tokenizer, or NULL */
    size_t n_tokens;
    const char *const *tokens;
    const size_t *token_lengths;
    const float *scores;  /* (n_tokens), or NULL */
    const int32_t *types; /* (n_tokens), or NULL: 1 normal, 2 unknown, 3 control, 4 user, 6 byte */
    size_t n_merges;
    const char *const *merges; /* "left right" */
    const size_t *merge_lengths;
    uint32_t bos, eos, unknown; /* REC_NO_TOKEN when absent */
    bool add_bos, add_eos, add_space_prefix;
} rec_gguf_vocab;

rec_status rec_tokenizer_from_gguf(rec_tokenizer **out, const rec_gguf_vocab *tables,
                                   rec_error *err);

/** The same from an open GGUF file's metadata. */
rec_status rec_tokenizer_read_gguf(rec_tokenizer **out, const rec_gguf *file, rec_error *err);

#endif
