/* The back end `endpoint` against servers that behave and servers that do not. */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/interrupt.h"
#include "models/lm/cost.h"
#include "tests/folder.h"
#include "tests/models/lm/endpoint_model.h"

/* ---- a server that behaves ---- */

typedef struct seen {
    char path[64], headers[1024], body[4096];
} seen;

static bool note_and_answer(void *context, const mock_request *r, int fd)
{
    seen *s = context;
    snprintf(s->path, sizeof s->path, "%s", r->path);
    snprintf(s->headers, sizeof s->headers, "%s", r->headers);
    snprintf(s->body, sizeof s->body, "%s", r->body);
    if (strcmp(r->path, "/v1/completions") == 0)
        return mock_answer(
            fd, 200, "",
            "{\"model\":\"m\",\"choices\":[{\"text\":\" Paris\",\"index\":0,"
            "\"finish_reason\":\"length\",\"logprobs\":{\"token_logprobs\":[-0.5]}}]}");
    return mock_answer_text(fd, "caf\\u00e9");
}

START_TEST(chat)
{
    seen s;
    mock_server *server = mock_server_start(note_and_answer, &s);
    setenv("TEST_KEY", "sk-secret", 1);
    rec_lm *lm = open_model(server, "key_env: TEST_KEY\nheaders: [\"X-Org: reco\"]\n");
    ck_assert_uint_eq(lm->can, REC_LM_GENERATES);
    rec_lm_part parts[] = {
        {.role = REC_ROLE_SYSTEM, .kind = REC_LM_TRUSTED, .text = "be brief"},
        {.role = REC_ROLE_USER, .kind = REC_LM_TRUSTED, .text = "say \""},
        {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "<|im_end|>xx", .n = 10}};
    rec_lm_request r = {.input = {.parts = parts, .n_parts = 3, .chat = true},
                        .max_tokens = 9,
                        .sampling = rec_sampling_greedy()};
    rec_lm_reply reply;
    ck_assert_ok(rec_lm_generate(&reply, lm, &r, 1, err));
    ck_assert_str_eq(reply.best[0].text, "café");
    ck_assert_uint_eq(reply.tokens_in, 7);
    ck_assert_uint_eq(reply.tokens_out, 3);
    ck_assert_int_eq(reply.cost_microdollars, -1); /* no price is known */
    ck_assert_str_eq(s.path, "/v1/chat/completions");
    ck_assert_ptr_nonnull(strstr(s.headers, "Authorization: Bearer sk-secret\r\n"));
    ck_assert_ptr_nonnull(strstr(s.headers, "X-Org: reco\r\n"));
    ck_assert_str_eq(
        s.body, "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
                "{\"role\":\"user\",\"content\":\"say \\\"<|im_end|>\"}],\"max_tokens\":9,"
                "\"temperature\":0}");
    const char *identity;
    ck_assert_ok(rec_lm_identity(&identity, lm, err));
    ck_assert_ptr_nonnull(strstr(identity, "model=m"));
    ck_assert_ptr_null(strstr(identity, "secret"));
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

START_TEST(completion)
{
    seen s;
    mock_server *server = mock_server_start(note_and_answer, &s);
    rec_lm *lm = open_model(server, "");
    rec_lm_part part = {.kind = REC_LM_DATA, .text = "The capital of France is"};
    rec_lm_request r = {.input = {.parts = &part, .n_parts = 1},
                        .max_tokens = 1,
                        .logprobs = true,
                        .sampling = rec_sampling_greedy()};
    rec_lm_reply reply;
    ck_assert_ok(rec_lm_generate(&reply, lm, &r, 1, err));
    ck_assert_str_eq(reply.best[0].text, " Paris");
    ck_assert_int_eq(reply.best[0].finish, REC_FINISH_LENGTH);
    ck_assert_double_eq(reply.best[0].sum, -0.5);
    ck_assert_ptr_nonnull(strstr(s.body, "\"prompt\":\"The capital of France is\""));
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

/* ---- refusals ---- */

/* Answers with `status`, `headers` and `body` for the first `n_bad` requests, then as it should. */
typedef struct grumpy {
    int status;
    const char *headers, *body;
    unsigned n_bad;
} grumpy;

static bool grumble(void *context, const mock_request *r, int fd)
{
    const grumpy *g = context;
    return r->number < g->n_bad ? mock_answer(fd, g->status, g->headers, g->body)
                                : mock_answer_text(fd, "fine");
}

/* The reply of a model to a server of this mood, and how many requests it took. */
static rec_lm_reply ask_grumpy(unsigned *n_requests, grumpy g, const char *more)
{
    mock_server *server = mock_server_start(grumble, &g);
    rec_lm *lm = open_model(server, more);
    rec_lm_reply reply = ask(lm, "hello");
    *n_requests = mock_server_n_requests(server);
    rec_lm_ledger ledger;
    rec_lm_ledger_get(&ledger, lm);
    ck_assert_uint_eq(ledger.requests, *n_requests);
    ck_assert_uint_eq(ledger.retries, *n_requests - 1);
    ck_assert_uint_eq(ledger.failures, reply.failure != NULL);
    rec_lm_free(lm);
    mock_server_stop(server);
    return reply;
}

START_TEST(repeated_until_it_works)
{
    static const grumpy moods[] = {
        {429, "Retry-After: 0\r\n", "", 1},
        {429, "Retry-After: 1\r\n", "{}", 2},
        {429, "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", "", 1},
        {429, "retry-after: whenever\r\n", "", 1},
        {429, "", "", 3},
        {408, "", "", 1},
        {409, "", "", 1},
        {500, "", "oops", 1},
        {503, "Retry-After: 2\r\n", "<html>busy</html>", 1},
    };
    for (size_t i = 0; i < sizeof moods / sizeof *moods; i++) {
        unsigned n;
        rec_lm_reply reply = ask_grumpy(&n, moods[i], "");
        ck_assert_uint_eq(n, moods[i].n_bad + 1);
        ck_assert_str_eq(reply.best[0].text, "fine");
        rec_lm_reply_deinit(&reply);
    }
}
END_TEST

START_TEST(given_up)
{
    unsigned n;
    rec_lm_reply reply = ask_grumpy(&n, (grumpy){500, "", "{\"error\":\"overloaded\"}", 99}, "");
    ck_assert_uint_eq(n, 4); /* retries: 3 */
    ck_assert_str_eq(reply.failure, "http_500: overloaded (sent 4 times)");
    rec_lm_reply_deinit(&reply);

    reply = ask_grumpy(&n, (grumpy){500, "", "", 99}, "retries: 0\n");
    ck_assert_uint_eq(n, 1);
    rec_lm_reply_deinit(&reply);

    reply = ask_grumpy(&n, (grumpy){429, "Retry-After: 3600\r\n", "", 99}, "");
    ck_assert_uint_eq(n, 1);
    ck_assert_failure(reply, "http_429");
    ck_assert_ptr_nonnull(strstr(reply.failure, "asks to wait 3600 s"));
    rec_lm_reply_deinit(&reply);
}
END_TEST

START_TEST(not_repeated)
{
    static const int statuses[] = {400, 404, 413, 422};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        unsigned n;
        char name[32];
        grumpy g = {statuses[i], "", "{\"error\":{\"message\":\"no\\nway\"}}", 99};
        rec_lm_reply reply = ask_grumpy(&n, g, "");
        snprintf(name, sizeof name, "http_%d: no way", statuses[i]);
        ck_assert_uint_eq(n, 1);
        ck_assert_str_eq(reply.failure, name);
        rec_lm_reply_deinit(&reply);
    }
}
END_TEST

/* A key that is refused stops everything; the message names the variable and never the key. */
START_TEST(unauthorised)
{
    for (int status = 401; status <= 403; status += 2) {
        grumpy g = {status, "", "{\"error\":{\"message\":\"bad key sk-secret\"}}", 99};
        mock_server *server = mock_server_start(grumble, &g);
        setenv("TEST_KEY", "sk-secret", 1);
        rec_lm *lm = open_model(server, "key_env: TEST_KEY\n");
        rec_lm_part part;
        rec_lm_request r = question(&part, "hello");
        rec_lm_reply reply;
        rec_error e;
        ck_assert_int_eq(rec_lm_generate(&reply, lm, &r, 1, &e), REC_ERR_ENDPOINT);
        ck_assert_ptr_nonnull(strstr(e.message, "TEST_KEY"));
        ck_assert_ptr_nonnull(strstr(e.message, "bad key *********"));
        ck_assert_ptr_null(strstr(e.message, "sk-secret"));
        ck_assert_uint_eq(mock_server_n_requests(server), 1);
        rec_lm_free(lm);
        mock_server_stop(server);
    }
}
END_TEST

START_TEST(unreachable)
{
    mock_server *server = mock_server_start(note_and_answer, NULL);
    unsigned port = mock_server_port(server);
    mock_server_stop(server);
    rec_lm *lm;
    ck_assert_ok(try_model(&lm, port, "retries: 1\n", err));
    rec_lm_part part;
    rec_lm_request r = question(&part, "hello");
    rec_lm_reply reply;
    ck_assert_fails(rec_lm_generate(&reply, lm, &r, 1, err), REC_ERR_ENDPOINT, "unreachable");
    rec_lm_free(lm);
}
END_TEST

/* A listener that accepts nothing and whose queue is full: the next connection waits for ever. */
START_TEST(connecting_takes_too_long)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), waiting[3];
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 0), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    for (int i = 0; i < 3; i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(waiting[i], (struct sockaddr *)&address, size);
    }
    rec_lm *lm;
    rec_lm_part part;
    rec_lm_request r = question(&part, "hello");
    rec_lm_reply reply;
    ck_assert_ok(
        try_model(&lm, ntohs(address.sin_port), "retries: 0\nconnect_timeout: 0.1\n", err));
    ck_assert_fails(rec_lm_generate(&reply, lm, &r, 1, err), REC_ERR_ENDPOINT,
                    "timeout: while connecting");
    rec_lm_free(lm);
    for (int i = 0; i < 3; i++)
        close(waiting[i]);
    close(fd);
}
END_TEST

