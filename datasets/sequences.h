/** Lines of "user item item ...", oldest first: interactions, and stored candidates in the same form. */
#ifndef REC_DATASETS_SEQUENCES_H
#define REC_DATASETS_SEQUENCES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"
#include "datasets/builder.h"

typedef struct rec_sequence_rules {
    rec_part part;   /* of every row, where rows carry parts */
    bool declared;   /* the catalogue is complete: an item not in it is an error */
    bool users_only; /* candidates: users without a sequence are an error instead of skipped */
} rec_sequence_rules;

/**
 * Interactions of a file of sequences. A user on several lines goes on where the line before ended,
 * so "user item" pairs, one per line, are read as well; such lines are counted.
 * @return REC_ERR_DATA "file:line:column: ..."; for unknown items also their number in the file
 */
rec_status rec_sequences_read(rec_builder *b, const char *path, const rec_sequence_rules *rules,
                              rec_error *err);

/** Candidates ("user item item ..."); sequences are read before. */
rec_status rec_stored_negatives_read(rec_builder *b, const char *path,
                                     const rec_sequence_rules *rules, rec_error *err);

#endif
