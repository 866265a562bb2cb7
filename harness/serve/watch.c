/* Clients that go away while they wait. A sleeping connection is not read from, so that nobody would
 * notice; this thread looks at the sockets of all that wait, a few times a second.
 *
 * A client that has closed its side may be gone or may only have said that it sends no more. Writing
 * tells: the kernel of one that is gone answers with a reset. What is written is harmless: "102
 * Processing" (RFC 2518, section 10.1) ahead of an answer, a comment inside a stream of events. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "harness/serve/exchange.h"

enum { LOOK_MILLISECONDS = 200 };

static int socket_of(const rec_exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? info->connect_fd : -1;
}

/* With the call's mutex held. */
static void wake(rec_exchange *x)
{
    x->suspended = false;
    MHD_resume_connection(x->connection);
}

static void probe(rec_exchange *x, int socket)
{
    static const char interim[] = "HTTP/1.1 102 Processing\r\n\r\n";
    x->was_probed = true;
    if (x->call->completion.stream) {
        x->wants_probe = true;
        wake(x);
    } else if (x->is_http_1_0 || /* knows no interim answers */
               send(socket, interim, strlen(interim), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        x->is_gone = true;
        wake(x);
    }
}

/* With the call's mutex held and the exchange asleep. */
static void look(rec_exchange *x)
{
    struct pollfd p = {.fd = socket_of(x), .events = POLLRDHUP};
    if (poll(&p, 1, 0) <= 0)
        return;
    if (p.revents & (POLLERR | POLLHUP | POLLNVAL)) {
        x->is_gone = true;
        wake(x);
    } else if (p.revents & POLLRDHUP && !x->was_probed) {
        probe(x, p.fd);
    }
}

static void look_at_all(rec_server *s)
{
    for (rec_exchange *x = s->waiting; x != NULL; x = x->next) {
        pthread_mutex_lock(&x->call->mutex);
        if (x->suspended)
            look(x);
        pthread_mutex_unlock(&x->call->mutex);
    }
}

static void *watch(void *argument)
{
    rec_server *s = argument;
    pthread_mutex_lock(&s->watch_mutex);
    while (!s->watch_ends) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MILLISECONDS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (pthread_cond_timedwait(&s->watch_end, &s->watch_mutex, &until) == ETIMEDOUT)
            look_at_all(s);
    }
    pthread_mutex_unlock(&s->watch_mutex);
    return NULL;
}

rec_status rec_watch_start(rec_server *s, rec_error *err)
{
    s->watching = pthread_create(&s->watcher, NULL, watch, s) == 0;
    return s->watching ? REC_OK : rec_fail_errno(err, REC_ERR_RESOURCE, "cannot start a thread");
}

void rec_watch_stop(rec_server *s)
{
    if (!s->watching)
        return;
    pthread_mutex_lock(&s->watch_mutex);
    s->watch_ends = true;
    pthread_cond_signal(&s->watch_end);
    pthread_mutex_unlock(&s->watch_mutex);
    pthread_join(s->watcher, NULL);
    s->watching = false;
}

void rec_watch_add(rec_exchange *x)
{
    rec_server *s = x->server;
    pthread_mutex_lock(&s->watch_mutex);
    x->next = s->waiting;
    x->previous = NULL;
    if (s->waiting != NULL)
        s->waiting->previous = x;
    s->waiting = x;
    x->is_watched = true;
    pthread_mutex_unlock(&s->watch_mutex);
}

void rec_watch_remove(rec_exchange *x)
{
    rec_server *s = x->server;
    if (!x->is_watched)
        return;
    pthread_mutex_lock(&s->watch_mutex);
    if (x->previous != NULL)
        x->previous->next = x->next;
    else
        s->waiting = x->next;
    if (x->next != NULL)
        x->next->previous = x->previous;
    x->is_watched = false;
    pthread_mutex_unlock(&s->watch_mutex);
}
