#include "harness/serve/local_call.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/local.h"

/* What the hooks of a choice write to. */
typedef struct listener {
    rec_call *call;
    rec_call_choice *choice;
} listener;

typedef struct local_call {
    rec_lm_local_prepared *prompts; /* owned (n_prompts); not to be moved */
    size_t n_prompts;
    const rec_tokenizer *tokenizer;
    rec_constraint *json; /* owned, or NULL */
    listener *listeners;  /* owned (n_choices) */
    size_t n_complete;    /* choices */
    bool has_news;
    uint64_t *embed_tokens; /* owned (n inputs) */
    size_t n_embedded;
} local_call;

static local_call *of(const rec_call *call)
{
    return call->prepared;
}

static void local_call_free(void *prepared)
{
    local_call *p = prepared;
    for (size_t i = 0; p->prompts != NULL && i < p->n_prompts; i++)
        rec_lm_local_prepared_deinit(&p->prompts[i]);
    free(p->prompts);
    rec_constraint_free(p->json);
    free(p->listeners);
    free(p->embed_tokens);
    free(p);
}

static rec_status out_of_memory(rec_api_error *err)
{
    return rec_api_fail(err, 503, NULL, NULL, "out of memory");
}

/* ---- completions ---- */

static rec_status check_ids(const rec_lm_input *input, const rec_lm *lm, const char *param,
                            rec_api_error *err)
{
    size_t vocab = rec_tokenizer_vocab_size(rec_lm_local_tokenizer(lm));
    for (size_t i = 0; i < input->n_parts; i++) {
        const rec_lm_part *part = &input->parts[i];
        for (size_t k = 0; part->kind == REC_LM_IDS && k < part->n; k++)
            if (part->ids[k] >= vocab)
                return rec_api_fail(err, 400, NULL, param, "token id %lu; the model has %zu",
                                    (unsigned long)part->ids[k], vocab);
    }
    return REC_OK;
}

static rec_status too_long(rec_api_error *err, const rec_call *call, size_t n_prompt, size_t wanted,
                           size_t context)
{
    return rec_api_fail(err, 400, "context_length_exceeded",
                        call->completion.chat ? "messages" : "prompt",
                        "the model's context is %zu tokens; the prompt has %zu, and %zu are to be "
                        "generated",
                        context, n_prompt, wanted);
}

static rec_status prepare_prompt(rec_lm_local_prepared *out, const rec_call *call, size_t i,
                                 const rec_lm *lm, size_t most, rec_api_error *err)
{
    const rec_completion_request *r = &call->completion;
    const char *param = r->chat ? "messages" : "prompt";
    size_t wanted = r->max_tokens > 0 ? r->max_tokens : r->has_max_tokens;
    rec_lm_request request = {.input = r->prompts.inputs[i],
                              .max_tokens = wanted,
                              .sampling = r->sampling,
                              .stop = r->stop,
                              .n_stop = r->n_stop};
    rec_error from;
    rec_status status = check_ids(&request.input, lm, param, err);
    if (status != REC_OK)
        return status;
    status = rec_lm_local_prepare(out, lm, &request, &from);
    size_t n = out->encoded.ids.n, room = wanted > 0 ? wanted : 1;
    if (n >= lm->context || (status == REC_OK && n + room > lm->context))
        return too_long(err, call, n, room, lm->context);
    if (status != REC_OK)
        return rec_api_fail_from(err, param, &from);
    if (!r->has_max_tokens && most > 0 && out->generation.max_tokens > most)
        out->generation.max_tokens = most;
    return REC_OK;
}

/* A JSON object, then one of the tokens that end a turn or a text. */
static rec_status start_json(local_call *p, rec_json_tokens **tokens, const rec_lm *lm,
                             rec_api_error *err)
{
    uint32_t end[REC_LM_MAX_ENDS];
    rec_json_rules rules = {
        .root = REC_JSON_OBJECT, .end = end, .n_end = rec_lm_local_ends(end, lm)};
    rec_error from;
    rec_status status = REC_OK;
    if (*tokens == NULL)
        status = rec_json_tokens_new(tokens, rec_lm_local_tokenizer(lm), &from);
    if (status == REC_OK)
        status = rec_json_start(&p->json, *tokens, &rules, &from);
    return status == REC_OK ? REC_OK : rec_api_fail_from(err, "response_format", &from);
}

