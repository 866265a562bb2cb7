/**
 * HTTP POSTs over libcurl's multi interface: many at once on one thread, kept-alive connections,
 * HTTP/2 where a TLS server offers it, certificates verified. Only http and https; a redirect is
 * followed (307, 308) when it stays at the same scheme, host and port, and refused otherwise, so that
 * a key never travels to another host. What arrives is data: its size is capped, nothing is parsed.
 */
#ifndef REC_MODELS_LM_ENDPOINT_HTTP_H
#define REC_MODELS_LM_ENDPOINT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"

typedef struct rec_http_options {
    size_t concurrency;        /* exchanges at once, at least 1 */
    double connect_timeout;    /* seconds each */
    double first_byte_timeout; /* from the start to the first byte of the answer */
    double timeout;            /* of the whole exchange */
    size_t max_response_bytes;
    const char *ca_file;        /* certificates to trust instead of the system's, or NULL */
    const char *const *headers; /* (n_headers) "Name: value", sent with every request; copied */
    size_t n_headers;
} rec_http_options;

typedef enum rec_http_outcome {
    REC_HTTP_ANSWERED,    /* a whole answer, of whatever status */
    REC_HTTP_UNREACHABLE, /* no connection: name, refusal, certificate */
    REC_HTTP_CONNECTION,  /* the connection broke, or the body ended early */
    REC_HTTP_TIMEOUT,
    REC_HTTP_TOO_LARGE,
    REC_HTTP_REDIRECT, /* to where we do not go */
} rec_http_outcome;

/** "unreachable", "timeout", ...: first word of failures. */
const char *rec_http_outcome_name(rec_http_outcome outcome);

typedef struct rec_http_response {
    rec_http_outcome outcome;
    long status;          /* ANSWERED: of HTTP */
    rec_buffer body;      /* ANSWERED: owned */
    char retry_after[64]; /* the header's text; "" = none */
    char detail[256];     /* not ANSWERED: one line */
    bool connect;         /* TIMEOUT: while connecting */
} rec_http_response;

void rec_http_response_deinit(rec_http_response *r);

typedef struct rec_http rec_http;

/** REC_ERR_RESOURCE when libcurl does not start. */
rec_status rec_http_new(rec_http **out, const rec_http_options *options, rec_error *err);
void rec_http_free(rec_http *h); /* breaks off what is running */

size_t rec_http_running(const rec_http *h);

/**
 * Start an exchange; fewer than `concurrency` are running (asserted).
 * @param tag   names it when it is done
 * @param url   copied
 * @param body  JSON; borrowed until the exchange is taken
 */
rec_status rec_http_post(rec_http *h, size_t tag, const char *url, const char *body, size_t n,
                         rec_error *err);

/** Go on until an exchange is done or so many seconds have passed. REC_ERR_INTERRUPTED after a
 * signal. */
rec_status rec_http_wait(rec_http *h, double seconds, rec_error *err);

/** Take one that is done; false when there is none. */
bool rec_http_take(rec_http *h, size_t *tag, rec_http_response *out);

/** Break off everything that runs. */
void rec_http_cancel_all(rec_http *h);

/** Seconds of a clock that never jumps. */
double rec_http_now(void);

#endif
