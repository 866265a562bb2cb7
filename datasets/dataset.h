/**
 * The one form in which data reaches everything else: an immutable catalogue, interactions as CSR
 * (user -> items in time order), the part each interaction plays, stored candidates and auxiliary
 * tables. Only readers (datasets/reader.h) parse data files.
 *
 * Ids are opaque bytes without NUL outside and dense uint32 inside. Dense order: numeric if all ids
 * are decimal integers, else byte order; never the order of first sight.
 */
#ifndef REC_DATASETS_DATASET_H
#define REC_DATASETS_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"
#include "core/option.h"
#include "core/status.h"

#define REC_NO_ITEM UINT32_MAX
#define REC_NO_USER UINT32_MAX

typedef enum rec_column_type {
    REC_COLUMN_TEXT,
    REC_COLUMN_NUMBER,
    REC_COLUMN_DATE, /* seconds since 1970 UTC, in number[] */
    REC_COLUMN_TEXTS /* list of text */
} rec_column_type;

/** "text", "number", "date", "list of text". */
const char *rec_column_type_name(rec_column_type type);

/** One nullable attribute of every item (or row of an auxiliary table). */
typedef struct rec_column {
    char *name;
    rec_column_type type;
    char **text;    /* TEXT: NULL = missing */
    double *number; /* NUMBER, DATE: NaN = missing */
    size_t *start;  /* TEXTS: n_rows + 1 offsets into texts; an empty range = missing */
    char **texts;
} rec_column;

typedef struct rec_table {
    char *name;
    size_t n_rows, n_columns;
    rec_column *columns;
} rec_table;

typedef struct rec_catalogue {
    size_t n_items;
    char **ids;
    char **titles; /* NULL entries: no title */
    size_t n_columns;
    rec_column *columns; /* of n_items rows; "title" is not repeated here */
} rec_catalogue;

/** CSR: row u is item[start[u] .. start[u + 1] - 1], ordered by (time, file order). */
typedef struct rec_interactions {
    size_t n_users, n_items, n;
    size_t *start;  /* n_users + 1 */
    uint32_t *item; /* n */
    float *value;   /* n, or NULL: all 1 */
    double *time;   /* n, seconds; or NULL: none */
} rec_interactions;

/** What an interaction is for. Values are bits, so that a set of parts is an `unsigned`. */
typedef enum rec_part {
    REC_PART_NONE = 0, /* dropped by the split; still counted */
    REC_PART_TRAIN = 1,
    REC_PART_VALID = 2,
    REC_PART_TEST = 4,
    REC_PART_ALL = 7
} rec_part;

/** Stored candidates (negatives) per user. Row u may be empty. */
typedef struct rec_candidates {
    size_t *start; /* n_users + 1 */
    uint32_t *item;
} rec_candidates;

typedef struct rec_dataset {
    char *name;
    size_t n_users;
    char **user_ids;
    rec_catalogue catalogue;
    rec_interactions interactions;
    uint8_t *part;             /* interactions.n, one rec_part each */
    rec_candidates *negatives; /* or NULL */
    size_t n_tables;
    rec_table *tables; /* dialogues, reviews, triples, queries, users */
    char *
        rules; /* JSON: reader, filter, split, order rule for equal times, counts, warnings, leaks */
    char sha256
        [REC_SHA256_HEX]; /* of ids, titles, columns, interactions, parts, negatives, tables */
    struct rec_strings *strings; /* private: owns every id, title and text above */
} rec_dataset;

struct rec_yaml;

/** Read, filter, order, split as the config's `dataset:` mapping says. REC_ERR_CONFIG, REC_ERR_DATA. */
rec_status rec_dataset_load(rec_dataset **out, const struct rec_yaml *map, uint64_t seed,
                            rec_error *err);
/** The options all readers share (name, filter, split, negatives), for documentation. */
const rec_option *rec_dataset_options(void);
/** The mistakes of that mapping that show without opening a file. */
rec_status rec_dataset_check(const struct rec_yaml *map, rec_error *err);
void rec_dataset_free(rec_dataset *d);
void rec_candidates_free(rec_candidates *c);

/** Dense index of an id (binary search), or REC_NO_ITEM / REC_NO_USER. */
uint32_t rec_dataset_item(const rec_dataset *d, const char *id);
uint32_t rec_dataset_user(const rec_dataset *d, const char *id);

const rec_column *rec_catalogue_column(const rec_catalogue *c, const char *name); /* or NULL */
/** The column that an option names. REC_ERR_CONFIG "WHO: the items have no column ..." with the nearest name
 * and the names there are; *out is NULL then. */
rec_status rec_catalogue_need_column(const rec_column **out, const rec_catalogue *c,
                                     const char *who, const char *name, rec_error *err);
const rec_table *rec_dataset_table(const rec_dataset *d, const char *name); /* or NULL */
const rec_column *rec_table_column(const rec_table *t, const char *name);   /* or NULL */

/** Rows whose part is in `parts`, order kept, all users and items kept: what a system is fitted on
 * or a history is made of. Init storage of the caller; released with rec_interactions_deinit. */
rec_status rec_dataset_select(rec_interactions *out, const rec_dataset *d, unsigned parts,
                              rec_error *err);
void rec_interactions_deinit(rec_interactions *x);

/** Item -> users transpose of x (values and times follow). */
rec_status rec_interactions_transpose(rec_interactions *out, const rec_interactions *x,
                                      rec_error *err);

#endif
