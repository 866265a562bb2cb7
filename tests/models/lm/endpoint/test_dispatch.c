/* The loop behind the back end; what servers do to single calls is tests/models/lm/test_endpoint.c. */
#include "models/lm/endpoint/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "tests/suite.h"
#include "tests/support/mock_server.h"

enum { N_CALLS = 12 };

typedef struct job {
    unsigned n_prepared[N_CALLS], n_ended[N_CALLS], n_failed;
    int64_t cost;   /* of each call */
    int64_t rebate; /* of the first one */
} job;

static int64_t cost_of(const job *j, size_t i)
{
    return i == 0 ? j->cost - j->rebate : j->cost;
}

static rec_status prepare(rec_call *out, void *context, size_t i, rec_error *err)
{
    job *j = context;
    j->n_prepared[i]++;
    out->body = rec_format(err, "{\"i\":%zu}", i);
    if (out->body == NULL)
        return REC_ERR_RESOURCE;
    out->n_body = strlen(out->body);
    out->id = i;
    out->tokens = 10;
    out->cost_picodollars = cost_of(j, i);
    return REC_OK;
}

static rec_status end(rec_call_used *used, void *context, size_t i, const rec_call_end *e,
                      rec_error *err)
{
    job *j = context;
    j->n_ended[i]++;
    j->n_failed += e->failure != NULL;
    used->cost_picodollars = cost_of(j, i);
    used->tokens = 5;
    return e->body != NULL && atoi(e->body) != (int)i
               ? rec_fail(err, REC_ERR_INTERNAL, "call %zu got the answer of %s", i, e->body)
               : REC_OK;
}

/* Answers with the number in the body; the first three requests meet a 429. */
static bool busy_at_first(void *context, const mock_request *r, int fd)
{
    char text[16];
    (void)context;
    if (r->number < 3)
        return mock_answer(fd, 429, "Retry-After: 30\r\n", "");
    snprintf(text, sizeof text, "%d", atoi(strchr(r->body, ':') + 1));
    return mock_answer(fd, 200, "", text);
}

static rec_dispatcher *open_dispatcher(size_t concurrency, double time_scale, double per_minute)
{
    rec_dispatcher *d;
    const rec_dispatch_options o = {.http = {.concurrency = concurrency,
                                             .connect_timeout = 5,
                                             .first_byte_timeout = 5,
                                             .timeout = 5,
                                             .max_response_bytes = 1000},
                                    .retries = 2,
                                    .requests_per_minute = per_minute,
                                    .retry_after_max = 60,
                                    .time_scale = time_scale,
                                    .key_hint = "hint"};
    ck_assert_ok(rec_dispatcher_new(&d, &o, err));
    return d;
}

static rec_status run(rec_dispatcher *d, const mock_server *s, job *j, size_t n, rec_error *err)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", mock_server_port(s));
    const rec_dispatch_job work = {
        .url = url, .n = n, .context = j, .prepare = prepare, .end = end};
    return rec_dispatch(d, &work, err);
}

START_TEST(each_call_ends_once)
{
    job j = {.n_failed = 0};
    uint64_t n_requests, n_retries;
    mock_server *s = mock_server_start(busy_at_first, NULL);
    rec_dispatcher *d = open_dispatcher(3, 1e-4, 0);
    ck_assert_ok(run(d, s, &j, N_CALLS, err));
    ck_assert_ok(run(d, s, &j, 0, err)); /* nothing to do */
    for (int i = 0; i < N_CALLS; i++) {
        ck_assert_uint_eq(j.n_prepared[i], 1);
        ck_assert_uint_eq(j.n_ended[i], 1);
    }
    ck_assert_uint_eq(j.n_failed, 0);
    rec_dispatcher_counts(d, &n_requests, &n_retries);
    ck_assert_uint_eq(n_requests, N_CALLS + 3);
    ck_assert_uint_eq(n_retries, 3);
    rec_dispatcher_free(d);
    mock_server_stop(s);
}
END_TEST

static bool wants_rest(void *context, const mock_request *r, int fd)
{
    (void)context;
    return r->number == 0 ? mock_answer(fd, 429, "Retry-After: 30\r\n", "")
                          : mock_answer(fd, 200, "", strchr(r->body, ':') + 1);
}

/* One place, and a server that asks for 30 s (here 0.15 s) of rest at its first request: nothing is
 * started meanwhile. */
START_TEST(too_many_requests_pause_all)
{
    job j = {.n_failed = 0};
    mock_server *s = mock_server_start(wants_rest, NULL);
    rec_dispatcher *d = open_dispatcher(1, 0.005, 0);
    double start = rec_http_now();
    ck_assert_ok(run(d, s, &j, N_CALLS, err));
    ck_assert_double_ge(rec_http_now() - start, 0.15);
    rec_dispatcher_free(d);
    mock_server_stop(s);
}
END_TEST