/* The text of a prompt in front of its answer. */
static rec_status echo_prompt(rec_call_choice *choice, const rec_lm_input *input,
                              const rec_tokenizer *tokenizer, rec_error *err)
{
    const rec_lm_part *part = &input->parts[0];
    return part->kind == REC_LM_IDS
               ? rec_tokenizer_decode(&choice->text, tokenizer, part->ids, part->n, true, err)
               : rec_buffer_puts(&choice->text, part->text, err);
}

static rec_status prepare_choices(rec_call *call, local_call *p, rec_api_error *err)
{
    const rec_completion_request *r = &call->completion;
    rec_error from;
    p->listeners = rec_alloc(call->n_choices, sizeof *p->listeners, NULL);
    if (p->listeners == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < call->n_choices; i++) {
        rec_call_choice *choice = &call->choices[i];
        p->listeners[i] = (listener){.call = call, .choice = choice};
        rec_token_trace_init(&choice->trace, p->tokenizer);
        if (r->echo &&
            echo_prompt(choice, &r->prompts.inputs[i / r->n], p->tokenizer, &from) != REC_OK)
            return rec_api_fail_from(err, "prompt", &from);
    }
    return REC_OK;
}

static rec_status prepare_completion(rec_call *call, local_call *p, const rec_lm *lm,
                                     rec_json_tokens **json, size_t most, rec_api_error *err)
{
    const rec_completion_request *r = &call->completion;
    rec_status status = REC_OK;
    if ((lm->can & REC_LM_GENERATES) == 0)
        return rec_api_fail(err, 400, NULL, "model",
                            "this model only embeds (POST /v1/embeddings)");
    if (most > 0 && r->max_tokens > most)
        return rec_api_fail(err, 400, NULL, "max_tokens",
                            "%zu tokens; this server generates up to %zu per answer", r->max_tokens,
                            most);
    p->n_prompts = r->prompts.n;
    p->prompts = rec_alloc(p->n_prompts, sizeof *p->prompts, NULL);
    if (p->prompts == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < p->n_prompts; i++) {
        REC_TRY(prepare_prompt(&p->prompts[i], call, i, lm, most, err));
        call->usage.n_prompt += p->prompts[i].encoded.ids.n + p->prompts[i].n_dropped;
    }
    if (r->json)
        REC_TRY(start_json(p, json, lm, err));
    status = prepare_choices(call, p, err);
cleanup:
    return status;
}

/* ---- embeddings ---- */

