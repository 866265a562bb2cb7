#include "datasets/reader_paths.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

bool rec_ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

/* path or path.gz, whichever is there; takes `path`. */
static rec_status plain_or_gz(char **out, char *path, rec_error *err)
{
    *out = NULL;
    if (path == NULL)
        return REC_ERR_RESOURCE;
    if (rec_path_exists(path)) {
        *out = path;
        return REC_OK;
    }
    char *packed = rec_format(err, "%s.gz", path);
    free(path);
    if (packed == NULL)
        return REC_ERR_RESOURCE;
    if (rec_path_exists(packed))
        *out = packed;
    else
        free(packed);
    return REC_OK;
}

rec_status rec_reader_file(char **out, const char *folder, const char *name, rec_error *err)
{
    char *path = NULL;
    *out = NULL;
    if (strncmp(name, "data:", 5) == 0) {
        rec_status status = rec_data_path(&path, name, err);
        return status == REC_OK ? plain_or_gz(out, path, err) : status;
    }
    bool stands_alone = name[0] == '/' || strcmp(folder, ".") == 0;
    path = stands_alone ? rec_strdup(name, err) : rec_path_join(err, folder, name);
    return plain_or_gz(out, path, err);
}

rec_status rec_reader_need_file(char **out, const char *folder, const char *name, rec_error *err)
{
    rec_status status = rec_reader_file(out, folder, name, err);
    if (status == REC_OK && *out == NULL)
        return rec_fail(err, REC_ERR_DATA, "%s/%s: no such file", folder, name);
    return status;
}

rec_status rec_reader_only_file(char **out, const char *folder, const char *ending,
                                const char *option, rec_error *err)
{
    rec_status status = REC_OK;
    char packed[64];
    *out = NULL;
    size_t length = strlen(ending);
    memcpy(packed, ending, length);
    memcpy(packed + length, ".gz", 4);
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return rec_fail_errno(err, REC_ERR_DATA, "%s: cannot open", folder);
    for (struct dirent *entry; status == REC_OK && (entry = readdir(dir)) != NULL;) {
        if (!rec_ends_with(entry->d_name, ending) && !rec_ends_with(entry->d_name, packed))
            continue;
        if (*out != NULL) {
            status = rec_fail(err, REC_ERR_DATA, "%s: several *%s files; name one in `%s`", folder,
                              ending, option);
            break;
        }
        *out = rec_path_join(err, folder, entry->d_name);
        if (*out == NULL)
            status = REC_ERR_RESOURCE;
    }
    closedir(dir);
    if (status != REC_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}

char *rec_reader_folder_of(const char *path, rec_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return rec_strdup(".", err);
    return rec_format(err, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

bool rec_folder_has(const char *folder, const char *name)
{
    char *path = NULL;
    bool found = rec_reader_file(&path, folder, name, NULL) == REC_OK && path != NULL;
    free(path);
    return found;
}
