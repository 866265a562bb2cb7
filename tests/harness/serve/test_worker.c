/* The queue and the thread that every kind of worker has, with calls that end when the test says so. */
#include "harness/serve/worker.h"

#include "tests/harness/serve/calls.h"
#include "tests/harness/serve/patient.h"

static const char *const body = "{\"prompt\": [\"a\", \"b\"]}"; /* takes two places */

static patient *p;

static void set_up(void)
{
    p = patient_new(4, 2);
}

static void tear_down(void)
{
    rec_worker_free(&p->base);
}

static rec_worker_gauges gauges(void)
{
    rec_worker_gauges g;
    rec_worker_read_gauges(&g, &p->base);
    return g;
}

START_TEST(places)
{
    rec_call *calls[3];
    for (size_t i = 0; i < 3; i++)
        calls[i] = submitted(&p->base, REC_CALL_COMPLETE, body, false);
    refused(&p->base, REC_CALL_COMPLETE, body, false, 429, "6 running or waiting");
    refused(&p->base, REC_CALL_COMPLETE, "{\"prompt\": \"a\", \"n\": 7}", false, 400, "up to 6");
    patient_wait(p, 3);
    ck_assert_uint_eq(gauges().n_slots, 4);
    ck_assert_uint_eq(gauges().n_waiting, 6);
    atomic_store(&p->is_finished, true);
    for (size_t i = 0; i < 3; i++) {
        wait_for(calls[i]);
        ck_assert_int_eq(calls[i]->error.http, 0);
        rec_call_release(calls[i]);
    }
    ck_assert_uint_eq(gauges().n_waiting, 0);
}
END_TEST

/* When a client hears of its answer, its place is free. */
START_TEST(free_before_told)
{
    atomic_store(&p->is_finished, true);
    for (size_t i = 0; i < 30; i++) {
        rec_call *c = answered(&p->base, REC_CALL_COMPLETE, "{\"prompt\": \"a\", \"n\": 6}", false);
        rec_call_release(c);
    }
}
END_TEST

/* What is held and what is still in the queue fails; later calls are refused; a second stop is none. */
START_TEST(stopping)
{
    rec_call *calls[3];
    for (size_t i = 0; i < 3; i++)
        calls[i] = submitted(&p->base, REC_CALL_COMPLETE, body, false);
    rec_worker_stop(&p->base);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(is_done(calls[i]));
        ck_assert_int_eq(calls[i]->error.http, 503);
        ck_assert_str_eq(calls[i]->error.code, "stopping");
        rec_call_release(calls[i]);
    }
    refused(&p->base, REC_CALL_COMPLETE, body, false, 503, "stopping");
    rec_worker_stop(&p->base);
    ck_assert_uint_eq(gauges().n_waiting, 0);
}
END_TEST

REC_SUITE("harness/serve/worker", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, places); tcase_add_test(t, free_before_told);
          tcase_add_test(t, stopping);)
