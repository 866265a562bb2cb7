/* harness/tasks/retrieval.c: rank the whole catalogue for every user of the test part. "On sampled
 * metrics for item recommendation", KDD 2020, is why this and not a sample of it is the default. */
#include "harness/tasks/rank_task.h"

typedef struct retrieval {
    rec_rank_options rank;
} retrieval;

static const rec_option retrieval_options[] = {
    REC_RANK_OPTIONS(retrieval, "ndcg,recall,hit,mrr,itemcoverage"),
    {"mask_history", "items of the history are not ranked", offsetof(retrieval, rank.mask_history),
     REC_OPT_BOOL, .value = 1},
    {.key = NULL},
};

static rec_status retrieval_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    const retrieval *options = entry->options;
    return rec_rank_columns(entry, &options->rank, map, err);
}

static bool retrieval_is_random(const void *options)
{
    (void)options; /* which users are asked is drawn once for all seeds of a run */
    return false;
}

static size_t retrieval_list_length(const void *options)
{
    return rec_rank_list_length(&((const retrieval *)options)->rank);
}

static rec_status retrieval_samples(rec_sample_set *out, const void *options,
                                    const rec_task_data *data, rec_error *err)
{
    return rec_rank_samples(out, &((const retrieval *)options)->rank, data, REC_TARGETS_TEST, err);
}

static rec_status retrieval_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    return rec_rank_step(job, &((const retrieval *)job->task->options)->rank, replies, err);
}

const rec_task rec_task_retrieval = {
    .name = "retrieval",
    .help = "rank the whole catalogue for every user of the test part",
    .needs = REC_CAN_SCORE,
    .size = sizeof(retrieval),
    .options = retrieval_options,
    .group = 2048,
    .columns = retrieval_columns,
    .is_random = retrieval_is_random,
    .list_length = retrieval_list_length,
    .samples = retrieval_samples,
    .step = retrieval_step,
    .whole_run = rec_rank_whole_run,
};
