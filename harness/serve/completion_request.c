#include "harness/serve/completion_request.h"

#include <string.h>

#include "core/memory.h"

enum { MAX_TOKENS = 1 << 24, DEFAULT_COMPLETION_TOKENS = 16 };

void rec_completion_request_deinit(rec_completion_request *r)
{
    rec_prompts_deinit(&r->prompts);
    cJSON_Delete(r->body);
    *r = (rec_completion_request){.body = NULL};
}

/* ---- what is not supported ---- */

static rec_status unsupported(rec_api_error *err, const char *key, const char *allowed)
{
    return rec_api_fail(err, 400, "unsupported_value", key, "\"%s\" is not supported; allowed: %s",
                        key, allowed);
}

static bool is_empty(const cJSON *item)
{
    return item == NULL || cJSON_IsFalse(item) ||
           (cJSON_IsNumber(item) && item->valuedouble == 0) ||
           (cJSON_IsString(item) && item->valuestring[0] == '\0') ||
           ((cJSON_IsArray(item) || cJSON_IsObject(item)) && item->child == NULL);
}

static bool is_word(const cJSON *item, const char *word)
{
    return cJSON_IsString(item) && strcmp(item->valuestring, word) == 0;
}

static rec_status refuse_unsupported(const rec_completion_request *r, rec_api_error *err)
{
    static const char *const keys[] = {"presence_penalty", "frequency_penalty", "logit_bias",
                                       "suffix",           "functions",         "audio",
                                       "prediction"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!is_empty(rec_field(r->body, keys[i])))
            return unsupported(err, keys[i], "absent, null, 0 or empty");
    if (!is_empty(rec_field(r->body, "tools")) &&
        !is_word(rec_field(r->body, "tool_choice"), "none"))
        return unsupported(err, "tools", "an empty list, or \"tool_choice\": \"none\"");
    const cJSON *item, *modalities = rec_field(r->body, "modalities");
    cJSON_ArrayForEach(item, modalities)
    {
        if (!is_word(item, "text"))
            return unsupported(err, "modalities", "[\"text\"]");
    }
    return REC_OK;
}

static rec_status read_response_format(rec_completion_request *r, rec_api_error *err)
{
    const cJSON *format = rec_field(r->body, "response_format"),
                *type = cJSON_GetObjectItemCaseSensitive(format, "type");
    if (format == NULL || is_word(type, "text"))
        return REC_OK;
    if (!is_word(type, "json_object"))
        return unsupported(err, "response_format", "types text and json_object");
    r->json = true;
    return REC_OK;
}

/* ---- fields ---- */

static rec_status read_sampling(rec_completion_request *r, rec_api_error *err)
{
    int64_t top_k = 0, seed = 0;
    rec_status status;
    r->sampling = rec_sampling_greedy();
    r->sampling.temperature = 1.0; /* OpenAI's default */
    REC_TRY(rec_field_real(&r->sampling.temperature, r->body, "temperature", 0.0, 2.0, err));
    REC_TRY(rec_field_real(&r->sampling.top_p, r->body, "top_p", 0.0, 1.0, err));
    if (r->sampling.top_p == 0.0)
        return rec_api_fail(err, 400, NULL, "top_p", "\"top_p\" is larger than 0, at most 1");
    REC_TRY(rec_field_int(&top_k, r->body, "top_k", -1, 1 << 24, err));
    REC_TRY(rec_field_real(&r->sampling.min_p, r->body, "min_p", 0.0, 1.0, err));
    REC_TRY(rec_field_real(&r->sampling.repetition_penalty, r->body, "repetition_penalty", 0.01,
                           100.0, err));
    REC_TRY(rec_field_int(&seed, r->body, "seed", -(1LL << 53), 1LL << 53, err));
    r->sampling.top_k = top_k > 0 ? (size_t)top_k : 0;
    r->sampling.seed = (uint64_t)seed;
    r->has_seed = rec_field(r->body, "seed") != NULL;
cleanup:
    return status;
}

static rec_status add_stop(rec_completion_request *r, const cJSON *item, rec_api_error *err)
{
    if (!cJSON_IsString(item))
        return rec_api_fail(err, 400, NULL, "stop", "\"stop\" is a string or a list of strings");
    if (strlen(item->valuestring) > REC_SERVE_MAX_STOP_BYTES)
        return rec_api_fail(err, 400, NULL, "stop", "a stop string is longer than %d bytes",
                            REC_SERVE_MAX_STOP_BYTES);
    if (item->valuestring[0] == '\0')
        return REC_OK; /* stops nothing */
    if (r->n_stop == REC_SERVE_MAX_STOPS)
        return rec_api_fail(err, 400, NULL, "stop", "more than %d stop strings",
                            REC_SERVE_MAX_STOPS);
    r->stop[r->n_stop++] = item->valuestring;
    return REC_OK;
}

