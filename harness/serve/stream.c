#include "harness/serve/stream.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

rec_status rec_stream_init(rec_stream *s, rec_call *call, const rec_completion_head *head,
                           rec_error *err)
{
    *s = (rec_stream){.call = call, .head = *head};
    s->choices = rec_alloc(call->n_choices, sizeof *s->choices, err);
    return s->choices != NULL ? REC_OK : REC_ERR_RESOURCE;
}

void rec_stream_deinit(rec_stream *s)
{
    free(s->choices);
    rec_buffer_deinit(&s->out);
    *s = (rec_stream){.call = NULL};
}

/* Tokens whose text is there; all that are shown once the choice is finished. */
static size_t n_tokens_ready(const rec_call_choice *c, size_t from)
{
    size_t end = from;
    if (c->finish != NULL)
        return c->n_shown;
    while (end < c->trace.n && c->trace.tokens[end].text_end <= c->text.length)
        end++;
    return end;
}

static rec_status collect_news(rec_stream *s, size_t index, rec_error *err)
{
    const rec_call_choice *c = &s->call->choices[index];
    rec_stream_choice *sent = &s->choices[index];
    bool traced = s->call->completion.logprobs;
    size_t end = traced ? n_tokens_ready(c, sent->n_tokens) : 0;
    bool speaks = s->head.chat && !sent->has_started; /* the role comes at once */
    if (!speaks && c->text.length == sent->n_bytes && end <= sent->n_tokens)
        return REC_OK;
    rec_completion_piece piece = {.index = index,
                                  .text = c->text.length > 0 ? c->text.data + sent->n_bytes : "",
                                  .n_bytes = c->text.length - sent->n_bytes,
                                  .trace = traced ? &c->trace : NULL,
                                  .first = sent->n_tokens,
                                  .end = end > sent->n_tokens ? end : sent->n_tokens,
                                  .bytes_before = sent->n_bytes,
                                  .chars_before = sent->n_chars,
                                  .is_first = speaks};
    rec_status status = rec_completion_event(&s->out, &s->head, &piece, err);
    if (status != REC_OK)
        return status;
    sent->n_chars += rec_utf8_count(piece.text, piece.n_bytes);
    sent->n_bytes = c->text.length;
    sent->n_tokens = piece.end;
    sent->has_started = true;
    return REC_OK;
}

static rec_status collect_finish(rec_stream *s, size_t index, rec_error *err)
{
    const rec_call_choice *c = &s->call->choices[index];
    if (c->finish == NULL || s->choices[index].has_ended)
        return REC_OK;
    s->choices[index].has_ended = true;
    rec_completion_piece piece = {.index = index, .finish = c->finish};
    return rec_completion_event(&s->out, &s->head, &piece, err);
}

rec_status rec_stream_collect(rec_stream *s, rec_error *err)
{
    const rec_call *call = s->call;
    rec_status status = REC_OK;
    if (s->has_ended)
        return REC_OK;
    if (call->error.http != 0) {
        s->has_ended = true;
        return rec_completion_error_event(&s->out, &call->error, err);
    }
    for (size_t i = 0; i < call->n_choices; i++) {
        REC_TRY(collect_news(s, i, err));
        REC_TRY(collect_finish(s, i, err));
    }
    if (call->done) {
        s->has_ended = true;
        status = rec_completion_end(&s->out, &s->head,
                                    call->completion.include_usage ? &call->usage : NULL, err);
    }
cleanup:
    return status;
}

rec_status rec_stream_probe(rec_stream *s, rec_error *err)
{
    return rec_buffer_puts(&s->out, ":\n\n", err);
}

size_t rec_stream_take(rec_stream *s, char *bytes, size_t size)
{
    size_t n = s->out.length - s->n_sent;
    n = n < size ? n : size;
    if (n > 0)
        memcpy(bytes, s->out.data + s->n_sent, n);
    s->n_sent += n;
    if (s->n_sent == s->out.length) {
        rec_buffer_clear(&s->out);
        s->n_sent = 0;
    }
    return n;
}
