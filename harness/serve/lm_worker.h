/** The worker of a language model behind rec_lm that is not stepped here (a server, a script, recorded
 * answers): whatever waits is asked as one batch. A stream gets its answer in one piece. */
#ifndef REC_HARNESS_SERVE_LM_WORKER_H
#define REC_HARNESS_SERVE_LM_WORKER_H

#include "harness/serve/worker.h"
#include "models/lm/lm.h"

enum { REC_LM_WORKER_BATCH = 64 }; /* answers asked for at once */

/** @param lm  taken on success */
rec_status rec_lm_worker_new(rec_worker **out, rec_lm *lm, const rec_worker_limits *limits,
                             rec_error *err);

#endif
