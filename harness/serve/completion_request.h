/** POST /v1/chat/completions and /v1/completions: a body as a checked struct. Fields that would change
 * the answer and are not supported are refused by name; fields nobody knows are ignored. */
#ifndef REC_HARNESS_SERVE_COMPLETION_REQUEST_H
#define REC_HARNESS_SERVE_COMPLETION_REQUEST_H

#include "harness/serve/prompts.h"
#include "models/lm/sample.h"

enum {
    REC_SERVE_MAX_CHOICES = 128, /* n */
    REC_SERVE_MAX_STOPS = 16,
    REC_SERVE_MAX_STOP_BYTES = 1024,
    REC_SERVE_MAX_TOP = 20, /* alternatives per token */
};

typedef struct rec_completion_request {
    cJSON *body;       /* owned: what the texts below are borrowed from */
    const char *model; /* NULL: not given */
    bool chat;
    rec_prompts prompts;
    size_t n; /* choices per prompt */
    bool has_max_tokens;
    size_t max_tokens; /* 0 only with echo: score the prompt, generate nothing */
    rec_sampling sampling;
    bool has_seed;
    const char *stop[REC_SERVE_MAX_STOPS];
    size_t n_stop;
    bool stream, include_usage, echo;
    bool logprobs;
    size_t n_top; /* with logprobs */
    bool json;    /* nothing but a JSON object */
} rec_completion_request;

/** On failure nothing is left to release. */
rec_status rec_completion_request_parse(rec_completion_request *out, const char *body,
                                        size_t length, bool chat, rec_api_error *err);
void rec_completion_request_deinit(rec_completion_request *r);

#endif
