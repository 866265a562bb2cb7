/* models/lm/endpoint.c: OpenAI-compatible servers. Hosted services, vLLM, llama-server, recai serve. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "core/progress.h"
#include "core/yaml.h"
#include "models/lm/backend.h"
#include "models/lm/endpoint/body.h"
#include "models/lm/endpoint/dispatch.h"
#include "models/lm/endpoint/options.h"
#include "models/lm/endpoint/price_file.h"
#include "models/lm/endpoint/response.h"

/* Bytes per token, for estimates before a server has counted: English text has about four, and an
 * estimate too large only delays. */
enum { BYTES_PER_TOKEN = 3 };

typedef struct endpoint {
    rec_lm base;
    char *identity, *model;
    char *url_chat, *url_completions, *url_embeddings;
    cJSON *extra;
    rec_string_list omit;  /* owned */
    rec_body_options body; /* borrows from the above */
    rec_dispatcher *dispatcher;
    rec_lm_ledger ledger;
    rec_lm_price price;
    rec_lm_budget budget; /* of max_cost */
    bool priced, model_must_stay, warned_of_change, warned_of_failure;
    size_t embed_batch;
    char first_model[160]; /* by which the first answer was given */
} endpoint;

static endpoint *self(rec_lm *lm)
{
    return (endpoint *)(void *)lm;
}

static const endpoint *self_const(const rec_lm *lm)
{
    return (const endpoint *)(const void *)lm;
}

/* ---- accounts ---- */

/* What an answer cost, in micro-dollars or -1; the ledger and the dispatcher are told. */
static int64_t account(endpoint *e, rec_call_used *used, const rec_response_meta *meta)
{
    rec_lm_ledger *l = &e->ledger;
    if (meta->has_usage) {
        l->tokens_in += meta->tokens_in;
        l->tokens_in_cached += meta->tokens_in_cached;
        l->tokens_out += meta->tokens_out;
        used->tokens = (double)(meta->tokens_in + meta->tokens_out);
    }
    if (!e->priced || !meta->has_usage) {
        l->answers_unpriced++;
        return -1;
    }
    used->cost_picodollars = rec_lm_price_picodollars(&e->price, meta->tokens_in,
                                                      meta->tokens_in_cached, meta->tokens_out);
    l->cost_picodollars += used->cost_picodollars;
    return rec_lm_microdollars(used->cost_picodollars);
}

/* Has the server changed to another model? The first answer says what the model calls itself. */
static bool model_changed(endpoint *e, const char *model)
{
    if (model[0] == '\0' || strcmp(model, e->first_model) == 0)
        return false;
    if (e->first_model[0] == '\0') {
        snprintf(e->first_model, sizeof e->first_model, "%s", model);
        return false;
    }
    e->ledger.model_changes++;
    if (!e->warned_of_change)
        rec_warn("%s: answers came from model \"%s\", now from \"%s\"", e->model, e->first_model,
                 model);
    e->warned_of_change = true;
    return true;
}

