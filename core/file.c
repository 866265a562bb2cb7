#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/memory.h"

enum { READ_CHUNK = 1 << 18 };

/* What a gzip file or a pipe may grow to in memory: a bound against decompression bombs. */
#define TEXT_MAX ((size_t)16 << 30)

static rec_status open_for_reading(int *fd, struct stat *info, const char *path, rec_error *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0)
        return rec_fail_errno(err, REC_ERR_DATA, "%s: cannot open", path);
    rec_status status = REC_OK;
    if (fstat(*fd, info) != 0)
        status = rec_fail_errno(err, REC_ERR_DATA, "%s: cannot look at it", path);
    else if (S_ISDIR(info->st_mode))
        status = rec_fail(err, REC_ERR_DATA, "%s: is a folder, not a file", path);
    if (status != REC_OK)
        close(*fd);
    return status;
}

/* Takes the descriptor, also on failure. */
static rec_status map_descriptor(rec_map *map, int fd, const struct stat *info, const char *path,
                                 rec_error *err)
{
    *map = (rec_map){.data = "", .length = (size_t)info->st_size, .fd = fd};
    if (map->length == 0)
        return REC_OK;
    void *p = mmap(NULL, map->length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) {
        rec_fail_errno(err, REC_ERR_DATA, "%s: cannot map %zu bytes", path, map->length);
        close(fd);
        *map = (rec_map){.fd = -1};
        return REC_ERR_DATA;
    }
    map->data = p;
    return REC_OK;
}

rec_status rec_map_open(rec_map *map, const char *path, rec_error *err)
{
    *map = (rec_map){.fd = -1};
    int fd;
    struct stat info;
    rec_status status = open_for_reading(&fd, &info, path, err);
    if (status != REC_OK)
        return status;
    if (!S_ISREG(info.st_mode)) {
        close(fd);
        return rec_fail(err, REC_ERR_DATA, "%s: not a regular file, cannot be mapped", path);
    }
    return map_descriptor(map, fd, &info, path, err);
}

void rec_map_close(rec_map *map)
{
    if (map->data != NULL) { /* all zeros is "not open": descriptor 0 is not ours then */
        if (map->length > 0)
            munmap((void *)(uintptr_t)map->data, map->length);
        close(map->fd);
    }
    *map = (rec_map){.fd = -1};
}

/* Everything a pipe or a device has to say. */
static rec_status read_all(rec_buffer *out, int fd, const char *path, rec_error *err)
{
    char *chunk = rec_alloc(READ_CHUNK, 1, err);
    rec_status status = chunk != NULL ? REC_OK : REC_ERR_RESOURCE;
    while (status == REC_OK) {
        ssize_t n = read(fd, chunk, READ_CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            status = rec_fail_errno(err, REC_ERR_DATA, "%s: cannot read", path);
        else if (n == 0)
            break;
        else
            status = rec_buffer_append(out, chunk, (size_t)n, err);
    }
    free(chunk);
    return status;
}

static bool is_gzip(const char *bytes, size_t n)
{
    return n >= 2 && (unsigned char)bytes[0] == 0x1f && (unsigned char)bytes[1] == 0x8b;
}

/* One inflate() call; *ended when the last gzip member is complete. */
static rec_status inflate_some(rec_buffer *out, z_stream *z, char *chunk, size_t *rest, bool *ended,
                               const char *path, rec_error *err)
{
    if (z->avail_in == 0) { /* zlib counts in 32 bits */
        z->avail_in = *rest < (size_t)1 << 30 ? (uInt)*rest : (uInt)1 << 30;
        *rest -= z->avail_in;
    }
    z->next_out = (unsigned char *)chunk;
    z->avail_out = READ_CHUNK;
    int result = inflate(z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR)
        return rec_fail(err, REC_ERR_RESOURCE, "%s: out of memory in inflate", path);
    if (result == Z_BUF_ERROR && *rest == 0 && z->avail_in == 0)
        return rec_fail(err, REC_ERR_DATA, "%s: gzip data are cut off", path);
    if (result != Z_OK && result != Z_STREAM_END)
        return rec_fail(err, REC_ERR_DATA, "%s: gzip data are damaged: %s", path,
                        z->msg != NULL ? z->msg : "bad stream");
    rec_status status = rec_buffer_append(out, chunk, READ_CHUNK - z->avail_out, err);
    if (status != REC_OK || result != Z_STREAM_END)
        return status;
    /* gzip files may be concatenated; anything else after the end is padding, as gzip -d has it */
    if (is_gzip((const char *)z->next_in, z->avail_in + *rest))
        return inflateReset(z) == Z_OK ? REC_OK
                                       : rec_fail(err, REC_ERR_INTERNAL, "%s: inflateReset", path);
    *ended = true;
    return REC_OK;
}

static rec_status gunzip(rec_buffer *out, const char *bytes, size_t n, const char *path,
                         rec_error *err)
{
    char *chunk = rec_alloc(READ_CHUNK, 1, err);
    if (chunk == NULL)
        return REC_ERR_RESOURCE;
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)bytes};
    rec_status status = REC_OK;
    if (inflateInit2(&z, 15 + 16) == Z_OK) { /* 16: gzip header and checksum */
        bool ended = false;
        while (status == REC_OK && !ended)
            status = inflate_some(out, &z, chunk, &n, &ended, path, err);
        inflateEnd(&z);
    } else {
        status = rec_fail(err, REC_ERR_RESOURCE, "%s: cannot start inflate", path);
    }
    free(chunk);
    return status;
}

