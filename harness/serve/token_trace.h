/** Tokens of one choice as they are read and generated, with what the model thought of them: the
 * source of `logprobs` in replies. */
#ifndef REC_HARNESS_SERVE_TOKEN_TRACE_H
#define REC_HARNESS_SERVE_TOKEN_TRACE_H

#include "core/buffer.h"
#include "models/lm/generate.h"

typedef struct rec_traced_token {
    uint32_t id;
    float logprob;     /* NaN: the first token of a prompt has none */
    size_t text_end;   /* bytes of the choice's text up to and with it */
    size_t top, n_top; /* where its alternatives stand in the trace's list */
} rec_traced_token;

typedef struct rec_token_trace {
    const rec_tokenizer *tokenizer;
    rec_token_stream stream;
    rec_buffer piece;         /* owned: text of the latest token */
    size_t n_bytes;           /* of text so far */
    rec_traced_token *tokens; /* owned */
    size_t n, capacity;
    rec_token_chance *top; /* owned */
    size_t n_top, top_capacity;
} rec_token_trace;

void rec_token_trace_init(rec_token_trace *t, const rec_tokenizer *tokenizer);
void rec_token_trace_deinit(rec_token_trace *t);

rec_status rec_token_trace_add(rec_token_trace *t, const rec_token_view *token, rec_error *err);

/** The prompt ends here: text that follows is decoded on its own, behind `n_bytes` of text. */
void rec_token_trace_start_answer(rec_token_trace *t, size_t n_bytes);

/** Text of a token alone; bytes that are no characters as "bytes:\xe2\x80", the way OpenAI does. */
rec_status rec_token_text(rec_buffer *out, const rec_tokenizer *tokenizer, uint32_t id,
                          rec_error *err);

#endif
