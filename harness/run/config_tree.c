#include "harness/run/config_tree.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

enum { MAX_INCLUDES = 64 };

void rec_config_tree_deinit(rec_config_tree *t)
{
    rec_yaml_free(t->root);
    for (size_t i = 0; i < t->n_documents; i++)
        rec_yaml_free(t->documents[i]);
    for (size_t i = 0; i < t->n_names; i++)
        free(t->names[i]);
    free(t->documents);
    free(t->names);
    *t = (rec_config_tree){0};
}

const char *rec_config_entry_name(const rec_yaml *entry)
{
    const rec_yaml *name = rec_yaml_get(entry, "name");
    if (name == NULL)
        name = rec_yaml_get(entry, "type");
    return name != NULL && name->kind == REC_YAML_SCALAR ? name->text : NULL;
}

static rec_yaml *find_entry(const rec_yaml *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        const char *own = rec_config_entry_name(list->items[i]);
        if (own != NULL && strcmp(own, name) == 0)
            return list->items[i];
    }
    return NULL;
}

static bool is_list_of_entries(const rec_yaml *node)
{
    if (node->kind != REC_YAML_LIST || node->n == 0)
        return false;
    for (size_t i = 0; i < node->n; i++)
        if (rec_config_entry_name(node->items[i]) == NULL)
            return false;
    return true;
}

/* ---- merging ---- */

static rec_status merge(rec_yaml *into, const rec_yaml *over, rec_error *err);

static rec_yaml *child_of(rec_yaml *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->keys[i], key) == 0)
            return map->items[i];
    return NULL;
}

static rec_status merge_entries(rec_yaml *into, const rec_yaml *over, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < over->n && status == REC_OK; i++) {
        rec_yaml *same = find_entry(into, rec_config_entry_name(over->items[i]));
        if (same != NULL) {
            status = merge(same, over->items[i], err);
            continue;
        }
        rec_yaml *copy = rec_yaml_dup(over->items[i], err);
        status = copy != NULL ? rec_yaml_append(into, copy, err) : REC_ERR_RESOURCE;
    }
    return status;
}

static bool can_merge(const rec_yaml *a, const rec_yaml *b)
{
    return (a->kind == REC_YAML_MAP && b->kind == REC_YAML_MAP) ||
           (is_list_of_entries(a) && is_list_of_entries(b));
}

/* Both are mappings or both are lists of entries; `over` wins. */
static rec_status merge(rec_yaml *into, const rec_yaml *over, rec_error *err)
{
    if (into->kind == REC_YAML_LIST)
        return merge_entries(into, over, err);
    rec_status status = REC_OK;
    for (size_t i = 0; i < over->n && status == REC_OK; i++) {
        rec_yaml *same = child_of(into, over->keys[i]);
        if (same != NULL && can_merge(same, over->items[i])) {
            status = merge(same, over->items[i], err);
            continue;
        }
        rec_yaml *copy = rec_yaml_dup(over->items[i], err);
        status = copy != NULL ? rec_yaml_put(into, over->keys[i], &over->key_places[i], copy, err)
                              : REC_ERR_RESOURCE;
    }
    return status;
}

/* ---- files ---- */

static rec_status keep_document(rec_config_tree *t, rec_yaml *document, rec_error *err)
{
    rec_yaml **grown = rec_realloc(t->documents, t->n_documents + 1, sizeof *grown, err);
    if (grown == NULL) {
        rec_yaml_free(document);
        return REC_ERR_RESOURCE;
    }
    t->documents = grown;
    grown[t->n_documents++] = document;
    return REC_OK;
}

static rec_status add_file(rec_config_tree *t, const char *path, const rec_yaml *from,
                           rec_error *err);

