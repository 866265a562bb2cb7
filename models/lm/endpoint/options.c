#include "models/lm/endpoint/options.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"

static const char *const apis[] = {"chat", "completions", "embeddings", NULL};
const char *const rec_endpoint_length_keys[] = {"max_tokens", "max_completion_tokens", NULL};

#define FIELD(name) offsetof(rec_endpoint_options, name)
const rec_option rec_endpoint_option_table[] = {
    {"base_url", "address of the server up to /v1", FIELD(base_url), REC_OPT_STRING,
     .required = true, .from_env = true},
    {"model", "name of the model there", FIELD(model), REC_OPT_STRING, .required = true},
    {"revision", "which state of the model answers: part of cache keys", FIELD(revision),
     REC_OPT_STRING, .text = NULL},
    {"key_env", "environment variable that holds the key; none is sent without it", FIELD(key_env),
     REC_OPT_STRING, .text = NULL},
    {"key_header", "header that carries the key; as Bearer in Authorization", FIELD(key_header),
     REC_OPT_STRING, .text = "Authorization"},
    {"headers", "further headers, \"Name: value\"", FIELD(headers), REC_OPT_STRINGS,
     .from_env = true, .secret = true},
    {"api", "chat: conversations as such; completions: as plain text; embeddings: vectors only",
     FIELD(api), REC_OPT_ENUM, .value = REC_API_CHAT, .choices = apis},
    {"scores", "/completions answers echo with logprobs: log-likelihoods of texts", FIELD(scores),
     REC_OPT_BOOL, .value = 0},
    {"context", "tokens of prompt and answer together; 0 = unknown", FIELD(context), REC_OPT_INT,
     .value = 0, .min = 0, .max = 1 << 28},
    {"embed_dim", "numbers per embedding; 0 = embeds nothing", FIELD(embed_dim), REC_OPT_INT,
     .value = 0, .min = 0, .max = 1 << 20},
    {"embed_batch", "texts per request of embeddings", FIELD(embed_batch), REC_OPT_INT, .value = 64,
     .min = 1, .max = 2048},
    {"temperature", "instead of what the task asks for; -1 = as the task asks", FIELD(temperature),
     REC_OPT_REAL, .value = -1, .min = -1, .max = 2},
    {"top_p", "instead of what the task asks for; -1 = as the task asks", FIELD(top_p),
     REC_OPT_REAL, .value = -1, .min = -1, .max = 1},
    {"max_tokens", "of an answer whose task sets no limit; 0 = the server's own", FIELD(max_tokens),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1 << 24},
    {"length_key", "what the server calls that limit in chats", FIELD(length_key), REC_OPT_ENUM,
     .value = 0, .choices = rec_endpoint_length_keys},
    {"omit", "keys of the request that the server does not take", FIELD(omit), REC_OPT_STRINGS,
     .text = NULL},
    {"extra", "mapping of further keys of the request", FIELD(extra), REC_OPT_ANY, .value = 0},
    {"concurrency", "requests at once", FIELD(concurrency), REC_OPT_INT, .value = 16, .min = 1,
     .max = 1024},
    {"requests_per_minute", "0 = no limit", FIELD(requests_per_minute), REC_OPT_REAL, .value = 0,
     .min = 0, .max = 1e9},
    {"tokens_per_minute", "of prompts and answers; 0 = no limit", FIELD(tokens_per_minute),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 1e12},
    {"connect_timeout", "seconds", FIELD(connect_timeout), REC_OPT_REAL, .value = 10, .min = 1e-3,
     .max = 3600},
    {"first_byte_timeout", "seconds until an answer begins", FIELD(first_byte_timeout),
     REC_OPT_REAL, .value = 120, .min = 1e-3, .max = 86400},
    {"timeout", "seconds until an answer is whole", FIELD(timeout), REC_OPT_REAL, .value = 300,
     .min = 1e-3, .max = 86400},
    {"retries", "repetitions after 408, 409, 429, 5xx, timeouts and broken connections",
     FIELD(retries), REC_OPT_INT, .value = 3, .min = 0, .max = 100},
    {"retry_after_max", "seconds; a server that asks to wait longer is not asked again",
     FIELD(retry_after_max), REC_OPT_REAL, .value = 120, .min = 0, .max = 86400},
    {"backoff_scale", "factor of all waits before repetitions", FIELD(backoff_scale), REC_OPT_REAL,
     .value = 1, .min = 0, .max = 1000},
    {"max_response_bytes", "larger answers are failures", FIELD(max_response_bytes), REC_OPT_INT,
     .value = 16 << 20, .min = 1024, .max = 1 << 30},
    {"model_must_stay", "an answer by another model than the first is a failure, not a warning",
     FIELD(model_must_stay), REC_OPT_BOOL, .value = 0},
    {"ca_file", "certificates to trust instead of the system's", FIELD(ca_file), REC_OPT_STRING,
     .text = NULL},
    {"prices", "file of prices; without one, costs are unknown", FIELD(prices), REC_OPT_STRING,
     .text = NULL},
    {"max_cost", "dollars; no request is started that may pass it; 0 = no limit", FIELD(max_cost),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 1e6},
    {"cache", "recorded answers", FIELD(cache), REC_OPT_TABLE, .table = rec_lm_cache_option_table},
    {.key = NULL},
};
#undef FIELD

