/* The client alone; timeouts, broken answers and redirects are in tests/models/lm/test_endpoint.c. */
#include "models/lm/endpoint/http.h"

#include <stdio.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/support/mock_server.h"

static char url[64];

static rec_http *open_client(const mock_server *s, size_t concurrency)
{
    static const char *const headers[] = {"X-Test: yes"};
    rec_http *h;
    const rec_http_options o = {.concurrency = concurrency,
                                .connect_timeout = 5,
                                .first_byte_timeout = 5,
                                .timeout = 5,
                                .max_response_bytes = 100,
                                .headers = headers,
                                .n_headers = 1};
    unsetenv("http_proxy");
    snprintf(url, sizeof url, "http://127.0.0.1:%u/path", mock_server_port(s));
    ck_assert_ok(rec_http_new(&h, &o, err));
    return h;
}

static rec_http_response take(rec_http *h, size_t *tag)
{
    rec_http_response r;
    for (int i = 0; i < 100; i++) {
        if (rec_http_take(h, tag, &r))
            return r;
        ck_assert_ok(rec_http_wait(h, 1.0, err));
    }
    ck_abort_msg("nothing came back");
    return r;
}

static bool mirror(void *context, const mock_request *r, int fd)
{
    (void)context;
    bool good = strcmp(r->path, "/path") == 0 && strstr(r->headers, "X-Test: yes\r\n") != NULL &&
                strstr(r->headers, "Content-Type: application/json\r\n") != NULL &&
                strstr(r->headers, "Expect:") == NULL;
    return mock_answer(fd, good ? 200 : 400, "Retry-After:  7 \r\n", r->body);
}

/* Status, body and header come back, and all of twenty exchanges went over one connection. */
START_TEST(kept_alive)
{
    mock_server *s = mock_server_start(mirror, NULL);
    rec_http *h = open_client(s, 1);
    for (size_t i = 0; i < 20; i++) {
        char body[16];
        size_t tag;
        snprintf(body, sizeof body, "{\"i\":%zu}", i);
        ck_assert_ok(rec_http_post(h, i, url, body, strlen(body), err));
        ck_assert_uint_eq(rec_http_running(h), 1);
        rec_http_response r = take(h, &tag);
        ck_assert_uint_eq(rec_http_running(h), 0);
        ck_assert_uint_eq(tag, i);
        ck_assert_int_eq(r.outcome, REC_HTTP_ANSWERED);
        ck_assert_int_eq(r.status, 200);
        ck_assert_str_eq(r.body.data, body);
        ck_assert_str_eq(r.retry_after, "7");
        rec_http_response_deinit(&r);
    }
    ck_assert_uint_eq(mock_server_n_connections(s), 1);
    rec_http_free(h);
    mock_server_stop(s);
}
END_TEST

static bool stall(void *context, const mock_request *r, int fd)
{
    (void)context;
    return strcmp(r->body, "fast") == 0 ? mock_answer(fd, 204, "", "") : mock_stall(fd);
}

/* What is broken off never comes back; its places are free. */
START_TEST(broken_off)
{
    size_t tag;
    mock_server *s = mock_server_start(stall, NULL);
    rec_http *h = open_client(s, 2);
    ck_assert_ok(rec_http_post(h, 1, url, "slow", 4, err));
    ck_assert_ok(rec_http_post(h, 2, url, "slow", 4, err));
    ck_assert_ok(rec_http_wait(h, 0.05, err));
    ck_assert_uint_eq(rec_http_running(h), 2);
    rec_http_cancel_all(h);
    ck_assert_uint_eq(rec_http_running(h), 0);
    ck_assert_ok(rec_http_post(h, 3, url, "slow", 4, err));
    ck_assert_ok(rec_http_post(h, 4, url, "fast", 4, err));
    rec_http_response r = take(h, &tag);
    ck_assert_uint_eq(tag, 4);
    ck_assert_int_eq(r.outcome, REC_HTTP_ANSWERED);
    ck_assert_int_eq(r.status, 204);
    rec_http_response_deinit(&r);
    rec_http_free(h); /* with one under way */
    rec_http_free(NULL);
    mock_server_stop(s);
}
END_TEST

static bool large(void *context, const mock_request *r, int fd)
{
    char body[102] = "";
    (void)context;
    memset(body, 'x', r->n_body);
    return mock_answer(fd, 200, "", body);
}

/* As many bytes as the limit are good, one more is not. */
START_TEST(size_limit)
{
    char body[102];
    mock_server *s = mock_server_start(large, NULL);
    rec_http *h = open_client(s, 1);
    memset(body, 'y', sizeof body);
    for (size_t n = 100; n <= 101; n++) {
        size_t tag;
        ck_assert_ok(rec_http_post(h, n, url, body, n, err));
        rec_http_response r = take(h, &tag);
        ck_assert_int_eq(r.outcome, n == 100 ? REC_HTTP_ANSWERED : REC_HTTP_TOO_LARGE);
        ck_assert_uint_eq(r.body.length, n == 100 ? n : 0);
        rec_http_response_deinit(&r);
    }
    rec_http_free(h);
    mock_server_stop(s);
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(rec_http_outcome_name(REC_HTTP_ANSWERED), "answered");
    ck_assert_str_eq(rec_http_outcome_name(REC_HTTP_REDIRECT), "redirect");
    double now = rec_http_now();
    ck_assert_double_ge(rec_http_now(), now);
}
END_TEST

REC_SUITE("models/lm/endpoint/http", tcase_add_test(t, kept_alive); tcase_add_test(t, broken_off);
          tcase_add_test(t, size_limit); tcase_add_test(t, names);)