static rec_status model_failure(char **failure, const endpoint *e, const char *model,
                                rec_error *err)
{
    free(*failure);
    *failure = rec_format(err, "model_changed: the answer is by \"%s\", earlier ones by \"%s\"",
                          model, e->first_model);
    return *failure != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* All failures are counted; the first is told at once, as it is often that of all. */
static void note_failure(endpoint *e, const char *failure)
{
    if (failure == NULL)
        return;
    e->ledger.failures++;
    if (!e->warned_of_failure)
        rec_warn("%s: a request failed: %s (further failures are counted)", e->model, failure);
    e->warned_of_failure = true;
}

/* The text goes, what it cost stays. */
static rec_status replace_by_failure(rec_lm_reply *reply, const endpoint *e, const char *model,
                                     rec_error *err)
{
    rec_lm_reply kept = *reply;
    kept.best = NULL;
    kept.n_best = 0;
    kept.failure = NULL;
    rec_lm_reply_deinit(reply);
    *reply = kept;
    return model_failure(&reply->failure, e, model, err);
}

static void estimate(rec_call *call, const endpoint *e, size_t max_tokens)
{
    uint64_t in = call->n_body / BYTES_PER_TOKEN + 1;
    call->tokens = (double)(in + max_tokens);
    if (e->priced)
        call->cost_picodollars = rec_lm_price_picodollars(&e->price, in, 0, max_tokens);
}

static rec_status run(endpoint *e, const rec_dispatch_job *job, rec_error *err)
{
    rec_status status = job->n > 0 ? rec_dispatch(e->dispatcher, job, err) : REC_OK;
    rec_dispatcher_counts(e->dispatcher, &e->ledger.requests, &e->ledger.retries);
    return status;
}

/* ---- generation ---- */

/* The requests of one call that go to one address. */
typedef struct generating {
    endpoint *e;
    const rec_lm_request *requests;
    rec_lm_reply *replies;
    const size_t *index; /* which requests */
    bool chat;
} generating;

static rec_status prepare_generate(rec_call *out, void *context, size_t i, rec_error *err)
{
    const generating *g = context;
    const rec_lm_request *r = &g->requests[g->index[i]];
    rec_status status = rec_body_generate(&out->body, &g->e->body, r, err);
    if (status != REC_OK)
        return status;
    out->n_body = strlen(out->body);
    out->id = r->id;
    estimate(out, g->e, r->max_tokens > 0 ? r->max_tokens : g->e->body.max_tokens);
    return REC_OK;
}

static rec_status end_generate(rec_call_used *used, void *context, size_t i,
                               const rec_call_end *end, rec_error *err)
{
    const generating *g = context;
    endpoint *e = g->e;
    const rec_lm_request *r = &g->requests[g->index[i]];
    rec_lm_reply *reply = &g->replies[g->index[i]];
    rec_response_meta meta;
    rec_status status = REC_OK;
    if (end->failure != NULL) {
        reply->failure = rec_strdup(end->failure, err);
        status = reply->failure != NULL ? REC_OK : REC_ERR_RESOURCE;
    } else {
        status = rec_response_generated(reply, &meta, end->body, end->n_body, g->chat, err);
        reply->cost_microdollars = account(e, used, &meta);
        if (status == REC_OK && model_changed(e, meta.model) && e->model_must_stay)
            status = replace_by_failure(reply, e, meta.model, err);
    }
    note_failure(e, reply->failure);
    if (status == REC_OK && r->on_text != NULL && reply->n_best > 0 && reply->failure == NULL)
        status =
            r->on_text(r->on_text_context, reply->best[0].text, strlen(reply->best[0].text), err);
    return status == REC_OK && r->on_reply != NULL ? r->on_reply(r->on_reply_context, reply, err)
                                                   : status;
}

static rec_status generate_part(endpoint *e, rec_lm_reply *replies, const rec_lm_request *requests,
                                size_t n, size_t *index, bool chat, rec_error *err)
{
    generating g = {.e = e, .requests = requests, .replies = replies, .index = index, .chat = chat};
    rec_dispatch_job job = {.url = chat ? e->url_chat : e->url_completions,
                            .context = &g,
                            .prepare = prepare_generate,
                            .end = end_generate};
    for (size_t i = 0; i < n; i++)
        if (rec_body_is_chat(&e->body, &requests[i].input) == chat)
            index[job.n++] = i;
    return run(e, &job, err);
}

static rec_status endpoint_generate(rec_lm_reply *replies, rec_lm *lm,
                                    const rec_lm_request *requests, size_t n, rec_error *err)
{
    endpoint *e = self(lm);
    size_t *index = rec_alloc(n, sizeof *index, err);
    if (index == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = generate_part(e, replies, requests, n, index, true, err);
    if (status == REC_OK)
        status = generate_part(e, replies, requests, n, index, false, err);
    free(index);
    return status;
}

/* ---- log-likelihood ---- */

typedef struct scoring {
    endpoint *e;
    const rec_lm_score_request *requests;
    rec_lm_score *scores;
    size_t (*spans)[2]; /* (n) where the completion begins and ends */
} scoring;

static rec_status prepare_score(rec_call *out, void *context, size_t i, rec_error *err)
{
    const scoring *s = context;
    rec_status status = rec_body_score(&out->body, &s->spans[i][0], &s->spans[i][1], &s->e->body,
                                       &s->requests[i], err);
    if (status != REC_OK)
        return status;
    out->n_body = strlen(out->body);
    out->id = i;
    estimate(out, s->e, 1);
    return REC_OK;
}

static rec_status end_score(rec_call_used *used, void *context, size_t i, const rec_call_end *end,
                            rec_error *err)
{
    const scoring *s = context;
    rec_lm_score *score = &s->scores[i];
    rec_response_meta meta;
    rec_status status;
    if (end->failure != NULL) {
        score->failure = rec_strdup(end->failure, err);
        status = score->failure != NULL ? REC_OK : REC_ERR_RESOURCE;
    } else {
        status = rec_response_scored(score, &meta, end->body, end->n_body, s->spans[i][0],
                                     s->spans[i][1], err);
        account(s->e, used, &meta);
        if (status == REC_OK && model_changed(s->e, meta.model) && s->e->model_must_stay)
            status = model_failure(&score->failure, s->e, meta.model, err);
    }
    note_failure(s->e, score->failure);
    const rec_lm_score_request *r = &s->requests[i];
    return status == REC_OK && r->on_score != NULL ? r->on_score(r->on_score_context, score, err)
                                                   : status;
}

static rec_status endpoint_score(rec_lm_score *scores, rec_lm *lm,
                                 const rec_lm_score_request *requests, size_t n, rec_error *err)
{
    endpoint *e = self(lm);
    scoring s = {.e = e, .requests = requests, .scores = scores};
    const rec_dispatch_job job = {.url = e->url_completions,
                                  .n = n,
                                  .context = &s,
                                  .prepare = prepare_score,
                                  .end = end_score};
    s.spans = rec_alloc(n, sizeof *s.spans, err);
    rec_status status = s.spans != NULL ? run(e, &job, err) : REC_ERR_RESOURCE;
    free(s.spans);
    return status;
}

/* ---- embeddings ---- */

typedef struct text_range {
    size_t from, n;
} text_range;

typedef struct embedding {
    endpoint *e;
    const rec_lm_input *inputs;
    float *out;
    text_range *ranges; /* (n_ranges): the texts of each request */
    text_range *again;  /* those whose request failed as a whole */
    size_t n_again;
} embedding;

static rec_status prepare_embed(rec_call *out, void *context, size_t i, rec_error *err)
{
    const embedding *b = context;
    rec_status status =
        rec_body_embed(&out->body, &b->e->body, b->inputs + b->ranges[i].from, b->ranges[i].n, err);
    if (status != REC_OK)
        return status;
    out->n_body = strlen(out->body);
    out->id = b->ranges[i].from;
    estimate(out, b->e, 0);
    return REC_OK;
}

/* One text that a server refuses must not take its neighbours with it: a request of several that
 * failed is split into single texts; a single one that failed is a row of NaN. */
static void failed_rows(embedding *b, text_range range, const char *failure)
{
    endpoint *e = b->e;
    if (range.n > 1) {
        b->again[b->n_again++] = range;
        return;
    }
    e->ledger.failures++;
    rec_warn("%s: text %zu has no embedding: %s", e->model, range.from, failure);
    for (size_t i = 0; i < e->base.embed_dim; i++)
        b->out[range.from * e->base.embed_dim + i] = NAN;
}

static rec_status end_embed(rec_call_used *used, void *context, size_t i, const rec_call_end *end,
                            rec_error *err)
{
    embedding *b = context;
    endpoint *e = b->e;
    text_range range = b->ranges[i];
    rec_response_meta meta;
    char *failure = NULL;
    if (end->failure != NULL) {
        failed_rows(b, range, end->failure);
        return REC_OK;
    }
    rec_status status =
        rec_response_embedded(b->out + range.from * e->base.embed_dim, &failure, &meta, end->body,
                              end->n_body, range.n, e->base.embed_dim, err);
    account(e, used, &meta);
    if (status == REC_OK && model_changed(e, meta.model) && e->model_must_stay)
        status = model_failure(&failure, e, meta.model, err);
    if (status == REC_OK && failure != NULL)
        failed_rows(b, range, failure);
    free(failure);
    return status;
}

static rec_status run_ranges(embedding *b, size_t n, rec_error *err)
{
    const rec_dispatch_job job = {.url = b->e->url_embeddings,
                                  .n = n,
                                  .context = b,
                                  .prepare = prepare_embed,
                                  .end = end_embed};
    return run(b->e, &job, err);
}

static rec_status endpoint_embed(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                                 rec_error *err)
{
    endpoint *e = self(lm);
    embedding b = {.e = e, .inputs = inputs, .out = out};
    size_t n_ranges = 0;
    rec_status status;
    REC_TRY_NEW(b.ranges, n, err);
    REC_TRY_NEW(b.again, n, err);
    for (size_t from = 0; from < n; from += e->embed_batch)
        b.ranges[n_ranges++] =
            (text_range){from, n - from < e->embed_batch ? n - from : e->embed_batch};
    REC_TRY(run_ranges(&b, n_ranges, err));
    n_ranges = 0;
    for (size_t k = 0; k < b.n_again; k++)
        for (size_t i = 0; i < b.again[k].n; i++)
            b.ranges[n_ranges++] = (text_range){b.again[k].from + i, 1};
    REC_TRY(run_ranges(&b, n_ranges, err));
cleanup:
    free(b.again);
    free(b.ranges);
    return status;
}

/* ---- the rest ---- */

static rec_status endpoint_identity(const char **out, rec_lm *lm, rec_error *err)
{
    (void)err;
    *out = self(lm)->identity;
    return REC_OK;
}

static void endpoint_ledger(rec_lm_ledger *out, const rec_lm *lm)
{
    *out = self_const(lm)->ledger;
}

static bool endpoint_price(rec_lm_price *out, const rec_lm *lm)
{
    const endpoint *e = self_const(lm);
    *out = e->price;
    return e->priced;
}

static void endpoint_share_budget(rec_lm *lm, rec_lm_budget *budget)
{
    rec_dispatcher_share(self(lm)->dispatcher, budget);
}

static void free_strings(rec_string_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
}

static void endpoint_free(rec_lm *lm)
{
    endpoint *e = self(lm);
    rec_dispatcher_free(e->dispatcher);
    cJSON_Delete(e->extra);
    free_strings(&e->omit);
    free(e->url_chat);
    free(e->url_completions);
    free(e->url_embeddings);
    free(e->identity);
    free(e->model);
    free(e);
}

static const rec_lm_backend endpoint_backend = {.name = "endpoint",
                                                .reports_early = true,
                                                .generate = endpoint_generate,
                                                .score = endpoint_score,
                                                .embed = endpoint_embed,
                                                .identity = endpoint_identity,
                                                .ledger = endpoint_ledger,
                                                .price = endpoint_price,
                                                .share_budget = endpoint_share_budget,
                                                .free = endpoint_free};

/* ---- opening ---- */

static rec_status copy_strings(rec_string_list *out, const rec_string_list *from, rec_error *err)
{
    out->items = rec_alloc(from->n, sizeof *out->items, err);
    if (out->items == NULL)
        return REC_ERR_RESOURCE;
    for (; out->n < from->n; out->n++)
        if ((out->items[out->n] = rec_strdup(from->items[out->n], err)) == NULL)
            return REC_ERR_RESOURCE;
    return REC_OK;
}

static rec_status check_headers(const rec_endpoint_options *o, rec_error *err)
{
    for (size_t i = 0; i < o->headers.n; i++) {
        const char *colon = strchr(o->headers.items[i], ':');
        if (colon == NULL || colon == o->headers.items[i] ||
            strpbrk(o->headers.items[i], "\r\n") != NULL)
            return rec_fail(err, REC_ERR_CONFIG,
                            "headers: entry %zu is not of the form \"Name: value\"", i + 1);
    }
    return REC_OK;
}

static rec_status open_dispatcher(endpoint *e, const rec_endpoint_options *o, rec_error *err)
{
    char *header = NULL, *secret = NULL, *hint = NULL;
    const char **headers = NULL;
    rec_status status;
    REC_TRY(check_headers(o, err));
    REC_TRY(rec_endpoint_key(&header, &secret, o, err));
    hint = o->key_env != NULL
               ? rec_format(err, "check the key in environment variable %s", o->key_env)
               : rec_strdup("name the environment variable that holds the key (key_env)", err);
    REC_TRY_NEW(headers, o->headers.n + 1, err);
    if (hint == NULL)
        REC_TRY(REC_ERR_RESOURCE);
    for (size_t i = 0; i < o->headers.n; i++)
        headers[i] = o->headers.items[i];
    headers[o->headers.n] = header;
    const rec_dispatch_options options = {
        .http = {.concurrency = (size_t)o->concurrency,
                 .connect_timeout = o->connect_timeout,
                 .first_byte_timeout = o->first_byte_timeout,
                 .timeout = o->timeout,
                 .max_response_bytes = (size_t)o->max_response_bytes,
                 .ca_file = o->ca_file,
                 .headers = headers,
                 .n_headers = o->headers.n + (header != NULL)},
        .retries = (unsigned)o->retries,
        .requests_per_minute = o->requests_per_minute,
        .tokens_per_minute = o->tokens_per_minute,
        .retry_after_max = o->retry_after_max,
        .time_scale = o->backoff_scale,
        .secret = secret,
        .key_hint = hint,
    };
    REC_TRY(rec_dispatcher_new(&e->dispatcher, &options, err));
cleanup:
    free(headers);
    free(hint);
    free(secret);
    free(header);
    return status;
}

static rec_status open_prices(endpoint *e, const rec_endpoint_options *o, rec_error *err)
{
    rec_status status = REC_OK;
    if (o->prices != NULL)
        status = rec_price_read(&e->price, &e->priced, o->prices, o->model, err);
    if (status != REC_OK)
        return status;
    if (o->prices != NULL && !e->priced)
        rec_warn("%s: no price of model \"%s\": costs stay unknown", o->prices, o->model);
    if (o->max_cost > 0.0 && !e->priced)
        return rec_fail(err, REC_ERR_CONFIG,
                        "max_cost: needs the price of model \"%.100s\" (prices)", o->model);
    e->budget = rec_lm_budget_of(o->max_cost);
    if (o->max_cost > 0.0)
        rec_dispatcher_share(e->dispatcher, &e->budget);
    return REC_OK;
}

static rec_status open_body(endpoint *e, const rec_endpoint_options *o, rec_error *err)
{
    rec_status status = copy_strings(&e->omit, &o->omit, err);
    if (status == REC_OK && o->extra != NULL && o->extra->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, o->extra, "extra: expected a mapping");
    if (status == REC_OK && o->extra != NULL && (e->extra = rec_yaml_json(o->extra, err)) == NULL)
        return REC_ERR_RESOURCE;
    if (status == REC_OK && (e->model = rec_strdup(o->model, err)) == NULL)
        return REC_ERR_RESOURCE;
    e->body = (rec_body_options){.model = e->model,
                                 .flat = o->api == REC_API_COMPLETIONS,
                                 .temperature = o->temperature,
                                 .top_p = o->top_p,
                                 .max_tokens = (size_t)o->max_tokens,
                                 .length_key = rec_endpoint_length_keys[o->length_key],
                                 .omit = e->omit,
                                 .extra = e->extra};
    return status;
}

static rec_status open_identity(endpoint *e, const rec_endpoint_options *o, rec_error *err)
{
    char *extra = e->extra != NULL ? rec_json_print(e->extra, err) : NULL;
    rec_status status = e->extra == NULL || extra != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_endpoint_identity(&e->identity, o, extra, err);
    e->base.identity = e->identity;
    free(extra);
    return status;
}

static unsigned endpoint_can(const void *options)
{
    const rec_endpoint_options *o = options;
    return (o->api == REC_API_EMBEDDINGS ? 0U : REC_LM_GENERATES) |
           (o->embed_dim > 0 ? REC_LM_EMBEDS : 0U) | (o->scores ? REC_LM_LOGITS : 0U);
}

static rec_status set_up(endpoint *e, const rec_endpoint_options *o, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_endpoint_url(&e->url_chat, o->base_url, "/chat/completions", err));
    REC_TRY(rec_endpoint_url(&e->url_completions, o->base_url, "/completions", err));
    REC_TRY(rec_endpoint_url(&e->url_embeddings, o->base_url, "/embeddings", err));
    if (o->api == REC_API_EMBEDDINGS && o->embed_dim == 0)
        REC_TRY(rec_fail(err, REC_ERR_CONFIG, "embed_dim: needed with api: embeddings"));
    REC_TRY(open_body(e, o, err));
    REC_TRY(open_identity(e, o, err));
    REC_TRY(open_dispatcher(e, o, err));
    REC_TRY(open_prices(e, o, err));
    e->base.can = endpoint_can(o);
    e->base.context = (size_t)o->context;
    e->base.embed_dim = (size_t)o->embed_dim;
    e->embed_batch = (size_t)o->embed_batch;
    e->model_must_stay = o->model_must_stay;
cleanup:
    return status;
}

static rec_status endpoint_open(rec_lm **out, const void *options, rec_error *err)
{
    const rec_endpoint_options *o = options;
    endpoint *e = rec_alloc(1, sizeof *e, err);
    *out = NULL;
    if (e == NULL)
        return REC_ERR_RESOURCE;
    e->base.backend = &endpoint_backend;
    e->base.paid = true;
    rec_status status = set_up(e, o, err);
    if (status != REC_OK) {
        endpoint_free(&e->base);
        return status;
    }
    if (o->cache.mode != REC_CACHE_OFF)
        return rec_lm_cached_new(out, &e->base, o->cache.path, (rec_lm_cache_mode)o->cache.mode,
                                 err);
    *out = &e->base;
    return REC_OK;
}

const rec_lm_backend_type rec_lm_backend_endpoint = {
    .name = "endpoint",
    .help =
        "an OpenAI-compatible server over HTTP: hosted services, vLLM, llama-server, recai serve",
    .size = sizeof(rec_endpoint_options),
    .options = rec_endpoint_option_table,
    .identity_is_all = true,
    .can = endpoint_can,
    .open = endpoint_open,
};
