#include "harness/serve/call.h"

#include <stdlib.h>
#include <time.h>

#include "core/memory.h"

double rec_serve_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

rec_status rec_call_new(rec_call **out, rec_call_kind kind, rec_error *err)
{
    rec_call *c = *out = rec_alloc(1, sizeof *c, err);
    if (c == NULL)
        return REC_ERR_RESOURCE;
    c->kind = kind;
    c->weight = 1;
    c->submitted = rec_serve_clock();
    atomic_init(&c->references, 1);
    atomic_init(&c->cancelled, false);
    pthread_mutex_init(&c->mutex, NULL);
    return REC_OK;
}

rec_call *rec_call_share(rec_call *c)
{
    atomic_fetch_add(&c->references, 1);
    return c;
}

static void free_choices(rec_call *c)
{
    for (size_t i = 0; c->choices != NULL && i < c->n_choices; i++) {
        rec_buffer_deinit(&c->choices[i].text);
        rec_token_trace_deinit(&c->choices[i].trace);
    }
    free(c->choices);
}

void rec_call_release(rec_call *c)
{
    if (c == NULL || atomic_fetch_sub(&c->references, 1) > 1)
        return;
    if (c->prepared_free != NULL)
        c->prepared_free(c->prepared);
    free_choices(c);
    free(c->vectors);
    free(c->items);
    free(c->scores);
    rec_completion_request_deinit(&c->completion);
    rec_embedding_request_deinit(&c->embedding);
    rec_recommend_request_deinit(&c->recommend);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}

rec_status rec_call_make_choices(rec_call *c, rec_error *err)
{
    c->n_choices = c->weight = c->completion.prompts.n * c->completion.n;
    c->choices = rec_alloc(c->n_choices, sizeof *c->choices, err);
    return c->choices != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static void wake_locked(rec_call *c)
{
    if (c->wake != NULL)
        c->wake(c->wake_context);
}

void rec_call_wake(rec_call *c)
{
    pthread_mutex_lock(&c->mutex);
    wake_locked(c);
    pthread_mutex_unlock(&c->mutex);
}

static void finish(rec_call *c, const rec_api_error *error)
{
    pthread_mutex_lock(&c->mutex);
    if (!c->done) {
        if (error != NULL)
            c->error = *error;
        c->done = true;
        c->finished = rec_serve_clock();
        wake_locked(c);
    }
    pthread_mutex_unlock(&c->mutex);
}

void rec_call_finish(rec_call *c)
{
    finish(c, NULL);
}

void rec_call_fail(rec_call *c, const rec_api_error *error)
{
    finish(c, error);
}

void rec_call_abandon(rec_call *c)
{
    atomic_store(&c->cancelled, true);
    pthread_mutex_lock(&c->mutex);
    c->wake = NULL;
    pthread_mutex_unlock(&c->mutex);
}
