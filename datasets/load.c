/* From the config's `dataset:` mapping to a dataset: read, order, filter, split, candidates. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/yaml.h"
#include "datasets/builder.h"
#include "datasets/dataset.h"
#include "datasets/fingerprint.h"
#include "datasets/item_json.h"
#include "datasets/rules.h"

/* What every reader shares; its own options stand beside these in the same mapping. */
typedef struct load_options {
    char *name, *more_items;
    rec_filter_options filter;
    rec_split_options split;
    rec_negatives_options negatives;
} load_options;

static const rec_option load_option_table[] = {
    {"name", "name of the data set in reports; default: the last part of `path`",
     offsetof(load_options, name), REC_OPT_STRING, .text = NULL},
    {"more_items",
     "JSON file, or one object per line, with items that nobody had yet: {id, title, columns}",
     offsetof(load_options, more_items), REC_OPT_STRING, .text = NULL},
    {"filter", "rows, users and items that stay", offsetof(load_options, filter), REC_OPT_TABLE,
     .table = rec_filter_option_table},
    {"split", "what is for training, validation, test", offsetof(load_options, split),
     REC_OPT_TABLE, .table = rec_split_option_table},
    {"negatives", "candidate items per test user", offsetof(load_options, negatives), REC_OPT_TABLE,
     .table = rec_negatives_option_table},
    {.key = NULL},
};

const rec_option *rec_dataset_options(void)
{
    return load_option_table;
}

static rec_status find_reader(const rec_reader **out, const rec_yaml *map, rec_error *err)
{
    const rec_yaml *type = rec_yaml_get(map, "type");
    const char *name;
    if (type == NULL)
        return rec_yaml_fail(err, map, "dataset: missing key \"type\" (recai list readers)");
    rec_status status = rec_yaml_string(&name, type, err);
    if (status != REC_OK)
        return status;
    *out = rec_reader_find(name);
    if (*out != NULL)
        return REC_OK;
    const char *names[64];
    size_t n = 0;
    for (; n < rec_n_readers && n < 64; n++)
        names[n] = rec_readers[n]->name;
    char hint[REC_HINT_MAX];
    rec_hint(hint, name, names, n);
    return rec_yaml_fail(err, type, "unknown reader \"%s\"%s (recai list readers)", name, hint);
}

/* NULL-terminated: "type" and the keys of a table, which one parse leaves to the other. */
static const char **keys_of(const rec_option *table, rec_error *err)
{
    size_t n = 0;
    while (table != NULL && table[n].key != NULL)
        n++;
    const char **keys = rec_alloc(n + 2, sizeof *keys, err);
    if (keys == NULL)
        return NULL;
    keys[0] = "type";
    for (size_t i = 0; i < n; i++)
        keys[i + 1] = table[i].key;
    return keys;
}

