/** What a server counts, as Prometheus reads it (text format 0.0.4). Any thread may count. */
#ifndef REC_HARNESS_SERVE_METRICS_H
#define REC_HARNESS_SERVE_METRICS_H

#include "core/buffer.h"
#include "harness/serve/worker.h"

enum { REC_METRICS_GONE = 499 }; /* "status" of a request whose client went away, as nginx has it */

typedef struct rec_serve_metrics rec_serve_metrics;

rec_status rec_serve_metrics_new(rec_serve_metrics **out, rec_error *err);
void rec_serve_metrics_free(rec_serve_metrics *m);

/** A request is over. @param path  static: of the route, or "other" */
void rec_serve_metrics_count(rec_serve_metrics *m, const char *path, int status, double seconds);

/** Seconds from a request's arrival to the first piece of its answer. */
void rec_serve_metrics_first(rec_serve_metrics *m, double seconds);

/** A worker under its name; systems share one. */
typedef struct rec_metrics_row {
    const char *name;
    rec_worker_gauges gauges;
} rec_metrics_row;

rec_status rec_serve_metrics_print(rec_buffer *out, rec_serve_metrics *m,
                                   const rec_metrics_row *rows, size_t n, rec_error *err);

/** Bytes of memory this process has in use; 0 = unknown. */
size_t rec_resident_bytes(void);

#endif
