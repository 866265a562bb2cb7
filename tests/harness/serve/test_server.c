/* The server over loopback: a tiny model, and a worker that answers when the test says so. */
#include "harness/serve/server.h"

#include "harness/serve/local_worker.h"
#include "tests/harness/serve/calls.h"
#include "tests/harness/serve/client.h"
#include "tests/harness/serve/patient.h"

#define CHAT "/v1/chat/completions"
#define HELLO "{\"model\":\"slow\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"
#define HELLO_STREAM                                                                               \
    "{\"model\":\"slow\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]" \
    "}"

static patient *slow;
static rec_worker *tiny, *bert;
static rec_served models[3];
static rec_server *server;
static uint16_t port;

static void start(const char *key, size_t n_slots, size_t n_waiting)
{
    rec_worker_limits limits = {.n_waiting = 256};
    rec_server_options options = {
        .host = "127.0.0.1", .api_key = key, .max_body = 20000, .n_connections = 300, .timeout = 3};
    slow = patient_new(n_slots, n_waiting);
    ck_assert_ok(rec_local_worker_new(&tiny, open_model("qwen2", 8), &limits, err));
    ck_assert_ok(rec_local_worker_new(&bert, open_model("bert", 8), &limits, err));
    models[0] = (rec_served){.name = "slow", .capabilities = "generate", .worker = &slow->base};
    models[1] = (rec_served){.name = "tiny", .capabilities = "generate", .worker = tiny};
    models[2] = (rec_served){.name = "bert", .capabilities = "embed", .worker = bert};
    ck_assert_ok(rec_server_start(&server, models, 3, &options, err));
    port = rec_server_port(server);
}

static void set_up(void)
{
    make_models();
    start(NULL, 4, 196);
}

static void stop(double grace)
{
    rec_server_stop(server, grace);
    server = NULL;
}

static void tear_down(void)
{
    stop(0.0);
    rec_worker_free(&slow->base);
    rec_worker_free(tiny);
    rec_worker_free(bert);
    test_folder_remove();
}

START_TEST(paths)
{
    expect(port, "GET", "/health", "", "", 200, "{\"status\":\"ok\"}");
    expect(port, "GET", "/v1/models", "", "", 200, "\"id\":\"tiny\"");
    expect(port, "GET", "/v1/models/bert", "", "", 200, "\"capabilities\":\"embed\"");
    expect(port, "GET", "/v1/models/none", "", "", 404, "model_not_found");
    expect(port, "GET", "/v2", "", "", 404, "no such path");
    expect(port, "GET", CHAT, "", "", 405, "takes POST");
    expect(port, "POST", "/health", "", "{}", 405, "Allow: GET, POST");
    expect(port, "POST", CHAT, "", "{\"model\":\"tinny\",\"messages\":[]}", 400, "messages");
    expect(port, "POST", "/v1/completions", "", "{\"model\":\"tinny\",\"prompt\":\"a\"}", 404,
           "did you mean \\\"tiny\\\"?");
    expect(port, "POST", "/v1/completions", "", "{\"prompt\":\"a\"}", 400, "is missing");
    expect(port, "POST", "/v1/completions", "", "{\"prompt\":", 400, "invalid_json");
    expect(port, "POST", "/v1/completions", "", "", 400, "invalid_json");
    expect(port, "POST", "/v1/recommend", "", "{\"model\":\"tiny\",\"history\":[]}", 400,
           "ask a system");
    expect(port, "POST", "/v1/embeddings", "", "{\"model\":\"bert\",\"input\":\"a\"}", 200,
           "\"total_tokens\":");
    expect(port, "POST", "/openai/deployments/bert/embeddings?api-version=2024-02-15-preview", "",
           "{\"model\":\"bert\",\"input\":\"a\"}", 200, "\"total_tokens\":");
    expect(port, "POST", "/openai/deployments/bert/files", "", "{}", 404, "no such path");
    expect(port, "POST", "/openai/deployments/bert", "", "{}", 404, "no such path");
    expect(port, "GET", "/metrics", "", "", 200,
           "recai_requests_total{path=\"/v1/embeddings\",status=\"200\"} 2");
    expect(port, "GET", "/metrics", "", "", 200,
           "recai_requests_total{path=\"other\",status=\"404\"} 3");
    ck_assert(!rec_server_is_public(server));
}
END_TEST

