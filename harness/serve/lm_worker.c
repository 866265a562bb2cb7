#include "harness/serve/lm_worker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

typedef struct lm_worker {
    rec_worker base;
    rec_lm *lm;       /* owned */
    rec_call **calls; /* owned list, oldest first */
    size_t n_calls, capacity;
} lm_worker;

static lm_worker *self(rec_worker *w)
{
    return (lm_worker *)(void *)w;
}

/* ---- on the caller's thread ---- */

static rec_status lacks(rec_api_error *err, const rec_lm *lm, const char *param, const char *what)
{
    char has[96];
    rec_lm_capabilities_text(has, sizeof has, lm->can);
    return rec_api_fail(err, 400, "unsupported_value", param,
                        "%s: not with this model's back end (it has: %s)", what, has);
}

static bool has_ids(const rec_prompts *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->inputs[i].parts[0].kind == REC_LM_IDS)
            return true;
    return false;
}

static rec_status prepare_completion(rec_worker *w, rec_call *call, rec_api_error *err)
{
    const rec_lm *lm = self(w)->lm;
    rec_completion_request *r = &call->completion;
    if ((lm->can & REC_LM_GENERATES) == 0)
        return lacks(err, lm, "model", "generation");
    if (r->logprobs)
        return lacks(err, lm, "logprobs", "log-probabilities");
    if (r->json)
        return lacks(err, lm, "response_format", "JSON mode");
    if (r->echo && r->max_tokens == 0)
        return lacks(err, lm, "max_tokens", "no answer at all");
    if (has_ids(&r->prompts) && (r->echo || (lm->can & REC_LM_TOKENS) == 0))
        return lacks(err, lm, "prompt", "token ids");
    if (w->limits.max_tokens > 0 && r->max_tokens > w->limits.max_tokens)
        return rec_api_fail(err, 400, NULL, "max_tokens",
                            "%zu tokens; this server generates up to %zu per answer", r->max_tokens,
                            w->limits.max_tokens);
    if (!r->has_max_tokens)
        r->max_tokens = w->limits.max_tokens;
    return REC_OK;
}

static rec_status prepare_embedding(rec_worker *w, rec_call *call, rec_api_error *err)
{
    const rec_lm *lm = self(w)->lm;
    if ((lm->can & REC_LM_EMBEDS) == 0 || lm->embed_dim == 0)
        return lacks(err, lm, "model", "embeddings");
    if (has_ids(&call->embedding.prompts) && (lm->can & REC_LM_TOKENS) == 0)
        return lacks(err, lm, "input", "token ids");
    if (call->embedding.dimensions > 0 && call->embedding.dimensions != lm->embed_dim)
        return rec_api_fail(err, 400, "unsupported_value", "dimensions",
                            "vectors of this model have %zu dimensions", lm->embed_dim);
    call->dim = lm->embed_dim;
    call->vectors = rec_alloc(call->embedding.prompts.n * call->dim, sizeof(float), NULL);
    return call->vectors != NULL ? REC_OK : rec_api_fail(err, 503, NULL, NULL, "out of memory");
}

static rec_status prepare(rec_worker *w, rec_call *call, rec_api_error *err)
{
    if (call->kind == REC_CALL_RECOMMEND)
        return rec_api_fail(err, 400, NULL, "model",
                            "a language model recommends nothing; ask a system");
    return call->kind == REC_CALL_EMBED ? prepare_embedding(w, call, err)
                                        : prepare_completion(w, call, err);
}

static void accept_call(rec_worker *w, rec_call *call)
{
    lm_worker *l = self(w);
    rec_error err;
    if (l->n_calls == l->capacity) {
        size_t capacity = l->capacity > 0 ? 2 * l->capacity : 16;
        rec_call **calls = rec_realloc(l->calls, capacity, sizeof *calls, &err);
        if (calls == NULL) {
            rec_worker_failed(w, call, &err);
            return;
        }
        l->calls = calls;
        l->capacity = capacity;
    }
    l->calls[l->n_calls++] = call;
}

/* ---- completions ---- */

/* Where a reply goes; a call is handed back with its last one. */
typedef struct pending {
    lm_worker *worker;
    rec_call *call; /* NULL: handed back */
    size_t n_left;
    rec_api_error error;
} pending;

typedef struct question {
    pending *of;
    size_t choice;
} question;

static rec_status put_reply(rec_call *call, size_t index, const rec_lm_reply *reply, rec_error *err)
{
    const rec_completion_request *r = &call->completion;
    rec_call_choice *c = &call->choices[index];
    rec_status status = REC_OK;
    if (r->echo)
        status = rec_buffer_puts(&c->text, r->prompts.inputs[index / r->n].parts[0].text, err);
    if (status == REC_OK)
        status = rec_buffer_puts(&c->text, reply->best[0].text, err);
    c->n_tokens = (size_t)reply->tokens_out;
    c->finish = rec_finish_name(reply->best[0].finish);
    call->usage.n_generated += reply->tokens_out;
    if (index % r->n == 0)
        call->usage.n_prompt += reply->tokens_in;
    if (call->first == 0.0)
        call->first = rec_serve_clock();
    return status;
}

