#include "harness/serve/system_worker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

typedef struct system_worker {
    rec_worker base;
    rec_system *const *systems; /* borrowed (n_systems) */
    size_t n_systems;
    const rec_dataset *dataset; /* borrowed */
    rec_call **calls;           /* owned list, oldest first */
    size_t n_calls, capacity;
} system_worker;

/* What a call asks, in the system's terms. */
typedef struct asked {
    rec_recommend_query query;
    rec_text_part *parts; /* owned: of all prompts */
} asked;

static system_worker *self(rec_worker *w)
{
    return (system_worker *)(void *)w;
}

static void asked_free(void *prepared)
{
    asked *a = prepared;
    rec_recommend_query_deinit(&a->query);
    free(a->parts);
    free(a);
}

/* ---- on the caller's thread ---- */

static rec_status lacks(rec_api_error *err, const rec_system *s, const char *param,
                        const char *what)
{
    char can[96];
    rec_capabilities_text(can, sizeof can, s->type.can);
    return rec_api_fail(err, 400, "unsupported_value", param,
                        "%s: not with system %s of type %s (it can: %s)", what, s->name,
                        s->type.name, can);
}

static const char *role_name(rec_role role)
{
    return role == REC_ROLE_SYSTEM ? "system" : role == REC_ROLE_USER ? "user" : "assistant";
}

static size_t n_parts(const rec_prompts *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->inputs[i].n_parts;
    return n;
}

static rec_status prepare_text(const rec_worker *w, rec_call *call, asked *a, const rec_system *s,
                               rec_api_error *err)
{
    const rec_completion_request *r = &call->completion;
    size_t n = n_parts(&r->prompts);
    if ((s->type.can & REC_CAN_RESPOND) == 0)
        return lacks(err, s, "model", "text");
    if (r->logprobs)
        return lacks(err, s, "logprobs", "log-probabilities");
    if (r->json)
        return lacks(err, s, "response_format", "JSON mode");
    if (r->echo)
        return lacks(err, s, "echo", "the prompt in front of the answer");
    if (w->limits.max_tokens > 0 && r->max_tokens > w->limits.max_tokens)
        return rec_api_fail(err, 400, NULL, "max_tokens",
                            "%zu tokens; this server generates up to %zu per answer", r->max_tokens,
                            w->limits.max_tokens);
    a->parts = rec_alloc(n, sizeof *a->parts, NULL);
    if (a->parts == NULL)
        return rec_api_fail(err, 503, NULL, NULL, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const rec_lm_part *part = &r->prompts.parts[i];
        if (part->kind != REC_LM_DATA)
            return lacks(err, s, "prompt", "token ids");
        a->parts[i] =
            (rec_text_part){.role = role_name(part->role), .text = part->text, .is_data = true};
        if (!r->chat)
            a->parts[i].role = "user";
    }
    return REC_OK;
}

static rec_status prepare(rec_worker *w, rec_call *call, rec_api_error *err)
{
    system_worker *sw = self(w);
    assert(call->target < sw->n_systems);
    const rec_system *s = sw->systems[call->target];
    asked *a = rec_alloc(1, sizeof *a, NULL);
    if (a == NULL)
        return rec_api_fail(err, 503, NULL, NULL, "out of memory");
    call->prepared = a;
    call->prepared_free = asked_free;
    if (call->kind == REC_CALL_EMBED)
        return lacks(err, s, "model", "embeddings of texts");
    if (call->kind == REC_CALL_COMPLETE)
        return prepare_text(w, call, a, s, err);
    if ((s->type.can & REC_CAN_SCORE) == 0)
        return lacks(err, s, "model", "recommendations");
    call->catalogue = &sw->dataset->catalogue;
    return rec_recommend_query_init(&a->query, &call->recommend, sw->dataset, err);
}

static void accept_call(rec_worker *w, rec_call *call)
{
    system_worker *s = self(w);
    rec_error err;
    if (s->n_calls == s->capacity) {
        size_t capacity = s->capacity > 0 ? 2 * s->capacity : 16;
        rec_call **calls = rec_realloc(s->calls, capacity, sizeof *calls, &err);
        if (calls == NULL) {
            rec_worker_failed(w, call, &err);
            return;
        }
        s->calls = calls;
        s->capacity = capacity;
    }
    s->calls[s->n_calls++] = call;
}

/* ---- requests ---- */

static rec_request rank_request(const rec_call *call)
{
    const rec_recommend_query *q = &((const asked *)call->prepared)->query;
    return (rec_request){.to = REC_PARTY_SYSTEM,
                         .kind = REC_REQUEST_RANK,
                         .rank = {.query = q->query,
                                  .excluded = q->excluded,
                                  .n_excluded = q->n_excluded,
                                  .candidates = q->candidates,
                                  .n_candidates = q->n_candidates},
                         .k = call->recommend.k,
                         .ties = REC_TIES_INDEX};
}

static rec_request text_request(const rec_call *call, size_t choice)
{
    const rec_completion_request *r = &call->completion;
    const asked *a = call->prepared;
    const rec_lm_input *input = &r->prompts.inputs[choice / r->n];
    return (rec_request){.to = REC_PARTY_SYSTEM,
                         .kind = REC_REQUEST_TEXT,
                         .parts = a->parts + (input->parts - r->prompts.parts),
                         .n_parts = input->n_parts,
                         .text = {.max_tokens = r->max_tokens,
                                  .temperature = r->sampling.temperature,
                                  .top_p = r->sampling.top_p,
                                  .seed = r->sampling.seed,
                                  .id = choice,
                                  .stop = r->stop,
                                  .n_stop = r->n_stop},
                         .repeat = (uint32_t)(choice % r->n)};
}

