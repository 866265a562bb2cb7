#include "harness/tasks/task_file.h"

#include <string.h>

const rec_task_file *rec_task_file_find(const char *name)
{
    for (const rec_task_file *f = rec_task_files; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}
