/**
 * Strict YAML (libyaml events) into a tree that knows where everything stands. No tags, no merge
 * keys, no duplicate keys, no tabs as indentation; aliases are expanded up to a total node limit,
 * depth and size are limited: a file that breaks a rule is REC_ERR_CONFIG "file:line:column: ...".
 */
#ifndef REC_CORE_YAML_H
#define REC_CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

typedef enum rec_yaml_kind { REC_YAML_SCALAR, REC_YAML_LIST, REC_YAML_MAP } rec_yaml_kind;

typedef struct rec_yaml {
    rec_yaml_kind kind;
    const char *file; /* name for messages; lives as long as the document */
    size_t line, column; /* from 1 */
    char *text;       /* SCALAR: UTF-8 */
    bool plain;       /* SCALAR: not quoted, so it may be null, a number or a bool */
    size_t n;         /* LIST, MAP: children */
    char **keys;      /* MAP: n names */
    struct rec_yaml **items;
} rec_yaml;

/** @param name  what messages call the text; copied. The tree is freed with rec_yaml_free. */
rec_status rec_yaml_parse(rec_yaml **out, const char *text, size_t length, const char *name,
                          rec_error *err);
rec_status rec_yaml_read(rec_yaml **out, const char *path, rec_error *err);
void rec_yaml_free(rec_yaml *root); /* the root only */

/** Child of a map, or NULL. */
const rec_yaml *rec_yaml_get(const rec_yaml *map, const char *key);

bool rec_yaml_is_null(const rec_yaml *node); /* NULL pointer, or plain null, ~, empty */

/** Typed reads; REC_ERR_CONFIG with the place when the node is of another type. */
rec_status rec_yaml_int(int64_t *out, const rec_yaml *node, rec_error *err);
rec_status rec_yaml_real(double *out, const rec_yaml *node, rec_error *err);
rec_status rec_yaml_bool(bool *out, const rec_yaml *node, rec_error *err);
rec_status rec_yaml_string(const char **out, const rec_yaml *node, rec_error *err); /* borrowed */

/** rec_fail with "file:line:column: " in front. */
rec_status rec_yaml_fail(rec_error *err, const rec_yaml *node, const char *format, ...)
    REC_PRINTF(3, 4);

#endif
