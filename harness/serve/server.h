/**
 * An HTTP server in OpenAI's protocol over models that workers run. One thread speaks with all
 * clients; a connection whose answer is not there yet sleeps until its worker wakes it.
 */
#ifndef REC_HARNESS_SERVE_SERVER_H
#define REC_HARNESS_SERVE_SERVER_H

#include <stdint.h>

#include "harness/serve/worker.h"

/** A name that clients may give as `model`. Everything is borrowed. */
typedef struct rec_served {
    const char *name;
    const char *capabilities; /* "generate, embed": for /v1/models */
    bool is_system;
    size_t target; /* of the worker's calls */
    rec_worker *worker;
} rec_served;

typedef struct rec_server_options {
    const char *host;       /* address or name; borrowed */
    uint16_t port;          /* 0 = any free one */
    const char *api_key;    /* NULL = none; borrowed */
    size_t max_body;        /* bytes */
    unsigned n_connections; /* at most */
    unsigned timeout;       /* seconds without progress after which a connection is closed */
} rec_server_options;

typedef struct rec_server rec_server;

/** @param models  (n) borrowed with their workers; at least one
 *  @return REC_ERR_RESOURCE when the port is taken, REC_ERR_CONFIG for an address that is none */
rec_status rec_server_start(rec_server **out, const rec_served *models, size_t n,
                            const rec_server_options *options, rec_error *err);

uint16_t rec_server_port(const rec_server *s);
/** Can other machines reach it? */
bool rec_server_is_public(const rec_server *s);

/**
 * Accept nothing new, let what runs finish for `grace` seconds, answer the rest with 503, close. The
 * workers are stopped then (rec_worker_stop). NULL does nothing.
 * @return how many requests were cut off
 */
size_t rec_server_stop(rec_server *s, double grace);

#endif
