/**
 * An HTTP/1.1 server on a loopback port for tests of clients: a thread per connection, and a handler
 * of the test that writes whatever bytes it likes, however slowly.
 */
#ifndef REC_TESTS_SUPPORT_MOCK_SERVER_H
#define REC_TESTS_SUPPORT_MOCK_SERVER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mock_request {
    const char *path;
    const char *headers; /* all lines, terminated */
    const char *body;    /* (n_body), terminated */
    size_t n_body;
    unsigned number; /* of this server, from 0 */
} mock_request;

/** @return false: the connection is closed now. Called from many threads at once. */
typedef bool (*mock_handler)(void *context, const mock_request *request, int fd);

typedef struct mock_server mock_server;

mock_server *mock_server_start(mock_handler handler, void *context);
void mock_server_stop(mock_server *s); /* closes all connections and waits for their threads */
unsigned mock_server_n_requests(const mock_server *s);
/** Connections so far; what they said counts as above. Exact while no client is at work. */
size_t mock_server_n_connections(const mock_server *s);
unsigned mock_server_port(const mock_server *s);

/** A whole answer. @param headers  further lines, each with "\r\n"; or "" */
bool mock_answer(int fd, int status, const char *headers, const char *body);
bool mock_send(int fd, const void *bytes, size_t n);

/** A chat answer with this text as JSON string content (already escaped), 7 tokens in, 3 out. */
bool mock_answer_text(int fd, const char *escaped);

void mock_sleep_ms(unsigned ms);

/** Say nothing until the client goes away or the server stops; always false. */
bool mock_stall(int fd);

#endif
