/** Ranking of the whole catalogue: what the task `retrieval` and its form for embedders share. */
#ifndef REC_HARNESS_TASKS_RETRIEVAL_H
#define REC_HARNESS_TASKS_RETRIEVAL_H

#include "harness/tasks/rank_task.h"
#include "harness/tasks/text_list.h"

typedef struct rec_retrieval_options {
    rec_rank_options rank;
    rec_text_list_options text; /* zeros: nobody is asked in text */
} rec_retrieval_options;

/** The row of an option table about the history. */
/* clang-format off: not one initialiser */
#define REC_RETRIEVAL_OPTIONS                                                                      \
    {                                                                                              \
        "mask_history", "items of the history are not ranked",                                     \
            offsetof(rec_retrieval_options, rank.mask_history), REC_OPT_BOOL, .value = 1           \
    }
/* clang-format on */

/* Members of the tasks; `options` is a rec_retrieval_options. */
bool rec_retrieval_is_random(const void *options);
size_t rec_retrieval_list_length(const void *options);
rec_status rec_retrieval_samples(rec_sample_set *out, const void *options,
                                 const rec_task_data *data, rec_error *err);
rec_status rec_retrieval_step(rec_job *job, const rec_reply *replies, rec_error *err);

#endif
