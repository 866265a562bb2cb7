/** Items as unit vectors of their attributes: what diversity inside a list is measured with. */
#ifndef REC_HARNESS_TASKS_ITEM_VECTORS_H
#define REC_HARNESS_TASKS_ITEM_VECTORS_H

#include <stddef.h>

#include "datasets/dataset.h"

typedef struct rec_item_vectors {
    float *rows; /* owned, (n_items, dim) row-major; unit length, or 0 where nothing is known */
    size_t dim;
} rec_item_vectors;

/**
 * One dimension per distinct value of a column of lists of text or of text (genres, brand).
 * @param column  name; NULL: the first column of lists
 * @return REC_ERR_DATA when there is no such column, or it has no or more than 65536 values
 */
rec_status rec_item_vectors_init(rec_item_vectors *out, const rec_dataset *d, const char *column,
                                 rec_error *err);
void rec_item_vectors_deinit(rec_item_vectors *v);

#endif
