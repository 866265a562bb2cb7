/** A client on a raw socket, so that a test decides every byte and when it is sent. */
#ifndef REC_TESTS_HARNESS_SERVE_CLIENT_H
#define REC_TESTS_HARNESS_SERVE_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/suite.h"

static inline int connect_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void send_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        ck_assert_msg(sent > 0, "send: %s", strerror(errno));
        bytes += sent;
        n -= (size_t)sent;
    }
}

/* A request with a body; `headers` are further lines, each with its end. */
static inline void send_request(int fd, const char *method, const char *path, const char *headers,
                                const char *body)
{
    char head[1000];
    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n",
             method, path, headers, strlen(body));
    send_all(fd, head, strlen(head));
    send_all(fd, body, strlen(body));
}

/* Wait for bytes, 20 seconds at most. 0: the server has closed. */
static inline size_t read_some(int fd, char *bytes, size_t size)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ck_assert_msg(poll(&p, 1, 20000) == 1, "no answer");
    ssize_t n = recv(fd, bytes, size, 0);
    return n > 0 ? (size_t)n : 0;
}

/* All until the server closes, or until `end` has come; terminated. The caller's. */
static inline char *read_until(int fd, const char *end)
{
    size_t n = 0, size = 4096;
    char *text = malloc(size);
    text[0] = '\0';
    while (end == NULL || strstr(text, end) == NULL) {
        if (n + 1 == size)
            text = realloc(text, size *= 2);
        size_t got = read_some(fd, text + n, size - n - 1);
        if (got == 0)
            break;
        n += got;
        text[n] = '\0';
    }
    return text;
}

static inline int status_of(const char *answer)
{
    int status = 0;
    ck_assert_msg(sscanf(answer, "HTTP/1.1 %d", &status) == 1, "no answer: \"%s\"", answer);
    return status;
}

#define CLOSE "Connection: close\r\n"

/* A whole exchange on a connection of its own. */
static inline char *ask_with(uint16_t port, const char *method, const char *path,
                             const char *headers, const char *body)
{
    char all[600];
    int fd = connect_to(port);
    snprintf(all, sizeof all, CLOSE "%s", headers);
    send_request(fd, method, path, all, body);
    char *answer = read_until(fd, NULL);
    close(fd);
    return answer;
}

static inline void expect(uint16_t port, const char *method, const char *path, const char *headers,
                          const char *body, int status, const char *text)
{
    char *answer = ask_with(port, method, path, headers, body);
    ck_assert_msg(status_of(answer) == status, "%s %s: %s", method, path, answer);
    ck_assert_msg(strstr(answer, text) != NULL, "no \"%s\" in %s", text, answer);
    free(answer);
}

#endif
