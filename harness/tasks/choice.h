/**
 * One of several lettered options is the right one: what the multiple-choice tasks share. Systems with
 * scores rank the options; systems that answer in text name a letter, or the likelihood of the letters
 * decides.
 */
#ifndef REC_HARNESS_TASKS_CHOICE_H
#define REC_HARNESS_TASKS_CHOICE_H

#include "harness/replies/letters.h"
#include "harness/tasks/prompt.h"
#include "harness/tasks/rank_task.h"
#include "harness/tasks/target_samples.h"
#include "harness/tasks/text_list.h"

typedef enum rec_choice_answer { REC_CHOICE_GENERATE, REC_CHOICE_LIKELIHOOD } rec_choice_answer;
extern const char *const rec_choice_answer_names[];

typedef enum rec_choice_negatives {
    REC_CHOICE_UNIFORM,
    REC_CHOICE_POPULARITY
} rec_choice_negatives;
extern const char *const rec_choice_negatives_names[];

typedef struct rec_choice_options {
    rec_target_options samples;
    rec_prompt_options prompt;
    int64_t n_options, permutations;
    int negatives, answer, parser, compat, ties;
    bool letters;
} rec_choice_options;

/** The rows of an option table; `type` is the struct that holds a rec_choice_options `choice`. */
/* clang-format off: one option after the other, not one initialiser */
#define REC_CHOICE_OPTIONS(type)                                                                   \
    {"prompt", "how systems are asked that answer in text; default: configs/tasks/TASK.yaml",      \
     offsetof(type, choice.prompt), REC_OPT_TABLE, .table = rec_prompt_option_table},              \
        {"answer", "in text: a letter that is written, or the likeliest of the letters",           \
         offsetof(type, choice.answer), REC_OPT_ENUM, .choices = rec_choice_answer_names},         \
        {"parser", "how a letter is read out of an answer", offsetof(type, choice.parser),         \
         REC_OPT_ENUM, .choices = rec_letter_parser_names},                                        \
        {"ties",                                                                                   \
         "of scores: the right option among equal ones",                                           \
         offsetof(type, choice.ties),                                                              \
         REC_OPT_ENUM,                                                                             \
         .value = REC_TIES_INDEX,                                                                  \
         .choices = rec_ties_names},                                                               \
        {"letters", "report the share of each letter among the answers",                           \
         offsetof(type, choice.letters), REC_OPT_BOOL, .value = 0},                                \
        {"permutations",                                                                           \
         "probe: ask so many cyclic shifts of the options, report their mean and "                 \
         "whether they agree",                                                                     \
         offsetof(type, choice.permutations),                                                      \
         REC_OPT_INT,                                                                              \
         .value = 1,                                                                               \
         .min = 1,                                                                                 \
         .max = 26},                                                                               \
    {                                                                                              \
        "compat", "reclm: prompt and parser of RecLM-eval", offsetof(type, choice.compat),         \
            REC_OPT_ENUM, .choices = rec_text_compat_names                                         \
    }
#define REC_CHOICE_SAMPLE_OPTIONS(type)                                                            \
    {"options",                                                                                    \
     "to choose from, the right one included",                                                     \
     offsetof(type, choice.n_options),                                                             \
     REC_OPT_INT,                                                                                  \
     .value = 10,                                                                                  \
     .min = 2,                                                                                     \
     .max = REC_MAX_OPTIONS},                                                                      \
    {                                                                                              \
        "negatives",                                                                               \
            "the other options: items the user never touched, uniformly or by popularity",         \
            offsetof(type, choice.negatives), REC_OPT_ENUM, .choices = rec_choice_negatives_names  \
    }
/* clang-format on */

extern const char *const rec_choice_texts[];

rec_status rec_choice_columns(rec_task_entry *entry, const rec_choice_options *o,
                              const rec_yaml *map, rec_error *err);

typedef enum rec_choice_target {
    REC_CHOICE_NEXT_ITEM,   /* the test item after the history */
    REC_CHOICE_HISTORY_ITEM /* an item drawn out of the history, which is shuffled without it */
} rec_choice_target;

/** Samples with options as candidates, in the order shown; their titles are distinct. */
rec_status rec_choice_samples(rec_sample_set *out, const rec_choice_options *o,
                              rec_choice_target target, const char *purpose,
                              const rec_task_data *data, rec_error *err);

rec_status rec_choice_step(rec_job *job, const rec_choice_options *o, const rec_reply *replies,
                           rec_error *err);

rec_status rec_choice_whole_run(double *values, const rec_task_outcome *outcome, rec_error *err);

#endif
