/** Requests as OpenAI-compatible servers read them. */
#ifndef REC_MODELS_LM_ENDPOINT_BODY_H
#define REC_MODELS_LM_ENDPOINT_BODY_H

#include <stdbool.h>

#include "core/json.h"
#include "core/option.h"
#include "models/lm/lm.h"

typedef struct rec_body_options {
    const char *model;
    bool flat;              /* conversations are written as plain text, for /completions */
    double temperature;     /* instead of the request's; negative: the request's */
    double top_p;           /* likewise */
    size_t max_tokens;      /* for requests that leave it open; 0 = the server's default */
    const char *length_key; /* "max_tokens" or "max_completion_tokens" */
    rec_string_list omit;   /* keys that are not sent; borrowed */
    const cJSON *extra;     /* object whose members are added or replace ours; or NULL */
} rec_body_options;

/** Does this request go to /chat/completions rather than /completions? */
bool rec_body_is_chat(const rec_body_options *o, const rec_lm_input *input);

/**
 * The request as one JSON text (string of the caller). Text of ours and of others are alike here: a
 * server takes no control tokens from either. A seed is sent where answers are drawn: it is derived
 * from the request's seed, id and repeat number, so that no two draws are one.
 */
rec_status rec_body_generate(char **out, const rec_body_options *o, const rec_lm_request *r,
                             rec_error *err);

/** Echo of prompt and completion with log-probabilities. *from and *to: where the completion begins
 * and ends, in code points. */
rec_status rec_body_score(char **out, size_t *from, size_t *to, const rec_body_options *o,
                          const rec_lm_score_request *r, rec_error *err);

rec_status rec_body_embed(char **out, const rec_body_options *o, const rec_lm_input *inputs,
                          size_t n, rec_error *err);

/** Put the texts of all parts behind `out`: what an input that is no chat says. */
rec_status rec_body_text(rec_buffer *out, const rec_lm_input *input, rec_error *err);

#endif
