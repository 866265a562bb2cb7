/** Building a prompt part by part, in a job's arena: what is ours, what is data, what may be cut. */
#ifndef REC_HARNESS_TASKS_PROMPT_PARTS_H
#define REC_HARNESS_TASKS_PROMPT_PARTS_H

#include "core/arena.h"
#include "datasets/dataset.h"
#include "harness/systems/request.h"

typedef struct rec_prompt_parts {
    rec_text_part *parts; /* in the arena, (n) */
    size_t n, capacity;
    rec_arena *arena; /* borrowed */
} rec_prompt_parts;

/** Text of ours. `text` is borrowed, here and below. */
rec_status rec_parts_add(rec_prompt_parts *p, const char *role, const char *text, rec_error *err);
/** Text of others. drop_order as in rec_text_part: 0 = must stay. */
rec_status rec_parts_add_data(rec_prompt_parts *p, const char *role, const char *text,
                              uint32_t drop_order, rec_error *err);
/** Titles with commas between them, the first of which goes first where room is short; "(nothing)" for
 * none. An item without a title is called by its id. */
rec_status rec_parts_add_titles(rec_prompt_parts *p, const char *role,
                                const rec_catalogue *catalogue, const uint32_t *items, size_t n,
                                rec_error *err);

/** The texts of one role, or of all (NULL), one behind the other; in the arena, NULL on failure. */
const char *rec_parts_text(const rec_prompt_parts *p, const char *role, rec_error *err);

/** A copy in an arena; NULL on failure. */
char *rec_arena_text(rec_arena *arena, const char *text, rec_error *err);

#endif
