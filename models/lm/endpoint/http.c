#include "models/lm/endpoint/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/interrupt.h"
#include "core/memory.h"

enum { REDIRECTS_MAX = 3 };

static const double longest_poll = 0.2; /* seconds between looks at signals */

typedef enum slot_state { IDLE, RUNNING, DONE } slot_state;

typedef struct slot {
    rec_http *owner;
    CURL *easy; /* owned, kept between exchanges */
    slot_state state;
    size_t tag;
    char *url;        /* owned while not idle */
    const char *body; /* borrowed */
    size_t n_body;
    double started;
    bool answering; /* a byte has come */
    bool too_large;
    bool out_of_memory;
    unsigned n_redirects;
    char curl_message[CURL_ERROR_SIZE];
    rec_http_response response;
} slot;

struct rec_http {
    CURLM *multi;
    rec_http_options options; /* headers and ca_file: NULL */
    char *ca_file;
    struct curl_slist *headers;
    slot *slots; /* (concurrency) */
    size_t n_running, n_done;
};

const char *rec_http_outcome_name(rec_http_outcome outcome)
{
    static const char *const names[] = {"answered", "unreachable", "connection",
                                        "timeout",  "too_large",   "redirect"};
    return names[outcome];
}

double rec_http_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void rec_http_response_deinit(rec_http_response *r)
{
    rec_buffer_deinit(&r->body);
    *r = (rec_http_response){.status = 0};
}

size_t rec_http_running(const rec_http *h)
{
    return h->n_running + h->n_done;
}

/* ---- what libcurl calls ---- */

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    slot *s = context;
    rec_error err;
    s->answering = true;
    if (s->response.body.length + size * n > s->owner->options.max_response_bytes) {
        s->too_large = true;
        return 0;
    }
    if (rec_buffer_append(&s->response.body, bytes, size * n, &err) == REC_OK)
        return size * n;
    s->out_of_memory = true;
    return 0;
}

/* One header line, with its line end, not terminated. */
static size_t on_header(char *line, size_t size, size_t n, void *context)
{
    static const char name[] = "retry-after:";
    slot *s = context;
    size_t length = size * n, at = sizeof name - 1;
    s->answering = true;
    if (length < at || strncasecmp(line, name, at) != 0)
        return length;
    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    size_t end = length;
    while (end > at && (line[end - 1] == '\r' || line[end - 1] == '\n' || line[end - 1] == ' '))
        end--;
    snprintf(s->response.retry_after, sizeof s->response.retry_after, "%.*s", (int)(end - at),
             line + at);
    return length;
}

/* ---- making and freeing ---- */

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static rec_status add_headers(rec_http *h, const rec_http_options *options, rec_error *err)
{
    static const char *const always[] = {"Content-Type: application/json",
                                         "Accept: application/json", "Expect:"};
    enum { N_ALWAYS = sizeof always / sizeof *always };
    for (size_t i = 0; i < N_ALWAYS + options->n_headers; i++) {
        const char *line = i < N_ALWAYS ? always[i] : options->headers[i - N_ALWAYS];
        struct curl_slist *longer = curl_slist_append(h->headers, line);
        if (longer == NULL)
            return rec_fail(err, REC_ERR_RESOURCE, "out of memory (headers)");
        h->headers = longer;
    }
    return REC_OK;
}

rec_status rec_http_new(rec_http **out, const rec_http_options *options, rec_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    rec_http *h;
    rec_status status = REC_OK;
    *out = NULL;
    pthread_once(&once, start_curl);
    REC_TRY_NEW(h, 1, err);
    h->options = *options;
    h->options.headers = NULL;
    h->options.ca_file = NULL;
    if (options->ca_file != NULL && (h->ca_file = rec_strdup(options->ca_file, err)) == NULL)
        REC_TRY(REC_ERR_RESOURCE);
    REC_TRY(add_headers(h, options, err));
    REC_TRY_NEW(h->slots, options->concurrency, err);
    h->multi = curl_multi_init();
    if (h->multi == NULL)
        REC_TRY(rec_fail(err, REC_ERR_RESOURCE, "libcurl does not start"));
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)options->concurrency);
    *out = h;
    return REC_OK;
cleanup:
    rec_http_free(h);
    return status;
}

static void release(slot *s)
{
    free(s->url);
    s->url = NULL;
    s->state = IDLE;
}

void rec_http_cancel_all(rec_http *h)
{
    for (size_t i = 0; i < h->options.concurrency; i++) {
        slot *s = &h->slots[i];
        if (s->state == RUNNING)
            curl_multi_remove_handle(h->multi, s->easy);
        if (s->state != IDLE)
            rec_http_response_deinit(&s->response);
        release(s);
    }
    h->n_running = h->n_done = 0;
}

