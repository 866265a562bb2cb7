/**
 * Option tables: what a plug-in can be told, said once. Config validation, `recai list`, the config
 * reference, hashes and the report all read the table (the idea of FFmpeg's AVOption). Values live
 * in the plug-in's own struct at `offset`.
 */
#ifndef REC_CORE_OPTION_H
#define REC_CORE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"
#include "core/status.h"

struct cJSON;
struct rec_yaml;

typedef enum rec_option_type {
    REC_OPT_BOOL,      /* bool */
    REC_OPT_INT,       /* int64_t */
    REC_OPT_REAL,      /* double */
    REC_OPT_STRING,    /* char *, owned by the struct, NULL when absent */
    REC_OPT_ENUM,      /* int, index into choices */
    REC_OPT_INTS,      /* rec_int_list; a single value is a list of one */
    REC_OPT_REALS,     /* rec_real_list */
    REC_OPT_STRINGS,   /* rec_string_list */
    REC_OPT_TABLE,     /* struct embedded at offset, described by `table` */
    REC_OPT_REFERENCE, /* char *: name of an entry of kind `refers_to` ("lm", "system", "column") */
    REC_OPT_ANY,       /* const struct rec_yaml *, borrowed from the config: free-form */
} rec_option_type;

typedef struct rec_int_list {
    int64_t *items; /* owned */
    size_t n;
} rec_int_list;

typedef struct rec_real_list {
    double *items; /* owned */
    size_t n;
} rec_real_list;

typedef struct rec_string_list {
    char **items; /* owned, and each string */
    size_t n;
} rec_string_list;

typedef struct rec_option {
    const char *key;
    const char *help; /* one line: meaning and unit */
    size_t offset;
    rec_option_type type;
    double value;                   /* default of bool, int, real, enum (index) */
    double min, max;                /* allowed range of int, real and list elements; equal = any */
    const char *text;               /* default of string and lists (comma separated); NULL = none;
                                       TABLE: defaults inside it that differ here, "{a: 1, b: {c: 2}}" */
    const char *const *choices;     /* enum: NULL-terminated */
    const struct rec_option *table; /* TABLE: nested options */
    const char *refers_to;          /* REFERENCE: kind of entry */
    unsigned needs; /* REFERENCE: what the entry must be able to do, bits as its kind has them */
    bool required;
    bool from_env; /* ${NAME} is replaced from the environment in this field only */
    bool secret;   /* never printed, hashed or stored */
    bool
        is_file; /* STRING: path (data:NAME allowed) of a file whose content counts, not its name */
} rec_option;

/* A table ends with {.key = NULL}. A NULL table is an empty one. */

/** Set every option of `self` to its default. self's option fields are overwritten, not released. */
rec_status rec_options_defaults(void *self, const rec_option *table, rec_error *err);

/**
 * Defaults, then the keys of a YAML mapping (NULL: defaults only). Keys in `ignore`
 * (NULL-terminated, may be NULL) belong to the caller. An unknown key, a wrong type or a value out
 * of range: REC_ERR_CONFIG "file:line:column: key: what is wrong (allowed; nearest key)". On
 * failure what was set is released.
 */
rec_status rec_options_parse(void *self, const rec_option *table, const struct rec_yaml *map,
                             const char *const *ignore, rec_error *err);

/** One option from a YAML value, over what the field holds (released). null = absent for strings,
 * references and free-form values, an error for all others. On failure the field is unchanged. */
rec_status rec_option_set(void *self, const rec_option *option, const struct rec_yaml *value,
                          rec_error *err);

/** Release what the option fields own and zero them. */
void rec_options_deinit(void *self, const rec_option *table);

/**
 * All options with their values, in table order, numbers shortest round-trip; secrets left out.
 * The compact print of this object is what step keys hash. New object of the caller.
 */
struct cJSON *rec_options_json(const void *self, const rec_option *table, rec_error *err);

/**
 * SHA-256 of the content of every file that options flagged is_file name, in table order, for step
 * keys: a changed file is a changed option. Empty string when no such option is set.
 * @return REC_ERR_DATA "key: path: ..." for a file that cannot be read
 */
rec_status rec_options_files_sha256(char hex[REC_SHA256_HEX], const void *self,
                                    const rec_option *table, rec_error *err);

/** The entry of `names` nearest to `word` by edit distance, or NULL when none is near. */
const char *rec_nearest(const char *word, const char *const *names, size_t n);

enum { REC_HINT_MAX = 128 };
/** out: `, did you mean "NAME"?` with the nearest name, or "" when none is near; returns out. */
const char *rec_hint(char out[REC_HINT_MAX], const char *word, const char *const *names, size_t n);

/** The option with this key, or NULL. A NULL table is empty. */
const rec_option *rec_option_find(const rec_option *table, const char *key);

#endif
