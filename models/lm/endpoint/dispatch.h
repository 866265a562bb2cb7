/**
 * Many calls to one server: bounded concurrency, pace, repetition of what may succeed later, a budget.
 * Every call ends exactly once, with an answer or a named failure; which and in what order they end
 * changes nothing about an answer. A call that waits to be repeated holds no place, so a stalled one
 * never holds others. A 429 pauses all starts for as long as it asks.
 */
#ifndef REC_MODELS_LM_ENDPOINT_DISPATCH_H
#define REC_MODELS_LM_ENDPOINT_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "models/lm/cost.h"
#include "models/lm/endpoint/http.h"

typedef struct rec_dispatch_options {
    rec_http_options http;
    unsigned retries;           /* repetitions of one call at most */
    double requests_per_minute; /* 0 = no limit */
    double tokens_per_minute;   /* 0 = no limit */
    double retry_after_max;     /* seconds; a server that asks for more ends the call */
    double time_scale;          /* of back-off and Retry-After: 1, or less in tests */
    const char *secret;         /* the key: erased from whatever a server sends back; or NULL */
    const char *key_hint;       /* what to check after a 401 or 403, for the message */
} rec_dispatch_options;

typedef struct rec_call {
    char *body; /* JSON; owned by whoever runs the call */
    size_t n_body;
    uint64_t id;              /* stable: jitter of the back-off is drawn from it */
    double tokens;            /* in and out, estimated */
    int64_t cost_picodollars; /* at most; 0 where the price is unknown */
} rec_call;

/** How a call ended. Borrowed. */
typedef struct rec_call_end {
    const char *body; /* of an answer with status 2xx; (n_body), terminated; else NULL */
    size_t n_body;
    const char *failure; /* "name: what happened"; NULL when there is a body */
} rec_call_end;

typedef struct rec_call_used {
    double tokens;
    int64_t cost_picodollars;
} rec_call_used;

typedef struct rec_dispatch_job {
    const char *url;
    size_t n;
    void *context;
    /** Call i is about to be sent for the first time. */
    rec_status (*prepare)(rec_call *out, void *context, size_t i, rec_error *err);
    /** Call i has ended; `used` starts as zeros. */
    rec_status (*end)(rec_call_used *used, void *context, size_t i, const rec_call_end *end,
                      rec_error *err);
} rec_dispatch_job;

typedef struct rec_dispatcher rec_dispatcher;

/** Strings are copied. */
rec_status rec_dispatcher_new(rec_dispatcher **out, const rec_dispatch_options *options,
                              rec_error *err);
void rec_dispatcher_free(rec_dispatcher *d);

/** No call is started that might take the sum of costs beyond this budget, nor any other given before
 * (two at most). Borrowed as long as the dispatcher lives. */
void rec_dispatcher_share(rec_dispatcher *d, rec_lm_budget *budget);

/**
 * Run a job. REC_ERR_ENDPOINT for what concerns all calls: 401 and 403, a server that cannot be
 * reached at all, the budget; REC_ERR_INTERRUPTED after a signal. Calls that ended before are
 * reported; after a 401, 403 or signal those under way are broken off, at the budget they end first.
 */
rec_status rec_dispatch(rec_dispatcher *d, const rec_dispatch_job *job, rec_error *err);

/** Requests sent so far, and how many of them were repetitions. */
void rec_dispatcher_counts(const rec_dispatcher *d, uint64_t *n_requests, uint64_t *n_retries);

#endif
