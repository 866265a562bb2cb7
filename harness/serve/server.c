#include "harness/serve/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/memory.h"
#include "harness/serve/api_key.h"
#include "harness/serve/exchange.h"

/* A body that is too large is read and thrown away up to this size: a client that is still sending
 * would otherwise see a broken connection instead of the answer. */
enum { MAX_DISCARDED = 1 << 28, FLUSH_MILLISECONDS = 3000 };

/* ---- requests as they come in ---- */

static rec_status too_large(rec_api_error *err, const rec_server *s)
{
    return rec_api_fail(err, 413, "body_too_large", NULL, "the body has more than %zu bytes",
                        s->options.max_body);
}

static const char *header(const rec_exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

static rec_status check_length(const rec_exchange *x, rec_api_error *err)
{
    const char *length = header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (length != NULL && strtoull(length, NULL, 10) > x->server->options.max_body)
        return too_large(err, x->server);
    return REC_OK;
}

/* What the head of a request already decides. */
static void judge_head(rec_exchange *x, const char *method, const char *url)
{
    rec_server *s = x->server;
    x->route = rec_route_find(&x->argument, method, url, &x->refusal);
    if (x->route == NULL)
        return;
    if (!x->route->is_open && !rec_api_key_allows(header(x, MHD_HTTP_HEADER_AUTHORIZATION),
                                                  header(x, "api-key"), s->options.api_key))
        rec_api_fail(&x->refusal, 401, "invalid_api_key", NULL,
                     "the key in \"Authorization: Bearer KEY\" is missing or wrong");
    else if (atomic_load(&s->stopping) && !x->route->is_open)
        rec_api_fail(&x->refusal, 503, "stopping", NULL, "the server is stopping");
    else
        check_length(x, &x->refusal);
}

static enum MHD_Result begin(void **context, rec_server *s, struct MHD_Connection *connection,
                             const char *method, const char *url, const char *version)
{
    rec_exchange *x = rec_alloc(1, sizeof *x, NULL);
    if (x == NULL)
        return MHD_NO;
    *context = x;
    x->server = s;
    x->connection = connection;
    x->started = rec_serve_clock();
    x->is_http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    x->body.max = s->options.max_body + 1;
    atomic_fetch_add(&s->n_active, 1);
    judge_head(x, method, url);
    /* A client that asked first is told before it sends its body. */
    const char *expect = header(x, MHD_HTTP_HEADER_EXPECT);
    return x->refusal.http != 0 && expect != NULL ? rec_respond_error(x, &x->refusal) : MHD_YES;
}

static enum MHD_Result take_body(rec_exchange *x, const char *bytes, size_t n)
{
    if (x->refusal.http == 0 && x->body.length + n > x->server->options.max_body)
        too_large(&x->refusal, x->server);
    else if (x->refusal.http == 0 && rec_buffer_append(&x->body, bytes, n, NULL) != REC_OK)
        rec_api_fail(&x->refusal, 503, NULL, NULL, "out of memory");
    if (x->refusal.http == 0)
        return MHD_YES;
    rec_buffer_deinit(&x->body);
    x->n_discarded += n;
    return x->n_discarded <= MAX_DISCARDED ? MHD_YES : MHD_NO;
}

static enum MHD_Result handle(rec_exchange *x)
{
    if (x->was_handled)
        return rec_respond_resumed(x);
    x->was_handled = true;
    if (x->refusal.http != 0)
        return rec_respond_error(x, &x->refusal);
    enum MHD_Result result = x->route->handle(x, x->argument);
    rec_buffer_deinit(&x->body); /* an answer may take long */
    return result;
}

static enum MHD_Result on_request(void *server, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    if (*context == NULL)
        return begin(context, server, connection, method, url, version);
    rec_exchange *x = *context;
    if (*upload_size > 0) {
        size_t n = *upload_size;
        *upload_size = 0;
        return take_body(x, upload, n);
    }
    return handle(x);
}

static void leave_call(rec_exchange *x)
{
    rec_call_abandon(x->call);
    pthread_mutex_lock(&x->call->mutex);
    double first = x->call->first;
    pthread_mutex_unlock(&x->call->mutex);
    if (first > 0.0)
        rec_serve_metrics_first(x->server->metrics, first - x->started);
}

/* The answer is out, or the client is gone: whatever still runs for it ends. */
static void on_completed(void *server, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    rec_server *s = server;
    rec_exchange *x = *context;
    (void)connection;
    if (x == NULL)
        return;
    *context = NULL;
    rec_watch_remove(x);
    if (x->call != NULL)
        leave_call(x);
    rec_serve_metrics_count(s->metrics, x->route != NULL ? x->route->path : "other",
                            how == MHD_REQUEST_TERMINATED_COMPLETED_OK ? x->status
                                                                       : REC_METRICS_GONE,
                            rec_serve_clock() - x->started);
    rec_stream_deinit(&x->stream);
    rec_buffer_deinit(&x->body);
    rec_call_release(x->call);
    free(x);
    atomic_fetch_sub(&s->n_active, 1);
}

/* ---- starting ---- */

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)(const void *)address;
        return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
    }
    const struct sockaddr_in *a = (const struct sockaddr_in *)(const void *)address;
    return ntohl(a->sin_addr.s_addr) >> 24 == 127;
}

