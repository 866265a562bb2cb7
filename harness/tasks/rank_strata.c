/* harness/tasks/rank_strata.c: parts of the samples of tasks that rank for users: short, middle and long
 * histories, targets of the long tail and of the head (metric.h, rec_tail_popularity). */
#include "harness/tasks/rank_task.h"
#include "harness/tasks/strata.h"

enum { SHORT_HISTORY = 5, MIDDLE_HISTORY = 20 };

/* Of a user's whole history, however much of it a query shows; 0 for who is no user. */
static size_t history_length(const rec_job *job)
{
    const rec_interactions *x = &job->set->history;
    const rec_sample *s = job->sample;
    return s->name == NULL && x->start != NULL ? x->start[s->user + 1] - x->start[s->user] : 0;
}

static bool is_short(const rec_job *job)
{
    size_t n = history_length(job);
    return n > 0 && n <= SHORT_HISTORY;
}

static bool is_middle(const rec_job *job)
{
    size_t n = history_length(job);
    return n > SHORT_HISTORY && n <= MIDDLE_HISTORY;
}

static bool is_long(const rec_job *job)
{
    return history_length(job) > MIDDLE_HISTORY;
}

static bool is_tail(const rec_job *job)
{
    const rec_sample *s = job->sample;
    return s->n_targets > 0 && job->data->popularity[s->targets[0]] <= job->data->tail_popularity;
}

static bool is_head(const rec_job *job)
{
    return job->sample->n_targets > 0 && !is_tail(job);
}

static const rec_stratum parts[] = {{"history_1_5", is_short}, {"history_6_20", is_middle},
                                    {"history_21", is_long},   {"tail", is_tail},
                                    {"head", is_head},         {NULL, NULL}};

rec_status rec_rank_strata_columns(rec_task_entry *entry, rec_error *err)
{
    size_t n = entry->n_columns;
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        if (!entry->columns[i].is_whole_run)
            status = rec_strata_add(entry, i, parts, err);
    return status;
}