static rec_status read_stop(rec_completion_request *r, rec_api_error *err)
{
    const cJSON *stop = rec_field(r->body, "stop"), *item;
    rec_status status = REC_OK;
    if (stop != NULL && !cJSON_IsArray(stop))
        return add_stop(r, stop, err);
    for (item = stop != NULL ? stop->child : NULL; item != NULL && status == REC_OK;
         item = item->next)
        status = add_stop(r, item, err);
    return status;
}

/* A chat says logprobs: true, top_logprobs: k; a completion logprobs: k. */
static rec_status read_logprobs(rec_completion_request *r, rec_api_error *err)
{
    const char *key = r->chat ? "top_logprobs" : "logprobs";
    int64_t n_top = 0;
    rec_status status = REC_OK;
    if (!r->chat && cJSON_IsBool(rec_field(r->body, key))) {
        r->logprobs = cJSON_IsTrue(rec_field(r->body, key)); /* as some clients write it */
        return REC_OK;
    }
    if (r->chat)
        REC_TRY(rec_field_bool(&r->logprobs, r->body, "logprobs", err));
    else
        r->logprobs = rec_field(r->body, key) != NULL;
    REC_TRY(rec_field_int(&n_top, r->body, key, 0, REC_SERVE_MAX_TOP, err));
    if (n_top > 0 && !r->logprobs)
        return rec_api_fail(err, 400, NULL, key, "\"top_logprobs\" needs \"logprobs\": true");
    r->n_top = (size_t)n_top;
cleanup:
    return status;
}

static rec_status read_lengths(rec_completion_request *r, rec_api_error *err)
{
    int64_t max_tokens = r->chat ? 0 : DEFAULT_COMPLETION_TOKENS, n = 1, best_of;
    rec_status status;
    r->has_max_tokens = !r->chat || rec_field(r->body, "max_tokens") != NULL ||
                        rec_field(r->body, "max_completion_tokens") != NULL;
    REC_TRY(rec_field_int(&max_tokens, r->body, "max_tokens", r->echo ? 0 : 1, MAX_TOKENS, err));
    if (r->chat)
        REC_TRY(rec_field_int(&max_tokens, r->body, "max_completion_tokens", 1, MAX_TOKENS, err));
    REC_TRY(rec_field_int(&n, r->body, "n", 1, REC_SERVE_MAX_CHOICES, err));
    best_of = n;
    REC_TRY(rec_field_int(&best_of, r->body, "best_of", 1, REC_SERVE_MAX_CHOICES, err));
    if (best_of != n)
        return unsupported(err, "best_of", "the same as \"n\"");
    r->max_tokens = (size_t)max_tokens;
    r->n = (size_t)n;
cleanup:
    return status;
}

static rec_status read_stream(rec_completion_request *r, rec_api_error *err)
{
    const cJSON *options = rec_field(r->body, "stream_options");
    rec_status status = rec_field_bool(&r->stream, r->body, "stream", err);
    if (status != REC_OK || options == NULL)
        return status;
    if (!cJSON_IsObject(options))
        return rec_api_fail(err, 400, NULL, "stream_options", "\"stream_options\" is an object");
    return rec_field_bool(&r->include_usage, options, "include_usage", err);
}

static rec_status read_all(rec_completion_request *r, rec_api_error *err)
{
    rec_status status;
    REC_TRY(rec_field_text(&r->model, r->body, "model", err));
    REC_TRY(r->chat ? rec_prompts_parse_messages(&r->prompts, r->body, err)
                    : rec_prompts_parse(&r->prompts, r->body, "prompt", err));
    if (!r->chat)
        REC_TRY(rec_field_bool(&r->echo, r->body, "echo", err));
    REC_TRY(read_lengths(r, err));
    REC_TRY(read_sampling(r, err));
    REC_TRY(read_stop(r, err));
    REC_TRY(read_logprobs(r, err));
    REC_TRY(read_stream(r, err));
    REC_TRY(read_response_format(r, err));
    REC_TRY(refuse_unsupported(r, err));
cleanup:
    return status;
}

rec_status rec_completion_request_parse(rec_completion_request *out, const char *body,
                                        size_t length, bool chat, rec_api_error *err)
{
    *out = (rec_completion_request){.chat = chat};
    rec_status status = rec_fields_parse(&out->body, body, length, err);
    if (status == REC_OK)
        status = read_all(out, err);
    if (status != REC_OK)
        rec_completion_request_deinit(out);
    return status;
}
