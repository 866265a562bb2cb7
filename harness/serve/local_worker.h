/** The worker of a model that runs here: the prompts and answers of all clients share every forward
 * pass, and a request enters as soon as a slot is free. Embeddings run between passes. */
#ifndef REC_HARNESS_SERVE_LOCAL_WORKER_H
#define REC_HARNESS_SERVE_LOCAL_WORKER_H

#include "harness/serve/worker.h"
#include "models/lm/lm.h"

/** @param lm  taken on success: of the local back end (rec_lm_is_local) */
rec_status rec_local_worker_new(rec_worker **out, rec_lm *lm, const rec_worker_limits *limits,
                                rec_error *err);

#endif
