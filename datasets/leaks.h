/** Does the split let a system see what it will be tested on? Counts, never a verdict: some are normal
 * for some protocols (leave-one-out trains on what others did later). */
#ifndef REC_DATASETS_LEAKS_H
#define REC_DATASETS_LEAKS_H

#include <stddef.h>

#include "core/status.h"
#include "datasets/dataset.h"

typedef struct rec_leaks {
    size_t test_pairs_in_train;    /* test rows whose user has the item in training as well */
    size_t test_pairs_in_valid;    /* or in validation */
    size_t train_after_own_test;   /* training rows later than a test row of the same user */
    size_t train_after_first_test; /* training rows later than the earliest test row of anyone */
    size_t test_items_unseen;      /* items with test rows and no training row */
    size_t test_rows_unseen;       /* test rows of such items */
    size_t test_users_unseen;      /* users with test rows and no training row */
    size_t tied_at_boundary;       /* test users whose first test row and last earlier row share a
                                      time, so that the order rule decided what is tested */
} rec_leaks;

rec_status rec_dataset_leaks(rec_leaks *out, const rec_dataset *d, rec_error *err);

#endif
