/** The worker of the systems of a config: lists of items from those that score, text from those that
 * respond. All calls that wait for one system are asked as one batch; one thread for all systems,
 * since they share models. */
#ifndef REC_HARNESS_SERVE_SYSTEM_WORKER_H
#define REC_HARNESS_SERVE_SYSTEM_WORKER_H

#include "harness/serve/worker.h"
#include "harness/systems/system.h"

enum { REC_SYSTEM_WORKER_BATCH = 256 };

/** @param systems  (n) fitted; a call's target is an index into it. Borrowed like the data set. */
rec_status rec_system_worker_new(rec_worker **out, rec_system *const *systems, size_t n,
                                 const rec_dataset *dataset, const rec_worker_limits *limits,
                                 rec_error *err);

#endif
