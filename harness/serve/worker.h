/**
 * A thread that answers the calls of all clients to one model, as many at once as it can. The kinds
 * are: a model of ours, stepped token by token (local_worker.h); any other language model, asked in
 * batches (lm_worker.h); the systems of a config (system_worker.h).
 */
#ifndef REC_HARNESS_SERVE_WORKER_H
#define REC_HARNESS_SERVE_WORKER_H

#include "harness/serve/call.h"

typedef struct rec_worker rec_worker;

typedef struct rec_worker_class {
    /** On the caller's thread: all that can be refused is refused here. */
    rec_status (*prepare)(rec_worker *w, rec_call *call, rec_api_error *err);
    /** On the worker's thread: take the call, which was prepared. */
    void (*accept)(rec_worker *w, rec_call *call);
    /** A piece of work; true: there is more. Calls that are over go to rec_worker_done. */
    bool (*work)(rec_worker *w);
    /** Hand every call back with this error. */
    void (*fail_all)(rec_worker *w, const rec_api_error *error);
    void (*free)(rec_worker *w);
} rec_worker_class;

typedef struct rec_worker_limits {
    size_t n_waiting;  /* places for what does not run yet */
    size_t max_tokens; /* per choice; 0 = what the context leaves */
} rec_worker_limits;

/** What a worker is doing, for /metrics. */
typedef struct rec_worker_gauges {
    size_t n_slots, n_running, n_waiting;
    uint64_t n_tokens_in, n_tokens_out, n_tokens_shared;
} rec_worker_gauges;

/** The beginning of every worker's object. */
struct rec_worker {
    const rec_worker_class *class;
    rec_worker_limits limits;
    size_t n_slots;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t news;
    rec_call **queue; /* owned list; holds a reference each */
    size_t n_queued, queue_capacity;
    size_t weight; /* of all calls that are not done */
    bool started, stopping;
    atomic_size_t n_running;
    atomic_uint_fast64_t n_tokens_in, n_tokens_out, n_tokens_shared;
};

/** Start the thread. `w` is a zeroed object of its class. */
rec_status rec_worker_start(rec_worker *w, const rec_worker_class *class, size_t n_slots,
                            const rec_worker_limits *limits, rec_error *err);

/**
 * Prepare the call and queue it; by one thread at a time. Its wake function may be called before this returns.
 * @return a refusal: of the class; 429 when the queue is full; 503 when the worker stops
 */
rec_status rec_worker_submit(rec_worker *w, rec_call *call, rec_api_error *err);

/** For classes: a call is over, with an answer or with an error (NULL: none); the worker's reference
 * goes, and its place is free before its client hears of it. */
void rec_worker_done(rec_worker *w, rec_call *call, const rec_api_error *error);
void rec_worker_failed(rec_worker *w, rec_call *call, const rec_error *error);

void rec_worker_read_gauges(rec_worker_gauges *out, rec_worker *w);

/** Fail what is not done with 503 and end the thread; what is submitted later gets 503. */
void rec_worker_stop(rec_worker *w);

/** Stop, and release everything. NULL does nothing. */
void rec_worker_free(rec_worker *w);

#endif
