/**
 * What tasks whose answers are judged in pairs share: the system and a baseline answer the same prompt,
 * one or two judges compare the answers in both orders, the verdicts become columns. RecLM-eval's
 * protocol (evaluates/evaluate.py); five classes instead of its three.
 */
#ifndef REC_HARNESS_TASKS_JUDGED_H
#define REC_HARNESS_TASKS_JUDGED_H

#include "harness/judges/judge.h"
#include "harness/tasks/task.h"

typedef struct rec_judged_options {
    rec_judge_options judge, second_judge;
    char *baseline;       /* entry of `lms:`; NULL: the task's rule */
    const char *protocol; /* set by the task: what judges are asked unless told otherwise */
} rec_judged_options;

/** The rows of an option table; `type` is the struct that holds a rec_judged_options `judged`. */
/* clang-format off: one option after the other, not one initialiser */
#define REC_JUDGED_OPTIONS(type, baseline_help)                                                    \
    {"judge", "who compares the answers; rules are no stand-in for a model",                       \
     offsetof(type, judged.judge), REC_OPT_TABLE, .table = rec_judge_option_table},                \
        {"second_judge", "another one, for the agreement between the two",                         \
         offsetof(type, judged.second_judge), REC_OPT_TABLE,                                       \
         .table = rec_second_judge_option_table},                                                  \
    {                                                                                              \
        "baseline", baseline_help, offsetof(type, judged.baseline), REC_OPT_REFERENCE,             \
            .refers_to = "lm", .needs = REC_LM_GENERATES                                           \
    }
/* clang-format on */

/** Checks and columns. */
rec_status rec_judged_columns(rec_task_entry *entry, const rec_judged_options *options,
                              const rec_yaml *map, rec_error *err);

/** Whether a judge draws, by its rule or by its temperature: the task then runs once per seed. */
bool rec_judged_is_random(const rec_judged_options *options);

/** That it is a rule who judges; NULL: a model does. */
const char *rec_judged_remark(const rec_judged_options *options);

/** Names of the texts that are kept: for rec_task.texts. */
extern const char *const rec_judged_texts[];

/**
 * First step: ask the system, and the baseline where it is a model.
 * @param question     parts and settings of the request (harness/tasks/prompt.h), in the job's arena
 * @param rule_answer  the baseline's words where no model is named
 */
rec_status rec_judged_ask(rec_job *job, const rec_judged_options *options,
                          const rec_request *question, const char *rule_answer, rec_error *err);

/** Further steps: put the answers to the judges, read the verdicts. */
rec_status rec_judged_step(rec_job *job, const rec_judged_options *options,
                           const rec_reply *replies, rec_error *err);

/** The system's answer, once it is there; NULL: it failed. For columns of the task's own. */
const char *rec_judged_answer(const rec_job *job);

rec_status rec_judged_whole_run(double *values, const rec_task_outcome *outcome,
                                const rec_judged_options *options, rec_error *err);

#endif
