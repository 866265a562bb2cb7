/**
 * What the tasks that rank items share: options, samples out of the test part, one round of asking,
 * metrics over the places of the targets.
 */
#ifndef REC_HARNESS_TASKS_RANK_TASK_H
#define REC_HARNESS_TASKS_RANK_TASK_H

#include "harness/tasks/task.h"

struct rec_text_list_options; /* harness/tasks/text_list.h */

typedef enum rec_history_parts { REC_HISTORY_TRAIN, REC_HISTORY_TRAIN_VALID } rec_history_parts;
typedef enum rec_target_part { REC_TARGETS_TEST, REC_TARGETS_VALID } rec_target_part;
typedef enum rec_relevance { REC_RELEVANCE_BINARY, REC_RELEVANCE_VALUE } rec_relevance;

typedef struct rec_rank_options {
    rec_int_list k;
    rec_string_list metrics;
    int history;   /* rec_history_parts */
    int ties;      /* rec_ties */
    int relevance; /* rec_relevance */
    bool mask_history;
    bool user_rows;
    bool strata;
    int64_t samples, history_max;
    char *diversity_by;
} rec_rank_options;

/** The rows of both option tables; `type` is the struct that holds a rec_rank_options `rank`. */
/* clang-format off: one option after the other, not one initialiser */
#define REC_RANK_OPTIONS(type, default_metrics)                                                    \
    {"k",          "cut-offs of the metrics", offsetof(type, rank.k),                              \
     REC_OPT_INTS, .text = "1,5,10,20",       .min = 1,                                            \
     .max = 100000},                                                                               \
        {"metrics", "names, each reported at every cut-off; or labels such as ndcg@3",             \
         offsetof(type, rank.metrics), REC_OPT_STRINGS, .text = default_metrics},                  \
        {"history",                                                                                \
         "what a query shows (and masks): train | train_valid",                                    \
         offsetof(type, rank.history),                                                             \
         REC_OPT_ENUM,                                                                             \
         .value = REC_HISTORY_TRAIN_VALID,                                                         \
         .choices = rec_history_names},                                                            \
        {"ties",                                                                                   \
         "targets among equal scores: by item index, first, last, or the expected value",          \
         offsetof(type, rank.ties),                                                                \
         REC_OPT_ENUM,                                                                             \
         .value = REC_TIES_INDEX,                                                                  \
         .choices = rec_ties_names},                                                               \
        {"relevance", "level of a target: binary = 1, value = the interaction's value",            \
         offsetof(type, rank.relevance), REC_OPT_ENUM, .choices = rec_relevance_names},            \
        {"user_rows", "ask models that trained a row for the user by that row",                    \
         offsetof(type, rank.user_rows), REC_OPT_BOOL, .value = 1},                                \
        {"strata",                                                                                 \
         "every metric also over parts of the samples: histories of 1 to 5, 6 to 20 and more "     \
         "items, targets of the long tail and of the head",                                        \
         offsetof(type, rank.strata), REC_OPT_BOOL, .value = 0},                                   \
        {"samples",                                                                                \
         "at most so many users, drawn by seed; 0 = all",                                          \
         offsetof(type, rank.samples),                                                             \
         REC_OPT_INT,                                                                              \
         .value = 0,                                                                               \
         .min = 0,                                                                                 \
         .max = 1e12},                                                                             \
        {"history_max",                                                                            \
         "a query shows the latest so many interactions; 0 = all",                                 \
         offsetof(type, rank.history_max),                                                         \
         REC_OPT_INT,                                                                              \
         .value = 0,                                                                               \
         .min = 0,                                                                                 \
         .max = 1e12},                                                                             \
    {                                                                                              \
        "diversity_by", "item column that intra_list_diversity reads; none: the first of lists",   \
            offsetof(type, rank.diversity_by), REC_OPT_STRING, .text = NULL                        \
    }
/* clang-format on */

extern const char *const rec_history_names[];
extern const char *const rec_ties_names[];
extern const char *const rec_relevance_names[];

/** Columns out of `k` and `metrics`. */
rec_status rec_rank_columns(rec_task_entry *entry, const rec_rank_options *options,
                            const rec_yaml *map, rec_error *err);

/** For each column of a metric with per-sample values one column per part of the samples; part of
 * rec_rank_columns where the options want it. */
rec_status rec_rank_strata_columns(rec_task_entry *entry, rec_error *err);

/** Largest cut-off: the length of the lists that are kept. */
size_t rec_rank_list_length(const rec_rank_options *options);

/** One sample per user with targets: history, targets, levels; item vectors if a metric reads them.
 * Candidates are left NULL. */
rec_status rec_rank_samples(rec_sample_set *out, const rec_rank_options *options,
                            const rec_task_data *data, rec_target_part part, rec_error *err);

/**
 * Round 1 asks for the ranking, round 2 turns the reply into values.
 * @param text  how systems without scores are asked, in text; NULL: there are none
 */
rec_status rec_rank_step(rec_job *job, const rec_rank_options *options,
                         const struct rec_text_list_options *text, const rec_reply *replies,
                         rec_error *err);

/**
 * Values of the columns that metrics are behind.
 * @param reply     lists and ranks of the targets, as a ranking has them
 * @param n_places  of the list, at least reply->n_ranked: some may hold no item
 */
rec_status rec_rank_score(rec_job *job, rec_ties ties, const rec_reply *reply, size_t n_places,
                          rec_error *err);

rec_status rec_rank_whole_run(double *values, const rec_task_outcome *outcome, rec_error *err);

#endif
