#include "harness/tasks/columns.h"

#include <stdint.h>
#include <string.h>

#include "core/memory.h"

rec_status rec_task_add_column(rec_task_entry *entry, const rec_task_column *column, rec_error *err)
{
    rec_task_column *grown = rec_realloc(entry->columns, entry->n_columns + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    entry->columns = grown;
    grown[entry->n_columns++] = *column;
    return REC_OK;
}

size_t rec_task_column_index(const rec_task_entry *entry, const char *metric, size_t k)
{
    for (size_t i = 0; i < entry->n_columns; i++)
        if (entry->columns[i].k == k && strcmp(entry->columns[i].metric, metric) == 0)
            return i;
    return SIZE_MAX;
}

void rec_job_set_weighted(rec_job *job, const char *metric, size_t k, double value, double weight)
{
    size_t i = rec_task_column_index(job->task, metric, k);
    if (i < job->n_columns) {
        job->values[i] = value;
        job->weights[i] = weight;
    }
}

void rec_job_set(rec_job *job, const char *metric, size_t k, double value)
{
    rec_job_set_weighted(job, metric, k, value, 1.0);
}
