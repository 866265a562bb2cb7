/**
 * What OpenAI-compatible servers answer, read as data: strict JSON, types checked, nothing guessed. An
 * answer that is none (an error object with status 200, no choices, null where text should be, HTML)
 * becomes a named failure, never text.
 */
#ifndef REC_MODELS_LM_ENDPOINT_RESPONSE_H
#define REC_MODELS_LM_ENDPOINT_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/lm.h"

/** "usage" and "model" of an answer. */
typedef struct rec_response_meta {
    bool has_usage;
    uint64_t tokens_in, tokens_in_cached, tokens_out;
    char model[160]; /* "" = not said */
} rec_response_meta;

/**
 * The message of an error body, in the forms in use: {"error": {"message"}}, {"error": "..."},
 * {"message"}, {"detail"}; else the beginning of the text on one line; "" when there is none.
 */
void rec_response_error(char *out, size_t size, const char *body, size_t n);

/**
 * An answer of /chat/completions or /completions. reply->best and n_best, or reply->failure ("error",
 * "malformed", "no_choices", "no_text", "filtered": ...) are set, tokens where usage is given.
 * @param chat  which of the two forms
 * @return REC_ERR_RESOURCE only
 */
rec_status rec_response_generated(rec_lm_reply *reply, rec_response_meta *meta, const char *body,
                                  size_t n, bool chat, rec_error *err);

/**
 * An answer of /completions with echo and logprobs: the tokens that begin at or after character
 * `from` (code points) and before `to`. One must begin at `from` exactly: failure "boundary".
 */
rec_status rec_response_scored(rec_lm_score *score, rec_response_meta *meta, const char *body,
                               size_t n, size_t from, size_t to, rec_error *err);

/**
 * An answer of /embeddings: out (n_rows, dim) in the order of "index".
 * @param failure  set (string of the caller) when it is none, has other rows or another dimension
 */
rec_status rec_response_embedded(float *out, char **failure, rec_response_meta *meta,
                                 const char *body, size_t n, size_t n_rows, size_t dim,
                                 rec_error *err);

#endif
