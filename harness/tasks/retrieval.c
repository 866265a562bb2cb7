/* harness/tasks/retrieval.c: rank the whole catalogue for every user of the test part. "On sampled
 * metrics for item recommendation", KDD 2020, is why this and not a sample of it is the default. */
#include "harness/tasks/retrieval.h"

static const rec_option retrieval_options[] = {
    REC_RANK_OPTIONS(rec_retrieval_options, "ndcg,recall,hit,mrr,itemcoverage"),
    REC_RETRIEVAL_OPTIONS,
    REC_TEXT_LIST_OPTIONS(rec_retrieval_options, 10),
    {.key = NULL},
};

static rec_status retrieval_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    const rec_retrieval_options *options = entry->options;
    rec_status status = rec_rank_columns(entry, &options->rank, map, err);
    if (status == REC_OK && options->text.list == 0)
        status = rec_yaml_fail(err, map, "list: at least 1: there are no candidates to count");
    return status == REC_OK ? rec_text_list_columns(entry, &options->text, false, map, err)
                            : status;
}

bool rec_retrieval_is_random(const void *options)
{
    (void)options; /* which users are asked is drawn once for all seeds of a run */
    return false;
}

size_t rec_retrieval_list_length(const void *options)
{
    return rec_rank_list_length(&((const rec_retrieval_options *)options)->rank);
}

rec_status rec_retrieval_samples(rec_sample_set *out, const void *options,
                                 const rec_task_data *data, rec_error *err)
{
    return rec_rank_samples(out, &((const rec_retrieval_options *)options)->rank, data,
                            REC_TARGETS_TEST, err);
}

rec_status rec_retrieval_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const rec_retrieval_options *options = job->task->options;
    return rec_rank_step(job, &options->rank, &options->text, replies, err);
}

static size_t retrieval_lm_samples(const void *options)
{
    return (size_t)((const rec_retrieval_options *)options)->text.lm_samples;
}

static rec_status retrieval_prepare_text(rec_sample_set *set, const void *options,
                                         const rec_task_data *data, rec_error *err)
{
    return rec_text_list_prepare(set, &((const rec_retrieval_options *)options)->text, data, err);
}

const rec_task rec_task_retrieval = {
    .name = "retrieval",
    .help = "rank the whole catalogue for every user of the test part",
    .any_of = REC_CAN_SCORE | REC_CAN_RESPOND,
    .size = sizeof(rec_retrieval_options),
    .options = retrieval_options,
    .group = 2048,
    .texts = rec_text_list_texts,
    .has_ideal = true,
    .columns = retrieval_columns,
    .is_random = rec_retrieval_is_random,
    .list_length = rec_retrieval_list_length,
    .samples = rec_retrieval_samples,
    .lm_samples = retrieval_lm_samples,
    .prepare_text = retrieval_prepare_text,
    .step = rec_retrieval_step,
    .whole_run = rec_rank_whole_run,
};