static rec_status prepare_embedding(rec_call *call, local_call *p, rec_lm *lm, rec_api_error *err)
{
    const rec_embedding_request *r = &call->embedding;
    size_t n = r->prompts.n;
    rec_error from;
    rec_status status = REC_OK;
    if (r->dimensions > 0 && r->dimensions != lm->embed_dim)
        return rec_api_fail(err, 400, "unsupported_value", "dimensions",
                            "vectors of this model have %zu dimensions", lm->embed_dim);
    p->embed_tokens = rec_alloc(n, sizeof *p->embed_tokens, NULL);
    call->vectors = rec_alloc(n * lm->embed_dim, sizeof *call->vectors, NULL);
    call->dim = lm->embed_dim;
    if (p->embed_tokens == NULL || call->vectors == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        REC_TRY(check_ids(&r->prompts.inputs[i], lm, "input", err));
    if (rec_lm_count_tokens(p->embed_tokens, lm, r->prompts.inputs, n, &from) != REC_OK)
        return rec_api_fail_from(err, "input", &from);
    for (size_t i = 0; i < n; i++) {
        if (p->embed_tokens[i] == 0)
            return rec_api_fail(err, 400, NULL, "input", "\"input\" %zu is empty", i);
        call->usage.n_prompt += p->embed_tokens[i];
    }
cleanup:
    return status;
}

rec_status rec_local_call_prepare(rec_call *call, rec_lm *lm, rec_json_tokens **json,
                                  size_t max_tokens, rec_api_error *err)
{
    local_call *p = rec_alloc(1, sizeof *p, NULL);
    if (p == NULL)
        return out_of_memory(err);
    call->prepared = p;
    call->prepared_free = local_call_free;
    p->tokenizer = rec_lm_local_tokenizer(lm);
    return call->kind == REC_CALL_EMBED ? prepare_embedding(call, p, lm, err)
                                        : prepare_completion(call, p, lm, json, max_tokens, err);
}

/* ---- what the generator tells ---- */

static rec_status on_text(void *context, const char *text, size_t n, rec_error *err)
{
    listener *l = context;
    pthread_mutex_lock(&l->call->mutex);
    rec_status status = rec_buffer_append(&l->choice->text, text, n, err);
    if (l->call->first == 0.0)
        l->call->first = rec_serve_clock();
    pthread_mutex_unlock(&l->call->mutex);
    of(l->call)->has_news = true;
    return status;
}

static rec_status on_view(void *context, const rec_token_view *view, rec_error *err)
{
    listener *l = context;
    rec_token_trace *trace = &l->choice->trace;
    pthread_mutex_lock(&l->call->mutex);
    if (!view->is_prompt && l->choice->n_tokens++ == 0)
        rec_token_trace_start_answer(trace, l->choice->text.length);
    rec_status status = rec_token_trace_add(trace, view, err);
    pthread_mutex_unlock(&l->call->mutex);
    return status;
}

rec_generation rec_local_call_generation(rec_call *call, size_t choice)
{
    const rec_completion_request *r = &call->completion;
    local_call *p = of(call);
    rec_generation g = p->prompts[choice / r->n].generation;
    bool answers = r->max_tokens > 0 || !r->has_max_tokens;
    g.id = choice;
    g.constraint = p->json;
    if (r->stream && answers) {
        g.on_text = on_text;
        g.on_text_context = &p->listeners[choice];
    }
    if (r->logprobs) {
        g.on_view = on_view;
        g.on_view_context = &p->listeners[choice];
        g.n_top = r->n_top;
        g.view_prompt = r->echo;
    }
    return g;
}

/* Text and tokens that belong to the answer: a stop string takes its tokens away again, and a client
 * that asked for none gets none. */
rec_status rec_local_call_take(rec_call *call, size_t choice, const rec_generation_result *result,
                               rec_error *err)
{
    const rec_completion_request *r = &call->completion;
    const rec_generated *best = &result->best[0];
    rec_call_choice *c = &call->choices[choice];
    local_call *p = of(call);
    bool answers = r->max_tokens > 0 || !r->has_max_tokens;
    rec_status status = REC_OK;
    pthread_mutex_lock(&call->mutex);
    if (answers && !r->stream)
        status = rec_buffer_puts(&c->text, best->text, err);
    c->n_tokens = answers ? best->n : 0;
    c->n_shown = c->n_tokens;
    if (r->echo)
        c->n_shown += result->n_prompt;
    c->n_shown = c->n_shown < c->trace.n ? c->n_shown : c->trace.n;
    c->n_shared = result->n_shared;
    c->finish = rec_finish_name(answers ? best->finish : REC_FINISH_LENGTH);
    call->usage.n_generated += c->n_tokens;
    if (choice % r->n == 0)
        call->usage.n_shared += result->n_shared;
    if (call->first == 0.0)
        call->first = rec_serve_clock();
    pthread_mutex_unlock(&call->mutex);
    p->n_complete++;
    p->has_news = true;
    return status;
}

bool rec_local_call_is_complete(const rec_call *call)
{
    return of(call)->n_complete == call->n_choices;
}

void rec_local_call_announce(rec_call *call)
{
    local_call *p = of(call);
    if (p->has_news && call->completion.stream)
        rec_call_wake(call);
    p->has_news = false;
}

size_t rec_local_call_n_embedded(const rec_call *call)
{
    return of(call)->n_embedded;
}

uint64_t rec_local_call_embed_tokens(const rec_call *call, size_t row)
{
    return of(call)->embed_tokens[row];
}

void rec_local_call_put_vector(rec_call *call, size_t row, const float *vector)
{
    pthread_mutex_lock(&call->mutex);
    memcpy(call->vectors + row * call->dim, vector, call->dim * sizeof *vector);
    pthread_mutex_unlock(&call->mutex);
    of(call)->n_embedded = row + 1;
}
