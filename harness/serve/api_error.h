/**
 * What a client is told when its request is not answered: an HTTP status and OpenAI's error object
 * {"error": {"message", "type", "param", "code"}}.
 */
#ifndef REC_HARNESS_SERVE_API_ERROR_H
#define REC_HARNESS_SERVE_API_ERROR_H

#include "core/status.h"

typedef struct rec_api_error {
    int http;         /* 400, 404, ...; 0 = none */
    const char *code; /* static, or NULL: "model_not_found" */
    char param[64];   /* field of the request; "" = none */
    char message[REC_ERROR_MESSAGE_MAX];
} rec_api_error;

/** Fill `err` and return a status other than REC_OK, so that a refusal is one statement. `code` must
 * be static; `param` may be NULL and is cut at 63 bytes. */
rec_status rec_api_fail(rec_api_error *err, int http, const char *code, const char *param,
                        const char *format, ...) REC_PRINTF(5, 6);

/** A failure of the library as a client sees it: bad input 400, a server behind us 502, no room or a
 * stop 503, all else 500. */
rec_status rec_api_fail_from(rec_api_error *err, const char *param, const rec_error *from);

/** "invalid_request_error", "rate_limit_error", ...: OpenAI's `type` for an HTTP status. */
const char *rec_api_error_type(int http);

/** The JSON object; string of the caller. */
char *rec_api_error_json(const rec_api_error *api, rec_error *err);

#endif
