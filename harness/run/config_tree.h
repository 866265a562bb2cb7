/**
 * The YAML side of a config: files merged through `include:`, `--set` overrides, `defaults:`. What
 * comes out is one tree whose nodes still know the file, line and column they were written at.
 */
#ifndef REC_HARNESS_RUN_CONFIG_TREE_H
#define REC_HARNESS_RUN_CONFIG_TREE_H

#include <stddef.h>

#include "core/option.h"
#include "core/yaml.h"

typedef struct rec_config_tree {
    rec_yaml *root;       /* owned; its nodes borrow file names from `documents` and `names` */
    rec_yaml **documents; /* owned */
    size_t n_documents;
    char **names; /* owned: what messages call each override */
    size_t n_names;
} rec_config_tree;

/**
 * Read a file and what it includes. `include: other.yaml` or a list, relative to the including
 * file, comes first and is overridden: mappings merge key by key; lists of named entries (`name`,
 * else `type`) merge entry by entry; everything else is replaced. An entry of `tasks:` or `systems:`
 * may include a file of its own, which holds one entry.
 */
rec_status rec_config_tree_read(rec_config_tree *out, const char *path, rec_error *err);
/** The same from text, for tests and stored configs; includes are relative to the working folder. */
rec_status rec_config_tree_parse(rec_config_tree *out, const char *text, size_t length,
                                 const char *name, rec_error *err);
void rec_config_tree_deinit(rec_config_tree *t);

/**
 * Apply "a.b.c=value": keys of mappings, names (or indices) of list entries; the value is YAML. Keys
 * that are missing are added, list entries must exist.
 */
rec_status rec_config_tree_set(rec_config_tree *t, const char *assignment, rec_error *err);

/** Put a plain value under `key` of a mapping of the tree. */
rec_status rec_config_tree_put(rec_config_tree *t, rec_yaml *map, const char *key,
                               const char *value, const char *reason, rec_error *err);

/**
 * Put a text below an entry: keys that the entry does not have are taken from it, mappings merge. What
 * the entry says itself stands.
 * @param name  what messages call the text; borrowed
 */
rec_status rec_config_tree_below(rec_config_tree *t, rec_yaml *entry, const char *text,
                                 size_t length, const char *name, rec_error *err);

/** Keys of `below` that the mapping does not have are copied into it, mappings merge. */
rec_status rec_config_put_below(rec_yaml *map, const rec_yaml *below, rec_error *err);

/** The name of an entry of a list: `name`, else `type`; NULL when it has neither. */
const char *rec_config_entry_name(const rec_yaml *entry);

#endif
