/** The two multiple-choice tasks of RecLM-eval over a history: they differ in which item is asked for. */
#ifndef REC_HARNESS_TASKS_RANKING_MC_H
#define REC_HARNESS_TASKS_RANKING_MC_H

#include "harness/tasks/choice.h"

/** Options of both tasks. */
typedef struct rec_ranking_mc {
    rec_choice_options choice;
} rec_ranking_mc;

extern const rec_option rec_ranking_mc_options[];

rec_status rec_ranking_mc_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err);
bool rec_ranking_mc_is_random(const void *options);     /* options and their order are drawn */
size_t rec_ranking_mc_list_length(const void *options); /* the option that was chosen */
size_t rec_ranking_mc_lm_samples(const void *options);
rec_status rec_ranking_mc_step(rec_job *job, const rec_reply *replies, rec_error *err);

/** All of a rec_task but its name, help and samples. */
#define REC_RANKING_MC_TASK                                                                        \
    .any_of = REC_CAN_SCORE | REC_CAN_RESPOND, .size = sizeof(rec_ranking_mc),                     \
    .options = rec_ranking_mc_options, .group = 2048, .texts = rec_choice_texts,                   \
    .columns = rec_ranking_mc_columns, .is_random = rec_ranking_mc_is_random,                      \
    .list_length = rec_ranking_mc_list_length, .lm_samples = rec_ranking_mc_lm_samples,            \
    .step = rec_ranking_mc_step, .whole_run = rec_choice_whole_run

#endif
