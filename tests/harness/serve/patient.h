/** A worker whose calls go on only when the test says so. */
#ifndef REC_TESTS_HARNESS_SERVE_PATIENT_H
#define REC_TESTS_HARNESS_SERVE_PATIENT_H

#include <unistd.h>

#include "harness/serve/worker.h"
#include "tests/suite.h"

enum { PATIENT_CALLS = 200 };

typedef struct patient {
    rec_worker base;
    rec_call *calls[PATIENT_CALLS];
    size_t n;
    atomic_size_t n_held;    /* calls it has */
    atomic_size_t n_said;    /* pieces every call is to get */
    atomic_bool is_finished; /* calls may end */
    size_t n_pieces[PATIENT_CALLS];
} patient;

static rec_status patient_prepare(rec_worker *w, rec_call *call, rec_api_error *err)
{
    (void)w;
    (void)call;
    (void)err;
    return REC_OK;
}

static void patient_accept(rec_worker *w, rec_call *call)
{
    patient *p = (patient *)(void *)w;
    ck_assert_uint_lt(p->n, PATIENT_CALLS);
    p->n_pieces[p->n] = 0;
    p->calls[p->n++] = call;
    atomic_store(&p->n_held, p->n);
}

static void patient_say(rec_call *call)
{
    pthread_mutex_lock(&call->mutex);
    for (size_t i = 0; i < call->n_choices; i++)
        rec_buffer_puts(&call->choices[i].text, "piece ", NULL);
    pthread_mutex_unlock(&call->mutex);
    if (call->completion.stream)
        rec_call_wake(call);
}

static void patient_end(patient *p, rec_call *call)
{
    pthread_mutex_lock(&call->mutex);
    for (size_t i = 0; i < call->n_choices; i++)
        call->choices[i].finish = "stop";
    pthread_mutex_unlock(&call->mutex);
    rec_worker_done(&p->base, call, NULL);
}

static bool patient_work(rec_worker *w)
{
    patient *p = (patient *)(void *)w;
    size_t kept = 0;
    usleep(1000);
    for (size_t i = 0; i < p->n; i++) {
        rec_call *call = p->calls[i];
        size_t pieces = p->n_pieces[i];
        for (; pieces < atomic_load(&p->n_said); pieces++)
            patient_say(call);
        if (atomic_load(&call->cancelled)) {
            rec_worker_done(w, call, NULL);
        } else if (atomic_load(&p->is_finished)) {
            patient_end(p, call);
        } else {
            p->n_pieces[kept] = pieces;
            p->calls[kept++] = call;
        }
    }
    p->n = kept;
    atomic_store(&p->n_held, kept);
    return kept > 0;
}

static void patient_fail_all(rec_worker *w, const rec_api_error *error)
{
    patient *p = (patient *)(void *)w;
    for (size_t i = 0; i < p->n; i++)
        rec_worker_done(w, p->calls[i], error);
    p->n = 0;
    atomic_store(&p->n_held, 0);
}

static void patient_free(rec_worker *w)
{
    free(w);
}

static const rec_worker_class patient_class = {.prepare = patient_prepare,
                                               .accept = patient_accept,
                                               .work = patient_work,
                                               .fail_all = patient_fail_all,
                                               .free = patient_free};

static patient *patient_new(size_t n_slots, size_t n_waiting)
{
    patient *p = calloc(1, sizeof *p);
    rec_worker_limits limits = {.n_waiting = n_waiting};
    ck_assert_ok(rec_worker_start(&p->base, &patient_class, n_slots, &limits, err));
    return p;
}

/* Until it has this many calls. */
static void patient_wait(patient *p, size_t n)
{
    for (size_t i = 0; i < 10000 && atomic_load(&p->n_held) != n; i++)
        usleep(1000);
    ck_assert_uint_eq(atomic_load(&p->n_held), n);
}

#endif
