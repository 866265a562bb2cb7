/**
 * Tokenizers of public checkpoints: byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM), SentencePiece
 * BPE with byte fallback (Llama 2, Mistral, Gemma), SentencePiece Unigram (XLM-R), WordPiece (BERT).
 * Read from tokenizer.json, vocab.txt or GGUF metadata; the ids are those of the reference
 * implementation (Hugging Face tokenizers). An option that is not understood is a named error.
 *
 * A tokenizer is immutable after reading: any number of threads may use one.
 */
#ifndef REC_MODELS_LM_TOKENIZERS_TOKENIZER_H
#define REC_MODELS_LM_TOKENIZERS_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/status.h"

#define REC_NO_TOKEN UINT32_MAX

typedef struct rec_tokenizer rec_tokenizer;

/** A growing list of token ids; zeroed = empty. */
typedef struct rec_token_list {
    uint32_t *ids; /* owned */
    size_t n, capacity;
} rec_token_list;

void rec_token_list_deinit(rec_token_list *list);
rec_status rec_token_list_append(rec_token_list *list, uint32_t id, rec_error *err);

/**
 * @param path  tokenizer.json, vocab.txt, a GGUF file, or a folder that holds one of the first two
 *              (tokenizer_config.json beside vocab.txt tells whether to lower-case)
 * @return REC_ERR_MODEL "path: what is wrong"
 */
rec_status rec_tokenizer_read(rec_tokenizer **out, const char *path, rec_error *err);
void rec_tokenizer_free(rec_tokenizer *t);

enum {
    /** What the tokenizer's post-processor adds ([CLS] ... [SEP], <s>). */
    REC_TOKENIZE_ADD_SPECIAL = 1,
    /** Special-token strings inside the text become their ids. Never set it for text from data. */
    REC_TOKENIZE_PARSE_SPECIAL = 2,
};

/** Append the ids of a text. REC_ERR_DATA for invalid UTF-8 (with the byte offset). */
rec_status rec_tokenizer_encode(rec_token_list *ids, const rec_tokenizer *t, const char *text,
                                size_t length, unsigned flags, rec_error *err);

/**
 * As above without additions; added tokens are recognised only where every byte of theirs is marked.
 * What lies between them is encoded as one text, so that ids do not depend on where marks change.
 * @param trusted  (length) 0 or 1 per byte
 */
rec_status rec_tokenizer_encode_marked(rec_token_list *ids, const rec_tokenizer *t,
                                       const char *text, const char *trusted, size_t length,
                                       rec_error *err);

/** How many ids the post-processor adds to a single text. */
size_t rec_tokenizer_n_special_added(const rec_tokenizer *t);

/** Append the text of ids; bytes that are not UTF-8 become U+FFFD. Unknown ids: REC_ERR_DATA. */
rec_status rec_tokenizer_decode(rec_buffer *out, const rec_tokenizer *t, const uint32_t *ids,
                                size_t n, bool skip_special, rec_error *err);

/** Append the bytes that a token stands for inside a text, which need not be whole characters. Special
 * tokens stand for none; WordPiece tokens for their characters without "##". */
rec_status rec_tokenizer_token_bytes(rec_buffer *out, const rec_tokenizer *t, uint32_t id,
                                     rec_error *err);

/** Decoding one id at a time: text comes out as soon as it is whole characters. */
typedef struct rec_token_stream {
    const rec_tokenizer *tokenizer;
    bool skip_special;
    bool started;    /* a visible token came before */
    char pending[8]; /* bytes of a character that is not complete yet */
    size_t n_pending;
} rec_token_stream;

void rec_token_stream_init(rec_token_stream *s, const rec_tokenizer *t, bool skip_special);
rec_status rec_token_stream_push(rec_buffer *out, rec_token_stream *s, uint32_t id, rec_error *err);
/** What is left, as U+FFFD. */
rec_status rec_token_stream_finish(rec_buffer *out, rec_token_stream *s, rec_error *err);

/** One more than the largest id; ids in between may be unused. */
size_t rec_tokenizer_vocab_size(const rec_tokenizer *t);
/** REC_ERR_MODEL when a token has no row in embeddings of vocab_size rows; `model` is for the message.
 * More rows than tokens are common: sizes are rounded up. */
rec_status rec_tokenizer_check_fit(const rec_tokenizer *t, size_t vocab_size, const char *model,
                                   rec_error *err);
/** Id of a token by its content ("<|im_end|>", "[SEP]"), or REC_NO_TOKEN. */
uint32_t rec_tokenizer_find(const rec_tokenizer *t, const char *content);
bool rec_tokenizer_is_special(const rec_tokenizer *t, uint32_t id);

/**
 * Byte-level BPE trained on texts: pairs by count, ties by the smaller pair of ids ("Neural machine
 * translation of rare words with subword units", ACL 2016; bytes as symbols: GPT-2, 2019).
 * Id order: special tokens, 256 bytes, merges.
 * @param n_special  contents of special tokens, ids 0.. in this order
 */
rec_status rec_tokenizer_train(rec_tokenizer **out, const char *const *texts, size_t n_texts,
                               size_t vocab_size, const char *const *special, size_t n_special,
                               rec_error *err);

/** Write tokenizer.json as the reference implementation reads it (BPE tokenizers). */
rec_status rec_tokenizer_write(const rec_tokenizer *t, const char *path, rec_error *err);

#endif
