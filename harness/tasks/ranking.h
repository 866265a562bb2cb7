/** Ranking of one target among candidates: what the task `ranking` and its form for embedders share. */
#ifndef REC_HARNESS_TASKS_RANKING_H
#define REC_HARNESS_TASKS_RANKING_H

#include "harness/tasks/rank_task.h"
#include "harness/tasks/text_list.h"

typedef enum rec_negatives {
    REC_NEGATIVES_UNIFORM,
    REC_NEGATIVES_POPULARITY,
    REC_NEGATIVES_STORED
} rec_negatives;
extern const char *const rec_negatives_names[];

typedef struct rec_ranking_options {
    rec_rank_options rank;
    rec_text_list_options text; /* zeros: nobody is asked in text */
    int64_t candidates;
    int negatives; /* rec_negatives */
} rec_ranking_options;

/** The rows of an option table about candidates. */
/* clang-format off: one option after the other, not one initialiser */
#define REC_RANKING_OPTIONS                                                                        \
    {"candidates",                                                                                 \
     "items to rank: the target and candidates - 1 negatives; 0 = all stored ones",                \
     offsetof(rec_ranking_options, candidates),                                                    \
     REC_OPT_INT,                                                                                  \
     .value = 20,                                                                                  \
     .min = 0,                                                                                     \
     .max = 1e6},                                                                                  \
    {                                                                                              \
        "negatives",                                                                               \
            "drawn uniformly or by popularity from items the user never touched, or stored",       \
            offsetof(rec_ranking_options, negatives), REC_OPT_ENUM, .choices = rec_negatives_names \
    }
/* clang-format on */

/* Members of the tasks; `options` is a rec_ranking_options. */
rec_status rec_ranking_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err);
bool rec_ranking_is_random(const void *options);
size_t rec_ranking_list_length(const void *options);
rec_status rec_ranking_samples(rec_sample_set *out, const void *options, const rec_task_data *data,
                               rec_error *err);
rec_status rec_ranking_step(rec_job *job, const rec_reply *replies, rec_error *err);

#endif
