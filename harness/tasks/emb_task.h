/**
 * Retrieval over the whole catalogue by text: the tasks of RecLM-emb (models/reclm_emb). One
 * implementation; a task is a file with one REC_EMB_RETRIEVAL and a line in tasks.def.
 *
 * Rows are made from options that systems of type reclm_emb share, so that both agree on who and what
 * is held out. Tasks whose rows have a history take recommenders, too; all others need `search`.
 */
#ifndef REC_HARNESS_TASKS_EMB_TASK_H
#define REC_HARNESS_TASKS_EMB_TASK_H

#include "harness/tasks/rank_task.h"
#include "models/reclm_emb/data.h"

extern const rec_option rec_emb_retrieval_options[];

rec_status rec_emb_retrieval_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err);
bool rec_emb_retrieval_is_random(const void *options);
size_t rec_emb_retrieval_list_length(const void *options);
rec_status rec_emb_retrieval_samples(rec_sample_set *out, const void *options,
                                     const rec_task_data *data, rec_error *err);
const char *rec_emb_retrieval_remark(const void *options); /* who wrote the queries */
rec_status rec_emb_retrieval_step(rec_job *job, const rec_reply *replies, rec_error *err);

/** Options of every such task. */
typedef struct rec_emb_retrieval {
    rec_rank_options rank;
    rec_emb_data_options data;
    rec_string_list slices; /* labels reported over parts of the rows, too */
    size_t task;            /* number of the rec_emb_task, set with the columns */
} rec_emb_retrieval;

#define REC_EMB_RETRIEVAL(task_name, capabilities, what)                                           \
    {                                                                                              \
        .name = "emb_" #task_name, .help = what, .needs = (capabilities),                          \
        .size = sizeof(rec_emb_retrieval), .options = rec_emb_retrieval_options, .group = 512,     \
        .has_ideal = true, .columns = rec_emb_retrieval_columns,                                   \
        .is_random = rec_emb_retrieval_is_random, .list_length = rec_emb_retrieval_list_length,    \
        .samples = rec_emb_retrieval_samples, .step = rec_emb_retrieval_step,                      \
        .remark = rec_emb_retrieval_remark                                                         \
    }

#endif
