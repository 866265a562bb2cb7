#include "harness/serve/worker.h"

#include <stdlib.h>

#include "core/memory.h"

/* ---- the thread ---- */

/* Everything in the queue, which is empty then; false: the worker is to end. */
static bool next_calls(rec_call ***calls, size_t *n, rec_worker *w, bool busy)
{
    pthread_mutex_lock(&w->mutex);
    while (w->n_queued == 0 && !busy && !w->stopping)
        pthread_cond_wait(&w->news, &w->mutex);
    *calls = w->queue;
    *n = w->n_queued;
    w->queue = NULL;
    w->n_queued = w->queue_capacity = 0;
    bool stopping = w->stopping;
    pthread_mutex_unlock(&w->mutex);
    return !stopping;
}

static void *run(void *argument)
{
    rec_worker *w = argument;
    rec_api_error stopping;
    bool busy = false, goes_on = true;
    while (goes_on) {
        rec_call **calls;
        size_t n;
        goes_on = next_calls(&calls, &n, w, busy);
        for (size_t i = 0; i < n; i++)
            w->class->accept(w, calls[i]);
        free(calls);
        busy = goes_on && w->class->work(w);
    }
    rec_api_fail(&stopping, 503, "stopping", NULL, "the server is stopping");
    w->class->fail_all(w, &stopping);
    return NULL;
}

rec_status rec_worker_start(rec_worker *w, const rec_worker_class *class, size_t n_slots,
                            const rec_worker_limits *limits, rec_error *err)
{
    w->class = class;
    w->n_slots = n_slots;
    w->limits = *limits;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->news, NULL);
    w->started = pthread_create(&w->thread, NULL, run, w) == 0;
    return w->started ? REC_OK
                      : rec_fail_errno(err, REC_ERR_RESOURCE, "cannot start a model's thread");
}

void rec_worker_stop(rec_worker *w)
{
    if (!w->started)
        return;
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    pthread_cond_signal(&w->news);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    w->started = false;
}

void rec_worker_free(rec_worker *w)
{
    if (w == NULL)
        return;
    rec_worker_stop(w);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->news);
    free(w->queue);
    w->class->free(w);
}

/* ---- the queue ---- */

static rec_status refuse(rec_api_error *err, const rec_worker *w, const rec_call *call)
{
    size_t most = w->n_slots + w->limits.n_waiting;
    if (call->weight > most)
        return rec_api_fail(err, 400, "too_many_choices", NULL,
                            "%zu answers in one request; this server runs and queues up to %zu",
                            call->weight, most);
    return rec_api_fail(err, 429, "queue_full", NULL,
                        "the queue is full (%zu running or waiting); try again later", w->weight);
}

static rec_status enqueue(rec_worker *w, rec_call *call, rec_api_error *err)
{
    if (w->stopping)
        return rec_api_fail(err, 503, "stopping", NULL, "the server is stopping");
    if (w->weight + call->weight > w->n_slots + w->limits.n_waiting)
        return refuse(err, w, call);
    if (w->n_queued == w->queue_capacity) {
        size_t capacity = w->queue_capacity > 0 ? 2 * w->queue_capacity : 16;
        rec_call **queue = rec_realloc(w->queue, capacity, sizeof *queue, NULL);
        if (queue == NULL)
            return rec_api_fail(err, 503, NULL, NULL, "out of memory");
        w->queue = queue;
        w->queue_capacity = capacity;
    }
    w->queue[w->n_queued++] = rec_call_share(call);
    w->weight += call->weight;
    pthread_cond_signal(&w->news);
    return REC_OK;
}

/* Before a prompt is encoded for nothing. */
static rec_status check_room(rec_worker *w, const rec_call *call, rec_api_error *err)
{
    pthread_mutex_lock(&w->mutex);
    rec_status status =
        w->weight + call->weight > w->n_slots + w->limits.n_waiting ? refuse(err, w, call) : REC_OK;
    pthread_mutex_unlock(&w->mutex);
    return status;
}

rec_status rec_worker_submit(rec_worker *w, rec_call *call, rec_api_error *err)
{
    rec_status status = check_room(w, call, err);
    if (status == REC_OK)
        status = w->class->prepare(w, call, err);
    if (status != REC_OK)
        return status;
    pthread_mutex_lock(&w->mutex);
    status = enqueue(w, call, err);
    pthread_mutex_unlock(&w->mutex);
    return status;
}

void rec_worker_done(rec_worker *w, rec_call *call, const rec_api_error *error)
{
    atomic_fetch_add(&w->n_tokens_in, call->usage.n_prompt);
    atomic_fetch_add(&w->n_tokens_out, call->usage.n_generated);
    atomic_fetch_add(&w->n_tokens_shared, call->usage.n_shared);
    pthread_mutex_lock(&w->mutex);
    w->weight -= call->weight;
    pthread_mutex_unlock(&w->mutex);
    if (error != NULL)
        rec_call_fail(call, error);
    else
        rec_call_finish(call);
    rec_call_release(call);
}

void rec_worker_failed(rec_worker *w, rec_call *call, const rec_error *error)
{
    rec_api_error api;
    rec_api_fail_from(&api, NULL, error);
    rec_worker_done(w, call, &api);
}

void rec_worker_read_gauges(rec_worker_gauges *out, rec_worker *w)
{
    size_t running = atomic_load(&w->n_running);
    pthread_mutex_lock(&w->mutex);
    size_t weight = w->weight;
    pthread_mutex_unlock(&w->mutex);
    *out = (rec_worker_gauges){.n_slots = w->n_slots,
                               .n_running = running,
                               .n_waiting = weight > running ? weight - running : 0,
                               .n_tokens_in = atomic_load(&w->n_tokens_in),
                               .n_tokens_out = atomic_load(&w->n_tokens_out),
                               .n_tokens_shared = atomic_load(&w->n_tokens_shared)};
}
