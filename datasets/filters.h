/** Which rows, users and items a dataset keeps; applied to ordered rows, before the split. */
#ifndef REC_DATASETS_FILTERS_H
#define REC_DATASETS_FILTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "datasets/dataset.h"

typedef enum rec_duplicate_rule {
    REC_DUPLICATES_KEEP,
    REC_DUPLICATES_FIRST,
    REC_DUPLICATES_LAST,
    REC_DUPLICATES_SUM, /* values added up in the first row */
    REC_DUPLICATES_ERROR
} rec_duplicate_rule;

typedef struct rec_filter_options {
    double min_rating;
    bool binarise;
    char *from, *until; /* dates or seconds since 1970; NULL = open */
    int duplicates;     /* rec_duplicate_rule */
    int64_t k_core, min_user_interactions, min_item_interactions;
    int catalogue; /* 0 = all, 1 = interacted */
} rec_filter_options;

extern const rec_option rec_filter_option_table[];

/** What can be said without data: REC_ERR_CONFIG for moments that are none, or an empty window. */
rec_status rec_filter_check(const rec_filter_options *o, rec_error *err);

/** Rows dropped by each filter, in the order they are applied, and what went with them. */
typedef struct rec_filter_counts {
    size_t below_min_rating, outside_window, duplicates, below_k_core;
    size_t users_dropped, items_dropped;
    size_t negatives_dropped; /* stored candidates whose item is gone */
} rec_filter_counts;

/**
 * min_rating, time window, duplicates, k-core (repeated until stable), binarise; then users without
 * rows leave, and items that the k-core removed (catalogue: interacted removes every item without
 * rows). Ids keep their order.
 */
rec_status rec_dataset_filter(rec_dataset *d, rec_filter_counts *counts,
                              const rec_filter_options *o, rec_error *err);

#endif
