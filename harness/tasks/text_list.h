/**
 * A list of items asked for in text: how systems without scores do what a ranking does. The reply is
 * read as a list of titles, titles are grounded to items, the places of the targets are scored by the
 * same metrics as any ranking; what is wrong with the list has columns of its own. Nothing is repaired.
 * RecLM-eval's forms (compat: reclm) judge by similarity of titles, as it does.
 */
#ifndef REC_HARNESS_TASKS_TEXT_LIST_H
#define REC_HARNESS_TASKS_TEXT_LIST_H

#include "harness/replies/list_parser.h"
#include "harness/tasks/prompt.h"
#include "harness/tasks/task.h"

typedef enum rec_text_compat { REC_COMPAT_NONE, REC_COMPAT_RECLM } rec_text_compat;
extern const char *const rec_text_compat_names[];

typedef struct rec_text_list_options {
    rec_prompt_options prompt;
    rec_string_list errors;
    int parser, compat;
    bool repair;
    int64_t list, lm_samples, permutations;
} rec_text_list_options;

/** The rows of an option table; `type` is the struct that holds a rec_text_list_options `text`. */
/* clang-format off: one option after the other, not one initialiser */
#define REC_TEXT_LIST_OPTIONS(type, default_list)                                                  \
    {"prompt", "how systems are asked that answer in text; default: configs/tasks/TASK.yaml",      \
     offsetof(type, text.prompt), REC_OPT_TABLE, .table = rec_prompt_option_table},                \
        {"parser", "how a list of titles is read out of an answer", offsetof(type, text.parser),   \
         REC_OPT_ENUM, .choices = rec_list_parser_names},                                          \
        {"errors", "figures of what is wrong with answers in text", offsetof(type, text.errors),   \
         REC_OPT_STRINGS,                                                                          \
         .text = "candidate_error_rate,duplicate_error_rate,history_error_rate,oov_rate,"          \
                 "short_list_rate,empty_rate,parse_fail_rate,copy_error,copy_excess"},             \
        {"list",                                                                                   \
         "titles to ask for; 0 = as many as there are candidates",                                 \
         offsetof(type, text.list),                                                                \
         REC_OPT_INT,                                                                              \
         .value = default_list,                                                                    \
         .min = 0,                                                                                 \
         .max = 1000},                                                                             \
        {"lm_samples",                                                                             \
         "at most so many samples for systems that answer in text, drawn by seed; 0 = "            \
         "all",                                                                                    \
         offsetof(type, text.lm_samples),                                                          \
         REC_OPT_INT,                                                                              \
         .value = 0,                                                                               \
         .min = 0,                                                                                 \
         .max = 1e12},                                                                             \
        {"permutations",                                                                           \
         "probe: ask so many cyclic shifts of the candidates, report their mean and "              \
         "whether they agree",                                                                     \
         offsetof(type, text.permutations),                                                        \
         REC_OPT_INT,                                                                              \
         .value = 1,                                                                               \
         .min = 1,                                                                                 \
         .max = 100},                                                                              \
        {"compat", "reclm: prompts and judgments of RecLM-eval", offsetof(type, text.compat),      \
         REC_OPT_ENUM, .choices = rec_text_compat_names},                                          \
    {                                                                                              \
        "repair",                                                                                  \
            "compat: what RecLM-eval does to the answers of local models before it scores them",   \
            offsetof(type, text.repair), REC_OPT_BOOL, .value = 0                                  \
    }
/* clang-format on */

/** Texts of rec_task.texts. */
extern const char *const rec_text_list_texts[];

/**
 * Check the options and append the columns that only answers in text have.
 * @param has_candidates  samples have candidates: figures that need them make sense
 */
rec_status rec_text_list_columns(rec_task_entry *entry, const rec_text_list_options *o,
                                 bool has_candidates, const rec_yaml *map, rec_error *err);

/** rec_task.prepare_text: the titles of the catalogue, to ground replies in. */
rec_status rec_text_list_prepare(rec_sample_set *set, const rec_text_list_options *o,
                                 const rec_task_data *data, rec_error *err);

/** Round 1 asks, round 2 reads and scores. */
rec_status rec_text_list_step(rec_job *job, const rec_text_list_options *o,
                              const rec_reply *replies, rec_error *err);

#endif
