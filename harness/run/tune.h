/**
 * Search over the options of a system against a metric on the validation part. Every trial is an
 * artifact of its own, so that a search goes on where it was stopped.
 *
 *     tune: {metric: ndcg@10, trials: 20, strategy: random,
 *            space: {lambda: {min: 1, max: 10000, log: true}, k: [50, 100, 200]}}
 */
#ifndef REC_HARNESS_RUN_TUNE_H
#define REC_HARNESS_RUN_TUNE_H

#include "harness/run/run.h"

typedef enum rec_tune_strategy {
    REC_TUNE_RANDOM,
    REC_TUNE_GRID,
    REC_TUNE_HALVING
} rec_tune_strategy;

/** One option to vary: a list of values, or a range. */
typedef struct rec_tune_dimension {
    const char *key; /* borrowed from the config */
    bool is_int;
    const rec_yaml *values; /* list; NULL: a range */
    double min, max;
    bool is_log;
    int64_t steps; /* of a grid over the range; 0 = not given */
} rec_tune_dimension;

typedef struct rec_tuning {
    char *metric, *resource;
    int64_t trials, eta, min_resource, max_resource;
    int strategy;
    const rec_yaml *space;
    rec_tune_dimension *dimensions; /* owned */
    size_t n_dimensions;
} rec_tuning;

extern const rec_option rec_tuning_options[];
extern const rec_option rec_tune_range_options[];

/** Read and check the `tune:` mapping of an entry of `systems:`. REC_ERR_CONFIG with the place. */
rec_status rec_tuning_init(rec_tuning *out, const rec_yaml *tune, const rec_system_type *type,
                           const rec_yaml *entry, rec_error *err);
void rec_tuning_deinit(rec_tuning *t);

/** Values of point number `index` of a search as a mapping; new tree of the caller. */
rec_yaml *rec_tune_point(const rec_tuning *t, size_t index, uint64_t seed, rec_error *err);

/** The entry with the keys of `overrides` in place of its own; new tree of the caller. */
rec_yaml *rec_entry_with(const rec_yaml *entry, const rec_yaml *overrides, rec_error *err);

typedef struct rec_tuned {
    rec_yaml *overrides; /* owned mapping: the best values found */
    char
        *trials; /* owned JSON list of {"options", "metric", "value"} in the order they were made */
} rec_tuned;

void rec_tuned_deinit(rec_tuned *t);

/** Search, or go through the trials that are there. */
rec_status rec_tune(rec_tuned *out, rec_run *r, size_t system, rec_error *err);

#endif