START_TEST(paced)
{
    job j = {.n_failed = 0};
    mock_server *s = mock_server_start(wants_rest, NULL);
    rec_dispatcher *d = open_dispatcher(8, 1e-6, 6000); /* one per 10 ms */
    double start = rec_http_now();
    ck_assert_ok(run(d, s, &j, N_CALLS, err));
    ck_assert_double_ge(rec_http_now() - start, 0.01 * N_CALLS); /* thirteen requests */
    rec_dispatcher_free(d);
    mock_server_stop(s);
}
END_TEST

/* Two budgets: the smaller one stops, at the last call that fits. */
START_TEST(budgets)
{
    job j = {.cost = 100};
    rec_lm_budget large = {.limit = 100000}, small = {.limit = 550}, none = {.limit = -1};
    mock_server *s = mock_server_start(busy_at_first, NULL);
    rec_dispatcher *d = open_dispatcher(2, 1e-4, 0);
    rec_dispatcher_share(d, &large);
    rec_dispatcher_share(d, &small);
    ck_assert_fails(run(d, s, &j, N_CALLS, err), REC_ERR_ENDPOINT, "max_cost");
    ck_assert_int_eq(small.spent, 500);
    ck_assert_int_eq(large.spent, 500);
    small = none;
    ck_assert_ok(run(d, s, &j, N_CALLS, err));
    ck_assert_int_eq(large.spent, 500 + 1200);
    rec_dispatcher_free(d);
    mock_server_stop(s);
}
END_TEST

/* The first request is refused late, when the others have used up what it left. */
static bool slow_to_refuse(void *context, const mock_request *r, int fd)
{
    (void)context;
    if (r->number > 0)
        return mock_answer(fd, 200, "", strchr(r->body, ':') + 1);
    mock_sleep_ms(100);
    return mock_answer(fd, 429, "Retry-After: 30\r\n", "");
}

/* What was set aside for it is free again, so it is repeated before the budget ends the job. */
START_TEST(a_budget_has_room_for_repetitions)
{
    job j = {.cost = 100};
    rec_lm_budget small = {.limit = 550};
    mock_server *s = mock_server_start(slow_to_refuse, NULL);
    rec_dispatcher *d = open_dispatcher(2, 1e-4, 0);
    rec_dispatcher_share(d, &small);
    ck_assert_fails(run(d, s, &j, N_CALLS, err), REC_ERR_ENDPOINT, "max_cost");
    ck_assert_int_eq(small.spent, 500);
    rec_dispatcher_free(d);
    mock_server_stop(s);
}
END_TEST

static bool fails_once(void *context, const mock_request *r, int fd)
{
    (void)context;
    return r->number == 0 ? mock_answer(fd, 500, "", "")
                          : mock_answer(fd, 200, "", strchr(r->body, ':') + 1);
}

/* The only call that still fits waits to be repeated, after about 50 ms. */
START_TEST(a_budget_waits_for_repetitions)
{
    job j = {.cost = 100, .rebate = 50};
    rec_lm_budget small = {.limit = 450};
    mock_server *s = mock_server_start(fails_once, NULL);
    rec_dispatcher *d = open_dispatcher(1, 0.05, 0);
    rec_dispatcher_share(d, &small);
    ck_assert_fails(run(d, s, &j, N_CALLS, err), REC_ERR_ENDPOINT, "max_cost");
    ck_assert_int_eq(small.spent, 450);
    ck_assert_uint_eq(j.n_ended[0], 1);
    rec_dispatcher_free(d);
    mock_server_stop(s);
}
END_TEST

static rec_status fail_third(rec_call_used *used, void *context, size_t i, const rec_call_end *e,
                             rec_error *err)
{
    (void)e;
    (void)used;
    ((job *)context)->n_ended[i]++;
    return i == 2 ? rec_fail(err, REC_ERR_RESOURCE, "disk full") : REC_OK;
}

/* What the caller cannot take ends the job; the dispatcher can go on afterwards. */
START_TEST(caller_fails)
{
    char url[64];
    job j = {.n_failed = 0};
    mock_server *s = mock_server_start(busy_at_first, NULL);
    rec_dispatcher *d = open_dispatcher(4, 1e-4, 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", mock_server_port(s));
    const rec_dispatch_job work = {
        .url = url, .n = N_CALLS, .context = &j, .prepare = prepare, .end = fail_third};
    ck_assert_fails(rec_dispatch(d, &work, err), REC_ERR_RESOURCE, "disk full");
    job again = {.n_failed = 0};
    ck_assert_ok(run(d, s, &again, N_CALLS, err));
    rec_dispatcher_free(d);
    mock_server_stop(s);
}
END_TEST

REC_SUITE("models/lm/endpoint/dispatch", tcase_add_test(t, each_call_ends_once);
          tcase_add_test(t, too_many_requests_pause_all); tcase_add_test(t, paced);
          tcase_add_test(t, budgets); tcase_add_test(t, a_budget_has_room_for_repetitions);
          tcase_add_test(t, a_budget_waits_for_repetitions); tcase_add_test(t, caller_fails);)
