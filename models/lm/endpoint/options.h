/** What an entry of `lms:` with `backend: endpoint` can say, and what follows from it. */
#ifndef REC_MODELS_LM_ENDPOINT_OPTIONS_H
#define REC_MODELS_LM_ENDPOINT_OPTIONS_H

#include "core/option.h"
#include "models/lm/cost.h"
#include "models/lm/replies/cached.h"

typedef enum rec_endpoint_api {
    REC_API_CHAT,        /* conversations to /chat/completions, plain texts to /completions */
    REC_API_COMPLETIONS, /* all to /completions */
    REC_API_EMBEDDINGS,
} rec_endpoint_api;

typedef struct rec_endpoint_options {
    char *base_url, *model, *revision, *key_env, *key_header, *ca_file, *prices;
    rec_string_list headers, omit;
    const struct rec_yaml *extra; /* borrowed from the config */
    int api;                      /* rec_endpoint_api */
    bool scores, model_must_stay;
    int64_t concurrency, max_tokens, context, embed_dim, embed_batch, retries, max_response_bytes;
    int length_key;
    double temperature, top_p, requests_per_minute, tokens_per_minute;
    double connect_timeout, first_byte_timeout, timeout, retry_after_max, backoff_scale, max_cost;
    rec_lm_cache_options cache;
} rec_endpoint_options;

extern const rec_option rec_endpoint_option_table[];
extern const char *const rec_endpoint_length_keys[];

/**
 * `base_url` + `path` ("/embeddings"), in front of a query if there is one. New string.
 * REC_ERR_CONFIG unless it is http or https without user, password and fragment.
 */
rec_status rec_endpoint_url(char **out, const char *base_url, const char *path, rec_error *err);

/** The header that carries the key, from the environment variable; NULL without key_env. New
 * strings. REC_ERR_ENDPOINT, naming the variable, when it is not set or holds no header text. */
rec_status rec_endpoint_key(char **header, char **secret, const rec_endpoint_options *o,
                            rec_error *err);

/** What answers depend on besides the request: server, model, revision, overrides. New string. */
rec_status rec_endpoint_identity(char **out, const rec_endpoint_options *o, const char *extra_json,
                                 rec_error *err);

#endif
