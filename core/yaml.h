/**
 * Strict YAML (libyaml events) into a tree that knows where everything stands. No tags, no
 * directives, no merge keys, no duplicate keys, no tabs as indentation, one document; aliases are
 * expanded up to a total node limit, depth and size are limited: a text that breaks a rule is
 * REC_ERR_CONFIG "file:line:column: ...".
 */
#ifndef REC_CORE_YAML_H
#define REC_CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/status.h"

struct cJSON;

enum {
    REC_YAML_MAX_BYTES = 16 << 20,
    REC_YAML_MAX_NODES = 200000, /* after aliases are expanded */
    REC_YAML_MAX_DEPTH = 64,
};

typedef enum rec_yaml_kind { REC_YAML_SCALAR, REC_YAML_LIST, REC_YAML_MAP } rec_yaml_kind;

typedef struct rec_yaml_place {
    size_t line, column; /* from 1; line 0 = not from a file (an override, a flag) */
} rec_yaml_place;

typedef struct rec_yaml {
    rec_yaml_kind kind;
    const char *file;           /* name for messages; lives as long as the document it came from */
    size_t line, column;        /* of the value, as in rec_yaml_place */
    char *text;                 /* SCALAR: UTF-8 */
    bool plain;                 /* SCALAR: not quoted, so it may be null, a number or a bool */
    size_t n;                   /* LIST, MAP: children */
    char **keys;                /* MAP: n names */
    rec_yaml_place *key_places; /* MAP: where each name stands */
    struct rec_yaml **items;    /* owned, as keys are */
    char *owned_file;           /* root of a document: what `file` of all its nodes points to */
} rec_yaml;

/** @param name  what messages call the text; copied. The tree is freed with rec_yaml_free. */
rec_status rec_yaml_parse(rec_yaml **out, const char *text, size_t length, const char *name,
                          rec_error *err);
rec_status rec_yaml_read(rec_yaml **out, const char *path, rec_error *err);
void rec_yaml_free(rec_yaml *node); /* a root, or a node taken out of its parent */

/** Child of a map, or NULL. */
const rec_yaml *rec_yaml_get(const rec_yaml *map, const char *key);

bool rec_yaml_is_null(const rec_yaml *node); /* NULL pointer, or plain null, ~, empty */

/** Typed reads; REC_ERR_CONFIG with the place when the node is of another type. */
rec_status rec_yaml_int(int64_t *out, const rec_yaml *node, rec_error *err);
rec_status rec_yaml_real(double *out, const rec_yaml *node, rec_error *err); /* finite */
rec_status rec_yaml_bool(bool *out, const rec_yaml *node, rec_error *err);   /* true | false */
rec_status rec_yaml_string(const char **out, const rec_yaml *node, rec_error *err); /* borrowed */

/** The same content as JSON: plain scalars become null, bools and numbers where they are such.
 * New object of the caller; NULL on failure. */
struct cJSON *rec_yaml_json(const rec_yaml *node, rec_error *err);

/** Append the tree as YAML that reads back as the same tree (comments and layout are gone). */
rec_status rec_yaml_print(rec_buffer *out, const rec_yaml *node, rec_error *err);

/* Changing trees: what merges includes and applies overrides. */

/** A map, list or plain scalar (text NULL: not a scalar) that stands nowhere; NULL on failure.
 * @param file  borrowed, for messages */
rec_yaml *rec_yaml_new(rec_yaml_kind kind, const char *text, const char *file, rec_error *err);
/** Deep copy; its nodes borrow `file` from the document of the original. NULL on failure. */
rec_yaml *rec_yaml_dup(const rec_yaml *node, rec_error *err);
/** Append to a list, or put under a key of a map (replacing what was there); takes `child`, also on
 * failure. The place of a new key is that of the child unless given. */
rec_status rec_yaml_append(rec_yaml *list, rec_yaml *child, rec_error *err);
rec_status rec_yaml_put(rec_yaml *map, const char *key, const rec_yaml_place *place,
                        rec_yaml *child, rec_error *err);
/** The same for a key that is known to be new: no search, so building a map stays linear. */
rec_status rec_yaml_put_new(rec_yaml *map, const char *key, const rec_yaml_place *place,
                            rec_yaml *child, rec_error *err);
/** Drop a key of a map, if there. */
void rec_yaml_remove(rec_yaml *map, const char *key);

/** rec_fail with "file:line:column: " in front: where a value stands, or the i-th key of a map. */
rec_status rec_yaml_fail(rec_error *err, const rec_yaml *node, const char *format, ...)
    REC_PRINTF(3, 4);
rec_status rec_yaml_fail_key(rec_error *err, const rec_yaml *map, size_t i, const char *format, ...)
    REC_PRINTF(4, 5);

#endif
