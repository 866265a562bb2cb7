/**
 * A report in memory: what `recai run` writes and every other sub-command reads. The file form
 * (HDF5, docs/report.md) is written and read by rec_report_write and rec_report_read alone.
 */
#ifndef REC_HARNESS_REPORT_REPORT_H
#define REC_HARNESS_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"
#include "core/status.h"

enum { REC_REPORT_SCHEMA = 1 };

/** One reported figure. Undefined values are NaN and stay missing in every output. */
typedef struct rec_figure {
    char *metric; /* "ndcg", without cut-off */
    size_t k;     /* as rec_metric_parse has it: 0 = none, REC_WHOLE_LIST, a percentage for rbp */
    double mean, stderr_, ci_low, ci_high;
    size_t n;        /* samples behind the mean */
    double sd_seeds; /* NaN with a single seed */
    bool higher_is_better;
} rec_figure;

/** A column of one value per sample. */
typedef struct rec_sample_column {
    char *metric;
    size_t k;
    double *values; /* (n_samples), NaN = undefined for that sample */
} rec_sample_column;

typedef struct rec_text_column {
    char *name;   /* "prompt", "reply", "parsed", "transcript", "trace" */
    char **texts; /* (n_samples), NULL = none */
} rec_text_column;

/** One task x system. */
typedef struct rec_result {
    char *task, *system;
    char *not_applicable; /* reason, or NULL */
    size_t n_candidates;  /* 0 = whole catalogue; else printed as "ndcg@10[20]" */
    size_t n_failed;      /* failed calls, not scored */
    size_t n_skipped;     /* users without relevant items */
    double seconds;       /* may differ between runs */
    uint64_t tokens_in, tokens_out;
    int64_t cost_microdollars; /* -1 = unknown */
    double level;              /* of the intervals of the figures; 0 = 0.95 */
    char *notes;               /* JSON: ties, masking, candidate rule, counts */

    size_t n_figures;
    rec_figure *figures;

    size_t n_samples;
    char **sample_ids;  /* "SEED/USER..." unique within the result */
    char **users;       /* original ids */
    uint32_t *clusters; /* bootstrap unit, e.g. dense user */
    uint64_t *seeds;
    int32_t *turns;
    size_t n_columns;
    rec_sample_column *columns;

    size_t *target_start; /* (n_samples + 1) offsets into targets; NULL: targets are not kept */
    uint32_t *targets;    /* relevant items of each sample, as list_items has them */
    float *target_gains;  /* relevance levels; NULL: all 1 */

    size_t list_length;   /* 0 = no lists */
    uint32_t *list_items; /* (n_samples, list_length), UINT32_MAX past the end */
    float *list_scores;
    size_t n_texts;
    rec_text_column *texts;
} rec_result;

typedef struct rec_report_system {
    char *name, *type;
    char *options; /* JSON */
    char *fit_on;  /* "train", "train_valid", "all", "" when nothing is fitted */
    char *flags; /* comma separated: saw_test_rows, oracle, ceiling, default_settings, rule_based */
    uint64_t n_parameters;
    char *weights_sha256;
    double fit_seconds;
    size_t n_curves;           /* loss_train, loss_valid, ... */
    rec_sample_column *curves; /* metric = curve name; values (curve_lengths[i]) */
    size_t *curve_lengths;
    char *trials; /* JSON list of tuning trials, or NULL */
} rec_report_system;

/** What misses: any other figure, only a lower one, none (the figure stands beside for comparison). */
typedef enum rec_expected_side {
    REC_SIDE_BOTH,
    REC_SIDE_AT_LEAST,
    REC_SIDE_SHOWN,
} rec_expected_side;
extern const char *const rec_expected_side_names[]; /* by value; ends with NULL */

