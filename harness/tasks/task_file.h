/**
 * The files of configs/tasks/ as they were when the program was built: for tasks that are asked in
 * text, an entry of `tasks:` with prompts and settings, on which an entry of a config rests.
 */
#ifndef REC_HARNESS_TASKS_TASK_FILE_H
#define REC_HARNESS_TASKS_TASK_FILE_H

#include <stddef.h>

typedef struct rec_task_file {
    const char *name; /* "ranking": configs/tasks/ranking.yaml */
    const char *text;
    size_t length;
} rec_task_file;

extern const rec_task_file rec_task_files[];               /* ends with a NULL name */
const rec_task_file *rec_task_file_find(const char *name); /* or NULL */

#endif
