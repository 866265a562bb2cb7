/**
 * A request on its way: made by whoever received it, worked on by a model's thread, read while it
 * grows. Two sides hold it, each with a reference; what changes is guarded by its mutex.
 */
#ifndef REC_HARNESS_SERVE_CALL_H
#define REC_HARNESS_SERVE_CALL_H

#include <pthread.h>
#include <stdatomic.h>

#include "harness/serve/completion_reply.h"
#include "harness/serve/completion_request.h"
#include "harness/serve/embedding.h"
#include "harness/serve/recommend.h"

typedef enum rec_call_kind { REC_CALL_COMPLETE, REC_CALL_EMBED, REC_CALL_RECOMMEND } rec_call_kind;

/** What there is of one choice. */
typedef struct rec_call_choice {
    rec_buffer text;
    rec_token_trace trace; /* tokens of the prompt too, when they are echoed */
    size_t n_shown;        /* of the trace's tokens; final when `finish` is set */
    size_t n_tokens;       /* generated */
    uint64_t n_shared;
    const char *finish; /* NULL: goes on */
} rec_call_choice;

typedef struct rec_call rec_call;

struct rec_call {
    /* Set before it is submitted, read by both sides. */
    rec_call_kind kind;
    rec_completion_request completion;
    rec_embedding_request embedding;
    rec_recommend_request recommend;
    size_t n_choices;
    size_t weight; /* places it takes in a worker's queue */
    size_t target; /* which of the worker's models is asked */

    /* Of the worker. */
    void *prepared;
    void (*prepared_free)(void *prepared);

    atomic_bool cancelled; /* nobody waits any more */

    pthread_mutex_t mutex;
    bool done;
    rec_api_error error;      /* http = 0: none */
    rec_call_choice *choices; /* owned (n_choices) */
    rec_completion_usage usage;
    float *vectors; /* owned (n inputs, dim) */
    size_t dim;
    uint32_t *items; /* owned (n_items) */
    float *scores;   /* owned (n_items) */
    size_t n_items;
    const rec_catalogue *catalogue;    /* of the items; borrowed */
    double submitted, first, finished; /* seconds of a monotonic clock; 0 = not yet */
    void (*wake)(void *context);       /* called with the mutex held; NULL: nobody listens */
    void *wake_context;

    atomic_uint references;
};

/** An empty call with one reference. */
rec_status rec_call_new(rec_call **out, rec_call_kind kind, rec_error *err);
rec_call *rec_call_share(rec_call *c); /* another reference */
void rec_call_release(rec_call *c);    /* NULL does nothing */

/** Make the choices that the request asks for. */
rec_status rec_call_make_choices(rec_call *c, rec_error *err);

/** Tell the listener that there is something new. */
void rec_call_wake(rec_call *c);

/** The end, with an answer or (the first failure counts) without one. */
void rec_call_finish(rec_call *c);
void rec_call_fail(rec_call *c, const rec_api_error *error);

/** Nobody waits any more: the wake function is not called again. */
void rec_call_abandon(rec_call *c);

/** Seconds of a monotonic clock. */
double rec_serve_clock(void);

#endif
