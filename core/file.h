/**
 * Files: whole reads, memory maps, line readers (gzip in place), atomic writes, locks, folders.
 * Paths are UTF-8. Reading fails as REC_ERR_DATA, writing and locking as REC_ERR_RESOURCE.
 */
#ifndef REC_CORE_FILE_H
#define REC_CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/buffer.h"
#include "core/status.h"

/** Read-only map of a file. An empty file gives length 0 and a valid pointer. */
typedef struct rec_map {
    const char *data;
    size_t length;
    int fd; /* private */
} rec_map;

rec_status rec_map_open(rec_map *map, const char *path, rec_error *err);
void rec_map_close(rec_map *map);

/** Whole file into memory, gunzipped when it is gzip; plain files may be mapped instead of copied. */
typedef struct rec_text {
    const char *data; /* not NUL-terminated */
    size_t length;
    void *owned;  /* private */
    rec_map map;  /* private */
} rec_text;

rec_status rec_text_read(rec_text *text, const char *path, rec_error *err);
void rec_text_close(rec_text *text);

/** Write through a temporary file in the same folder, fsync, rename, fsync of the folder. */
typedef struct rec_atomic_file {
    FILE *stream; /* write here */
    char *path, *temporary;
} rec_atomic_file;

rec_status rec_atomic_open(rec_atomic_file *file, const char *path, rec_error *err);
rec_status rec_atomic_commit(rec_atomic_file *file, rec_error *err); /* also checks ferror */
void rec_atomic_abort(rec_atomic_file *file); /* removes the temporary; harmless after commit */
rec_status rec_atomic_write(const char *path, const void *bytes, size_t n, rec_error *err);

/**
 * FROM/NAME becomes TO/NAME, byte for byte; folders that are missing there are made.
 * @param is_there  false: FROM has no such file, nothing is done
 */
rec_status rec_file_copy(bool *is_there, const char *from, const char *to, const char *name,
                         rec_error *err);

/** For writers that open the path themselves (HDF5): a name to write to, then publish it. */
char *rec_temporary_name(const char *path, rec_error *err);
rec_status rec_publish(const char *temporary, const char *path, rec_error *err); /* fsync + rename */

rec_status rec_make_folders(const char *path, rec_error *err); /* mkdir -p */
bool rec_path_exists(const char *path);
bool rec_path_is_folder(const char *path);
char *rec_path_join(rec_error *err, const char *folder, const char *name); /* string of the caller */

/**
 * Lock file naming its owner (host, pid, start time). Held by another living process:
 * REC_ERR_RESOURCE with the owner in the message; a dead owner's lock is taken over.
 */
typedef struct rec_lock rec_lock;
rec_status rec_lock_take(rec_lock **out, const char *path, rec_error *err);
void rec_lock_free(rec_lock *lock);

/** $XDG_CACHE_HOME/recai or ~/.cache/recai: new string, the folder need not be there. */
char *rec_cache_folder(rec_error *err);

/**
 * Find "data:NAME" along the colon-separated folders of RECAI_DATA, then in
 * rec_cache_folder(); any other path is returned as it is. New string.
 */
rec_status rec_data_path(char **out, const char *path, rec_error *err);

#endif
