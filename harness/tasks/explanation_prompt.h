/** The prompt of the explanation task, which the chatbot task asks as well. */
#ifndef REC_HARNESS_TASKS_EXPLANATION_PROMPT_H
#define REC_HARNESS_TASKS_EXPLANATION_PROMPT_H

#include "harness/tasks/prompt_parts.h"
#include "harness/tasks/task.h"

enum { REC_EXPLANATION_WORDS = 100 }; /* what the prompt allows */

/** Role, limit, history, item, request; the history may be cut, oldest first. */
rec_status rec_explanation_prompt(rec_prompt_parts *out, const rec_dataset *dataset,
                                  const rec_sample *sample, rec_error *err);

#endif
