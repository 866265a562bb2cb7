#include "models/lm/endpoint/dispatch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"
#include "models/lm/endpoint/pace.h"
#include "models/lm/endpoint/response.h"
#include "models/lm/endpoint/retry.h"

enum { BUDGETS_MAX = 2 };

static const double long_wait = 60.0; /* seconds; whatever happens ends it */

struct rec_dispatcher {
    rec_dispatch_options options; /* strings: NULL */
    rec_http *http;
    char *secret, *key_hint; /* owned */
    rec_pace requests, tokens;
    double pause_until;
    rec_lm_budget *budgets[BUDGETS_MAX]; /* borrowed */
    size_t n_budgets;
    int64_t reserved;  /* pico-dollars, for calls under way */
    bool was_answered; /* by the server, ever */
    uint64_t n_requests, n_retries;
};

typedef struct call_state {
    rec_call call;
    unsigned n_attempts;
    double ready; /* when it may be repeated */
} call_state;

typedef struct work {
    rec_dispatcher *d;
    const rec_dispatch_job *job;
    call_state *calls; /* (n) */
    size_t *waiting;   /* calls to be repeated; (n_waiting) of (n) */
    size_t n_waiting, n_fresh_from, n_ended;
    const rec_lm_budget *over; /* what the next call may not fit into beside those under way */
} work;

rec_status rec_dispatcher_new(rec_dispatcher **out, const rec_dispatch_options *options,
                              rec_error *err)
{
    rec_dispatcher *d;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(d, 1, err);
    d->options = *options;
    d->options.secret = d->options.key_hint = NULL;
    d->options.http = (rec_http_options){.concurrency = options->http.concurrency};
    d->requests = rec_pace_of(options->requests_per_minute);
    d->tokens = rec_pace_of(options->tokens_per_minute);
    d->secret = options->secret != NULL ? rec_strdup(options->secret, err) : NULL;
    d->key_hint = rec_strdup(options->key_hint, err);
    if (d->key_hint == NULL || (options->secret != NULL && d->secret == NULL))
        REC_TRY(REC_ERR_RESOURCE);
    REC_TRY(rec_http_new(&d->http, &options->http, err));
    *out = d;
    return REC_OK;
cleanup:
    rec_dispatcher_free(d);
    return status;
}

void rec_dispatcher_free(rec_dispatcher *d)
{
    if (d == NULL)
        return;
    rec_http_free(d->http);
    free(d->secret);
    free(d->key_hint);
    free(d);
}

void rec_dispatcher_share(rec_dispatcher *d, rec_lm_budget *budget)
{
    assert(d->n_budgets < BUDGETS_MAX);
    d->budgets[d->n_budgets++] = budget;
}

void rec_dispatcher_counts(const rec_dispatcher *d, uint64_t *n_requests, uint64_t *n_retries)
{
    *n_requests = d->n_requests;
    *n_retries = d->n_retries;
}

/* ---- starting ---- */

static double later(double a, double b)
{
    return a > b ? a : b;
}

/* Position in `waiting` of a call that may be repeated now, or n_waiting. */
static size_t find_due(const work *w, double now)
{
    size_t i = 0;
    while (i < w->n_waiting && w->calls[w->waiting[i]].ready > now)
        i++;
    return i;
}

/* Seconds until the first of the waiting may be repeated. */
static double until_due(const work *w, double now)
{
    double least = long_wait;
    for (size_t i = 0; i < w->n_waiting; i++) {
        double left = w->calls[w->waiting[i]].ready - now;
        least = left < least ? left : least;
    }
    return later(least, 0.0);
}

/* The budget that a call may not fit into, or NULL. */
static const rec_lm_budget *too_small(const rec_dispatcher *d, const rec_call *call)
{
    for (size_t i = 0; i < d->n_budgets; i++) {
        const rec_lm_budget *b = d->budgets[i];
        if (b->limit >= 0 && b->spent + d->reserved + call->cost_picodollars > b->limit)
            return b;
    }
    return NULL;
}

static rec_status start(work *w, size_t i, double now, rec_error *err)
{
    rec_dispatcher *d = w->d;
    call_state *c = &w->calls[i];
    rec_status status = rec_http_post(d->http, i, w->job->url, c->call.body, c->call.n_body, err);
    if (status != REC_OK)
        return status;
    rec_pace_take(&d->requests, 1.0, now);
    rec_pace_take(&d->tokens, c->call.tokens, now);
    d->reserved += c->call.cost_picodollars;
    d->n_requests++;
    d->n_retries += c->n_attempts > 0;
    c->n_attempts++;
    return REC_OK;
}