typedef struct rec_expected {
    char *system, *task, *metric; /* metric with cut-off: "ndcg@10" */
    double published;
    int digits; /* equal when rounded to so many decimals; -1: use tol */
    double tol;
    rec_expected_side side;
    char *source;
    double measured; /* NaN = not measured */
    bool within;     /* rec_expected_holds; rec_report_write fills it in */
} rec_expected;

typedef struct rec_report {
    int schema;
    char *name, *config; /* YAML text with secrets removed */
    char config_hash[REC_SHA256_HEX], content_hash[REC_SHA256_HEX];
    size_t n_seeds;
    uint64_t *seeds;
    char *recai_version, *git_revision, *created,
        *host; /* host: JSON {cpu, cores, blas, threads} */
    double wall_seconds;

    char *dataset_name, *dataset_rules; /* rules: JSON */
    char dataset_sha256[REC_SHA256_HEX];
    size_t n_users, n_items, n_interactions;
    char **item_ids,
        **item_titles; /* (n_items): lists are readable without the data; may be NULL */

    size_t n_systems;
    rec_report_system *systems;
    size_t n_results;
    rec_result *results;
    size_t n_expected;
    rec_expected *expected;
} rec_report;

void rec_report_free(rec_report *r);

/**
 * Fill `within` of expectations and content_hash (harness/report/content.h: all that must be equal between runs, so `notes`,
 * `options` and `trials` must hold no times) and write the file through a temporary name. The file
 * is made in memory first: about twice the size of the report is needed meanwhile.
 * REC_ERR_RESOURCE when it cannot be written; REC_ERR_INTERNAL for two results of one task and
 * system.
 */
rec_status rec_report_write(rec_report *r, const char *path, rec_error *err);

/** REC_ERR_DATA for a truncated, damaged, foreign or newer file. Older schemas are upgraded on
 * reading. */
rec_status rec_report_read(rec_report **out, const char *path, rec_error *err);

/** What large reports are read for: figures, systems and expectations always come along. */
typedef enum rec_report_parts {
    REC_REPORT_FIGURES = 0,
    REC_REPORT_SAMPLES = 1, /* ids, users, clusters, seeds, turns and the columns of values */
    REC_REPORT_LISTS = 2,   /* lists and targets; with REC_REPORT_SAMPLES only */
    REC_REPORT_TEXTS = 4,   /* with REC_REPORT_SAMPLES only */
    REC_REPORT_ITEMS = 8,   /* item_ids, item_titles */
    REC_REPORT_ALL = 15
} rec_report_parts;

/** As rec_report_read, with what is not in `parts` (bits) left empty. */
rec_status rec_report_read_parts(rec_report **out, const char *path, unsigned parts,
                                 rec_error *err);

/** NULL for a name the report does not have. */
const rec_report_system *rec_report_system_of(const rec_report *r, const char *system);
/** A flag of systems that rank by the answers themselves: they are no competitors. */
#define REC_REPORT_CEILING "ceiling"
bool rec_report_has_flag(const rec_report *r, const char *system, const char *flag);
const rec_result *rec_report_result(const rec_report *r, const char *task, const char *system);
const rec_figure *rec_result_figure(const rec_result *r, const char *metric, size_t k);
const rec_sample_column *rec_result_column(const rec_result *r, const char *metric, size_t k);

/** Does e->measured agree with e->published: equal when both are rounded to e->digits decimals, or
 * (digits -1) no further apart than e->tol; at least: larger values agree too; shown: all do. NaN
 * agrees only there. */
bool rec_expected_holds(const rec_expected *e);

enum { REC_REPORT_LABEL_MAX = 128 };

/** "ndcg@10", "auc", "rbp.80" (harness/metrics/metric.h); name@k for what is no metric of ours. */
void rec_report_label_put(char out[REC_REPORT_LABEL_MAX], const char *metric, size_t k);

/** The same, or "ndcg@10[20]" with candidates (0 = whole catalogue), as a string of the caller. */
char *rec_report_label(const char *metric, size_t k, size_t n_candidates, rec_error *err);

#endif