static rec_status check_url(CURLU *u, const char *base_url, rec_error *err)
{
    char *scheme = NULL, *user = NULL, *fragment = NULL;
    rec_status status = REC_OK;
    if (curl_url_set(u, CURLUPART_URL, base_url, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        return rec_fail(err, REC_ERR_CONFIG, "base_url: \"%.200s\" is not a URL (http://host/v1)",
                        base_url);
    if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        status =
            rec_fail(err, REC_ERR_CONFIG, "base_url: %.20s is not allowed (http, https)", scheme);
    else if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK)
        status = rec_fail(err, REC_ERR_CONFIG,
                          "base_url: no user and password in a URL (key_env names the variable "
                          "that holds a key)");
    else if (curl_url_get(u, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_OK)
        status = rec_fail(err, REC_ERR_CONFIG, "base_url: a fragment (#...) has no meaning here");
    curl_free(scheme);
    curl_free(user);
    curl_free(fragment);
    return status;
}

static rec_status join_path(char **out, CURLU *u, const char *path, rec_error *err)
{
    char *base = NULL, *whole = NULL, *joined = NULL;
    rec_status status = REC_OK;
    if (curl_url_get(u, CURLUPART_PATH, &base, 0) != CURLUE_OK)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory (URL)");
    size_t n = strlen(base);
    while (n > 0 && base[n - 1] == '/')
        n--;
    joined = rec_format(err, "%.*s%s", (int)n, base, path);
    if (joined == NULL)
        REC_TRY(REC_ERR_RESOURCE);
    if (curl_url_set(u, CURLUPART_PATH, joined, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_URL, &whole, 0) != CURLUE_OK)
        REC_TRY(rec_fail(err, REC_ERR_RESOURCE, "out of memory (URL)"));
    *out = rec_strdup(whole, err);
    status = *out != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    free(joined);
    curl_free(whole);
    curl_free(base);
    return status;
}

rec_status rec_endpoint_url(char **out, const char *base_url, const char *path, rec_error *err)
{
    CURLU *u = curl_url();
    *out = NULL;
    if (u == NULL)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory (URL)");
    rec_status status = check_url(u, base_url, err);
    if (status == REC_OK)
        status = join_path(out, u, path, err);
    curl_url_cleanup(u);
    return status;
}

/* A line end in a key would be a header of its own. */
static bool is_header_text(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 127)
            return false;
    return true;
}

rec_status rec_endpoint_key(char **header, char **secret, const rec_endpoint_options *o,
                            rec_error *err)
{
    *header = *secret = NULL;
    if (o->key_env == NULL)
        return REC_OK;
    const char *key = getenv(o->key_env);
    if (key == NULL)
        return rec_fail(err, REC_ERR_ENDPOINT, "key_env: environment variable %.80s is not set",
                        o->key_env);
    if (!is_header_text(key))
        return rec_fail(err, REC_ERR_ENDPOINT,
                        "key_env: what environment variable %.80s holds is empty or has control "
                        "characters",
                        o->key_env);
    bool bearer = strcasecmp(o->key_header, "Authorization") == 0;
    *header = rec_format(err, "%s: %s%s", o->key_header, bearer ? "Bearer " : "", key);
    *secret = rec_strdup(key, err);
    if (*header != NULL && *secret != NULL)
        return REC_OK;
    free(*header);
    free(*secret);
    *header = *secret = NULL;
    return REC_ERR_RESOURCE;
}

rec_status rec_endpoint_identity(char **out, const rec_endpoint_options *o, const char *extra_json,
                                 rec_error *err)
{
    rec_buffer text = {.data = NULL};
    rec_status status;
    REC_TRY(rec_buffer_printf(&text, err, "endpoint %s model=%s revision=%s api=%s", o->base_url,
                              o->model, o->revision != NULL ? o->revision : "-", apis[o->api]));
    if (o->temperature >= 0.0)
        REC_TRY(rec_buffer_printf(&text, err, " temperature=%.17g", o->temperature));
    if (o->top_p >= 0.0)
        REC_TRY(rec_buffer_printf(&text, err, " top_p=%.17g", o->top_p));
    if (o->max_tokens > 0)
        REC_TRY(rec_buffer_printf(&text, err, " max_tokens=%lld", (long long)o->max_tokens));
    for (size_t i = 0; i < o->omit.n; i++)
        REC_TRY(rec_buffer_printf(&text, err, " omit=%s", o->omit.items[i]));
    if (extra_json != NULL)
        REC_TRY(rec_buffer_printf(&text, err, " extra=%s", extra_json));
    *out = rec_buffer_take(&text, err);
    status = *out != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    rec_buffer_deinit(&text);
    return status;
}
