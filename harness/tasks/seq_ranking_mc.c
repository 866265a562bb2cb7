/* harness/tasks/seq_ranking_mc.c: which of the options comes after a history in order?
 * RecLM-eval's task of this name; the wording is ours. */
#include "harness/tasks/choice.h"

typedef struct seq_ranking_mc {
    rec_choice_options choice;
} seq_ranking_mc;

static const rec_option options[] = {
    REC_TARGET_OPTIONS(seq_ranking_mc, choice.samples),
    REC_CHOICE_SAMPLE_OPTIONS(seq_ranking_mc),
    REC_CHOICE_OPTIONS(seq_ranking_mc),
    {.key = NULL},
};

static const rec_choice_options *choice_of(const void *options_of_entry)
{
    return &((const seq_ranking_mc *)options_of_entry)->choice;
}

static rec_status columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    return rec_choice_columns(entry, choice_of(entry->options), map, err);
}

static bool is_random(const void *self)
{
    (void)self; /* options and their order are drawn */
    return true;
}

static size_t list_length(const void *self)
{
    (void)self; /* the option that was chosen */
    return 1;
}

static size_t lm_samples(const void *self)
{
    return (size_t)choice_of(self)->samples.lm_samples;
}

static rec_status samples(rec_sample_set *out, const void *self, const rec_task_data *data,
                          rec_error *err)
{
    return rec_choice_samples(out, choice_of(self), REC_CHOICE_NEXT_ITEM, "seq_ranking_mc", data,
                              err);
}

static rec_status step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    return rec_choice_step(job, choice_of(job->task->options), replies, err);
}

const rec_task rec_task_seq_ranking_mc = {
    .name = "seq_ranking_mc",
    .help = "choose the next item among lettered options, the history in order",
    .any_of = REC_CAN_SCORE | REC_CAN_RESPOND,
    .size = sizeof(seq_ranking_mc),
    .options = options,
    .group = 2048,
    .texts = rec_choice_texts,
    .columns = columns,
    .is_random = is_random,
    .list_length = list_length,
    .lm_samples = lm_samples,
    .samples = samples,
    .step = step,
    .whole_run = rec_choice_whole_run,
};
