#include "harness/serve/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"

enum { MAX_COUNTERS = 256, N_BOUNDS = 14 };

static const double bounds[N_BOUNDS] = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1,  0.25,
                                        0.5,   1.0,   2.5,  5.0,   10.0, 30.0, 60.0};

typedef struct histogram {
    uint64_t counts[N_BOUNDS + 1]; /* of their own interval */
    double sum;
} histogram;

typedef struct counter {
    const char *path;
    int status;
    uint64_t n;
} counter;

struct rec_serve_metrics {
    pthread_mutex_t mutex;
    counter counters[MAX_COUNTERS]; /* there are fewer pairs of route and status */
    size_t n_counters;
    histogram request, first;
};

rec_status rec_serve_metrics_new(rec_serve_metrics **out, rec_error *err)
{
    *out = rec_alloc(1, sizeof **out, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    pthread_mutex_init(&(*out)->mutex, NULL);
    return REC_OK;
}

void rec_serve_metrics_free(rec_serve_metrics *m)
{
    if (m == NULL)
        return;
    pthread_mutex_destroy(&m->mutex);
    free(m);
}

static void observe(histogram *h, double seconds)
{
    size_t i = 0;
    while (i < N_BOUNDS && seconds > bounds[i])
        i++;
    h->counts[i]++;
    h->sum += seconds;
}

void rec_serve_metrics_count(rec_serve_metrics *m, const char *path, int status, double seconds)
{
    size_t i = 0;
    pthread_mutex_lock(&m->mutex);
    while (i < m->n_counters &&
           (m->counters[i].status != status || strcmp(m->counters[i].path, path) != 0))
        i++;
    if (i == m->n_counters && i < MAX_COUNTERS)
        m->counters[m->n_counters++] = (counter){.path = path, .status = status};
    if (i < m->n_counters)
        m->counters[i].n++;
    observe(&m->request, seconds);
    pthread_mutex_unlock(&m->mutex);
}

void rec_serve_metrics_first(rec_serve_metrics *m, double seconds)
{
    pthread_mutex_lock(&m->mutex);
    observe(&m->first, seconds);
    pthread_mutex_unlock(&m->mutex);
}

size_t rec_resident_bytes(void)
{
    unsigned long total, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%lu %lu", &total, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- printing ---- */

static rec_status print_head(rec_buffer *out, const char *name, const char *type, const char *help,
                             rec_error *err)
{
    return rec_buffer_printf(out, err, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static rec_status print_histogram(rec_buffer *out, const histogram *h, const char *name,
                                  const char *help, rec_error *err)
{
    uint64_t total = 0;
    rec_status status;
    REC_TRY(print_head(out, name, "histogram", help, err));
    for (size_t i = 0; i < N_BOUNDS; i++) {
        total += h->counts[i];
        REC_TRY(rec_buffer_printf(out, err, "%s_bucket{le=\"%g\"} %llu\n", name, bounds[i],
                                  (unsigned long long)total));
    }
    total += h->counts[N_BOUNDS];
    REC_TRY(rec_buffer_printf(out, err, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n",
                              name, (unsigned long long)total, name, h->sum, name,
                              (unsigned long long)total));
cleanup:
    return status;
}

static rec_status print_counters(rec_buffer *out, const rec_serve_metrics *m, rec_error *err)
{
    rec_status status;
    REC_TRY(print_head(out, "recai_requests_total", "counter",
                       "Requests by path and status; 499: the client went away.", err));
    for (size_t i = 0; i < m->n_counters; i++)
        REC_TRY(rec_buffer_printf(
            out, err, "recai_requests_total{path=\"%s\",status=\"%d\"} %llu\n", m->counters[i].path,
            m->counters[i].status, (unsigned long long)m->counters[i].n));
cleanup:
    return status;
}

static rec_status print_gauge(rec_buffer *out, const rec_metrics_row *rows, size_t n,
                              const char *name, const char *help, size_t offset, rec_error *err)
{
    rec_status status;
    REC_TRY(print_head(out, name, "gauge", help, err));
    for (size_t i = 0; i < n; i++) {
        size_t value;
        memcpy(&value, (const char *)&rows[i].gauges + offset, sizeof value);
        REC_TRY(rec_buffer_printf(out, err, "%s{model=\"%s\"} %zu\n", name, rows[i].name, value));
    }
cleanup:
    return status;
}

static rec_status print_tokens(rec_buffer *out, const rec_metrics_row *rows, size_t n,
                               rec_error *err)
{
    rec_status status;
    REC_TRY(print_head(out, "recai_tokens_total", "counter",
                       "Tokens of finished requests: prompts, their parts that were not computed "
                       "again, answers.",
                       err));
    for (size_t i = 0; i < n; i++) {
        const rec_worker_gauges *g = &rows[i].gauges;
        REC_TRY(rec_buffer_printf(out, err,
                                  "recai_tokens_total{model=\"%s\",kind=\"prompt\"} %llu\n"
                                  "recai_tokens_total{model=\"%s\",kind=\"shared\"} %llu\n"
                                  "recai_tokens_total{model=\"%s\",kind=\"generated\"} %llu\n",
                                  rows[i].name, (unsigned long long)g->n_tokens_in, rows[i].name,
                                  (unsigned long long)g->n_tokens_shared, rows[i].name,
                                  (unsigned long long)g->n_tokens_out));
    }
cleanup:
    return status;
}

rec_status rec_serve_metrics_print(rec_buffer *out, rec_serve_metrics *m,
                                   const rec_metrics_row *rows, size_t n, rec_error *err)
{
    rec_status status;
    pthread_mutex_lock(&m->mutex);
    REC_TRY(print_counters(out, m, err));
    REC_TRY(print_histogram(out, &m->request, "recai_request_seconds",
                            "Time from a request's first byte to the end of its answer.", err));
    REC_TRY(print_histogram(out, &m->first, "recai_first_token_seconds",
                            "Time to the first piece of an answer.", err));
    REC_TRY(print_tokens(out, rows, n, err));
    REC_TRY(print_gauge(out, rows, n, "recai_slots", "Answers that can run at once.",
                        offsetof(rec_worker_gauges, n_slots), err));
    REC_TRY(print_gauge(out, rows, n, "recai_running", "Answers that run now.",
                        offsetof(rec_worker_gauges, n_running), err));
    REC_TRY(print_gauge(out, rows, n, "recai_waiting", "Answers that wait for a slot.",
                        offsetof(rec_worker_gauges, n_waiting), err));
    REC_TRY(print_head(out, "process_resident_memory_bytes", "gauge", "Memory in use.", err));
    REC_TRY(
        rec_buffer_printf(out, err, "process_resident_memory_bytes %zu\n", rec_resident_bytes()));
cleanup:
    pthread_mutex_unlock(&m->mutex);
    return status;
}
