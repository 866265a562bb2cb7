/* The lock of core/file.h is flock() on a file whose text names the owner: the kernel lets go when
 * a process ends, however it ends, so a stale lock is one that can be taken. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

struct rec_lock {
    char *path;
    int fd;
};

static rec_status held_by(int fd, const char *path, rec_error *err)
{
    char owner[256];
    ssize_t n = pread(fd, owner, sizeof owner - 1, 0);
    owner[n > 0 ? n : 0] = '\0';
    owner[strcspn(owner, "\n")] = '\0';
    return rec_fail(err, REC_ERR_RESOURCE, "%s: locked by %s", path,
                    owner[0] != '\0' ? owner : "another process");
}

/* The file at `path` may have been removed by its last owner between our open() and flock(). */
static bool is_current(int fd, const char *path)
{
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static rec_status take(int *out, const char *path, rec_error *err)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            return rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot open the lock", path);
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            rec_status status = errno == EWOULDBLOCK ? held_by(fd, path, err)
                                                     : rec_fail_errno(err, REC_ERR_RESOURCE,
                                                                      "%s: cannot lock", path);
            close(fd);
            return status;
        }
        if (is_current(fd, path)) {
            *out = fd;
            return REC_OK;
        }
        close(fd);
    }
}

static rec_status write_owner(int fd, const char *path, rec_error *err)
{
    char host[256] = "", started[32], owner[400];
    gethostname(host, sizeof host - 1);
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    int n =
        snprintf(owner, sizeof owner, "host %s pid %ld since %s\n", host, (long)getpid(), started);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, owner, (size_t)n, 0) != n)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot write the lock", path);
    return REC_OK;
}

rec_status rec_lock_take(rec_lock **out, const char *path, rec_error *err)
{
    rec_lock *lock;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(lock, 1, err);
    lock->fd = -1;
    lock->path = rec_strdup(path, err);
    if (lock->path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(take(&lock->fd, path, err));
    REC_TRY(write_owner(lock->fd, path, err));
    *out = lock;
    return REC_OK;
cleanup:
    rec_lock_free(lock);
    return status;
}

void rec_lock_free(rec_lock *lock)
{
    if (lock == NULL)
        return;
    if (lock->fd >= 0) {
        unlink(lock->path); /* while still held, so that nobody's new lock is removed */
        close(lock->fd);
    }
    free(lock->path);
    free(lock);
}
