/** A request on a connection and its answer; private to the server. All but `suspended` belongs to the
 * thread that speaks with clients. */
#ifndef REC_HARNESS_SERVE_EXCHANGE_H
#define REC_HARNESS_SERVE_EXCHANGE_H

#include <microhttpd.h>

#include "harness/serve/metrics.h"
#include "harness/serve/server.h"
#include "harness/serve/stream.h"

typedef struct rec_exchange rec_exchange;

/** What a path means. */
typedef struct rec_route {
    const char *method, *path;
    bool is_prefix; /* what follows the path is an argument */
    bool is_open;   /* needs no key */
    enum MHD_Result (*handle)(rec_exchange *x, const char *argument);
} rec_route;

struct rec_server {
    struct MHD_Daemon *daemon;
    const rec_served *models; /* borrowed (n_models) */
    size_t n_models;
    rec_server_options options;
    bool is_public;
    uint16_t port;
    int64_t created;
    uint64_t seed; /* of request ids and of requests that bring no seed */
    uint64_t n_requests;
    rec_serve_metrics *metrics; /* owned */
    atomic_bool stopping;
    atomic_size_t n_active; /* requests that are being answered */

    /* Waiting exchanges, looked after by a thread: watch.c. */
    pthread_t watcher;
    bool watching;
    pthread_mutex_t watch_mutex; /* guards the list; taken before a call's mutex */
    pthread_cond_t watch_end;
    bool watch_ends;
    rec_exchange *waiting; /* list through `next` */
};

struct rec_exchange {
    rec_server *server;
    struct MHD_Connection *connection;
    const rec_route *route; /* NULL: none fits */
    const char *argument;   /* behind a prefix; borrowed from the connection */
    rec_api_error refusal;  /* decided before the body was read; http = 0: none */
    rec_buffer body;
    size_t n_discarded;
    bool was_handled;
    bool is_http_1_0;
    double started;
    int status; /* sent; 0 = none */

    rec_completion_head head;
    rec_call *call;    /* owned reference, or NULL */
    rec_stream stream; /* of call->completion.stream */

    bool suspended; /* guarded by call->mutex */
    bool is_gone;   /* guarded by call->mutex: the client hung up */
    bool was_probed, wants_probe;
    bool is_watched;
    rec_exchange *next, *previous;
};

/* respond.c: what goes out. */

/** @param text  taken: released with free */
enum MHD_Result rec_respond_text(rec_exchange *x, int status, const char *type, char *text,
                                 size_t length);
/** JSON, taken; NULL (memory is out) closes the connection. */
enum MHD_Result rec_respond_json(rec_exchange *x, int status, char *json);
enum MHD_Result rec_respond_error(rec_exchange *x, const rec_api_error *error);

/** Queue the exchange's call and answer when it is there: at once, later, or piece by piece. */
enum MHD_Result rec_respond_call(rec_exchange *x, const rec_served *model);
/** Go on with a call after its exchange slept. */
enum MHD_Result rec_respond_resumed(rec_exchange *x);

/* routes.c */

/** @param error  filled when no route fits: 404 or 405 */
const rec_route *rec_route_find(const char **argument, const char *method, const char *url,
                                rec_api_error *error);

/* watch.c */

rec_status rec_watch_start(rec_server *s, rec_error *err);
void rec_watch_stop(rec_server *s);
void rec_watch_add(rec_exchange *x);
void rec_watch_remove(rec_exchange *x);

#endif
