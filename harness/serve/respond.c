#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/hash.h"
#include "core/memory.h"
#include "harness/serve/exchange.h"

enum { STREAM_BLOCK = 16384 };

/* ---- whole answers ---- */

static enum MHD_Result queue(rec_exchange *x, int status, struct MHD_Response *response)
{
    x->status = status;
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result rec_respond_text(rec_exchange *x, int status, const char *type, char *text,
                                 size_t length)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == 401)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (status == 429 || status == 503)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    if (status == 405)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, POST");
    return queue(x, status, response);
}

enum MHD_Result rec_respond_json(rec_exchange *x, int status, char *json)
{
    return json != NULL ? rec_respond_text(x, status, "application/json", json, strlen(json))
                        : MHD_NO;
}

enum MHD_Result rec_respond_error(rec_exchange *x, const rec_api_error *error)
{
    return rec_respond_json(x, error->http, rec_api_error_json(error, NULL));
}

/* A choice, whole. */
static rec_completion_piece whole(const rec_call *call, size_t i)
{
    const rec_call_choice *c = &call->choices[i];
    return (rec_completion_piece){.index = i,
                                  .text = c->text.length > 0 ? c->text.data : "",
                                  .n_bytes = c->text.length,
                                  .trace = call->completion.logprobs ? &c->trace : NULL,
                                  .end = c->n_shown,
                                  .finish = c->finish};
}

static char *completion_text(const rec_exchange *x)
{
    const rec_call *call = x->call;
    rec_completion_piece *pieces = rec_alloc(call->n_choices, sizeof *pieces, NULL);
    char *text = NULL;
    for (size_t i = 0; pieces != NULL && i < call->n_choices; i++)
        pieces[i] = whole(call, i);
    if (pieces != NULL)
        text = rec_completion_reply(&x->head, pieces, call->n_choices, &call->usage, NULL);
    free(pieces);
    return text;
}

static char *answer_text(const rec_exchange *x)
{
    const rec_call *c = x->call;
    switch (c->kind) {
    case REC_CALL_COMPLETE:
        return completion_text(x);
    case REC_CALL_EMBED:
        return rec_embedding_reply(x->head.model, c->vectors, c->embedding.prompts.n, c->dim,
                                   c->embedding.base64, c->usage.n_prompt, NULL);
    default:
        return rec_recommend_reply(x->head.model, c->catalogue, c->items, c->scores, c->n_items,
                                   NULL);
    }
}

/* The worker is through with the call. */
static enum MHD_Result answer(rec_exchange *x)
{
    if (x->call->error.http != 0)
        return rec_respond_error(x, &x->call->error);
    return rec_respond_json(x, 200, answer_text(x));
}

/* ---- sleeping ---- */

/* Called by a worker with the call's mutex held. */
static void wake(void *context)
{
    rec_exchange *x = context;
    if (!x->suspended)
        return;
    x->suspended = false;
    MHD_resume_connection(x->connection);
}

/* With the call's mutex held. */
static void suspend(rec_exchange *x)
{
    x->suspended = true;
    MHD_suspend_connection(x->connection);
}

static enum MHD_Result answer_or_sleep(rec_exchange *x)
{
    pthread_mutex_lock(&x->call->mutex);
    bool done = x->call->done, gone = x->is_gone;
    if (!done && !gone)
        suspend(x);
    pthread_mutex_unlock(&x->call->mutex);
    if (gone && !done)
        return MHD_NO; /* closes the connection */
    return done ? answer(x) : MHD_YES;
}

enum MHD_Result rec_respond_resumed(rec_exchange *x)
{
    return answer_or_sleep(x);
}

/* ---- streams ---- */

/* What is new in the call, as events; without any the connection sleeps. With the mutex held. */
static ssize_t collect(rec_exchange *x, char *bytes, size_t size)
{
    rec_stream *s = &x->stream;
    if (x->is_gone)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (x->wants_probe && rec_stream_probe(s, NULL) != REC_OK)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    x->wants_probe = false;
    if (rec_stream_collect(s, NULL) != REC_OK)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = rec_stream_take(s, bytes, size);
    if (n > 0)
        return (ssize_t)n;
    if (s->has_ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    suspend(x);
    return 0;
}

static ssize_t read_stream(void *context, uint64_t position, char *bytes, size_t size)
{
    rec_exchange *x = context;
    (void)position;
    pthread_mutex_lock(&x->call->mutex);
    ssize_t n = collect(x, bytes, size);
    pthread_mutex_unlock(&x->call->mutex);
    return n;
}

static enum MHD_Result start_stream(rec_exchange *x)
{
    if (rec_stream_init(&x->stream, x->call, &x->head, NULL) != REC_OK)
        return MHD_NO;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, x, NULL);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    return queue(x, 200, response);
}

/* ---- calls ---- */

/* A request without a seed gets one of its own, so that its answer is not that of the last. */
static void name_request(rec_exchange *x, const rec_served *model)
{
    rec_server *s = x->server;
    const uint64_t parts[2] = {s->seed, ++s->n_requests};
    uint64_t id = rec_fnv1a(parts, sizeof parts);
    x->head = (rec_completion_head){
        .chat = x->call->completion.chat, .model = model->name, .created = (int64_t)time(NULL)};
    snprintf(x->head.id, sizeof x->head.id, "%s-%016llx%08llx", x->head.chat ? "chatcmpl" : "cmpl",
             (unsigned long long)id, (unsigned long long)(s->n_requests & 0xffffffff));
    if (!x->call->completion.has_seed)
        x->call->completion.sampling.seed = id;
}

enum MHD_Result rec_respond_call(rec_exchange *x, const rec_served *model)
{
    rec_api_error error;
    name_request(x, model);
    x->call->target = model->target;
    x->call->wake = wake;
    x->call->wake_context = x;
    if (rec_worker_submit(model->worker, x->call, &error) != REC_OK)
        return rec_respond_error(x, &error);
    rec_watch_add(x);
    return x->call->kind == REC_CALL_COMPLETE && x->call->completion.stream ? start_stream(x)
                                                                            : answer_or_sleep(x);
}