static rec_status on_reply(void *context, const rec_lm_reply *reply, rec_error *err)
{
    question *q = context;
    pending *p = q->of;
    rec_error failure = {.status = REC_ERR_ENDPOINT};
    if (p->call == NULL)
        return REC_OK;
    pthread_mutex_lock(&p->call->mutex);
    if (reply->failure != NULL || reply->n_best == 0)
        rec_fail(&failure, REC_ERR_ENDPOINT, "%s",
                 reply->failure != NULL ? reply->failure : "no answer");
    else
        failure.status = put_reply(p->call, q->choice, reply, &failure);
    pthread_mutex_unlock(&p->call->mutex);
    if (failure.status != REC_OK && p->error.http == 0)
        rec_api_fail_from(&p->error, NULL, &failure);
    (void)err;
    if (--p->n_left > 0) {
        if (p->call->completion.stream)
            rec_call_wake(p->call);
        return REC_OK;
    }
    rec_worker_done(&p->worker->base, p->call, p->error.http != 0 ? &p->error : NULL);
    p->call = NULL;
    return REC_OK;
}

static rec_lm_request request_of(question *q)
{
    const rec_completion_request *r = &q->of->call->completion;
    return (rec_lm_request){.input = r->prompts.inputs[q->choice / r->n],
                            .max_tokens = r->max_tokens,
                            .sampling = r->sampling,
                            .id = q->choice,
                            .repeat = (uint32_t)(q->choice % r->n),
                            .stop = r->stop,
                            .n_stop = r->n_stop,
                            .on_reply = on_reply,
                            .on_reply_context = q};
}

static rec_status ask(lm_worker *l, pending *calls, size_t n_calls, size_t n, rec_error *err)
{
    question *questions = NULL;
    rec_lm_request *requests = NULL;
    rec_lm_reply *replies = NULL;
    size_t at = 0;
    rec_status status = REC_OK;
    REC_TRY_NEW(questions, n, err);
    REC_TRY_NEW(requests, n, err);
    REC_TRY_NEW(replies, n, err);
    for (size_t c = 0; c < n_calls; c++) {
        for (size_t i = 0; i < calls[c].n_left; i++, at++) {
            questions[at] = (question){.of = &calls[c], .choice = i};
            requests[at] = request_of(&questions[at]);
        }
    }
    status = rec_lm_generate(replies, l->lm, requests, n, err);
    for (size_t i = 0; status == REC_OK && i < n; i++)
        rec_lm_reply_deinit(&replies[i]);
cleanup:
    free(replies);
    free(requests);
    free(questions);
    return status;
}

/* ---- embeddings ---- */

static void embed(lm_worker *l, rec_call *call)
{
    const rec_prompts *p = &call->embedding.prompts;
    rec_error err;
    rec_status status = rec_lm_embed(call->vectors, l->lm, p->inputs, p->n, &err);
    for (size_t i = 0; status == REC_OK && i < p->n * call->dim; i++)
        if (isnan(call->vectors[i]))
            status = rec_fail(&err, REC_ERR_ENDPOINT, "the model's server gave no vector");
    if (status != REC_OK)
        rec_worker_failed(&l->base, call, &err);
    else
        rec_worker_done(&l->base, call, NULL);
}

/* ---- the worker ---- */

static void answer_completions(lm_worker *l, pending *calls, size_t n_calls)
{
    rec_error err;
    size_t n = 0;
    for (size_t c = 0; c < n_calls; c++)
        n += calls[c].n_left;
    atomic_store(&l->base.n_running, n);
    rec_status status = n > 0 ? ask(l, calls, n_calls, n, &err) : REC_OK;
    for (size_t c = 0; c < n_calls; c++)
        if (status != REC_OK && calls[c].call != NULL)
            rec_worker_failed(&l->base, calls[c].call, &err);
    atomic_store(&l->base.n_running, 0);
}

/* The oldest calls, up to a batch of answers; what nobody waits for is not asked. */
static bool work(rec_worker *w)
{
    lm_worker *l = self(w);
    pending calls[REC_LM_WORKER_BATCH];
    size_t taken = 0, n = 0, n_answers = 0;
    while (taken < l->n_calls && n_answers < REC_LM_WORKER_BATCH) {
        rec_call *call = l->calls[taken++];
        if (atomic_load(&call->cancelled)) {
            rec_worker_done(w, call, NULL);
        } else if (call->kind == REC_CALL_EMBED) {
            embed(l, call);
        } else {
            calls[n++] = (pending){.worker = l, .call = call, .n_left = call->n_choices};
            n_answers += call->n_choices;
        }
    }
    l->n_calls -= taken;
    memmove(l->calls, l->calls + taken, l->n_calls * sizeof *l->calls);
    answer_completions(l, calls, n);
    return l->n_calls > 0;
}

static void fail_all(rec_worker *w, const rec_api_error *error)
{
    lm_worker *l = self(w);
    for (size_t c = 0; c < l->n_calls; c++)
        rec_worker_done(w, l->calls[c], error);
    l->n_calls = 0;
}

static void free_worker(rec_worker *w)
{
    lm_worker *l = self(w);
    rec_lm_free(l->lm);
    free(l->calls);
    free(l);
}

static const rec_worker_class lm_class = {.prepare = prepare,
                                          .accept = accept_call,
                                          .work = work,
                                          .fail_all = fail_all,
                                          .free = free_worker};

rec_status rec_lm_worker_new(rec_worker **out, rec_lm *lm, const rec_worker_limits *limits,
                             rec_error *err)
{
    lm_worker *l = rec_alloc(1, sizeof *l, err);
    *out = NULL;
    if (l == NULL)
        return REC_ERR_RESOURCE;
    l->lm = lm;
    rec_status status = rec_worker_start(&l->base, &lm_class, REC_LM_WORKER_BATCH, limits, err);
    if (status != REC_OK) {
        l->lm = NULL; /* the caller's still */
        rec_worker_free(&l->base);
        return status;
    }
    *out = &l->base;
    return REC_OK;
}
