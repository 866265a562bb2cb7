#include "core/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/interrupt.h"
#include "core/memory.h"

extern char **environ;

enum { LINE_MAX_BYTES = 1 << 30, CHUNK = 1 << 16, LOOK_MS = 200 /* for signals, between waits */ };

struct rec_child {
    pid_t pid;
    int to, from;  /* our ends of its standard input and output; -1 = closed */
    rec_buffer in; /* what it wrote and nobody took yet, from `taken` on */
    size_t taken;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void ignore_sigpipe(void)
{
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
        action.sa_handler = SIG_IGN;
        sigaction(SIGPIPE, &action, NULL);
    }
}

static void close_pair(int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* Signals as a fresh program expects them, and a group of its own: an interrupt on the terminal is
 * ours to pass on. */
static int prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    int failed = posix_spawnattr_setsigdefault(attributes, &defaults);
    if (failed == 0)
        failed = posix_spawnattr_setpgroup(attributes, 0);
    if (failed == 0)
        failed =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    return failed;
}

/* 0, or an errno value. */
static int spawn(pid_t *pid, const char *const *argv, int input, int output)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&files);
    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        failed = prepare_attributes(&attributes);
        if (failed == 0)
            failed = posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
        if (failed == 0)
            failed = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        if (failed == 0) /* exec does not write to its arguments; the cast is the API's wish */
            failed = posix_spawnp(pid, argv[0], &files, &attributes,
                                  (char *const *)(void *)(const void *)argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

rec_status rec_child_start(rec_child **out, const char *const *argv, rec_error *err)
{
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    rec_status status = REC_OK;
    rec_child *c = rec_alloc(1, sizeof *c, err);
    *out = NULL;
    if (c == NULL)
        return REC_ERR_RESOURCE;
    ignore_sigpipe();
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0 ||
        fcntl(to[1], F_SETFL, O_NONBLOCK) != 0 || fcntl(from[0], F_SETFL, O_NONBLOCK) != 0)
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: pipe", argv[0]);
    if (status == REC_OK) {
        errno = spawn(&c->pid, argv, to[0], from[1]);
        if (errno != 0)
            status = rec_fail_errno(err, REC_ERR_MODEL, "%s: cannot be started", argv[0]);
    }
    if (status != REC_OK) {
        close_pair(to);
        close_pair(from);
        free(c);
        return status;
    }
    close(to[0]);
    close(from[1]);
    c->to = to[1];
    c->from = from[0];
    c->in.max = LINE_MAX_BYTES;
    *out = c;
    return REC_OK;
}

/* Wait for its end for so many seconds; false if it still runs. */
static bool reap(rec_child *c, int *how, double seconds)
{
    double end = now() + seconds;
    while (c->pid > 0) {
        pid_t done = waitpid(c->pid, how, WNOHANG);
        if (done == c->pid || (done < 0 && errno != EINTR)) {
            c->pid = 0;
            return true;
        }
        if (now() >= end)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    return true;
}

static rec_status fail_ended(rec_child *c, rec_error *err)
{
    int how = 0;
    if (!reap(c, &how, 1.0))
        return rec_fail(err, REC_ERR_MODEL, "the program closed its standard output");
    if (WIFSIGNALED(how))
        return rec_fail(err, REC_ERR_MODEL, "the program was killed by signal %d (%s)",
                        WTERMSIG(how), strsignal(WTERMSIG(how)));
    return rec_fail(err, REC_ERR_MODEL, "the program exited with status %d before it answered",
                    WEXITSTATUS(how));
}

/* A line that is there already: terminated in place. */
static bool take_line(const char **line, size_t *length, rec_child *c)
{
    if (c->in.data == NULL)
        return false;
    char *start = c->in.data + c->taken;
    char *end = memchr(start, '\n', c->in.length - c->taken);
    if (end == NULL)
        return false;
    *end = '\0';
    *line = start;
    *length = (size_t)(end - start);
    c->taken += *length + 1;
    return true;
}

/* Forget what was taken: earlier answers are no longer borrowed. */
static void drop_taken(rec_child *c)
{
    if (c->taken == 0)
        return;
    memmove(c->in.data, c->in.data + c->taken, c->in.length - c->taken);
    c->in.length -= c->taken;
    c->taken = 0;
}

static rec_status read_some(rec_child *c, rec_error *err)
{
    char chunk[CHUNK];
    ssize_t n = read(c->from, chunk, sizeof chunk);
    if (n > 0)
        return rec_buffer_append(&c->in, chunk, (size_t)n, err);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return REC_OK;
    return fail_ended(c, err);
}

static rec_status write_some(rec_child *c, const char *text, size_t n, size_t *written,
                             rec_error *err)
{
    ssize_t done = write(c->to, text + *written, n - *written);
    if (done >= 0)
        *written += (size_t)done;
    else if (errno != EAGAIN && errno != EINTR)
        return fail_ended(c, err);
    return REC_OK;
}

/* Wait until something can be read or written, a signal came, or time is over. */
static rec_status wait_for(struct pollfd fds[2], double end, double seconds, rec_error *err)
{
    rec_status status = rec_interrupt_check(err);
    double left = end - now();
    if (status != REC_OK)
        return status;
    if (left <= 0)
        return rec_fail(err, REC_ERR_MODEL, "the program did not answer within %g s", seconds);
    int ms = left * 1000 < LOOK_MS ? (int)(left * 1000) + 1 : LOOK_MS;
    if (poll(fds, 2, ms) < 0 && errno != EINTR)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "poll");
    return REC_OK;
}

/* Write all of text; then, if a line is wanted, read until there is one. What the program says while
 * it still gets its request is kept, so neither side waits for the other. */
static rec_status exchange(const char **line, size_t *length, rec_child *c, const char *text,
                           size_t n, double seconds, rec_error *err)
{
    double end = now() + seconds;
    size_t written = 0;
    rec_status status = REC_OK;
    drop_taken(c);
    while (written < n || (line != NULL && !take_line(line, length, c))) {
        struct pollfd fds[2] = {{.fd = c->from, .events = POLLIN},
                                {.fd = written < n ? c->to : -1, .events = POLLOUT}};
        REC_TRY(wait_for(fds, end, seconds, err));
        if (fds[0].revents != 0)
            REC_TRY(read_some(c, err));
        if (written < n && fds[1].revents != 0)
            REC_TRY(write_some(c, text, n, &written, err));
    }
cleanup:
    return status;
}

rec_status rec_child_tell(rec_child *c, const char *text, size_t n, double seconds, rec_error *err)
{
    return exchange(NULL, NULL, c, text, n, seconds, err);
}

rec_status rec_child_ask(const char **line, size_t *length, rec_child *c, const char *text,
                         size_t n, double seconds, rec_error *err)
{
    return exchange(line, length, c, text, n, seconds, err);
}

void rec_child_stop(rec_child *c, double seconds)
{
    int how;
    if (c == NULL)
        return;
    pid_t group = c->pid;
    close(c->to);
    if (!reap(c, &how, seconds)) {
        kill(-group, SIGKILL);
        reap(c, &how, 10.0);
    }
    close(c->from);
    rec_buffer_deinit(&c->in);
    free(c);
}
