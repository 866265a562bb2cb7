/**
 * What clients want read: `prompt` and `input` (a string, strings, token ids, lists of token ids) and
 * `messages` of a chat. All text is data: a control token inside it is plain characters.
 */
#ifndef REC_HARNESS_SERVE_PROMPTS_H
#define REC_HARNESS_SERVE_PROMPTS_H

#include "harness/serve/fields.h"
#include "models/lm/lm.h"

enum {
    REC_SERVE_MAX_PROMPTS = 2048, /* of one request */
    REC_SERVE_MAX_MESSAGES = 4096,
};

/** Texts are borrowed from the JSON. Zeroed = empty. */
typedef struct rec_prompts {
    rec_lm_input *inputs; /* owned (n) */
    size_t n;
    rec_lm_part *parts; /* owned: of all inputs */
    uint32_t *ids;      /* owned: of all inputs */
} rec_prompts;

void rec_prompts_deinit(rec_prompts *p);

/** @param key  "prompt", "input": the field that holds them */
rec_status rec_prompts_parse(rec_prompts *out, const cJSON *body, const char *key,
                             rec_api_error *err);

/** One chat. Contents are strings or lists of {"type": "text"}; `developer` is `system`. */
rec_status rec_prompts_parse_messages(rec_prompts *out, const cJSON *body, rec_api_error *err);

#endif
