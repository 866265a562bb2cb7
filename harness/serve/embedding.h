/** POST /v1/embeddings: the body as a checked struct, and the answer. */
#ifndef REC_HARNESS_SERVE_EMBEDDING_H
#define REC_HARNESS_SERVE_EMBEDDING_H

#include "harness/serve/prompts.h"

typedef struct rec_embedding_request {
    cJSON *body;       /* owned */
    const char *model; /* NULL: not given */
    rec_prompts prompts;
    bool base64;       /* little-endian float32 instead of numbers */
    size_t dimensions; /* 0: not given */
} rec_embedding_request;

/** On failure nothing is left to release. */
rec_status rec_embedding_request_parse(rec_embedding_request *out, const char *body, size_t length,
                                       rec_api_error *err);
void rec_embedding_request_deinit(rec_embedding_request *r);

/**
 * The answer: one vector per input. String of the caller.
 * @param vectors   (n, dim) row-major, finite
 * @param n_tokens  of all inputs
 */
char *rec_embedding_reply(const char *model, const float *vectors, size_t n, size_t dim,
                          bool base64, uint64_t n_tokens, rec_error *err);

#endif
