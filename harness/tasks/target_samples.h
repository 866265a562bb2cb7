/** Samples of tasks that talk about one item at a time: a user's history and one target. */
#ifndef REC_HARNESS_TASKS_TARGET_SAMPLES_H
#define REC_HARNESS_TASKS_TARGET_SAMPLES_H

#include "harness/tasks/task.h"

typedef struct rec_target_options {
    int history; /* rec_history_parts of rank_task.h */
    int64_t samples, lm_samples, history_max;
} rec_target_options;

/** The rows of an option table; `type` is the struct that holds a rec_target_options `field`. */
/* clang-format off: one option after the other, not one initialiser */
#define REC_TARGET_OPTIONS(type, field)                                                            \
    {"history",                                                                                    \
     "what a user has shown of itself: train | train_valid",                                       \
     offsetof(type, field.history),                                                                \
     REC_OPT_ENUM,                                                                                 \
     .value = REC_HISTORY_TRAIN_VALID,                                                             \
     .choices = rec_history_names},                                                                \
        {"history_max",                                                                            \
         "the latest so many items of it; 0 = all",                                                \
         offsetof(type, field.history_max),                                                        \
         REC_OPT_INT,                                                                              \
         .value = 0,                                                                               \
         .min = 0,                                                                                 \
         .max = 1e12},                                                                             \
        {"samples",                                                                                \
         "at most so many users, drawn by seed; 0 = all",                                          \
         offsetof(type, field.samples),                                                            \
         REC_OPT_INT,                                                                              \
         .value = 0,                                                                               \
         .min = 0,                                                                                 \
         .max = 1e12},                                                                             \
    {                                                                                              \
        "lm_samples", "at most so many of them for systems that answer in text; 0 = all",          \
            offsetof(type, field.lm_samples), REC_OPT_INT, .value = 0, .min = 0, .max = 1e12       \
    }
/* clang-format on */

/** One sample per user and target of the test part; `turn` counts the targets of a user. */
rec_status rec_target_samples(rec_sample_set *out, const rec_target_options *options,
                              const rec_task_data *data, rec_error *err);

/** Stable number of a sample, for random draws. */
uint64_t rec_sample_id(const rec_sample *s);

#endif
