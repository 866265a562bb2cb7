/** The models of a config, open and each with its worker: every entry of `lms:` and `systems:`. */
#ifndef REC_HARNESS_SERVE_SERVING_H
#define REC_HARNESS_SERVE_SERVING_H

#include "harness/run/config.h"
#include "harness/serve/server.h"

typedef struct rec_serving rec_serving;

/**
 * Open the language models, and the systems out of the config's run directory: what is not fitted
 * there yet is fitted first (and stays for `recai run`). A name that a language model and a system
 * share is REC_ERR_CONFIG.
 * @param config  borrowed
 */
rec_status rec_serving_new(rec_serving **out, const rec_config *config,
                           const rec_worker_limits *limits, rec_error *err);
void rec_serving_free(rec_serving *s);

const rec_served *rec_serving_models(const rec_serving *s, size_t *n);

#endif
