/** What a rule-based user knows about an item: the values of its attributes, in words. */
#ifndef REC_HARNESS_SIMULATORS_FACTS_H
#define REC_HARNESS_SIMULATORS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/option.h"
#include "datasets/dataset.h"

/** A column and the word a user has for it: "genres" is asked for as "genre". */
typedef struct rec_attribute {
    const rec_column *column;
    const char *word;   /* as it is said */
    const char *folded; /* as rec_title_folded writes it, for finding it in questions */
} rec_attribute;

/**
 * @param wanted  columns by name, "column" or "column=word"; none: every column of lists of text
 * @param out     array in the arena; *n may be 0 where nothing is wanted by name
 * @return REC_ERR_DATA for a column that the catalogue lacks
 */
rec_status rec_attributes(const rec_attribute **out, size_t *n, const rec_catalogue *catalogue,
                          const rec_string_list *wanted, rec_arena *arena, rec_error *err);

/** How many values an item has; value i as text, numbers written to `number`. */
size_t rec_attribute_count(const rec_attribute *a, uint32_t item);
const char *rec_attribute_value(const rec_attribute *a, uint32_t item, size_t i, char number[32]);
/** Whether one of its values is this text. */
bool rec_attribute_has(const rec_attribute *a, uint32_t item, const char *value);

/** Whether a message of the recommender asks for this attribute: it has a question mark and the word,
 * or its plural. */
bool rec_attribute_is_asked(const rec_attribute *a, const char *message_folded, bool has_question);

/** *out: the value of a list that most of the items have, the first of equals in byte order; borrowed
 * from the catalogue, NULL where they have none and for columns that are no lists. */
rec_status rec_attribute_favourite(const char **out, const rec_attribute *a, const uint32_t *items,
                                   size_t n, rec_error *err);

#endif