/* ---- answers ---- */

static rec_status put_list(rec_call *call, const rec_reply *reply, rec_error *err)
{
    size_t n = reply->n_ranked;
    call->items = rec_memdup(reply->items, n * sizeof *call->items, err);
    call->scores = rec_memdup(reply->scores, n * sizeof *call->scores, err);
    call->n_items = n;
    return call->items != NULL && call->scores != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status put_text(rec_call *call, size_t choice, const rec_reply *reply, rec_error *err)
{
    rec_call_choice *c = &call->choices[choice];
    if (reply->text == NULL)
        return rec_fail(err, REC_ERR_ENDPOINT, "%s",
                        reply->failure != NULL ? reply->failure : "no answer");
    c->n_tokens = (size_t)reply->tokens_out;
    c->finish = reply->was_cut ? "length" : "stop";
    call->usage.n_generated += reply->tokens_out;
    if (choice % call->completion.n == 0)
        call->usage.n_prompt += reply->tokens_in;
    return rec_buffer_puts(&c->text, reply->text, err);
}

/* The replies of one call. */
static rec_status put_replies(rec_call *call, const rec_reply *replies, rec_error *err)
{
    rec_status status = REC_OK;
    pthread_mutex_lock(&call->mutex);
    if (call->kind == REC_CALL_RECOMMEND)
        status = put_list(call, replies, err);
    for (size_t i = 0; call->kind == REC_CALL_COMPLETE && i < call->n_choices && status == REC_OK;
         i++)
        status = put_text(call, i, &replies[i], err);
    pthread_mutex_unlock(&call->mutex);
    return status;
}

static size_t n_requests(const rec_call *call)
{
    return call->kind == REC_CALL_RECOMMEND ? 1 : call->n_choices;
}

/* Ask a system for all calls, which are of one kind, and hand them back. */
static void answer(system_worker *s, rec_call **calls, size_t n_calls, size_t n)
{
    const rec_system *system = s->systems[calls[0]->target];
    rec_reply_batch replies = {.replies = NULL};
    rec_request *requests = NULL;
    rec_error err;
    size_t at = 0;
    rec_status status = REC_OK;
    REC_TRY_NEW(requests, n, &err);
    for (size_t c = 0; c < n_calls; c++)
        for (size_t i = 0; i < n_requests(calls[c]); i++)
            requests[at++] = calls[c]->kind == REC_CALL_RECOMMEND ? rank_request(calls[c])
                                                                  : text_request(calls[c], i);
    status = rec_system_answer(&replies, system, requests, n, s->dataset->catalogue.n_items, &err);
cleanup:
    at = 0;
    for (size_t c = 0; c < n_calls; c++) {
        size_t first = at;
        rec_error own;
        at += n_requests(calls[c]);
        if (status != REC_OK)
            rec_worker_failed(&s->base, calls[c], &err);
        else if (put_replies(calls[c], &replies.replies[first], &own) != REC_OK)
            rec_worker_failed(&s->base, calls[c], &own);
        else
            rec_worker_done(&s->base, calls[c], NULL);
    }
    rec_reply_batch_deinit(&replies);
    free(requests);
}

/* ---- the worker ---- */

/* The oldest call and those that can be asked with it. */
static bool work(rec_worker *w)
{
    system_worker *s = self(w);
    rec_call *batch[REC_SYSTEM_WORKER_BATCH];
    size_t n = 0, n_asked = 0, kept = 0;
    for (size_t c = 0; c < s->n_calls; c++) {
        rec_call *call = s->calls[c];
        if (atomic_load(&call->cancelled))
            rec_worker_done(w, call, NULL);
        else if (n == 0 || (n_asked < REC_SYSTEM_WORKER_BATCH && call->target == batch[0]->target &&
                            call->kind == batch[0]->kind))
            n_asked += n_requests(batch[n++] = call);
        else
            s->calls[kept++] = call;
    }
    s->n_calls = kept;
    atomic_store(&w->n_running, n_asked);
    if (n > 0)
        answer(s, batch, n, n_asked);
    atomic_store(&w->n_running, 0);
    return s->n_calls > 0;
}

static void fail_all(rec_worker *w, const rec_api_error *error)
{
    system_worker *s = self(w);
    for (size_t c = 0; c < s->n_calls; c++)
        rec_worker_done(w, s->calls[c], error);
    s->n_calls = 0;
}

static void free_worker(rec_worker *w)
{
    free(self(w)->calls);
    free(w);
}

static const rec_worker_class system_class = {.prepare = prepare,
                                              .accept = accept_call,
                                              .work = work,
                                              .fail_all = fail_all,
                                              .free = free_worker};

rec_status rec_system_worker_new(rec_worker **out, rec_system *const *systems, size_t n,
                                 const rec_dataset *dataset, const rec_worker_limits *limits,
                                 rec_error *err)
{
    system_worker *s = rec_alloc(1, sizeof *s, err);
    *out = NULL;
    if (s == NULL)
        return REC_ERR_RESOURCE;
    s->systems = systems;
    s->n_systems = n;
    s->dataset = dataset;
    rec_status status =
        rec_worker_start(&s->base, &system_class, REC_SYSTEM_WORKER_BATCH, limits, err);
    if (status != REC_OK) {
        rec_worker_free(&s->base);
        return status;
    }
    *out = &s->base;
    return REC_OK;
}