/* Relative to the including file; string of the caller. */
static rec_status included_path(char **out, const rec_yaml *node, rec_error *err)
{
    const char *name;
    *out = NULL;
    rec_status status = rec_yaml_string(&name, node, err);
    if (status != REC_OK)
        return status;
    const char *slash = strrchr(node->file, '/');
    if (name[0] == '/' || slash == NULL)
        *out = rec_strdup(name, err);
    else
        *out = rec_format(err, "%.*s/%s", (int)(slash - node->file), node->file, name);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status include(rec_config_tree *t, const rec_yaml *node, rec_error *err)
{
    char *path;
    rec_status status = included_path(&path, node, err);
    if (status == REC_OK)
        status = add_file(t, path, node, err);
    free(path);
    return status;
}

/* ---- files of one entry ---- */

rec_status rec_config_put_below(rec_yaml *map, const rec_yaml *below, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < below->n && status == REC_OK; i++) {
        rec_yaml *own = child_of(map, below->keys[i]);
        if (own != NULL && own->kind == REC_YAML_MAP && below->items[i]->kind == REC_YAML_MAP) {
            status = rec_config_put_below(own, below->items[i], err);
        } else if (own == NULL) {
            rec_yaml *copy = rec_yaml_dup(below->items[i], err);
            status = copy != NULL
                         ? rec_yaml_put(map, below->keys[i], &below->key_places[i], copy, err)
                         : REC_ERR_RESOURCE;
        }
    }
    return status;
}

static rec_status read_document(rec_yaml **out, rec_config_tree *t, const char *path,
                                const rec_yaml *from, rec_error *err);

static rec_status include_entry(rec_config_tree *t, rec_yaml *entry, rec_error *err)
{
    const rec_yaml *node = rec_yaml_get(entry, "include");
    rec_yaml *document = NULL;
    char *path;
    rec_status status = included_path(&path, node, err);
    if (status == REC_OK)
        status = read_document(&document, t, path, node, err);
    if (status == REC_OK && document->kind != REC_YAML_MAP)
        status = rec_yaml_fail(err, document, "an included entry is a mapping with `type`");
    free(path);
    if (status != REC_OK)
        return status;
    rec_yaml_remove(entry, "include");
    return rec_config_put_below(entry, document, err);
}

/* Entries of the lists of a document that name a file. A file that includes itself ends at the limit
 * on files. */
static rec_status include_entries(rec_config_tree *t, rec_yaml *document, rec_error *err)
{
    static const char *const lists[] = {"tasks", "systems"};
    rec_status status = REC_OK;
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        rec_yaml *list = child_of(document, lists[l]);
        if (list == NULL || list->kind != REC_YAML_LIST)
            continue;
        for (size_t i = 0; i < list->n; i++)
            while (status == REC_OK && list->items[i]->kind == REC_YAML_MAP &&
                   rec_yaml_get(list->items[i], "include") != NULL)
                status = include_entry(t, list->items[i], err);
    }
    return status;
}

/* What a document includes goes below it. */
static rec_status add_document(rec_config_tree *t, rec_yaml *document, rec_error *err)
{
    if (document->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, document,
                             "a config is a mapping (name:, dataset:, systems:, ...)");
    const rec_yaml *includes = rec_yaml_get(document, "include");
    rec_status status = REC_OK;
    if (includes != NULL && includes->kind == REC_YAML_SCALAR)
        status = include(t, includes, err);
    for (size_t i = 0; includes != NULL && i < includes->n && status == REC_OK; i++)
        status = include(t, includes->items[i], err);
    if (status == REC_OK)
        status = include_entries(t, document, err);
    if (status == REC_OK)
        status = merge(t->root, document, err);
    if (status == REC_OK)
        rec_yaml_remove(t->root, "include");
    return status;
}

/* A file that includes itself, through whatever others, is found by the number of files. */
static rec_status read_document(rec_yaml **out, rec_config_tree *t, const char *path,
                                const rec_yaml *from, rec_error *err)
{
    if (t->n_documents >= MAX_INCLUDES)
        return rec_yaml_fail(err, from, "include: more than 64 files, or a file includes itself");
    rec_yaml *document;
    rec_status status = rec_yaml_read(&document, path, err);
    if (status != REC_OK && from != NULL && err != NULL && !rec_path_exists(path))
        return rec_yaml_fail(err, from, "include: %s", err->message);
    if (status != REC_OK)
        return status;
    *out = document;
    return keep_document(t, document, err);
}