START_TEST(keys)
{
    tear_down();
    make_models();
    start("s3cret", 4, 4);
    expect(port, "GET", "/health", "", "", 200, "ok");
    expect(port, "GET", "/v1/models", "", "", 401, "WWW-Authenticate: Bearer");
    expect(port, "GET", "/v1/models", "Authorization: Bearer s3cre\r\n", "", 401,
           "\"type\":\"authentication_error\"");
    expect(port, "GET", "/v1/models", "Authorization: Basic s3cret\r\n", "", 401, "key");
    expect(port, "GET", "/v1/models", "Authorization: bearer  s3cret\r\n", "", 200, "tiny");
    expect(port, "GET", "/v1/models", "api-key: s3cret\r\n", "", 200, "tiny");
    expect(port, "GET", "/v1/models", "api-key: s3cre\r\n", "", 401, "key");
    expect(port, "POST", "/v1/embeddings", "", "{\"model\":\"bert\",\"input\":\"a\"}", 401, "key");
}
END_TEST

/* Too large: told at once to who asks first, after the body to who does not. */
START_TEST(large_bodies)
{
    enum { N = 3000000 };
    char *body = malloc(N + 1);
    memset(body, 'x', N);
    body[N] = '\0';
    expect(port, "POST", CHAT, "", body, 413, "more than 20000 bytes");
    int fd = connect_to(port);
    static const char asking[] = "POST " CHAT " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                                 "Content-Length: 3000000\r\n\r\n";
    send_all(fd, asking, strlen(asking));
    char *answer = read_until(fd, "}}");
    ck_assert_int_eq(status_of(answer), 413);
    free(answer);
    close(fd);

    /* chunked: nobody says how long it will be */
    fd = connect_to(port);
    static const char chunked[] =
        "POST " CHAT " HTTP/1.1\r\nHost: x\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n";
    send_all(fd, chunked, strlen(chunked));
    for (int i = 0; i < 30; i++) {
        send_all(fd, "400\r\n", 5);
        send_all(fd, body, 1024);
        send_all(fd, "\r\n", 2);
    }
    send_all(fd, "0\r\n\r\n", 5);
    answer = read_until(fd, NULL);
    ck_assert_int_eq(status_of(answer), 413);
    free(answer);
    close(fd);
    free(body);
}
END_TEST

/* What is no HTTP gets an error or a closed connection; the server goes on. */
START_TEST(garbage)
{
    static const char *const lines[] = {
        "\r\n\r\n",
        "hello\r\n\r\n",
        "GET\r\n\r\n",
        "POST " CHAT " HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "POST " CHAT " HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        int fd = connect_to(port);
        send_all(fd, lines[i], strlen(lines[i]));
        shutdown(fd, SHUT_WR);
        free(read_until(fd, NULL));
        close(fd);
    }
    /* a request that ends in its middle */
    int fd = connect_to(port);
    static const char half[] = "POST " CHAT " HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{";
    send_all(fd, half, strlen(half));
    shutdown(fd, SHUT_WR);
    free(read_until(fd, NULL));
    close(fd);
    expect(port, "GET", "/health", "", "", 200, "ok");
}
END_TEST

static char *content_of(const char *answer, const char *key)
{
    const char *at = strstr(answer, key);
    ck_assert_msg(at != NULL, "no %s in %s", key, answer);
    at += strlen(key);
    const char *end = at;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    return strndup(at, (size_t)(end - at));
}

/* The deltas of a stream, put together. */
static char *stream_content(const char *answer)
{
    char *text = calloc(strlen(answer) + 1, 1);
    for (const char *at = answer; (at = strstr(at, "\"content\":\"")) != NULL; at++) {
        char *piece = content_of(at, "\"content\":\"");
        strcat(text, piece);
        free(piece);
    }
    ck_assert_ptr_nonnull(strstr(answer, "data: [DONE]\n\n"));
    return text;
}

static void body_of(char *body, size_t size, size_t i, bool stream)
{
    snprintf(body, size,
             "{\"model\":\"tiny\",\"temperature\":0,\"max_tokens\":%zu,\"stream\":%s,"
             "\"messages\":[{\"role\":\"user\",\"content\":\"question %zu\"}]}",
             10 + i % 7, stream ? "true" : "false", i);
}

/* 64 clients at once get what each would get alone; half of them as streams. */
START_TEST(many_clients)
{
    enum { N = 64 };
    int fds[N];
    char body[300];
    for (size_t i = 0; i < N; i++) {
        fds[i] = connect_to(port);
        body_of(body, sizeof body, i, i % 2);
        send_request(fds[i], "POST", CHAT, CLOSE, body);
    }
    for (size_t i = 0; i < N; i++) {
        char *answer = read_until(fds[i], NULL);
        ck_assert_int_eq(status_of(answer), 200);
        char *text = i % 2 ? stream_content(answer) : content_of(answer, "\"content\":\"");
        body_of(body, sizeof body, i, false);
        char *alone = ask_with(port, "POST", CHAT, "", body);
        char *expected = content_of(alone, "\"content\":\"");
        ck_assert_str_eq(text, expected);
        free(expected);
        free(alone);
        free(text);
        free(answer);
        close(fds[i]);
    }
}
END_TEST