void rec_http_free(rec_http *h)
{
    if (h == NULL)
        return;
    if (h->slots != NULL) {
        rec_http_cancel_all(h);
        for (size_t i = 0; i < h->options.concurrency; i++)
            curl_easy_cleanup(h->slots[i].easy);
    }
    curl_multi_cleanup(h->multi);
    curl_slist_free_all(h->headers);
    free(h->slots);
    free(h->ca_file);
    free(h);
}

/* ---- starting ---- */

static long milliseconds(double seconds)
{
    return seconds * 1e3 < 1.0 ? 1L : seconds > 1e6 ? 1000000000L : (long)(seconds * 1e3);
}

static void set_options(slot *s)
{
    const rec_http *h = s->owner;
    CURL *e = s->easy;
    curl_easy_setopt(e, CURLOPT_URL, s->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "recai/" REC_VERSION);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, s->body);
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->n_body);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(h->options.connect_timeout));
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, milliseconds(h->options.timeout));
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, s->curl_message);
    curl_easy_setopt(e, CURLOPT_PRIVATE, s);
    if (h->ca_file != NULL)
        curl_easy_setopt(e, CURLOPT_CAINFO, h->ca_file);
}

/* Send the slot's request to the slot's URL. */
static rec_status launch(slot *s, rec_error *err)
{
    if (s->easy == NULL && (s->easy = curl_easy_init()) == NULL)
        return rec_fail(err, REC_ERR_RESOURCE, "libcurl: out of memory");
    curl_easy_reset(s->easy);
    rec_http_response_deinit(&s->response);
    s->curl_message[0] = '\0';
    s->answering = s->too_large = s->out_of_memory = false;
    set_options(s);
    if (curl_multi_add_handle(s->owner->multi, s->easy) != CURLM_OK)
        return rec_fail(err, REC_ERR_RESOURCE, "libcurl: out of memory");
    s->state = RUNNING;
    s->owner->n_running++;
    return REC_OK;
}

rec_status rec_http_post(rec_http *h, size_t tag, const char *url, const char *body, size_t n,
                         rec_error *err)
{
    size_t i = 0;
    while (i < h->options.concurrency && h->slots[i].state != IDLE)
        i++;
    assert(i < h->options.concurrency);
    slot *s = &h->slots[i];
    s->owner = h;
    s->tag = tag;
    s->body = body;
    s->n_body = n;
    s->n_redirects = 0;
    s->started = rec_http_now();
    s->url = rec_strdup(url, err);
    rec_status status = s->url != NULL ? launch(s, err) : REC_ERR_RESOURCE;
    if (status != REC_OK)
        release(s);
    return status;
}

/* ---- finishing ---- */

static void finish(slot *s, rec_http_outcome outcome, const char *detail)
{
    s->response.outcome = outcome;
    snprintf(s->response.detail, sizeof s->response.detail, "%s", detail);
    if (outcome != REC_HTTP_ANSWERED)
        rec_buffer_deinit(&s->response.body);
    s->state = DONE;
    s->owner->n_done++;
}

/* Scheme, host and port of both are the same. */
static bool same_origin(const char *a, const char *b)
{
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    CURLU *u = curl_url(), *v = curl_url();
    bool same = u != NULL && v != NULL && curl_url_set(u, CURLUPART_URL, a, 0) == CURLUE_OK &&
                curl_url_set(v, CURLUPART_URL, b, 0) == CURLUE_OK;
    for (size_t i = 0; same && i < sizeof parts / sizeof *parts; i++) {
        char *x = NULL, *y = NULL;
        same = curl_url_get(u, parts[i], &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
               curl_url_get(v, parts[i], &y, CURLU_DEFAULT_PORT) == CURLUE_OK &&
               strcasecmp(x, y) == 0;
        curl_free(x);
        curl_free(y);
    }
    curl_url_cleanup(u);
    curl_url_cleanup(v);
    return same;
}

/* The answer is a redirect: follow it or say why not. */
static rec_status redirect(slot *s, rec_error *err)
{
    char *target = NULL, detail[256];
    curl_easy_getinfo(s->easy, CURLINFO_REDIRECT_URL, &target);
    snprintf(detail, sizeof detail, "HTTP %ld to %.180s", s->response.status,
             target != NULL ? target : "an address that is no URL");
    bool keeps_method = s->response.status == 307 || s->response.status == 308;
    if (target == NULL || !keeps_method || s->n_redirects == REDIRECTS_MAX ||
        !same_origin(s->url, target)) {
        finish(s, REC_HTTP_REDIRECT, detail);
        return REC_OK;
    }
    char *url = rec_strdup(target, err);
    if (url == NULL)
        return REC_ERR_RESOURCE;
    free(s->url);
    s->url = url;
    s->n_redirects++;
    return launch(s, err);
}

static rec_http_outcome outcome_of(CURLcode code, const slot *s)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return REC_HTTP_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return REC_HTTP_UNREACHABLE;
    default:
        return s->too_large ? REC_HTTP_TOO_LARGE : REC_HTTP_CONNECTION;
    }
}

