/** What a data set looks like: sizes, distributions, oddities. */
#ifndef REC_DATASETS_STATISTICS_H
#define REC_DATASETS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"
#include "datasets/dataset.h"

/** Of n counts in ascending order; quantile q is the value at position floor(q (n - 1)). */
typedef struct rec_quantiles {
    size_t min, p10, p25, median, p75, p90, max;
    double mean;
} rec_quantiles;

typedef struct rec_statistics {
    size_t n_users, n_items, n_interactions;
    double density;                   /* distinct user-item pairs over n_users * n_items */
    rec_quantiles per_user, per_item; /* interactions; items without any count as 0 */
    double popularity_gini;           /* 0: all items equally popular; towards 1: few take all */
    size_t items_without_interactions;
    size_t items_without_title;
    size_t items_without_metadata; /* neither a title nor any attribute */
    size_t repeated_titles;        /* items that share their title with an earlier item */
    size_t repeated_pairs;         /* interactions of a user with an item he had before */
    size_t equal_times;            /* interactions at the time of the same user's one before */
    size_t users_with_tied_last;   /* whose last two interactions have the same time */
    double first_time, last_time;  /* NaN without times */
} rec_statistics;

rec_status rec_dataset_statistics(rec_statistics *out, const rec_dataset *d, rec_error *err);

/** Is a value known in this row? */
bool rec_column_knows(const rec_column *c, size_t row);

/** Gini coefficient of n counts, sorted ascending in place: sum over ranks i = 1..n of
 * (2 i - n - 1) x_i / (n sum x); NaN when all are 0. */
double rec_gini(size_t *counts, size_t n);

#endif