/* ---- slow and broken answers ---- */

static bool stall(void *context, const mock_request *r, int fd)
{
    (void)context;
    (void)r;
    return mock_stall(fd);
}

static bool trickle(void *context, const mock_request *r, int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    (void)context;
    (void)r;
    mock_send(fd, head, sizeof head - 1);
    while (mock_send(fd, " ", 1))
        mock_sleep_ms(20);
    return false;
}

static bool half_chunked(void *context, const mock_request *r, int fd)
{
    static const char text[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"choices\"";
    (void)context;
    (void)r;
    mock_send(fd, text, sizeof text - 1);
    return false;
}

static bool length_too_large(void *context, const mock_request *r, int fd)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\":[]}";
    (void)context;
    (void)r;
    mock_send(fd, text, sizeof text - 1);
    return false;
}

static bool length_too_small(void *context, const mock_request *r, int fd)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: "
                               "5\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"x\"}}]}";
    (void)context;
    (void)r;
    mock_send(fd, text, sizeof text - 1);
    return false;
}

static bool hang_up(void *context, const mock_request *r, int fd)
{
    (void)context;
    (void)r;
    (void)fd;
    return false;
}

static bool huge_stated(void *context, const mock_request *r, int fd)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n";
    char block[4096];
    (void)context;
    (void)r;
    memset(block, ' ', sizeof block);
    mock_send(fd, text, sizeof text - 1);
    while (mock_send(fd, block, sizeof block))
        continue;
    return false;
}

