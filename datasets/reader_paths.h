/** Where a reader's files are: one folder (or file) from `path:`, names inside it, ".gz" or not. */
#ifndef REC_DATASETS_READER_PATHS_H
#define REC_DATASETS_READER_PATHS_H

#include <stdbool.h>

#include "core/status.h"

/**
 * The file `name` of `folder`, or with ".gz" behind where only that exists; *out NULL when there is
 * neither. An absolute name or "data:..." stands for itself. New string.
 */
rec_status rec_reader_file(char **out, const char *folder, const char *name, rec_error *err);

/** The same; REC_ERR_DATA "folder/name: no such file" when there is neither. */
rec_status rec_reader_need_file(char **out, const char *folder, const char *name, rec_error *err);

/** The only file of a folder whose name ends so (".inter", also with ".gz"), or NULL; several:
 * REC_ERR_DATA naming the option `option`. New string. */
rec_status rec_reader_only_file(char **out, const char *folder, const char *ending,
                                const char *option, rec_error *err);

/** Folder part of a path without the last slash, "." for a bare name. New string. */
char *rec_reader_folder_of(const char *path, rec_error *err);

bool rec_ends_with(const char *text, const char *ending);
bool rec_folder_has(const char *folder, const char *name); /* plain or ".gz" */

#endif
