/* Writing of core/file.h: a reader sees the old file or the whole new one, also after a crash. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

/* Same folder, because rename() cannot cross file systems. Containers give every program the same
 * pid, so a name left behind by a killed process is stepped over. */
char *rec_temporary_name(const char *path, rec_error *err)
{
    static atomic_uint counter;
    for (;;) {
        unsigned serial = atomic_fetch_add(&counter, 1);
        char *name = rec_format(err, "%s.%ld.%u.tmp", path, (long)getpid(), serial);
        if (name == NULL || !rec_path_exists(name))
            return name;
        free(name);
    }
}

/* A rename is on disk only when its folder is. */
static rec_status sync_folder_of(const char *path, rec_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? rec_strdup(".", err)
                                 : rec_format(err, "%.*s", (int)(slash - path) + 1, path);
    if (folder == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* some network and user-space file systems cannot sync a folder and say EINVAL */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot sync the folder", folder);
    if (fd >= 0)
        close(fd);
    free(folder);
    return status;
}

static rec_status rename_into_place(const char *temporary, const char *path, rec_error *err)
{
    if (rename(temporary, path) != 0)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot rename %s to it", path, temporary);
    return sync_folder_of(path, err);
}

rec_status rec_publish(const char *temporary, const char *path, rec_error *err)
{
    int fd = open(temporary, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot open", temporary);
    rec_status status = REC_OK;
    if (fsync(fd) != 0)
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot sync", temporary);
    close(fd);
    return status == REC_OK ? rename_into_place(temporary, path, err) : status;
}

rec_status rec_atomic_open(rec_atomic_file *file, const char *path, rec_error *err)
{
    *file = (rec_atomic_file){.stream = NULL};
    file->path = rec_strdup(path, err);
    file->temporary = file->path != NULL ? rec_temporary_name(path, err) : NULL;
    if (file->temporary == NULL) {
        free(file->path);
        *file = (rec_atomic_file){.stream = NULL};
        return REC_ERR_RESOURCE;
    }
    file->stream = fopen(file->temporary, "wxe");
    if (file->stream != NULL)
        return REC_OK;
    rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot write", path);
    free(file->path);
    free(file->temporary);
    *file = (rec_atomic_file){.stream = NULL};
    return REC_ERR_RESOURCE;
}

rec_status rec_atomic_commit(rec_atomic_file *file, rec_error *err)
{
    rec_status status = REC_OK;
    int failed =
        fflush(file->stream) != 0 || ferror(file->stream) || fsync(fileno(file->stream)) != 0;
    if (failed)
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot write", file->path);
    if (fclose(file->stream) != 0 && !failed)
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot write", file->path);
    file->stream = NULL;
    if (status == REC_OK)
        status = rename_into_place(file->temporary, file->path, err);
    rec_atomic_abort(file);
    return status;
}

void rec_atomic_abort(rec_atomic_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    if (file->temporary != NULL)
        unlink(file->temporary); /* gone already after a commit: nobody else has this name */
    free(file->path);
    free(file->temporary);
    *file = (rec_atomic_file){.stream = NULL};
}

rec_status rec_atomic_write(const char *path, const void *bytes, size_t n, rec_error *err)
{
    rec_atomic_file file;
    rec_status status = rec_atomic_open(&file, path, err);
    if (status != REC_OK)
        return status;
    if (fwrite(bytes, 1, n, file.stream) != n) {
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot write", path);
        rec_atomic_abort(&file);
        return status;
    }
    return rec_atomic_commit(&file, err);
}

static rec_status make_folder_of(const char *path, rec_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return REC_OK;
    char *folder = rec_format(err, "%.*s", (int)(slash - path), path);
    rec_status status = folder != NULL ? rec_make_folders(folder, err) : REC_ERR_RESOURCE;
    free(folder);
    return status;
}

rec_status rec_file_copy(bool *is_there, const char *from, const char *to, const char *name,
                         rec_error *err)
{
    rec_map map;
    char *source = rec_path_join(err, from, name), *target = rec_path_join(err, to, name);
    rec_status status = source != NULL && target != NULL ? REC_OK : REC_ERR_RESOURCE;
    *is_there = status == REC_OK && rec_path_exists(source);
    if (*is_there)
        status = rec_map_open(&map, source, err);
    if (*is_there && status == REC_OK) {
        status = make_folder_of(target, err);
        if (status == REC_OK)
            status = rec_atomic_write(target, map.data, map.length, err);
        rec_map_close(&map);
    }
    free(target);
    free(source);
    return status;
}
