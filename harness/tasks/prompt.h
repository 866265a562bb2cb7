/**
 * Prompts out of templates. A template is text with slots: {history}, {candidates}, {n}; {{ and }} are
 * braces. Text of the template is ours; what a slot is filled with out of the data (titles, queries) is
 * data, which can never become a control token. The history may be cut, oldest first, where a prompt is
 * too long for a model; nothing else is.
 */
#ifndef REC_HARNESS_TASKS_PROMPT_H
#define REC_HARNESS_TASKS_PROMPT_H

#include "core/arena.h"
#include "core/option.h"
#include "core/yaml.h"
#include "datasets/dataset.h"
#include "harness/systems/request.h"
#include "models/recommender.h"

typedef struct rec_prompt_options {
    int64_t version;
    char *system, *user;
    rec_string_list paraphrases; /* of `user` */
    char *history_item, *history_separator;
    char *candidate_item, *candidate_separator;
    int64_t history_max, max_tokens;
    double temperature, top_p;
    rec_string_list stop;
    bool sanitise;
} rec_prompt_options;

/** The table of `prompt:`. Values come from configs/tasks/ unless a config has its own. */
extern const rec_option rec_prompt_option_table[];

/** What a slot stands for: a text of the data, a number, or a list of items. */
typedef struct rec_prompt_slot {
    const char *name;
    const char *text; /* data; or NULL */
    size_t number;    /* where there are neither text nor items */
    const uint32_t *items;
    size_t n;
    bool is_list;            /* of items, n may be 0: written as "none" */
    const char *item_format; /* {title}, {number}, {letter}, or a column of the catalogue */
    const char *separator;
    bool may_drop; /* entries may be left out, the first ones first: one slot of a prompt at most */
} rec_prompt_slot;

/**
 * Are all slots of system and user text known, and is there a user text?
 * @param slots  names, ends with NULL
 * @param map    the entry of the task, for the place of a mistake
 * @return REC_ERR_CONFIG with the place
 */
rec_status rec_prompt_check(const rec_prompt_options *o, const char *const *slots,
                            const rec_yaml *map, rec_error *err);

/** How many wordings of the question there are: `user` and its paraphrases. */
size_t rec_prompt_n_wordings(const rec_prompt_options *o);
/** The options with wording number i < rec_prompt_n_wordings in place of `user`; borrows from o. */
rec_prompt_options rec_prompt_wording(const rec_prompt_options *o, size_t i);

/** The slot {history}: what the query shows, the latest history_max of it; may be cut further. */
rec_prompt_slot rec_prompt_history(const rec_prompt_options *o, const rec_query *query);

/** Fill the parts and settings of a request of kind TEXT; all of it lives in the arena. */
rec_status rec_prompt_build(rec_request *out, const rec_prompt_options *o,
                            const rec_prompt_slot *slots, size_t n_slots, const rec_catalogue *c,
                            rec_arena *arena, rec_error *err);

/** A prompt as one text for reports, "[role]" before each message; in the arena, NULL on failure. */
const char *rec_request_text(const rec_request *request, rec_arena *arena, rec_error *err);

#endif