static rec_status add_file(rec_config_tree *t, const char *path, const rec_yaml *from,
                           rec_error *err)
{
    rec_yaml *document;
    rec_status status = read_document(&document, t, path, from, err);
    return status == REC_OK ? add_document(t, document, err) : status;
}

static rec_status start(rec_config_tree *t, const char *name, rec_error *err)
{
    *t = (rec_config_tree){.names = rec_alloc(1, sizeof *t->names, err)};
    if (t->names == NULL)
        return REC_ERR_RESOURCE;
    t->names[0] = rec_strdup(name, err);
    if (t->names[0] == NULL)
        return REC_ERR_RESOURCE;
    t->n_names = 1;
    t->root = rec_yaml_new(REC_YAML_MAP, NULL, t->names[0], err);
    if (t->root == NULL)
        return REC_ERR_RESOURCE;
    t->root->line = t->root->column = 1;
    return REC_OK;
}

rec_status rec_config_tree_read(rec_config_tree *out, const char *path, rec_error *err)
{
    rec_status status = start(out, path, err);
    if (status == REC_OK)
        status = add_file(out, path, NULL, err);
    if (status != REC_OK)
        rec_config_tree_deinit(out);
    return status;
}

rec_status rec_config_tree_parse(rec_config_tree *out, const char *text, size_t length,
                                 const char *name, rec_error *err)
{
    rec_yaml *document = NULL;
    rec_status status = start(out, name, err);
    if (status == REC_OK)
        status = rec_yaml_parse(&document, text, length, name, err);
    if (status == REC_OK)
        status = keep_document(out, document, err);
    if (status == REC_OK)
        status = add_document(out, document, err);
    if (status != REC_OK)
        rec_config_tree_deinit(out);
    return status;
}

/* ---- overrides ---- */

/* Nodes name their source, so the text of each override lives as long as the tree. */
static const char *keep_name(rec_config_tree *t, const char *prefix, const char *text,
                             rec_error *err)
{
    char **grown = rec_realloc(t->names, t->n_names + 1, sizeof *grown, err);
    if (grown == NULL)
        return NULL;
    t->names = grown;
    grown[t->n_names] = rec_format(err, "%s%s", prefix, text);
    return grown[t->n_names] != NULL ? grown[t->n_names++] : NULL;
}

static rec_status no_entry(const rec_yaml *list, const char *source, const char *name,
                           rec_error *err)
{
    const char **names = rec_alloc(list->n, sizeof *names, err);
    if (names == NULL)
        return REC_ERR_RESOURCE;
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *own = rec_config_entry_name(list->items[i]);
        if (own != NULL)
            names[n++] = own;
    }
    char hint[REC_HINT_MAX];
    rec_hint(hint, name, names, n);
    rec_fail(err, REC_ERR_CONFIG, "%s: no entry is named \"%s\"%s", source, name, hint);
    free(names);
    return REC_ERR_CONFIG;
}

static rec_yaml *entry_or_index(const rec_yaml *list, const char *segment)
{
    rec_yaml *entry = find_entry(list, segment);
    char *end;
    size_t index = strtoul(segment, &end, 10);
    if (entry == NULL && end != segment && *end == '\0' && index < list->n)
        entry = list->items[index];
    return entry;
}

/* Entries may have dots in their names: the longest run of segments that names one is taken. */
static rec_yaml *entry_at(const rec_yaml *list, char **path)
{
    char *end = *path + strlen(*path);
    for (;;) {
        char kept = *end;
        *end = '\0';
        rec_yaml *entry = entry_or_index(list, *path);
        *end = kept;
        if (entry != NULL) {
            *path = kept == '.' ? end + 1 : end;
            return entry;
        }
        do {
            if (end == *path)
                return NULL;
            end--;
        } while (*end != '.');
    }
}