static void note_time_out(slot *s)
{
    curl_off_t connected = 0;
    curl_easy_getinfo(s->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    s->response.connect = connected == 0;
}

/* A connection that closes within the headers is a whole answer without body to libcurl. */
static bool is_cut_off(const slot *s)
{
    curl_off_t stated = -1;
    curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &stated);
    return stated < 0 && s->response.body.length == 0;
}

/* libcurl is through with a slot's transfer. */
static rec_status complete(slot *s, CURLcode code, rec_error *err)
{
    const rec_http_options *o = &s->owner->options;
    char detail[64];
    s->owner->n_running--;
    if (s->out_of_memory)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory (answer of a server)");
    if (code == CURLE_OK) {
        curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->response.status);
        if (s->response.status >= 300 && s->response.status < 400)
            return redirect(s, err);
        finish(s, is_cut_off(s) ? REC_HTTP_CONNECTION : REC_HTTP_ANSWERED,
               is_cut_off(s) ? "the answer ended before its body" : "");
        return REC_OK;
    }
    rec_http_outcome outcome = outcome_of(code, s);
    if (outcome == REC_HTTP_TIMEOUT)
        note_time_out(s);
    snprintf(detail, sizeof detail, "the answer is larger than %zu bytes", o->max_response_bytes);
    finish(s, outcome,
           outcome == REC_HTTP_TOO_LARGE ? detail
           : s->curl_message[0] != '\0'  ? s->curl_message
                                         : curl_easy_strerror(code));
    return REC_OK;
}

static rec_status collect(rec_http *h, rec_error *err)
{
    int left;
    rec_status status = REC_OK;
    for (CURLMsg *m; status == REC_OK && (m = curl_multi_info_read(h->multi, &left)) != NULL;) {
        if (m->msg != CURLMSG_DONE)
            continue;
        slot *s = NULL;
        CURL *easy = m->easy_handle;
        CURLcode code = m->data.result; /* m is gone after the removal */
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&s);
        curl_multi_remove_handle(h->multi, easy);
        status = complete(s, code, err);
    }
    return status;
}

/* End those whose answer has not begun in time; seconds until the next would be. */
static double end_silent(rec_http *h)
{
    double now = rec_http_now(), nearest = longest_poll;
    char detail[64];
    for (size_t i = 0; i < h->options.concurrency; i++) {
        slot *s = &h->slots[i];
        if (s->state != RUNNING || s->answering)
            continue;
        double left = s->started + h->options.first_byte_timeout - now;
        if (left > 0.0) {
            nearest = left < nearest ? left : nearest;
            continue;
        }
        note_time_out(s);
        curl_multi_remove_handle(h->multi, s->easy);
        h->n_running--;
        snprintf(detail, sizeof detail, "no answer began within %g s",
                 h->options.first_byte_timeout);
        finish(s, REC_HTTP_TIMEOUT, detail);
    }
    return nearest;
}

rec_status rec_http_wait(rec_http *h, double seconds, rec_error *err)
{
    double until = rec_http_now() + seconds;
    for (;;) {
        int n_running;
        if (curl_multi_perform(h->multi, &n_running) != CURLM_OK)
            return rec_fail(err, REC_ERR_RESOURCE, "libcurl: out of memory");
        rec_status status = collect(h, err);
        if (status == REC_OK)
            status = rec_interrupt_check(err);
        if (status != REC_OK)
            return status;
        double nearest = end_silent(h), left = until - rec_http_now();
        if (h->n_done > 0 || left <= 0.0)
            return REC_OK;
        curl_multi_poll(h->multi, NULL, 0, (int)milliseconds(left < nearest ? left : nearest),
                        NULL);
    }
}

bool rec_http_take(rec_http *h, size_t *tag, rec_http_response *out)
{
    if (h->n_done == 0)
        return false;
    size_t i = 0;
    while (h->slots[i].state != DONE)
        i++;
    slot *s = &h->slots[i];
    *tag = s->tag;
    *out = s->response;
    s->response = (rec_http_response){.status = 0};
    release(s);
    h->n_done--;
    return true;
}
