#include "tests/support/mock_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 4096, REQUEST_MAX = 4 << 20 };

struct connection {
    mock_server *server;
    pthread_t thread;
    int fd;
};

struct mock_server {
    mock_handler handler;
    void *context;
    int fd;
    unsigned port;
    atomic_uint n_requests;
    pthread_t acceptor;
    struct connection connections[CONNECTIONS_MAX];
    atomic_size_t n_connections;
};

void mock_sleep_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L};
    nanosleep(&t, NULL);
}

bool mock_stall(int fd)
{
    char byte;
    while (recv(fd, &byte, 1, 0) > 0)
        continue;
    return false;
}

bool mock_send(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool mock_answer(int fd, int status, const char *headers, const char *body)
{
    size_t size = strlen(headers) + strlen(body) + 256;
    char *text = malloc(size);
    snprintf(text, size,
             "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
             status, strlen(body), headers, body);
    bool sent = mock_send(fd, text, strlen(text));
    free(text);
    return sent;
}

bool mock_answer_text(int fd, const char *escaped)
{
    size_t size = strlen(escaped) + 512;
    char *body = malloc(size);
    snprintf(body, size,
             "{\"object\":\"chat.completion\",\"model\":\"mock-1\",\"choices\":[{\"index\":0,"
             "\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}],"
             "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}",
             escaped);
    bool sent = mock_answer(fd, 200, "", body);
    free(body);
    return sent;
}

/* Bytes of the first request in the buffer, 0 while it is not whole. */
static size_t whole_request(const char *buffer, size_t n, size_t *head, size_t *length)
{
    const char *end = memmem(buffer, n, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    *head = (size_t)(end - buffer) + 4;
    *length = 0;
    for (const char *at = buffer; at < end; at = strstr(at, "\r\n") + 2)
        if (strncasecmp(at, "content-length:", 15) == 0)
            *length = strtoul(at + 15, NULL, 10);
    return n >= *head + *length ? *head + *length : 0;
}

static bool serve_one(struct connection *c, char *buffer, size_t head, size_t length)
{
    mock_server *s = c->server;
    char *body = strndup(buffer + head, length), *path = strchr(buffer, ' ') + 1;
    buffer[head - 1] = '\0';
    path[strcspn(path, " ")] = '\0';
    const mock_request request = {.path = path,
                                  .headers = path + strlen(path) + 1,
                                  .body = body,
                                  .n_body = length,
                                  .number = atomic_fetch_add(&s->n_requests, 1)};
    bool goes_on = s->handler(s->context, &request, c->fd);
    free(body);
    return goes_on;
}

static void *serve(void *argument)
{
    struct connection *c = argument;
    char *buffer = calloc(REQUEST_MAX + 1, 1);
    size_t n = 0, head, length;
    for (bool goes_on = true; goes_on;) {
        size_t whole = whole_request(buffer, n, &head, &length);
        if (whole > 0) {
            goes_on = serve_one(c, buffer, head, length);
            memmove(buffer, buffer + whole, n - whole);
            n -= whole;
            buffer[n] = '\0';
            continue;
        }
        ssize_t got = recv(c->fd, buffer + n, REQUEST_MAX - n, 0);
        goes_on = got > 0;
        n += got > 0 ? (size_t)got : 0;
        buffer[n] = '\0';
    }
    shutdown(c->fd, SHUT_RDWR); /* closed by mock_server_stop: the number must stay taken */
    free(buffer);
    return NULL;
}

static void *accept_all(void *argument)
{
    mock_server *s = argument;
    int fd;
    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        if (s->n_connections == CONNECTIONS_MAX)
            abort();
        struct connection *c = &s->connections[s->n_connections++];
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        *c = (struct connection){.server = s, .fd = fd};
        if (pthread_create(&c->thread, NULL, serve, c) != 0)
            abort();
    }
    return NULL;
}

mock_server *mock_server_start(mock_handler handler, void *context)
{
    mock_server *s = calloc(1, sizeof *s);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    s->handler = handler;
    s->context = context;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->fd, (struct sockaddr *)&address, size) != 0 || listen(s->fd, 512) != 0 ||
        getsockname(s->fd, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&s->acceptor, NULL, accept_all, s) != 0)
        abort();
    s->port = ntohs(address.sin_port);
    return s;
}

void mock_server_stop(mock_server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->acceptor, NULL);
    close(s->fd);
    for (size_t i = 0; i < s->n_connections; i++)
        shutdown(s->connections[i].fd, SHUT_RDWR);
    for (size_t i = 0; i < s->n_connections; i++) {
        pthread_join(s->connections[i].thread, NULL);
        close(s->connections[i].fd);
    }
    free(s);
}

unsigned mock_server_n_requests(const mock_server *s)
{
    return atomic_load(&s->n_requests);
}

size_t mock_server_n_connections(const mock_server *s)
{
    return atomic_load(&s->n_connections);
}

unsigned mock_server_port(const mock_server *s)
{
    return s->port;
}
