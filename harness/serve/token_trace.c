#include "harness/serve/token_trace.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/utf8.h"

void rec_token_trace_init(rec_token_trace *t, const rec_tokenizer *tokenizer)
{
    *t = (rec_token_trace){.tokenizer = tokenizer};
    rec_token_stream_init(&t->stream, tokenizer, true);
}

void rec_token_trace_deinit(rec_token_trace *t)
{
    rec_buffer_deinit(&t->piece);
    free(t->tokens);
    free(t->top);
    *t = (rec_token_trace){.tokenizer = NULL};
}

void rec_token_trace_start_answer(rec_token_trace *t, size_t n_bytes)
{
    rec_token_stream_init(&t->stream, t->tokenizer, true);
    t->n_bytes = n_bytes;
}

/* Room for one more token and its alternatives. */
static rec_status make_room(rec_token_trace *t, size_t n_top, rec_error *err)
{
    if (t->n == t->capacity) {
        size_t capacity = t->capacity > 0 ? 2 * t->capacity : 64;
        rec_traced_token *tokens = rec_realloc(t->tokens, capacity, sizeof *tokens, err);
        if (tokens == NULL)
            return REC_ERR_RESOURCE;
        t->tokens = tokens;
        t->capacity = capacity;
    }
    if (t->n_top + n_top > t->top_capacity) {
        size_t capacity = 2 * (t->n_top + n_top);
        rec_token_chance *top = rec_realloc(t->top, capacity, sizeof *top, err);
        if (top == NULL)
            return REC_ERR_RESOURCE;
        t->top = top;
        t->top_capacity = capacity;
    }
    return REC_OK;
}

rec_status rec_token_trace_add(rec_token_trace *t, const rec_token_view *token, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY(make_room(t, token->n_top, err));
    rec_buffer_clear(&t->piece);
    REC_TRY(rec_token_stream_push(&t->piece, &t->stream, token->id, err));
    t->n_bytes += t->piece.length;
    t->tokens[t->n++] = (rec_traced_token){.id = token->id,
                                           .logprob = token->logprob,
                                           .text_end = t->n_bytes,
                                           .top = t->n_top,
                                           .n_top = token->n_top};
    if (token->n_top > 0)
        memcpy(t->top + t->n_top, token->top, token->n_top * sizeof *t->top);
    t->n_top += token->n_top;
cleanup:
    return status;
}

static rec_status append_escaped(rec_buffer *out, const rec_buffer *bytes, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "bytes:", err);
    for (size_t i = 0; i < bytes->length && status == REC_OK; i++)
        status = rec_buffer_printf(out, err, "\\x%02x", (unsigned)(unsigned char)bytes->data[i]);
    return status;
}

rec_status rec_token_text(rec_buffer *out, const rec_tokenizer *tokenizer, uint32_t id,
                          rec_error *err)
{
    rec_buffer bytes = {.data = NULL};
    rec_status status = rec_buffer_append(out, "", 0, err); /* a string, even if nothing follows */
    if (status != REC_OK)
        return status;
    if (rec_tokenizer_is_special(tokenizer, id))
        return rec_tokenizer_decode(out, tokenizer, &id, 1, false, err);
    REC_TRY(rec_tokenizer_token_bytes(&bytes, tokenizer, id, err));
    if (bytes.length == 0)
        goto cleanup;
    status = rec_utf8_valid(bytes.data, bytes.length)
                 ? rec_buffer_append(out, bytes.data, bytes.length, err)
                 : append_escaped(out, &bytes, err);
cleanup:
    rec_buffer_deinit(&bytes);
    return status;
}
