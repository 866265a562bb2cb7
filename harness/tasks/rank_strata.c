/* harness/tasks/rank_strata.c: averages hide for whom a system works. Metrics over samples with short,
 * middle and long histories, and over targets of the long tail and of the head (metric.h,
 * rec_tail_popularity). */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/rank_task.h"

typedef enum stratum {
    STRATUM_ALL,
    STRATUM_SHORT,
    STRATUM_MIDDLE,
    STRATUM_LONG,
    STRATUM_TAIL,
    STRATUM_HEAD,
    N_STRATA
} stratum;

static const char *const names[N_STRATA] = {"",           "history_1_5", "history_6_20",
                                            "history_21", "tail",        "head"};

enum { SHORT_HISTORY = 5, MIDDLE_HISTORY = 20 };

static rec_status add(rec_task_entry *entry, size_t base, stratum part, rec_error *err)
{
    rec_task_column column = entry->columns[base];
    column.owned_name = rec_format(err, "%s.%s", column.metric, names[part]);
    if (column.owned_name == NULL)
        return REC_ERR_RESOURCE;
    column.metric = column.owned_name;
    column.source = NULL;
    column.stratum = (int)part;
    column.base = base;
    rec_status status = rec_task_add_column(entry, &column, err);
    if (status != REC_OK)
        free(column.owned_name);
    return status;
}

rec_status rec_rank_strata_columns(rec_task_entry *entry, rec_error *err)
{
    size_t n = entry->n_columns;
    rec_status status = REC_OK;
    for (size_t i = 0; i < n; i++)
        for (int part = STRATUM_SHORT; part < N_STRATA && status == REC_OK; part++)
            if (!entry->columns[i].is_whole_run)
                status = add(entry, i, (stratum)part, err);
    return status;
}

/* Of a user's whole history, however much of it a query shows; 0 for who is no user. */
static size_t history_length(const rec_job *job)
{
    const rec_interactions *x = &job->set->history;
    const rec_sample *s = job->sample;
    return s->name == NULL && x->start != NULL ? x->start[s->user + 1] - x->start[s->user] : 0;
}

static bool is_in(const rec_job *job, stratum part)
{
    const rec_sample *s = job->sample;
    size_t n = history_length(job);
    bool is_tail =
        s->n_targets > 0 && job->data->popularity[s->targets[0]] <= job->data->tail_popularity;
    switch (part) {
    case STRATUM_SHORT:
        return n > 0 && n <= SHORT_HISTORY;
    case STRATUM_MIDDLE:
        return n > SHORT_HISTORY && n <= MIDDLE_HISTORY;
    case STRATUM_LONG:
        return n > MIDDLE_HISTORY;
    case STRATUM_TAIL:
        return is_tail;
    case STRATUM_HEAD:
        return s->n_targets > 0 && !is_tail;
    default:
        return true;
    }
}

void rec_rank_strata_values(rec_job *job)
{
    for (size_t i = 0; i < job->n_columns; i++) {
        const rec_task_column *c = &job->task->columns[i];
        if (c->stratum == STRATUM_ALL)
            continue;
        job->values[i] = is_in(job, (stratum)c->stratum) ? job->values[c->base] : NAN;
        job->weights[i] = job->weights[c->base];
    }
}
