/** Candidate items per test user that are not his targets: stored in files, or sampled. */
#ifndef REC_DATASETS_NEGATIVES_H
#define REC_DATASETS_NEGATIVES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "datasets/dataset.h"

typedef enum rec_negatives_type {
    REC_NEGATIVES_AUTO, /* stored where the reader gives them, else none */
    REC_NEGATIVES_NONE,
    REC_NEGATIVES_STORED,
    REC_NEGATIVES_UNIFORM,
    REC_NEGATIVES_POPULARITY
} rec_negatives_type;

typedef struct rec_negatives_options {
    int type; /* rec_negatives_type */
    int64_t n;
    int64_t seed; /* -1 = the seed of the run */
    bool allow_short;
} rec_negatives_options;

extern const rec_option rec_negatives_option_table[];
const char *rec_negatives_type_name(int type);

typedef struct rec_negatives_counts {
    int type;           /* what was done: NONE, STORED, UNIFORM or POPULARITY */
    size_t users, rows; /* users with candidates, candidates */
    size_t short_users; /* test users with fewer than n; with none, where they are stored */
    size_t repeated;    /* stored twice for one user; dropped */
    size_t in_history;  /* stored ones the user has interacted with; kept */
} rec_negatives_counts;

/**
 * Fill or check d->negatives.
 *
 * Sampled candidates: n distinct items per user with test rows, none of which the user ever
 * interacted with in any part; uniform, or with probability proportional to the number of training
 * rows (successive sampling without replacement). The stream of a user belongs to his id.
 *
 * @return REC_ERR_DATA when a stored list contains a test item of its user, or when too few items
 *         are left and allow_short is off
 */
rec_status rec_dataset_negatives(rec_dataset *d, rec_negatives_counts *counts,
                                 const rec_negatives_options *o, uint64_t seed, rec_error *err);

#endif