/* The next call that could be sent, prepared; false when there is none now. */
static rec_status choose(bool *found, size_t *index, work *w, double now, rec_error *err)
{
    size_t due = find_due(w, now);
    *found = true;
    if (due < w->n_waiting) {
        *index = w->waiting[due];
        return REC_OK;
    }
    *index = w->n_fresh_from;
    *found = w->n_fresh_from < w->job->n;
    if (!*found || w->calls[*index].call.body != NULL)
        return REC_OK;
    return w->job->prepare(&w->calls[*index].call, w->job->context, *index, err);
}

static void take_out(work *w, size_t index)
{
    if (index == w->n_fresh_from) {
        w->n_fresh_from++;
        return;
    }
    size_t i = 0;
    while (w->waiting[i] != index)
        i++;
    w->waiting[i] = w->waiting[--w->n_waiting];
}

/* Seconds until a start is possible by the pace and the server's wish. */
static double pause_of(const rec_dispatcher *d, double now)
{
    double pause = later(rec_pace_wait(&d->requests, now), rec_pace_wait(&d->tokens, now));
    return later(pause, d->pause_until - now);
}

/* Send whatever may be sent now; *wait becomes the seconds until that may be more. */
static rec_status start_ready(double *wait, work *w, rec_error *err)
{
    rec_dispatcher *d = w->d;
    *wait = long_wait;
    w->over = NULL;
    while (rec_http_running(d->http) < d->options.http.concurrency) {
        double now = rec_http_now(), pause = pause_of(d, now);
        bool found;
        size_t i;
        rec_status status = choose(&found, &i, w, now, err);
        if (status != REC_OK)
            return status;
        if (!found || pause > 0.0) {
            *wait = later(found ? 0.0 : until_due(w, now), pause);
            return REC_OK;
        }
        w->over = too_small(d, &w->calls[i].call);
        if (w->over != NULL && i == w->n_fresh_from && w->n_waiting > 0) {
            w->over = NULL; /* what is to be repeated may fit */
            *wait = until_due(w, now);
            return REC_OK;
        }
        if (w->over != NULL)
            return REC_OK;
        take_out(w, i);
        status = start(w, i, now, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

/* ---- ending ---- */

/* The key must not come back in messages or texts: some servers quote it. */
static void erase(char *text, size_t n, const char *secret)
{
    size_t length = secret != NULL ? strlen(secret) : 0;
    if (length == 0 || text == NULL)
        return;
    for (char *at = text; (at = memmem(at, n - (size_t)(at - text), secret, length)) != NULL;)
        memset(at, '*', length);
}

static rec_status end_call(work *w, size_t i, const rec_call_end *end, rec_error *err)
{
    call_state *c = &w->calls[i];
    rec_call_used used = {.tokens = 0.0};
    rec_status status = w->job->end(&used, w->job->context, i, end, err);
    for (size_t k = 0; k < w->d->n_budgets; k++)
        w->d->budgets[k]->spent += used.cost_picodollars;
    if (used.tokens > 0.0)
        rec_pace_correct(&w->d->tokens, used.tokens - c->call.tokens);
    free(c->call.body);
    c->call.body = NULL;
    w->n_ended++;
    return status;
}

/* "http_429: message of the server", "timeout: ..." */
static void describe(char *out, size_t size, const rec_http_response *r)
{
    char message[256];
    if (r->outcome != REC_HTTP_ANSWERED) {
        snprintf(out, size, "%s: %s%s", rec_http_outcome_name(r->outcome),
                 r->connect ? "while connecting: " : "", r->detail);
        return;
    }
    rec_response_error(message, sizeof message, r->body.data, r->body.length);
    snprintf(out, size, "http_%ld: %s", r->status,
             message[0] != '\0' ? message : "the server says no more");
}

/* Is it worth repeating, and after how many seconds? May change the failure's text. */
static bool repeat_after(double *seconds, char *failure, size_t size, const work *w, size_t i,
                         const rec_http_response *r)
{
    const rec_dispatch_options *o = &w->d->options;
    const call_state *c = &w->calls[i];
    bool answered = r->outcome == REC_HTTP_ANSWERED;
    if (answered ? !rec_retry_allowed(r->status)
                 : r->outcome == REC_HTTP_TOO_LARGE || r->outcome == REC_HTTP_REDIRECT)
        return false;
    bool asked = answered && r->retry_after[0] != '\0' &&
                 rec_retry_after(seconds, r->retry_after, (int64_t)time(NULL));
    if (!asked)
        *seconds = rec_retry_backoff(c->n_attempts, c->call.id);
    size_t used = strlen(failure);
    if (asked && *seconds > o->retry_after_max) {
        snprintf(failure + used, size - used,
                 " (the server asks to wait %.0f s; retry_after_max is %.0f)", *seconds,
                 o->retry_after_max);
        return false;
    }
    if (c->n_attempts > o->retries) {
        if (c->n_attempts > 1)
            snprintf(failure + used, size - used, " (sent %u times)", c->n_attempts);
        return false;
    }
    *seconds *= o->time_scale;
    return true;
}

/* Failures that every other call would share. */
static rec_status check_common(const work *w, const rec_http_response *r, const char *failure,
                               rec_error *err)
{
    if (r->outcome == REC_HTTP_ANSWERED && (r->status == 401 || r->status == 403))
        return rec_fail(err, REC_ERR_ENDPOINT, "%s: %s: %s", w->job->url, failure, w->d->key_hint);
    bool no_connection =
        r->outcome == REC_HTTP_UNREACHABLE || (r->outcome == REC_HTTP_TIMEOUT && r->connect);
    if (no_connection && !w->d->was_answered)
        return rec_fail(err, REC_ERR_ENDPOINT, "%s: %s", w->job->url, failure);
    return REC_OK;
}

static rec_status failed_attempt(work *w, size_t i, const rec_http_response *r, rec_error *err)
{
    rec_dispatcher *d = w->d;
    double seconds, now = rec_http_now();
    char failure[640];
    describe(failure, sizeof failure, r);
    if (repeat_after(&seconds, failure, sizeof failure, w, i, r)) {
        w->calls[i].ready = now + seconds;
        w->waiting[w->n_waiting++] = i;
        if (r->status == 429)
            d->pause_until = later(d->pause_until, w->calls[i].ready);
        return REC_OK;
    }
    rec_status status = check_common(w, r, failure, err);
    const rec_call_end end = {.failure = failure};
    return status == REC_OK ? end_call(w, i, &end, err) : status;
}

static rec_status handle(work *w, size_t i, rec_http_response *r, rec_error *err)
{
    rec_dispatcher *d = w->d;
    d->reserved -= w->calls[i].call.cost_picodollars;
    d->was_answered |= r->outcome == REC_HTTP_ANSWERED;
    erase(r->body.data, r->body.length, d->secret);
    erase(r->detail, strlen(r->detail), d->secret);
    if (r->outcome != REC_HTTP_ANSWERED || r->status < 200 || r->status > 299)
        return failed_attempt(w, i, r, err);
    const rec_call_end end = {.body = r->body.data != NULL ? r->body.data : "",
                              .n_body = r->body.length};
    return end_call(w, i, &end, err);
}

/* ---- the loop ---- */

/* One at a time, so that its place is taken again before the next answer is worked on: answers that
 * arrive together would otherwise keep each other's places empty, and go on arriving together. */
static rec_status take_one(work *w, rec_error *err)
{
    size_t i;
    rec_http_response r;
    if (!rec_http_take(w->d->http, &i, &r))
        return REC_OK;
    rec_status status = handle(w, i, &r, err);
    rec_http_response_deinit(&r);
    return status;
}

static rec_status over_budget(const work *w, rec_error *err)
{
    return rec_fail(err, REC_ERR_ENDPOINT,
                    "max_cost reached: %.6f of %.6f dollars are spent and the next request may not "
                    "fit; %zu of %zu requests are answered (raise max_cost to go on)",
                    (double)w->over->spent * 1e-12, (double)w->over->limit * 1e-12, w->n_ended,
                    w->job->n);
}

static rec_status run(work *w, rec_error *err)
{
    rec_status status = REC_OK;
    while (status == REC_OK && w->n_ended < w->job->n) {
        double wait;
        status = start_ready(&wait, w, err);
        if (status == REC_OK && w->over != NULL && rec_http_running(w->d->http) == 0)
            return over_budget(w, err);
        if (status == REC_OK)
            status = rec_http_wait(w->d->http, wait, err);
        if (status == REC_OK)
            status = take_one(w, err);
    }
    return status;
}

rec_status rec_dispatch(rec_dispatcher *d, const rec_dispatch_job *job, rec_error *err)
{
    work w = {.d = d, .job = job};
    rec_status status = REC_OK;
    REC_TRY_NEW(w.calls, job->n, err);
    REC_TRY_NEW(w.waiting, job->n, err);
    d->reserved = 0;
    status = run(&w, err);
cleanup:
    rec_http_cancel_all(d->http);
    for (size_t i = 0; w.calls != NULL && i < job->n; i++)
        free(w.calls[i].call.body);
    free(w.waiting);
    free(w.calls);
    return status;
}
