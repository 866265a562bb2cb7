/** What the task knows of a question, for rule-based models (models/lm/lm.h, rec_lm_answer_key). */
#ifndef REC_HARNESS_TASKS_ANSWER_KEY_H
#define REC_HARNESS_TASKS_ANSWER_KEY_H

#include "core/arena.h"
#include "harness/tasks/task.h"
#include "models/lm/lm.h"

/** The titles of the most popular items, what a model that knows popularity alone would say. */
typedef struct rec_popular_titles {
    const char **titles; /* owned array; borrowed from the catalogue */
    size_t n;
} rec_popular_titles;

rec_status rec_popular_titles_init(rec_popular_titles *out, const rec_task_data *data,
                                   rec_error *err);
void rec_popular_titles_deinit(rec_popular_titles *p);
void rec_popular_titles_offer(rec_lm_answer_key *key, const rec_popular_titles *p);

/**
 * Candidates and targets by title.
 * @param titles      (n_items)
 * @param candidates  (n_candidates) in the order of the prompt; NULL: none are shown
 */
rec_status rec_answer_key_fill(rec_lm_answer_key *out, char *const *titles,
                               const uint32_t *candidates, size_t n_candidates,
                               const uint32_t *targets, size_t n_targets, rec_arena *arena,
                               rec_error *err);

#endif
