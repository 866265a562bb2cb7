/**
 * A config, checked: what to load, what to fit, what to ask, what to compare with. Reading it does
 * no work and opens no data file; every mistake is REC_ERR_CONFIG "file:line:column: ...".
 */
#ifndef REC_HARNESS_RUN_CONFIG_H
#define REC_HARNESS_RUN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"
#include "harness/run/config_tree.h"
#include "harness/systems/system.h"
#include "harness/tasks/task.h"

typedef struct rec_system_entry {
    rec_system_common common;
    const char *name;      /* common.name, or the type */
    const rec_yaml *map;   /* of the tree */
    rec_system *prototype; /* owned: options read, nothing fitted */
    size_t *uses;          /* owned: indices of the systems its options refer to */
    size_t n_uses;
    size_t n_trials; /* of tune:; 0 without */
    bool is_default; /* no option of its own is set */
} rec_system_entry;

typedef enum rec_interval_kind {
    REC_INTERVAL_T,
    REC_INTERVAL_PERCENTILE,
    REC_INTERVAL_BCA
} rec_interval_kind;
extern const char *const rec_interval_names[]; /* by value */

typedef struct rec_report_options {
    char *path;
    bool html;
    int interval; /* rec_interval_kind */
    double level;
    int64_t resamples;
} rec_report_options;

/** A published or baseline figure. */
typedef struct rec_expected_row {
    char *system, *task, *metric, *source;
    double value, tol;
    int64_t digits; /* -1: tol counts */
    int side;       /* rec_expected_side */
} rec_expected_row;

typedef struct rec_config {
    rec_config_tree tree;
    char *name;
    uint64_t *seeds; /* distinct */
    size_t n_seeds;
    const rec_yaml *dataset;
    rec_lm_pool *lms; /* opened where they are used */
    rec_system_entry *systems;
    size_t n_systems;
    size_t *order; /* systems so that each comes after those it uses */
    rec_task_entry *tasks;
    size_t n_tasks;
    rec_expected_row *expected;
    size_t n_expected;
    rec_report_options report;
    char hash[REC_SHA256_HEX]; /* of the tree without what cannot change a figure */
} rec_config;

/** What the command line adds. */
typedef struct rec_config_overrides {
    char *const *sets; /* "a.b=c" */
    size_t n_sets;
    size_t limit;    /* at most so many samples per task; 0 = as configured */
    size_t lm_limit; /* the same for systems that answer in text */
    bool serves;     /* for a server: without `tasks:`, or with `lms:` alone */
} rec_config_overrides;

/** @param overrides  or NULL */
rec_status rec_config_read(rec_config **out, const char *path,
                           const rec_config_overrides *overrides, rec_error *err);
rec_status rec_config_parse(rec_config **out, const char *text, size_t length, const char *name,
                            const rec_config_overrides *overrides, rec_error *err);
void rec_config_free(rec_config *c);

/** For commands that use parts of a config: unknown keys at the top and under `defaults:` are
 * REC_ERR_CONFIG, missing ones are not, entries are not looked into. */
rec_status rec_config_check_keys(const rec_yaml *root, rec_error *err);

/** The whole tree as YAML; string of the caller, NULL on failure. */
char *rec_config_text(const rec_config *c, rec_error *err);

/** Tables behind the config, for `recai list`. */
extern const rec_option rec_config_options[];
extern const rec_option rec_expected_options[];

#endif