static rec_status parse_sharing(void *self, const rec_option *table, const rec_option *other,
                                const rec_yaml *map, rec_error *err)
{
    const char **ignore = keys_of(other, err);
    if (ignore == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_options_parse(self, table, map, ignore, err);
    free(ignore);
    return status;
}

/* `name`, else the last part of `path` ("data:ml-100k" is ml-100k), else the reader. */
static char *dataset_name(const load_options *o, const rec_reader *reader, const rec_yaml *map,
                          rec_error *err)
{
    const rec_yaml *path = rec_yaml_get(map, "path");
    if (o->name != NULL)
        return rec_strdup(o->name, err);
    if (path == NULL || path->kind != REC_YAML_SCALAR)
        return rec_strdup(reader->name, err);
    const char *text = path->text;
    size_t end = strlen(text);
    while (end > 1 && text[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && text[start - 1] != '/' && text[start - 1] != ':')
        start--;
    return rec_format(err, "%.*s", (int)(end - start), text + start);
}

/* Known by their texts alone. */
static rec_status read_more_items(rec_builder *b, const char *given, rec_error *err)
{
    const rec_item_json_rules rules = {.new_only = true};
    size_t n_items = rec_builder_n_items(b);
    char *path = NULL;
    rec_status status = rec_data_path(&path, given, err);
    if (status == REC_OK)
        status = rec_item_json_read(b, path, &rules, err);
    if (status == REC_OK)
        status = rec_builder_count(b, "more_items", rec_builder_n_items(b) - n_items, err);
    free(path);
    return status;
}

static rec_status build(rec_dataset **out, rec_rules *rules, const load_options *o, bool *has_parts,
                        rec_builder *b, uint64_t seed, rec_error *err)
{
    rec_status status = rules->reader->read(rules->reader_options, b, seed, err);
    if (status == REC_OK && o->more_items != NULL)
        status = read_more_items(b, o->more_items, err);
    if (status == REC_OK)
        status = rec_builder_finish(out, b, err);
    if (status != REC_OK)
        return status;
    rec_dataset *d = *out;
    if (d->interactions.n == 0 && d->n_tables == 0)
        return rec_fail(err, REC_ERR_DATA, "no interactions in the data");
    *has_parts = rec_builder_has_parts(b);
    return REC_OK;
}

static void resolve_split(rec_split_options *split, const rec_dataset *d, bool has_parts)
{
    if (split->type != REC_SPLIT_AUTO)
        return;
    split->type = d->interactions.n == 0 ? REC_SPLIT_NONE
                  : has_parts            ? REC_SPLIT_FIXED
                                         : REC_SPLIT_LEAVE_ONE_OUT;
}

static rec_status refine(rec_dataset *d, rec_rules *rules, load_options *o, bool has_parts,
                         uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    resolve_split(&o->split, d, has_parts);
    if (o->split.type == REC_SPLIT_FIXED && !has_parts)
        return rec_fail(err, REC_ERR_CONFIG, "split: fixed, but reader %s gives no parts",
                        rules->reader->name);
    REC_TRY(rec_dataset_order(d, &rules->order, err));
    REC_TRY(rec_dataset_filter(d, &rules->filtered, &o->filter, err));
    if (d->interactions.n == 0 && d->n_tables == 0)
        return rec_fail(err, REC_ERR_DATA, "no interaction is left after the filters");
    REC_TRY(rec_dataset_split(d, &rules->divided, &o->split, seed, err));
    REC_TRY(rec_dataset_negatives(d, &rules->sampled, &o->negatives, seed, err));
    REC_TRY(rec_dataset_leaks(&rules->leaks, d, err));
    REC_TRY(rec_rules_print(&d->rules, rules, d, err));
    REC_TRY(rec_dataset_fingerprint(d, err));
cleanup:
    return status;
}

/* A failure of the pipeline has no place of its own: it gets that of a key of the mapping. */
static rec_status place(rec_error *err, const rec_yaml *map, const char *key)
{
    const rec_yaml *node = rec_yaml_get(map, key);
    if (node == NULL)
        node = map;
    return rec_error_prefix(err, "%s:%zu:%zu: dataset", node->file, node->line, node->column);
}

/* What options say wrong together, before any file is opened. */
static rec_status check_together(const load_options *o, rec_rules *rules, const rec_yaml *map,
                                 rec_error *err)
{
    rec_status status = rec_order_parse(&rules->order, &o->split.order, err);
    if (status == REC_OK)
        status = rec_split_check(&o->split, err);
    if (status != REC_OK)
        return place(err, map, "split");
    status = rec_filter_check(&o->filter, err);
    return status == REC_OK ? REC_OK : place(err, map, "filter");
}

/* Options of the pipeline and of the reader, out of one mapping. On failure nothing is held. */
static rec_status parse(load_options *o, void *reader_options, rec_rules *rules,
                        const rec_yaml *map, rec_error *err)
{
    const rec_option *own = rules->reader->options;
    rec_status status = parse_sharing(o, load_option_table, own, map, err);
    if (status != REC_OK)
        return status;
    status = parse_sharing(reader_options, own, load_option_table, map, err);
    if (status != REC_OK) {
        rec_options_deinit(o, load_option_table);
        return status;
    }
    rules->reader_options = reader_options;
    rules->filter = &o->filter;
    rules->split = &o->split;
    rules->negatives = &o->negatives;
    status = check_together(o, rules, map, err);
    if (status != REC_OK) {
        rec_options_deinit(reader_options, own);
        rec_options_deinit(o, load_option_table);
    }
    return status;
}

rec_status rec_dataset_check(const rec_yaml *map, rec_error *err)
{
    rec_rules rules = {.reader = NULL};
    load_options options;
    rec_status status = find_reader(&rules.reader, map, err);
    if (status != REC_OK)
        return status;
    void *reader_options = rec_alloc(1, rules.reader->size, err);
    if (reader_options == NULL)
        return REC_ERR_RESOURCE;
    status = parse(&options, reader_options, &rules, map, err);
    if (status == REC_OK) {
        rec_options_deinit(reader_options, rules.reader->options);
        rec_options_deinit(&options, load_option_table);
    }
    free(reader_options);
    return status;
}

static rec_status run(rec_dataset **out, rec_rules *rules, load_options *o, const rec_yaml *map,
                      uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    rec_builder *builder = NULL;
    bool has_parts = false;
    REC_TRY(rec_builder_new(&builder, err));
    rules->builder = builder;
    REC_TRY(build(out, rules, o, &has_parts, builder, seed, err));
    (*out)->name = dataset_name(o, rules->reader, map, err);
    if ((*out)->name == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    status = refine(*out, rules, o, has_parts, seed, err);
    if (status != REC_OK)
        place(err, map, "type");
cleanup:
    rec_builder_free(builder);
    return status;
}

rec_status rec_dataset_load(rec_dataset **out, const rec_yaml *map, uint64_t seed, rec_error *err)
{
    rec_rules rules = {.reader = NULL};
    load_options options;
    *out = NULL;
    rec_status status = find_reader(&rules.reader, map, err);
    if (status != REC_OK)
        return status;
    void *reader_options = rec_alloc(1, rules.reader->size, err);
    if (reader_options == NULL)
        return REC_ERR_RESOURCE;
    status = parse(&options, reader_options, &rules, map, err);
    if (status == REC_OK) {
        status = run(out, &rules, &options, map, seed, err);
        rec_options_deinit(reader_options, rules.reader->options);
        rec_options_deinit(&options, load_option_table);
    }
    free(reader_options);
    if (status != REC_OK) {
        rec_dataset_free(*out);
        *out = NULL;
    }
    return status;
}