/* A connection serves several requests, also when they are sent at once. */
START_TEST(keep_alive)
{
    int fd = connect_to(port);
    for (int i = 0; i < 3; i++) {
        send_request(fd, "POST", "/v1/embeddings", "", "{\"model\":\"bert\",\"input\":\"a\"}");
        char *answer = read_until(fd, "}}");
        ck_assert_int_eq(status_of(answer), 200);
        free(answer);
    }
    for (int i = 0; i < 2; i++)
        send_request(fd, "GET", "/v1/models/bert", i == 1 ? CLOSE : "", "");
    char *answer = read_until(fd, NULL);
    char *second = strstr(answer + 1, "HTTP/1.1 200");
    ck_assert_ptr_nonnull(second);
    free(answer);
    close(fd);
}
END_TEST

/* One client that reads byte by byte holds nobody up. */
START_TEST(slow_reader)
{
    int fd = connect_to(port);
    char body[300], byte;
    body_of(body, sizeof body, 1, true);
    send_request(fd, "POST", CHAT, CLOSE, body);
    for (int i = 0; i < 40; i++) {
        ck_assert_uint_eq(read_some(fd, &byte, 1), 1);
        usleep(2000);
        if (i % 10 == 0)
            expect(port, "GET", "/health", "", "", 200, "ok");
    }
    char *rest = read_until(fd, NULL);
    ck_assert_ptr_nonnull(strstr(rest, "data: [DONE]"));
    free(rest);
    close(fd);
}
END_TEST

/* A stream arrives piece by piece, as it is made. */
START_TEST(pieces)
{
    int fd = connect_to(port);
    send_request(fd, "POST", CHAT, CLOSE, HELLO_STREAM);
    char *answer = read_until(fd, "\"role\":\"assistant\"");
    ck_assert_ptr_null(strstr(answer, "piece"));
    free(answer);
    for (size_t i = 1; i <= 3; i++) {
        atomic_store(&slow->n_said, i);
        answer = read_until(fd, "piece");
        free(answer);
    }
    atomic_store(&slow->is_finished, true);
    answer = read_until(fd, NULL);
    ck_assert_ptr_nonnull(strstr(answer, "\"finish_reason\":\"stop\""));
    ck_assert_ptr_nonnull(strstr(answer, "data: [DONE]\n\n"));
    free(answer);
    close(fd);
}
END_TEST

/* A client that says it sends no more still gets its answer, whole or as a stream. */
START_TEST(half_closed)
{
    static const char *const bodies[] = {HELLO, HELLO_STREAM};
    int fds[2];
    for (size_t i = 0; i < 2; i++) {
        fds[i] = connect_to(port);
        send_request(fds[i], "POST", CHAT, CLOSE, bodies[i]);
        shutdown(fds[i], SHUT_WR);
    }
    patient_wait(slow, 2);
    usleep(700000); /* the watcher has looked more than once */
    ck_assert_uint_eq(atomic_load(&slow->n_held), 2);
    atomic_store(&slow->n_said, 1);
    atomic_store(&slow->is_finished, true);
    for (size_t i = 0; i < 2; i++) {
        char *answer = read_until(fds[i], NULL);
        ck_assert_msg(strstr(answer, "HTTP/1.1 200") != NULL, "%s", answer);
        ck_assert_msg(strstr(answer, "piece ") != NULL, "%s", answer);
        free(answer);
        close(fds[i]);
    }
}
END_TEST

/* A client that goes away while it waits, in a stream or before its answer, frees its place. */
START_TEST(gone)
{
    static const char *const bodies[] = {HELLO, HELLO_STREAM};
    struct linger reset = {.l_onoff = 1};
    for (size_t i = 0; i < 4; i++) {
        int fd = connect_to(port);
        send_request(fd, "POST", CHAT, "", bodies[i % 2]);
        patient_wait(slow, 1);
        if (i % 2 == 1)
            free(read_until(fd, "assistant"));
        if (i >= 2) /* with a reset instead of a farewell */
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
        patient_wait(slow, 0);
    }
    char *answer = ask_with(port, "GET", "/metrics", "", "");
    ck_assert_msg(strstr(answer, "status=\"499\"} 4") != NULL, "%s", answer);
    free(answer);
}
END_TEST

