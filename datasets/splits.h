/** Which interaction is for training, validation, test: set once, on ordered rows. */
#ifndef REC_DATASETS_SPLITS_H
#define REC_DATASETS_SPLITS_H

#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "datasets/dataset.h"

typedef enum rec_split_type {
    REC_SPLIT_AUTO, /* fixed where the reader gives parts, else leave_one_out */
    REC_SPLIT_LEAVE_ONE_OUT,
    REC_SPLIT_TEMPORAL,
    REC_SPLIT_RATIO,
    REC_SPLIT_RANDOM,
    REC_SPLIT_FIXED,
    REC_SPLIT_NONE
} rec_split_type;

typedef struct rec_split_options {
    int type;                     /* rec_split_type */
    rec_string_list order;        /* datasets/order.h */
    double valid, test;           /* ratio, random, temporal: shares of the rows */
    int scope;                    /* ratio, random: 0 = per user, 1 = over all rows */
    char *valid_from, *test_from; /* temporal: dates or seconds since 1970; NULL = by shares */
    int64_t min_interactions;     /* users with fewer rows keep all of them for training */
    int64_t seed;                 /* random; -1 = the seed of the run */
} rec_split_options;

extern const rec_option rec_split_option_table[];
const char *rec_split_type_name(int type);

typedef struct rec_split_counts {
    size_t train, valid, test, none; /* rows */
    size_t short_users;              /* below min_interactions */
    size_t test_users;
    double valid_from, test_from; /* temporal: the cuts used; NaN otherwise */
} rec_split_counts;

/** What can be said without data: REC_ERR_CONFIG for options that contradict each other. */
rec_status rec_split_check(const rec_split_options *o, rec_error *err);

/**
 * @param o  type resolved (not AUTO)
 * @return REC_ERR_CONFIG as rec_split_check, REC_ERR_DATA when the rows do not
 *         allow the split (no times, no test row)
 */
rec_status rec_dataset_split(rec_dataset *d, rec_split_counts *counts, const rec_split_options *o,
                             uint64_t seed, rec_error *err);

#endif
