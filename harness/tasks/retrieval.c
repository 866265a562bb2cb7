/* harness/tasks/retrieval.c: rank the whole catalogue for every user of the test part. "On sampled
 * metrics for item recommendation", KDD 2020, is why this and not a sample of it is the default. */
#include "harness/tasks/rank_task.h"
#include "harness/tasks/text_list.h"

typedef struct retrieval {
    rec_rank_options rank;
    rec_text_list_options text;
} retrieval;

static const rec_option retrieval_options[] = {
    REC_RANK_OPTIONS(retrieval, "ndcg,recall,hit,mrr,itemcoverage"),
    {"mask_history", "items of the history are not ranked", offsetof(retrieval, rank.mask_history),
     REC_OPT_BOOL, .value = 1},
    REC_TEXT_LIST_OPTIONS(retrieval, 10),
    {.key = NULL},
};

static rec_status retrieval_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    const retrieval *options = entry->options;
    rec_status status = rec_rank_columns(entry, &options->rank, map, err);
    if (status == REC_OK && options->text.list == 0)
        status = rec_yaml_fail(err, map, "list: at least 1: there are no candidates to count");
    return status == REC_OK ? rec_text_list_columns(entry, &options->text, false, map, err)
                            : status;
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
    const retrieval *options = job->task->options;
    return rec_rank_step(job, &options->rank, &options->text, replies, err);
}

static size_t retrieval_lm_samples(const void *options)
{
    return (size_t)((const retrieval *)options)->text.lm_samples;
}

static rec_status retrieval_prepare_text(rec_sample_set *set, const void *options,
                                         const rec_task_data *data, rec_error *err)
{
    return rec_text_list_prepare(set, &((const retrieval *)options)->text, data, err);
}

const rec_task rec_task_retrieval = {
    .name = "retrieval",
    .help = "rank the whole catalogue for every user of the test part",
    .any_of = REC_CAN_SCORE | REC_CAN_RESPOND,
    .size = sizeof(retrieval),
    .options = retrieval_options,
    .group = 2048,
    .texts = rec_text_list_texts,
    .columns = retrieval_columns,
    .is_random = retrieval_is_random,
    .list_length = retrieval_list_length,
    .samples = retrieval_samples,
    .lm_samples = retrieval_lm_samples,
    .prepare_text = retrieval_prepare_text,
    .step = retrieval_step,
    .whole_run = rec_rank_whole_run,
};