/* 4 run, 2 wait, the next is turned away; when one leaves there is room again. */
START_TEST(full_queue)
{
    int fds[6];
    tear_down();
    make_models();
    start(NULL, 4, 2);
    for (size_t i = 0; i < 6; i++) {
        fds[i] = connect_to(port);
        send_request(fds[i], "POST", CHAT, CLOSE, HELLO);
    }
    patient_wait(slow, 6);
    expect(port, "POST", CHAT, "", HELLO, 429, "Retry-After: ");
    expect(port, "POST", CHAT, "", HELLO, 429, "\"code\":\"queue_full\"");
    expect(port, "GET", "/metrics", "", "", 200, "recai_waiting{model=\"slow\"} 6");
    close(fds[5]);
    patient_wait(slow, 5);
    fds[5] = connect_to(port);
    send_request(fds[5], "POST", CHAT, CLOSE, HELLO);
    patient_wait(slow, 6);
    atomic_store(&slow->is_finished, true);
    for (size_t i = 0; i < 6; i++) {
        char *answer = read_until(fds[i], NULL);
        ck_assert_int_eq(status_of(answer), 200);
        free(answer);
        close(fds[i]);
    }
}
END_TEST

/* A connection that sends half a request and then nothing is closed; one whose answer takes longer
 * than the timeout is not. */
START_TEST(timeouts)
{
    int idle = connect_to(port), waiting = connect_to(port);
    send_all(idle, "POST /v1/", 9);
    send_request(waiting, "POST", CHAT, CLOSE, HELLO);
    char *answer = read_until(idle, NULL);
    ck_assert_str_eq(answer, "");
    free(answer);
    usleep(1500000);
    atomic_store(&slow->is_finished, true);
    answer = read_until(waiting, NULL);
    ck_assert_int_eq(status_of(answer), 200);
    free(answer);
    close(idle);
    close(waiting);
}
END_TEST

static void *finish_later(void *unused)
{
    (void)unused;
    usleep(300000);
    atomic_store(&slow->is_finished, true);
    return NULL;
}

/* What runs is finished; new requests on open connections are refused, new connections too. */
START_TEST(stopping_with_grace)
{
    int fds[3];
    pthread_t thread;
    for (size_t i = 0; i < 3; i++) {
        fds[i] = connect_to(port);
        send_request(fds[i], "POST", CHAT, i == 2 ? "" : CLOSE, i == 1 ? HELLO_STREAM : HELLO);
    }
    patient_wait(slow, 3);
    pthread_create(&thread, NULL, finish_later, NULL);
    ck_assert_uint_eq(rec_server_stop(server, 20.0), 0);
    server = NULL;
    pthread_join(thread, NULL);
    for (size_t i = 0; i < 3; i++) {
        char *answer = read_until(fds[i], NULL);
        ck_assert_int_eq(status_of(answer), 200);
        ck_assert_msg(strstr(answer, "\"finish_reason\":\"stop\"") != NULL, "%s", answer);
        free(answer);
        close(fds[i]);
    }
}
END_TEST

START_TEST(stopping_without)
{
    static const char *const bodies[] = {HELLO, HELLO_STREAM};
    int fds[2];
    for (size_t i = 0; i < 2; i++) {
        fds[i] = connect_to(port);
        send_request(fds[i], "POST", CHAT, CLOSE, bodies[i]);
    }
    patient_wait(slow, 2);
    ck_assert_uint_eq(rec_server_stop(server, 0.05), 2);
    server = NULL;
    for (size_t i = 0; i < 2; i++) {
        char *answer = read_until(fds[i], NULL);
        ck_assert_int_eq(status_of(answer), i == 0 ? 503 : 200);
        ck_assert_msg(strstr(answer, "\"code\":\"stopping\"") != NULL, "%s", answer);
        free(answer);
        close(fds[i]);
    }
}
END_TEST

START_TEST(bad_addresses)
{
    rec_server *other = NULL;
    rec_server_options options = {
        .host = "127.0.0.1", .port = port, .n_connections = 10, .timeout = 3};
    ck_assert_fails(rec_server_start(&other, models, 3, &options, err), REC_ERR_RESOURCE,
                    "cannot listen on 127.0.0.1 port");
    options.host = "no such host";
    ck_assert_fails(rec_server_start(&other, models, 3, &options, err), REC_ERR_CONFIG, "--host");
    ck_assert_ptr_null(other);
    ck_assert_uint_eq(rec_server_stop(NULL, 0.0), 0);
}
END_TEST

REC_SUITE("harness/serve/server", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, paths); tcase_add_test(t, keys); tcase_add_test(t, large_bodies);
          tcase_add_test(t, garbage); tcase_add_test(t, many_clients);
          tcase_add_test(t, keep_alive); tcase_add_test(t, slow_reader); tcase_add_test(t, pieces);
          tcase_add_test(t, half_closed); tcase_add_test(t, gone); tcase_add_test(t, full_queue);
          tcase_add_test(t, timeouts); tcase_add_test(t, stopping_with_grace);
          tcase_add_test(t, stopping_without); tcase_add_test(t, bad_addresses);)