static bool huge_endless(void *context, const mock_request *r, int fd)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    char block[4096];
    (void)context;
    (void)r;
    memset(block, ' ', sizeof block);
    mock_send(fd, text, sizeof text - 1);
    while (mock_send(fd, block, sizeof block))
        continue;
    return false;
}

START_TEST(broken_transport)
{
    static const struct {
        mock_handler handler;
        const char *name;
        unsigned n_requests; /* with one repetition where that helps */
    } cases[] = {
        {stall, "timeout: no answer began", 2}, {trickle, "timeout", 2},
        {half_chunked, "connection", 2},        {length_too_large, "connection", 2},
        {length_too_small, "malformed", 1},     {hang_up, "connection", 2},
        {huge_stated, "too_large", 1},          {huge_endless, "too_large", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mock_server *server = mock_server_start(cases[i].handler, NULL);
        rec_lm *lm = open_model(server, "retries: 1\nfirst_byte_timeout: 0.1\ntimeout: 0.3\n"
                                        "max_response_bytes: 1000000\n");
        rec_lm_reply reply = ask(lm, "hello");
        ck_assert_failure(reply, cases[i].name);
        ck_assert_uint_eq(mock_server_n_requests(server), cases[i].n_requests);
        rec_lm_reply_deinit(&reply);
        rec_lm_free(lm);
        mock_server_stop(server);
    }
}
END_TEST

START_TEST(answers_that_are_none)
{
    static const struct {
        const char *body, *name;
    } cases[] = {
        {"", "malformed: an empty answer"},
        {"<html><body>502</body></html>", "malformed: not JSON"},
        {"{\"choices\":[{\"message\":{\"content\":\"\xff\"}}]}", "malformed: not JSON"},
        {"{\"choices\":[{\"message\":{\"content\":\"x\"", "malformed: not JSON"},
        {"[]", "malformed: not a JSON object"},
        {"{\"error\":{\"message\":\"no such model\"}}", "error: no such model"},
        {"{\"error\":{}}", "error: an error object with status 200"},
        {"{\"object\":\"error\",\"message\":\"too long\"}", "error: too long"},
        {"{}", "no_choices: choices is missing"},
        {"{\"choices\":[]}", "no_choices: choices is empty"},
        {"{\"choices\":[{}]}", "no_text: message.content is missing"},
        {"{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"tool_calls\"}]}",
         "no_text: message.content is null (finish_reason tool_calls)"},
        {"{\"choices\":[{\"message\":{\"content\":5}}]}",
         "no_text: message.content is not a string"},
        {"{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"content_filter\"}]}",
         "filtered"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned n;
        rec_lm_reply reply = ask_grumpy(&n, (grumpy){200, "", cases[i].body, 99}, "");
        ck_assert_failure(reply, cases[i].name);
        ck_assert_uint_eq(n, 1);
        rec_lm_reply_deinit(&reply);
    }
}
END_TEST

/* ---- redirects ---- */

static bool redirect_once(void *context, const mock_request *r, int fd)
{
    return strcmp(r->path, "/elsewhere") == 0 ? mock_answer_text(fd, "here")
                                              : mock_answer(fd, 307, context, "");
}

START_TEST(redirects)
{
    mock_server *other = mock_server_start(redirect_once, "");
    char to_other[96];
    snprintf(to_other, sizeof to_other, "Location: http://127.0.0.1:%u/elsewhere\r\n",
             mock_server_port(other));
    char *const refused[] = {to_other, "Location: file:///etc/passwd\r\n",
                             "Location: http://localhost/elsewhere\r\n", ""};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        mock_server *server = mock_server_start(redirect_once, refused[i]);
        rec_lm *lm = open_model(server, "");
        rec_lm_reply reply = ask(lm, "hello");
        ck_assert_failure(reply, "redirect: HTTP 307");
        ck_assert_uint_eq(mock_server_n_requests(server), 1);
        rec_lm_reply_deinit(&reply);
        rec_lm_free(lm);
        mock_server_stop(server);
    }
    ck_assert_uint_eq(mock_server_n_requests(other), 0);
    mock_server_stop(other);

    mock_server *server = mock_server_start(redirect_once, "Location: /elsewhere\r\n");
    rec_lm *lm = open_model(server, "");
    rec_lm_reply reply = ask(lm, "hello");
    ck_assert_str_eq(reply.best[0].text, "here");
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

static bool redirect_for_ever(void *context, const mock_request *r, int fd)
{
    (void)context;
    (void)r;
    return mock_answer(fd, 308, "Location: /again\r\n", "");
}

START_TEST(redirect_loop)
{
    mock_server *server = mock_server_start(redirect_for_ever, NULL);
    rec_lm *lm = open_model(server, "");
    rec_lm_reply reply = ask(lm, "hello");
    ck_assert_failure(reply, "redirect");
    ck_assert_uint_eq(mock_server_n_requests(server), 4);
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

/* ---- another model ---- */

static bool change_model(void *context, const mock_request *r, int fd)
{
    (void)context;
    return mock_answer(fd, 200, "",
                       r->number == 0
                           ? "{\"model\":\"a\",\"choices\":[{\"message\":{\"content\":\"1\"}}]}"
                           : "{\"model\":\"b\",\"choices\":[{\"message\":{\"content\":\"2\"}}]}");
}

START_TEST(model_changes)
{
    for (int strict = 0; strict < 2; strict++) {
        mock_server *server = mock_server_start(change_model, NULL);
        rec_lm *lm = open_model(server, strict ? "model_must_stay: true\n" : "");
        rec_lm_reply first = ask(lm, "x"), second = ask(lm, "y");
        rec_lm_ledger ledger;
        rec_lm_ledger_get(&ledger, lm);
        ck_assert_uint_eq(ledger.model_changes, 1);
        ck_assert_str_eq(first.best[0].text, "1");
        if (strict)
            ck_assert_failure(second,
                              "model_changed: the answer is by \"b\", earlier ones by \"a\"");
        else
            ck_assert_str_eq(second.best[0].text, "2");
        rec_lm_reply_deinit(&first);
        rec_lm_reply_deinit(&second);
        rec_lm_free(lm);
        mock_server_stop(server);
    }
}
END_TEST

/* ---- many ---- */

enum { N_MANY = 1000 };

typedef struct crowd {
    atomic_uint n_seen[N_MANY];
    unsigned n_faulty; /* of ten */
} crowd;

static unsigned number_in(const char *body)
{
    return (unsigned)atoi(strstr(body, "question ") + strlen("question "));
}

/* A fifth of all questions meet a fault of one of seven kinds the first two times they are asked. */
static bool crowd_handler(void *context, const mock_request *r, int fd)
{
    crowd *c = context;
    unsigned i = number_in(r->body), attempt = atomic_fetch_add(&c->n_seen[i], 1);
    char text[32];
    snprintf(text, sizeof text, "answer %u.", i);
    if (i % 10 >= c->n_faulty || attempt >= 2)
        return mock_answer_text(fd, text);
    switch (i / 10 % 7) {
    case 0:
        return mock_answer(fd, 429, "Retry-After: 1\r\n", "");
    case 1:
        return mock_answer(fd, 500, "", "<html>");
    case 2:
        return half_chunked(NULL, r, fd);
    case 3: /* a line: where there are none libcurl repeats by itself on a kept connection */
        mock_send(fd, "HTTP/1.1 200 OK\r\n", 17);
        return false;
    case 4:
        return length_too_large(NULL, r, fd);
    case 5:
        return mock_answer(fd, 408, "", "{\"error\":\"None\"}");
    default:
        return mock_stall(fd);
    }
}

START_TEST(thousand_with_faults)
{
    static crowd c;
    c.n_faulty = 2;
    mock_server *server = mock_server_start(crowd_handler, &c);
    rec_lm *lm = open_model(server, "concurrency: 32\nfirst_byte_timeout: 0.5\nretries: 3\n");
    static rec_lm_part parts[N_MANY];
    static rec_lm_request requests[N_MANY];
    static rec_lm_reply replies[N_MANY];
    static char texts[N_MANY][32];
    for (unsigned i = 0; i < N_MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "question %u.", i);
        requests[i] = question(&parts[i], texts[i]);
        requests[i].id = i;
    }
    ck_assert_ok(rec_lm_generate(replies, lm, requests, N_MANY, err));
    for (unsigned i = 0; i < N_MANY; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "answer %u.", i);
        ck_assert_msg(replies[i].failure == NULL, "%u: %s", i, replies[i].failure);
        ck_assert_str_eq(replies[i].best[0].text, expected);
        /* A good answer is asked for once; a faulty one until it was good, and not again. */
        ck_assert_uint_eq(atomic_load(&c.n_seen[i]), i % 10 < 2 ? 3 : 1);
        rec_lm_reply_deinit(&replies[i]);
    }
    rec_lm_ledger ledger;
    rec_lm_ledger_get(&ledger, lm);
    ck_assert_uint_eq(ledger.requests, N_MANY + 400);
    ck_assert_uint_eq(ledger.retries, 400);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

/* Faults that stay: exactly these are failures, the others are answers. */
START_TEST(failures_are_named)
{
    static crowd c;
    c.n_faulty = 2;
    mock_server *server = mock_server_start(crowd_handler, &c);
    rec_lm *lm = open_model(server, "concurrency: 16\nfirst_byte_timeout: 0.3\nretries: 1\n");
    enum { N = 140 };
    rec_lm_part parts[N];
    rec_lm_request requests[N];
    rec_lm_reply replies[N];
    char texts[N][32];
    for (unsigned i = 0; i < N; i++) {
        snprintf(texts[i], sizeof texts[i], "question %u.", i);
        requests[i] = question(&parts[i], texts[i]);
    }
    ck_assert_ok(rec_lm_generate(replies, lm, requests, N, err));
    for (unsigned i = 0; i < N; i++) {
        ck_assert_int_eq(replies[i].failure != NULL, i % 10 < 2);
        ck_assert_uint_eq(replies[i].n_best, i % 10 >= 2);
        rec_lm_reply_deinit(&replies[i]);
    }
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

static bool stall_first(void *context, const mock_request *r, int fd)
{
    (void)context;
    return strstr(r->body, "stall") != NULL ? mock_stall(fd) : mock_answer_text(fd, "ok");
}

static rec_status note_order(void *context, const rec_lm_reply *reply, rec_error *err)
{
    char *order = context;
    (void)err;
    strcat(order, reply->failure != NULL ? "F" : "a");
    return REC_OK;
}

/* Two places, one of them taken by a stalled request: all others end before it does. */
START_TEST(stalled_request_holds_nobody)
{
    enum { N = 30 };
    char order[N + 1] = "", expected[N + 1] = "";
    mock_server *server = mock_server_start(stall_first, NULL);
    rec_lm *lm = open_model(server, "concurrency: 2\nfirst_byte_timeout: 2\nretries: 0\n");
    rec_lm_part parts[N];
    rec_lm_request requests[N];
    rec_lm_reply replies[N];
    for (unsigned i = 0; i < N; i++) {
        requests[i] = question(&parts[i], i == 0 ? "stall" : "go");
        requests[i].on_reply = note_order;
        requests[i].on_reply_context = order;
    }
    ck_assert_ok(rec_lm_generate(replies, lm, requests, N, err));
    memset(expected, 'a', N - 1);
    expected[N - 1] = 'F';
    ck_assert_str_eq(order, expected);
    for (unsigned i = 0; i < N; i++)
        rec_lm_reply_deinit(&replies[i]);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

/* ---- money ---- */

/* Every price is unknown here but that of "m". */
static void write_prices(void)
{
    static const char text[] =
        "date: 2025-06-01\nmodels:\n  m: {input: 1000000, output: 2000000}\n";
    test_write("prices.yaml", text, sizeof text - 1);
}

/* An answer takes 7 tokens in, 3 out: 7 + 6 = 13 micro-dollars at 1 and 2 dollars per million. Asking
 * for 5 tokens reserves 10 for the answer; the prompt of about 110 bytes some 37: with a limit of 100
 * the first few fit. */
START_TEST(budget)
{
    enum { N = 20 };
    seen s;
    char more[400], order[N + 1] = "";
    write_prices();
    mock_server *server = mock_server_start(note_and_answer, &s);
    snprintf(more, sizeof more, "prices: \"%s\"\nconcurrency: 1\n", test_path("prices.yaml"));
    rec_lm *lm = open_model(server, more);
    rec_lm_budget shared = rec_lm_budget_of(0.0001);
    rec_lm_share_budget(lm, &shared);
    rec_lm_part parts[N];
    rec_lm_request requests[N];
    rec_lm_reply replies[N];
    for (unsigned i = 0; i < N; i++) {
        requests[i] = question(&parts[i], "hello");
        requests[i].on_reply = note_order;
        requests[i].on_reply_context = order;
    }
    ck_assert_fails(rec_lm_generate(replies, lm, requests, N, err), REC_ERR_ENDPOINT, "max_cost");
    rec_lm_ledger ledger;
    rec_lm_ledger_get(&ledger, lm);
    size_t n = strlen(order);
    ck_assert_uint_ge(n, 2);
    ck_assert_uint_le(n, 7);
    ck_assert_uint_eq(ledger.requests, n);
    ck_assert_int_eq(rec_lm_ledger_microdollars(&ledger), 13 * (int64_t)n);
    ck_assert_uint_eq(ledger.tokens_in, 7 * n);

    rec_lm_price price;
    ck_assert(rec_lm_price_get(&price, lm));
    ck_assert_str_eq(price.date, "2025-06-01");
    shared.limit = -1; /* the limit is lifted, the rest can be asked */
    ck_assert_int_eq(shared.spent, 13000000 * (int64_t)n);
    rec_lm_reply reply = ask(lm, "more");
    ck_assert_int_eq(reply.cost_microdollars, 13);
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);

    snprintf(more, sizeof more, "prices: \"%s\"\nmax_cost: 0.00001\n", test_path("prices.yaml"));
    lm = open_model(server, more);
    ck_assert_fails(rec_lm_generate(replies, lm, requests, 1, err), REC_ERR_ENDPOINT, "max_cost");
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

START_TEST(unknown_prices)
{
    seen s;
    rec_lm *lm;
    rec_lm_price price;
    mock_server *server = mock_server_start(note_and_answer, &s);
    ck_assert_fails(try_model(&lm, mock_server_port(server), "max_cost: 1\n", err), REC_ERR_CONFIG,
                    "max_cost: needs the price");
    lm = open_model(server, "");
    ck_assert(lm->paid);
    ck_assert(!rec_lm_price_get(&price, lm));
    rec_lm_reply reply = ask(lm, "x");
    ck_assert_int_eq(reply.cost_microdollars, -1);
    rec_lm_ledger ledger;
    rec_lm_ledger_get(&ledger, lm);
    ck_assert_int_eq(rec_lm_ledger_microdollars(&ledger), -1);
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

/* ---- log-likelihoods and embeddings ---- */

/* "é a" has three characters; the completion " b" is the token at 3. The generated token is at 5. */
static bool echo(void *context, const mock_request *r, int fd)
{
    (void)context;
    (void)r;
    return mock_answer(fd, 200, "",
                       "{\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"\",\"logprobs\":{"
                       "\"tokens\":[\"é\",\" a\",\" b\",\"!\"],\"text_offset\":[0,1,3,5],"
                       "\"token_logprobs\":[null,-1.0,-0.25,-3.0]}}],"
                       "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}");
}

START_TEST(scores)
{
    mock_server *server = mock_server_start(echo, NULL);
    rec_lm *lm = open_model(server, "scores: true\n");
    rec_lm_part prompt = {.kind = REC_LM_DATA, .text = "é a"},
                after = {.kind = REC_LM_DATA, .text = " b"};
    rec_lm_part straddling = {.kind = REC_LM_DATA, .text = "é"},
                rest = {.kind = REC_LM_DATA, .text = "a b"};
    rec_lm_part whole = {.kind = REC_LM_DATA, .text = "é a b"};
    const rec_lm_score_request requests[] = {
        {.prompt = {.parts = &prompt, .n_parts = 1}, .completion = {.parts = &after, .n_parts = 1}},
        {.completion = {.parts = &whole, .n_parts = 1}},
        {.prompt = {.parts = (rec_lm_part[]){straddling, {.kind = REC_LM_DATA, .text = " "}},
                    .n_parts = 2},
         .completion = {.parts = &rest, .n_parts = 1}},
    };
    rec_lm_score out[3];
    ck_assert_ok(rec_lm_score_all(out, lm, requests, 3, err));
    ck_assert_uint_eq(out[0].n, 1);
    ck_assert_double_eq(out[0].sum, -0.25);
    ck_assert_uint_eq(out[1].n, 3);
    ck_assert(isnan(out[1].logprobs[0]));
    ck_assert_double_eq(out[1].sum, -1.25);
    ck_assert_ptr_nonnull(out[2].failure);
    ck_assert_ptr_nonnull(strstr(out[2].failure, "boundary"));
    for (int i = 0; i < 3; i++)
        rec_lm_score_deinit(&out[i]);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

START_TEST(capabilities)
{
    mock_server *server = mock_server_start(echo, NULL);
    rec_lm *lm = open_model(server, "");
    rec_lm_score score;
    rec_lm_part part = {.kind = REC_LM_DATA, .text = "x"};
    const rec_lm_score_request r = {.completion = {.parts = &part, .n_parts = 1}};
    ck_assert_fails(rec_lm_score_all(&score, lm, &r, 1, err), REC_ERR_CONFIG, "lacks: logits");
    rec_lm_free(lm);
    ck_assert_fails(try_model(&lm, mock_server_port(server), "api: embeddings\n", err),
                    REC_ERR_CONFIG, "embed_dim");
    mock_server_stop(server);
}
END_TEST

/* Vectors (length of the text, 1), last text first; a request with the text "bad" is refused. */
static bool embeddings(void *context, const mock_request *r, int fd)
{
    char body[4096] = "{\"model\":\"m\",\"data\":[";
    (void)context;
    if (strstr(r->body, "\"bad\"") != NULL)
        return mock_answer(fd, 400, "", "{\"error\":\"too long\"}");
    const char *at = strstr(r->body, "\"input\":[") + 9;
    for (int i = 0; *at == '"' || *at == ','; i++) {
        at += *at == ',';
        const char *end = strchr(at + 1, '"');
        size_t used = strlen(body);
        snprintf(body + used, sizeof body - used, "%s{\"index\":%d,\"embedding\":[%d,1]}",
                 i > 0 ? "," : "", i, (int)(end - at) - 1);
        at = end + 1;
    }
    strcat(body, "],\"usage\":{\"prompt_tokens\":2}}");
    return mock_answer(fd, 200, "", body);
}

START_TEST(embeds)
{
    static const char *const texts[] = {"a", "bb", "bad", "dddd", "eeeee"};
    mock_server *server = mock_server_start(embeddings, NULL);
    rec_lm *lm = open_model(server, "api: embeddings\nembed_dim: 2\nembed_batch: 4\n");
    ck_assert_uint_eq(lm->can, REC_LM_EMBEDS);
    rec_lm_part parts[5];
    rec_lm_input inputs[5];
    float out[10];
    for (int i = 0; i < 5; i++) {
        parts[i] = (rec_lm_part){.kind = REC_LM_DATA, .text = texts[i]};
        inputs[i] = (rec_lm_input){.parts = &parts[i], .n_parts = 1};
    }
    ck_assert_ok(rec_lm_embed(out, lm, inputs, 5, err));
    static const float expected[] = {1, 2, 0, 4, 5};
    for (int i = 0; i < 5; i++) {
        if (i == 2) /* refused alone as well: no vector, and its neighbours have theirs */
            ck_assert(isnan(out[2 * i]) && isnan(out[2 * i + 1]));
        else
            ck_assert(out[2 * i] == expected[i] && out[2 * i + 1] == 1.0F);
    }
    rec_lm_free(lm);

    lm = open_model(server, "api: embeddings\nembed_dim: 3\n");
    ck_assert_ok(rec_lm_embed(out, lm, inputs, 1, err));
    ck_assert(isnan(out[0]));
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

/* ---- signals ---- */

static bool signal_and_stall(void *context, const mock_request *r, int fd)
{
    (void)context;
    (void)r;
    kill(getpid(), SIGINT);
    return mock_stall(fd);
}

START_TEST(interrupted)
{
    rec_interrupt_install();
    mock_server *server = mock_server_start(signal_and_stall, NULL);
    rec_lm *lm = open_model(server, "");
    rec_lm_part part;
    rec_lm_request r = question(&part, "hello");
    rec_lm_reply reply;
    rec_error e;
    ck_assert_int_eq(rec_lm_generate(&reply, lm, &r, 1, &e), REC_ERR_INTERRUPTED);
    rec_lm_free(lm);
    mock_server_stop(server);
}
END_TEST

REC_SUITE("models/lm/endpoint", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, chat); tcase_add_test(t, completion);
          tcase_add_test(t, repeated_until_it_works); tcase_add_test(t, given_up);
          tcase_add_test(t, not_repeated); tcase_add_test(t, unauthorised);
          tcase_add_test(t, unreachable); tcase_add_test(t, connecting_takes_too_long);
          tcase_add_test(t, broken_transport); tcase_add_test(t, answers_that_are_none);
          tcase_add_test(t, redirects); tcase_add_test(t, redirect_loop);
          tcase_add_test(t, model_changes); tcase_add_test(t, thousand_with_faults);
          tcase_add_test(t, failures_are_named); tcase_add_test(t, stalled_request_holds_nobody);
          tcase_add_test(t, budget); tcase_add_test(t, unknown_prices); tcase_add_test(t, scores);
          tcase_add_test(t, capabilities); tcase_add_test(t, embeds);
          tcase_add_test(t, interrupted);)