static rec_status resolve(struct addrinfo **out, const rec_server_options *o, rec_error *err)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)o->port);
    int failed = getaddrinfo(o->host, port, &hints, out);
    if (failed != 0)
        return rec_fail(err, REC_ERR_CONFIG, "--host %s: %s", o->host, gai_strerror(failed));
    return REC_OK;
}

static rec_status listen_on(rec_server *s, const struct addrinfo *address, rec_error *err)
{
    const rec_server_options *o = &s->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    if (address->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    s->daemon = MHD_start_daemon(flags, o->port, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR,
                                 address->ai_addr, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
                                 MHD_OPTION_CONNECTION_LIMIT, o->n_connections,
                                 MHD_OPTION_CONNECTION_TIMEOUT, o->timeout, MHD_OPTION_END);
    if (s->daemon == NULL)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "cannot listen on %s port %u", o->host,
                              (unsigned)o->port);
    s->port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    s->is_public = !is_loopback(address->ai_addr);
    return REC_OK;
}

static void server_free(rec_server *s)
{
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    rec_watch_stop(s);
    rec_serve_metrics_free(s->metrics);
    pthread_mutex_destroy(&s->watch_mutex);
    pthread_cond_destroy(&s->watch_end);
    free(s);
}

rec_status rec_server_start(rec_server **out, const rec_served *models, size_t n,
                            const rec_server_options *options, rec_error *err)
{
    rec_server *s = rec_alloc(1, sizeof *s, err);
    struct addrinfo *address = NULL;
    rec_status status;
    *out = NULL;
    if (s == NULL)
        return REC_ERR_RESOURCE;
    s->models = models;
    s->n_models = n;
    s->options = *options;
    s->created = (int64_t)time(NULL);
    pthread_mutex_init(&s->watch_mutex, NULL);
    pthread_cond_init(&s->watch_end, NULL);
    if (getrandom(&s->seed, sizeof s->seed, 0) != (ssize_t)sizeof s->seed)
        s->seed = (uint64_t)s->created; /* answers differ between starts: no secret hangs on it */
    REC_TRY(rec_serve_metrics_new(&s->metrics, err));
    REC_TRY(resolve(&address, options, err));
    REC_TRY(rec_watch_start(s, err));
    REC_TRY(listen_on(s, address, err));
    *out = s;
cleanup:
    if (address != NULL)
        freeaddrinfo(address);
    if (status != REC_OK)
        server_free(s);
    return status;
}

uint16_t rec_server_port(const rec_server *s)
{
    return s->port;
}

bool rec_server_is_public(const rec_server *s)
{
    return s->is_public;
}

/* ---- stopping ---- */

static void wait_until_idle(rec_server *s, double seconds)
{
    double until = rec_serve_clock() + seconds;
    while (atomic_load(&s->n_active) > 0 && rec_serve_clock() < until)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* Workers that are stopped answer all their calls, so that no connection sleeps when the daemon ends. */
size_t rec_server_stop(rec_server *s, double grace)
{
    if (s == NULL)
        return 0;
    atomic_store(&s->stopping, true);
    MHD_socket listening = MHD_quiesce_daemon(s->daemon);
    wait_until_idle(s, grace);
    size_t n_cut = atomic_load(&s->n_active);
    for (size_t i = 0; i < s->n_models; i++)
        rec_worker_stop(s->models[i].worker);
    wait_until_idle(s, FLUSH_MILLISECONDS * 1e-3);
    server_free(s);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    return n_cut;
}
