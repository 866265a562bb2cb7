#include "harness/tasks/strata.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/tasks/columns.h"

static rec_status add(rec_task_entry *entry, size_t base, const rec_stratum *part, rec_error *err)
{
    rec_task_column column = entry->columns[base];
    column.owned_name = rec_format(err, "%s.%s", column.metric, part->name);
    if (column.owned_name == NULL)
        return REC_ERR_RESOURCE;
    column.metric = column.owned_name;
    column.source = NULL;
    column.stratum = part;
    column.base = base;
    rec_status status = rec_task_add_column(entry, &column, err);
    if (status != REC_OK)
        free(column.owned_name);
    return status;
}

rec_status rec_strata_add(rec_task_entry *entry, size_t base, const rec_stratum *parts,
                          rec_error *err)
{
    rec_status status = REC_OK;
    for (; parts->name != NULL && status == REC_OK; parts++)
        status = add(entry, base, parts, err);
    return status;
}

void rec_strata_set(rec_job *job)
{
    for (size_t i = 0; i < job->n_columns; i++) {
        const rec_task_column *c = &job->task->columns[i];
        if (c->stratum == NULL)
            continue;
        job->values[i] = c->stratum->holds(job) ? job->values[c->base] : (double)NAN;
        job->weights[i] = job->weights[c->base];
    }
}
