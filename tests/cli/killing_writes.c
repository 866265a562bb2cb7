/* Preloaded into a run by tests/cli/resume.sh: the process dies by SIGKILL inside its n-th call that
 * writes to disk (RECAI_TEST_KILL_AT=n), half of the bytes written. Without n the calls are counted
 * into the file RECAI_TEST_COUNT. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long n_calls;

static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

static int dies_now(void)
{
    const char *at = getenv("RECAI_TEST_KILL_AT");
    n_calls++;
    return at != NULL && strtoul(at, NULL, 10) == n_calls;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

__attribute__((destructor)) static void write_count(void)
{
    const char *path = getenv("RECAI_TEST_COUNT");
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (fd < 0)
        return;
    char text[32];
    int n = snprintf(text, sizeof text, "%lu\n", n_calls);
    if (write(fd, text, (size_t)n) != n)
        abort();
    close(fd);
}

static ssize_t half_pwrite(const char *name, int fd, const void *bytes, size_t n, off_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off_t);
    *(void **)&real = next(name);
    if (!dies_now())
        return real(fd, bytes, n, offset);
    real(fd, bytes, n / 2, offset);
    die();
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    return half_pwrite("pwrite", fd, bytes, n, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t offset)
{
    return half_pwrite("pwrite64", fd, bytes, n, offset);
}

size_t fwrite(const void *bytes, size_t size, size_t n, FILE *stream)
{
    size_t (*real)(const void *, size_t, size_t, FILE *);
    *(void **)&real = next("fwrite");
    if (fileno(stream) <= STDERR_FILENO || !dies_now())
        return real(bytes, size, n, stream);
    real(bytes, 1, size * n / 2, stream);
    fflush(stream);
    die();
    return 0;
}

static int before(const char *name, int fd)
{
    int (*real)(int);
    *(void **)&real = next(name);
    if (dies_now())
        die();
    return real(fd);
}

int fsync(int fd)
{
    return before("fsync", fd);
}

int fdatasync(int fd)
{
    return before("fdatasync", fd);
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    *(void **)&real = next("rename");
    if (dies_now())
        die();
    return real(from, to);
}