static rec_status descend(rec_yaml **node, char **path, const char *source, rec_error *err)
{
    if ((*node)->kind == REC_YAML_LIST) {
        rec_yaml *entry = entry_at(*node, path);
        if (entry == NULL) {
            (*path)[strcspn(*path, ".")] = '\0'; /* names with dots are rare: the first is meant */
            return no_entry(*node, source, *path, err);
        }
        *node = entry;
        return REC_OK;
    }
    char *segment = strsep(path, ".");
    rec_yaml *child = child_of(*node, segment);
    if (child == NULL) {
        child = rec_yaml_new(REC_YAML_MAP, NULL, source, err);
        rec_status status =
            child != NULL ? rec_yaml_put(*node, segment, NULL, child, err) : REC_ERR_RESOURCE;
        if (status != REC_OK)
            return status;
    }
    *node = child;
    return REC_OK;
}

/* path is consumed; the last segment is a key of a mapping. Takes value, also on failure. */
static rec_status assign(rec_yaml *root, char *path, const char *source, rec_yaml *value,
                         rec_error *err)
{
    rec_yaml *node = root;
    while (node->kind == REC_YAML_LIST || strchr(path, '.') != NULL) {
        rec_status status = REC_OK;
        if (node->kind == REC_YAML_SCALAR)
            status =
                rec_fail(err, REC_ERR_CONFIG, "%s: \"%s\" is below a plain value", source, path);
        else
            status = descend(&node, &path, source, err);
        if (status != REC_OK || path == NULL || *path == '\0') {
            rec_yaml_free(value);
            return status != REC_OK
                       ? status
                       : rec_fail(err, REC_ERR_CONFIG, "%s: name a key of the entry", source);
        }
    }
    if (node->kind == REC_YAML_MAP && *path != '\0')
        return rec_yaml_put(node, path, NULL, value, err);
    rec_yaml_free(value);
    return rec_fail(err, REC_ERR_CONFIG, "%s: \"%s\" is not a key of a mapping", source, path);
}

static void take_name(rec_yaml *node, const char *name)
{
    node->file = name;
    node->line = node->column = 0;
    for (size_t i = 0; i < node->n; i++) {
        take_name(node->items[i], name);
        if (node->kind == REC_YAML_MAP)
            node->key_places[i] = (rec_yaml_place){0, 0};
    }
}

static rec_status parse_value(rec_yaml **out, const char *text, const char *source, rec_error *err)
{
    if (*text == '\0')
        text = "null";
    rec_yaml *value;
    rec_status status = rec_yaml_parse(&value, text, strlen(text), source, err);
    if (status != REC_OK)
        return status;
    *out = rec_yaml_dup(value, err);
    rec_yaml_free(value);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    take_name(*out, source);
    return REC_OK;
}

rec_status rec_config_tree_set(rec_config_tree *t, const char *assignment, rec_error *err)
{
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment)
        return rec_fail(err, REC_ERR_CONFIG, "--set %s: write it as key.key=value", assignment);
    const char *source = keep_name(t, "--set ", assignment, err);
    if (source == NULL)
        return REC_ERR_RESOURCE;
    rec_yaml *value;
    rec_status status = parse_value(&value, equals + 1, source, err);
    if (status != REC_OK)
        return status;
    char *path = rec_format(err, "%.*s", (int)(equals - assignment), assignment);
    if (path == NULL) {
        rec_yaml_free(value);
        return REC_ERR_RESOURCE;
    }
    status = assign(t->root, path, source, value, err);
    free(path);
    return status;
}

rec_status rec_config_tree_below(rec_config_tree *t, rec_yaml *entry, const char *text,
                                 size_t length, const char *name, rec_error *err)
{
    rec_yaml *document;
    rec_status status = rec_yaml_parse(&document, text, length, name, err);
    if (status == REC_OK)
        status = keep_document(t, document, err);
    return status == REC_OK ? rec_config_put_below(entry, document, err) : status;
}

rec_status rec_config_tree_put(rec_config_tree *t, rec_yaml *map, const char *key,
                               const char *value, const char *reason, rec_error *err)
{
    const char *source = keep_name(t, "", reason, err);
    rec_yaml *node = source != NULL ? rec_yaml_new(REC_YAML_SCALAR, value, source, err) : NULL;
    return node != NULL ? rec_yaml_put(map, key, NULL, node, err) : REC_ERR_RESOURCE;
}
