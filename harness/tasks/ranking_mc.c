#include "harness/tasks/ranking_mc.h"

const rec_option rec_ranking_mc_options[] = {
    REC_TARGET_OPTIONS(rec_ranking_mc, choice.samples),
    REC_CHOICE_SAMPLE_OPTIONS(rec_ranking_mc),
    REC_CHOICE_OPTIONS(rec_ranking_mc),
    {.key = NULL},
};

static const rec_choice_options *choice_of(const void *options)
{
    return &((const rec_ranking_mc *)options)->choice;
}

rec_status rec_ranking_mc_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    return rec_choice_columns(entry, choice_of(entry->options), map, err);
}

bool rec_ranking_mc_is_random(const void *options)
{
    (void)options;
    return true;
}

size_t rec_ranking_mc_list_length(const void *options)
{
    (void)options;
    return 1;
}

size_t rec_ranking_mc_lm_samples(const void *options)
{
    return (size_t)choice_of(options)->samples.lm_samples;
}

rec_status rec_ranking_mc_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    return rec_choice_step(job, choice_of(job->task->options), replies, err);
}