/* The buffer becomes the text. */
static void text_take(rec_text *text, rec_buffer *bytes)
{
    rec_map_close(&text->map);
    text->owned = bytes->data;
    text->data = bytes->data != NULL ? bytes->data : "";
    text->length = bytes->length;
    *bytes = (rec_buffer){.data = NULL};
}

rec_status rec_text_read(rec_text *text, const char *path, rec_error *err)
{
    *text = (rec_text){.map = {.fd = -1}};
    rec_buffer raw = {.max = TEXT_MAX}, unpacked = {.max = TEXT_MAX};
    int fd;
    struct stat info;
    rec_status status = open_for_reading(&fd, &info, path, err);
    if (status != REC_OK)
        return status;
    if (S_ISREG(info.st_mode)) {
        REC_TRY(map_descriptor(&text->map, fd, &info, path, err));
        text->data = text->map.data;
        text->length = text->map.length;
    } else {
        status = read_all(&raw, fd, path, err);
        close(fd);
        if (status != REC_OK)
            goto cleanup;
        text_take(text, &raw);
    }
    if (is_gzip(text->data, text->length)) {
        REC_TRY(gunzip(&unpacked, text->data, text->length, path, err));
        free(text->owned);
        text_take(text, &unpacked);
    }
cleanup:
    rec_buffer_deinit(&raw);
    rec_buffer_deinit(&unpacked);
    if (status != REC_OK)
        rec_text_close(text);
    return status;
}

void rec_text_close(rec_text *text)
{
    free(text->owned);
    rec_map_close(&text->map);
    *text = (rec_text){.map = {.fd = -1}};
}

rec_status rec_make_folders(const char *path, rec_error *err)
{
    char *copy = rec_strdup(path, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (char *end = copy; status == REC_OK && *end != '\0';) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        int reason = mkdir(copy, 0777) != 0 ? errno : 0;
        if (reason != 0 && !rec_path_is_folder(copy)) {
            errno = reason; /* not that of looking */
            status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot make the folder", copy);
        }
        *end = kept;
    }
    free(copy);
    return status;
}

bool rec_path_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool rec_path_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

char *rec_path_join(rec_error *err, const char *folder, const char *name)
{
    if (folder[0] == '\0' || name[0] == '/')
        return rec_strdup(name, err);
    return rec_format(err, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}

/* NAME must stay inside its data folder. */
static bool leaves_folder(const char *name)
{
    if (name[0] == '/' || name[0] == '\0')
        return true;
    for (const char *part = name;; part++) {
        size_t n = strcspn(part, "/");
        if (n == 2 && part[0] == '.' && part[1] == '.')
            return true;
        part += n;
        if (*part == '\0')
            return false;
    }
}

/* *out = folder[0..n_folder) / name when that exists, else NULL. */
static rec_status look_in(char **out, const char *folder, size_t n_folder, const char *name,
                          rec_error *err)
{
    char *found = rec_format(err, "%.*s/%s", (int)n_folder, folder, name);
    if (found == NULL)
        return REC_ERR_RESOURCE;
    if (n_folder > 0 && rec_path_exists(found)) {
        *out = found;
    } else {
        free(found);
        *out = NULL;
    }
    return REC_OK;
}

char *rec_cache_folder(rec_error *err)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/')
        return rec_format(err, "%s/recai", cache);
    return rec_format(err, "%s/.cache/recai", home != NULL ? home : "");
}

rec_status rec_data_path(char **out, const char *path, rec_error *err)
{
    *out = NULL;
    if (strncmp(path, "data:", 5) != 0) {
        *out = rec_strdup(path, err);
        return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
    }
    const char *name = path + 5, *folders = getenv("RECAI_DATA");
    if (leaves_folder(name))
        return rec_fail(err, REC_ERR_DATA, "%s: the name must stay inside a data folder", path);
    rec_status status = REC_OK;
    for (const char *folder = folders; status == REC_OK && *out == NULL && folder != NULL;) {
        size_t n = strcspn(folder, ":");
        status = look_in(out, folder, n, name, err);
        folder = folder[n] == ':' ? folder + n + 1 : NULL;
    }
    if (status != REC_OK || *out != NULL)
        return status;
    char *cache = rec_cache_folder(err);
    if (cache == NULL)
        return REC_ERR_RESOURCE;
    status = look_in(out, cache, strlen(cache), name, err);
    if (status == REC_OK && *out == NULL)
        status =
            rec_fail(err, REC_ERR_DATA,
                     "%s: not found in RECAI_DATA (%s) nor in %s; scripts/fetch %.*s gets it", path,
                     folders != NULL ? folders : "not set", cache, (int)strcspn(name, "/"), name);
    free(cache);
    return status;
}
