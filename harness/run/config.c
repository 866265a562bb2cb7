#include "harness/run/config.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "harness/report/report.h"
#include "harness/run/references.h"
#include "harness/run/tune.h"
#include "harness/tasks/task_file.h"

/* The top level of the file as it is written; rec_config is what it means. */
typedef struct top_level {
    char *name;
    int64_t seed;
    rec_int_list seeds;
    const rec_yaml *dataset, *defaults, *lms, *systems, *tasks, *expected;
    rec_report_options report;
} top_level;

const char *const rec_interval_names[] = {"t", "percentile", "bca", NULL};

static const rec_option report_options[] = {
    {"path", "file of the report; default results/NAME.h5", offsetof(rec_report_options, path),
     REC_OPT_STRING, .from_env = true},
    {"html", "also write an HTML page beside it", offsetof(rec_report_options, html), REC_OPT_BOOL,
     .value = 0},
    {"interval", "of every mean: Student t, or bootstrap over users (percentile, BCa)",
     offsetof(rec_report_options, interval), REC_OPT_ENUM, .choices = rec_interval_names},
    {"level", "confidence of the intervals", offsetof(rec_report_options, level), REC_OPT_REAL,
     .value = 0.95, .min = 0.5, .max = 0.9999},
    {"resamples", "of a bootstrap", offsetof(rec_report_options, resamples), REC_OPT_INT,
     .value = 2000, .min = 100, .max = 1e6},
    {.key = NULL},
};

const rec_option rec_config_options[] = {
    {"name", "names the report and the run directory; default: the file's name",
     offsetof(top_level, name), REC_OPT_STRING, .text = NULL},
    {"seed", "one seed", offsetof(top_level, seed), REC_OPT_INT, .value = 42, .min = 0,
     .max = 9e15},
    {"seeds", "several: random steps run once per seed, figures are means with their spread",
     offsetof(top_level, seeds), REC_OPT_INTS, .min = 0, .max = 9e15},
    {"dataset", "what to read and how to split it: recai list readers",
     offsetof(top_level, dataset), REC_OPT_ANY, .required = true},
    {"defaults",
     "options for every task and system that has them; mappings are completed key by key",
     offsetof(top_level, defaults), REC_OPT_ANY, .text = NULL},
    {"lms", "named language models", offsetof(top_level, lms), REC_OPT_ANY, .text = NULL},
    {"systems", "list of entries: recai list systems", offsetof(top_level, systems), REC_OPT_ANY,
     .required = true},
    {"tasks", "list of entries: recai list tasks", offsetof(top_level, tasks), REC_OPT_ANY,
     .required = true},
    {"report", "where figures go and how they are summarised", offsetof(top_level, report),
     REC_OPT_TABLE, .table = report_options},
    {"expected", "published or baseline figures to show beside the measured ones",
     offsetof(top_level, expected), REC_OPT_ANY, .text = NULL},
    {.key = NULL},
};

const rec_option rec_expected_options[] = {
    {"system", "name of a system", offsetof(rec_expected_row, system), REC_OPT_STRING,
     .required = true},
    {"task", "name of a task", offsetof(rec_expected_row, task), REC_OPT_STRING, .required = true},
    {"metric", "label such as ndcg@10", offsetof(rec_expected_row, metric), REC_OPT_STRING,
     .required = true},
    {"value", "the figure", offsetof(rec_expected_row, value), REC_OPT_REAL, .required = true},
    {"digits", "equal when rounded to so many decimals", offsetof(rec_expected_row, digits),
     REC_OPT_INT, .value = -1, .min = -1, .max = 15},
    {"tol", "equal within so much", offsetof(rec_expected_row, tol), REC_OPT_REAL, .value = -1,
     .min = -1, .max = 1e9},
    {"side",
     "at_least: only a lower figure misses; shown: none does, and the system need not be there",
     offsetof(rec_expected_row, side), REC_OPT_ENUM, .choices = rec_expected_side_names},
    {"source", "where the figure was published", offsetof(rec_expected_row, source), REC_OPT_STRING,
     .text = NULL},
    {.key = NULL},
};

/* ---- names ---- */

/* Names become parts of file names and HDF5 paths. */
static rec_status check_name(const rec_yaml *node, const char *name, rec_error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";
    size_t length = strlen(name);
    if (length == 0 || length > 64 || name[0] == '.' || strspn(name, allowed) != length)
        return rec_yaml_fail(
            err, node, "name \"%.80s\": 1 to 64 letters, digits, _ . + -, no dot in front", name);
    return REC_OK;
}

static rec_status check_list(const rec_yaml *list, const char *key, rec_error *err)
{
    if (list->kind != REC_YAML_LIST)
        return rec_yaml_fail(err, list, "%s: expected a list of entries", key);
    if (list->n == 0)
        return rec_yaml_fail(err, list, "%s: at least one entry is needed", key);
    for (size_t i = 0; i < list->n; i++) {
        const rec_yaml *entry = list->items[i];
        if (entry->kind != REC_YAML_MAP)
            return rec_yaml_fail(err, entry, "%s: an entry is a mapping with `type`", key);
        const char *name = rec_config_entry_name(entry);
        if (name == NULL)
            return rec_yaml_fail(err, entry,
                                 "%s: an entry needs a `type` (and a `name` if the "
                                 "type is used twice)",
                                 key);
        rec_status status = check_name(entry, name, err);
        if (status != REC_OK)
            return status;
        for (size_t j = 0; j < i; j++)
            if (strcmp(rec_config_entry_name(list->items[j]), name) == 0)
                return rec_yaml_fail(err, entry,
                                     "%s: the name \"%s\" is taken (line %zu): add `name:`", key,
                                     name, list->items[j]->line);
    }
    return REC_OK;
}

/* ---- defaults ---- */

static bool is_system_option(const char *type, const char *key)
{
    rec_system_type found;
    bool is_identity = strcmp(key, "name") == 0 || strcmp(key, "type") == 0;
    if (is_identity || !rec_system_type_find(&found, type))
        return false;
    return rec_option_find(found.options, key) != NULL ||
           rec_option_find(rec_system_common_options, key) != NULL;
}

static bool is_task_option(const char *type, const char *key)
{
    const rec_task *found = rec_task_find(type);
    return found != NULL && rec_option_find(found->options, key) != NULL;
}

static bool is_known_anywhere(const char *key)
{
    for (size_t i = 0; i < rec_n_tasks; i++)
        if (is_task_option(rec_tasks[i]->name, key))
            return true;
    for (size_t i = 0; i < rec_system_type_count(); i++)
        if (is_system_option(rec_system_type_at(i).name, key))
            return true;
    return false;
}

/* What an entry says itself stands; of a mapping that it has, too, it gets the keys that it leaves out. */
static rec_status apply_default(rec_yaml *list, const rec_yaml *value, const char *key,
                                const rec_yaml_place *place,
                                bool (*has)(const char *type, const char *key), rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < list->n && status == REC_OK; i++) {
        rec_yaml *entry = list->items[i];
        const rec_yaml *type = rec_yaml_get(entry, "type");
        if (type == NULL || type->kind != REC_YAML_SCALAR || !has(type->text, key))
            continue;
        rec_yaml *own = (rec_yaml *)rec_yaml_get(entry, key);
        if (own != NULL) {
            if (own->kind == REC_YAML_MAP && value->kind == REC_YAML_MAP)
                status = rec_config_put_below(own, value, err);
            continue;
        }
        rec_yaml *copy = rec_yaml_dup(value, err);
        status = copy != NULL ? rec_yaml_put(entry, key, place, copy, err) : REC_ERR_RESOURCE;
    }
    return status;
}

static rec_status check_defaults(const rec_yaml *defaults, rec_error *err)
{
    if (defaults == NULL)
        return REC_OK;
    if (defaults->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, defaults, "defaults: expected a mapping of options");
    for (size_t i = 0; i < defaults->n; i++)
        if (!is_known_anywhere(defaults->keys[i]))
            return rec_yaml_fail_key(err, defaults, i,
                                     "defaults: no task and no system has an option \"%.80s\"",
                                     defaults->keys[i]);
    return REC_OK;
}

/* The tree is ours to complete: what is left in it is the config that was run. */
static rec_status apply_defaults(const top_level *top, rec_error *err)
{
    const rec_yaml *defaults = top->defaults;
    rec_status status = check_defaults(defaults, err);
    for (size_t i = 0; defaults != NULL && i < defaults->n && status == REC_OK; i++) {
        const char *key = defaults->keys[i];
        if (top->tasks != NULL)
            status = apply_default((rec_yaml *)top->tasks, defaults->items[i], key,
                                   &defaults->key_places[i], is_task_option, err);
        if (status == REC_OK)
            status = apply_default((rec_yaml *)top->systems, defaults->items[i], key,
                                   &defaults->key_places[i], is_system_option, err);
    }
    return status;
}

/* At most `limit` under a key of every task that has it. */
static rec_status apply_limit(rec_config *c, const top_level *top, const char *key, size_t limit,
                              const char *flag, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; limit > 0 && i < top->tasks->n && status == REC_OK; i++) {
        rec_yaml *entry = top->tasks->items[i];
        const rec_yaml *type = rec_yaml_get(entry, "type"), *old = rec_yaml_get(entry, key);
        int64_t samples;
        if (type == NULL || type->kind != REC_YAML_SCALAR || !is_task_option(type->text, key))
            continue;
        if (old != NULL && rec_yaml_int(&samples, old, NULL) == REC_OK && samples > 0 &&
            (uint64_t)samples <= limit)
            continue;
        char text[24];
        snprintf(text, sizeof text, "%zu", limit);
        status = rec_config_tree_put(&c->tree, entry, key, text, flag, err);
    }
    return status;
}

/* ---- prompts of the program ---- */

/* Is a system asked in text by tasks of this type? */
static bool is_asked_in_text(const rec_config *c, const rec_task *task)
{
    for (size_t i = 0; i < c->n_systems; i++) {
        unsigned can = c->systems[i].prototype->type.can;
        if (rec_task_accepts(task, can) && rec_task_is_text(task, can))
            return true;
    }
    return false;
}

/* configs/tasks/TYPE.yaml, or TYPE_reclm.yaml with `compat: reclm`, below an entry: then what was asked
 * stands in the config that is kept. Where nobody is asked in text, no text is needed. */
static rec_status apply_task_file(rec_config *c, rec_yaml *entry, rec_error *err)
{
    const rec_yaml *type = rec_yaml_get(entry, "type"), *compat = rec_yaml_get(entry, "compat");
    char name[80];
    if (type == NULL || type->kind != REC_YAML_SCALAR)
        return REC_OK;
    const rec_task *task = rec_task_find(type->text);
    if (task == NULL || !is_asked_in_text(c, task))
        return REC_OK;
    bool is_reclm =
        compat != NULL && compat->kind == REC_YAML_SCALAR && strcmp(compat->text, "reclm") == 0;
    snprintf(name, sizeof name, "%s%s", task->name, is_reclm ? "_reclm" : "");
    const rec_task_file *file = rec_task_file_find(name);
    return file != NULL
               ? rec_config_tree_below(&c->tree, entry, file->text, file->length, file->name, err)
               : REC_OK;
}

static rec_status apply_task_files(rec_config *c, rec_yaml *tasks, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < tasks->n && status == REC_OK; i++)
        status = apply_task_file(c, tasks->items[i], err);
    return status;
}

/* ---- entries ---- */

static rec_status unknown_type(const rec_yaml *node, const char *type, rec_error *err)
{
    size_t n = rec_system_type_count();
    const char **names = rec_alloc(n, sizeof *names, err);
    if (names == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        names[i] = rec_system_type_at(i).name;
    char hint[REC_HINT_MAX];
    rec_hint(hint, type, names, n);
    rec_yaml_fail(err, node, "type: unknown system \"%.80s\"%s (recai list systems)", type, hint);
    free(names);
    return REC_ERR_CONFIG;
}

/* The keys of every entry, read from a copy of the mapping without the type's own options. */
static rec_status read_common(rec_system_entry *e, const rec_system_type *type, rec_error *err)
{
    size_t n = 0;
    for (const rec_option *o = type->options; o != NULL && o->key != NULL; o++)
        n++;
    const char **own = rec_alloc(n + 1, sizeof *own, err);
    if (own == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        own[i] = type->options[i].key;
    rec_status status = rec_options_parse(&e->common, rec_system_common_options, e->map, own, err);
    free(own);
    return status;
}

static rec_status check_tuning(rec_system_entry *e, const rec_system_type *type, rec_error *err)
{
    if (!type->has_fit || (type->can & REC_CAN_SCORE) == 0)
        return rec_yaml_fail(err, e->common.tune, "tune: %s learns no scores", type->name);
    rec_tuning tuning;
    rec_status status = rec_tuning_init(&tuning, e->common.tune, type, e->map, err);
    if (status == REC_OK) {
        e->n_trials = (size_t)tuning.trials;
        rec_tuning_deinit(&tuning);
    }
    return status;
}

static rec_status read_system(rec_system_entry *e, const rec_yaml *entry, rec_error *err)
{
    e->map = entry;
    const rec_yaml *type_node = rec_yaml_get(entry, "type");
    if (type_node == NULL)
        return rec_yaml_fail(err, entry, "type: missing (recai list systems)");
    const char *type_name;
    rec_status status = rec_yaml_string(&type_name, type_node, err);
    if (status != REC_OK)
        return status;
    rec_system_type type;
    if (!rec_system_type_find(&type, type_name))
        return unknown_type(type_node, type_name, err);
    status = read_common(e, &type, err);
    if (status != REC_OK)
        return status;
    e->name = e->common.name != NULL ? e->common.name : e->common.type;
    status = rec_system_new(&e->prototype, e->name, &type, entry, err);
    if (status != REC_OK)
        return status;
    e->is_default = true;
    for (size_t i = 0; i < entry->n; i++)
        e->is_default = e->is_default && rec_option_find(type.options, entry->keys[i]) == NULL;
    return e->common.tune != NULL ? check_tuning(e, &type, err) : REC_OK;
}

static rec_status read_systems(rec_config *c, const rec_yaml *list, rec_error *err)
{
    c->systems = rec_alloc(list->n, sizeof *c->systems, err);
    if (c->systems == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (; c->n_systems < list->n && status == REC_OK; c->n_systems++)
        status = read_system(&c->systems[c->n_systems], list->items[c->n_systems], err);
    return status;
}

static rec_status read_tasks(rec_config *c, const rec_yaml *list, rec_error *err)
{
    c->tasks = rec_alloc(list->n, sizeof *c->tasks, err);
    if (c->tasks == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (; c->n_tasks < list->n && status == REC_OK; c->n_tasks++)
        status = rec_task_entry_init(&c->tasks[c->n_tasks], list->items[c->n_tasks], err);
    return status;
}

/* ---- expected ---- */

static const rec_task_entry *find_task(const rec_config *c, const char *name)
{
    for (size_t i = 0; i < c->n_tasks; i++)
        if (strcmp(c->tasks[i].name, name) == 0)
            return &c->tasks[i];
    return NULL;
}

static bool has_system(const rec_config *c, const char *name)
{
    for (size_t i = 0; i < c->n_systems; i++)
        if (strcmp(c->systems[i].name, name) == 0)
            return true;
    return false;
}

static rec_status find_column(const rec_task_column **out, const rec_task_entry *task,
                              const char *label, rec_error *err)
{
    *out = NULL;
    for (size_t i = 0; i < task->n_columns && *out == NULL; i++) {
        char *own = rec_report_label(task->columns[i].metric, task->columns[i].k, 0, err);
        if (own == NULL)
            return REC_ERR_RESOURCE;
        if (strcmp(own, label) == 0)
            *out = &task->columns[i];
        free(own);
    }
    return REC_OK;
}

static rec_status check_expected(const rec_config *c, const rec_expected_row *row,
                                 const rec_yaml *map, rec_error *err)
{
    const rec_task_entry *task = find_task(c, row->task);
    if (row->side != REC_SIDE_SHOWN && !has_system(c, row->system))
        return rec_yaml_fail(err, rec_yaml_get(map, "system"), "system: no system is named \"%s\"",
                             row->system);
    if (task == NULL)
        return rec_yaml_fail(err, rec_yaml_get(map, "task"), "task: no task is named \"%s\"",
                             row->task);
    if (row->side != REC_SIDE_SHOWN && (row->digits >= 0) == (row->tol >= 0.0))
        return rec_yaml_fail(err, map, "give either digits or tol");
    const rec_task_column *column;
    rec_status status = find_column(&column, task, row->metric, err);
    if (status != REC_OK || column != NULL)
        return status;
    return rec_yaml_fail(err, rec_yaml_get(map, "metric"),
                         "metric: task %s does not report \"%s\" (its metrics: and k: say what)",
                         row->task, row->metric);
}

static rec_status read_expected(rec_config *c, const rec_yaml *list, rec_error *err)
{
    if (list == NULL)
        return REC_OK;
    if (list->kind != REC_YAML_LIST)
        return rec_yaml_fail(err, list, "expected: expected a list of rows");
    c->expected = rec_alloc(list->n, sizeof *c->expected, err);
    if (c->expected == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (size_t i = 0; i < list->n && status == REC_OK; i++) {
        status =
            rec_options_parse(&c->expected[i], rec_expected_options, list->items[i], NULL, err);
        if (status == REC_OK) {
            c->n_expected++;
            status = check_expected(c, &c->expected[i], list->items[i], err);
        }
    }
    return status;
}

/* ---- the whole ---- */

static rec_status read_seeds(rec_config *c, const top_level *top, rec_error *err)
{
    const rec_yaml *list = rec_yaml_get(c->tree.root, "seeds");
    if (list != NULL && rec_yaml_get(c->tree.root, "seed") != NULL)
        return rec_yaml_fail(err, list, "seeds: give either seed or seeds");
    size_t n = list != NULL ? top->seeds.n : 1;
    if (n == 0 || n > 1000)
        return rec_yaml_fail(err, list, "seeds: 1 to 1000 of them");
    c->seeds = rec_alloc(n, sizeof *c->seeds, err);
    if (c->seeds == NULL)
        return REC_ERR_RESOURCE;
    c->n_seeds = n;
    for (size_t i = 0; i < n; i++) {
        c->seeds[i] = (uint64_t)(list != NULL ? top->seeds.items[i] : top->seed);
        for (size_t j = 0; j < i; j++)
            if (c->seeds[j] == c->seeds[i])
                return rec_yaml_fail(err, list, "seeds: %llu twice",
                                     (unsigned long long)c->seeds[i]);
    }
    return REC_OK;
}

/* "configs/beauty.yaml" -> "beauty" */
static char *stem_of(const char *path, rec_error *err)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    return rec_format(err, "%.*s", (int)length, name);
}

static rec_status read_name(rec_config *c, top_level *top, const char *path, rec_error *err)
{
    const rec_yaml *node = rec_yaml_get(c->tree.root, "name");
    if (top->name != NULL) {
        c->name = top->name;
        top->name = NULL;
    } else {
        c->name = stem_of(path, err);
    }
    if (c->name == NULL)
        return REC_ERR_RESOURCE;
    return check_name(node != NULL ? node : c->tree.root, c->name, err);
}

/* Where the report lies and whether there is a page beside it changes no figure. */
static rec_status hash_tree(rec_config *c, rec_error *err)
{
    cJSON *json = rec_yaml_json(c->tree.root, err);
    if (json == NULL)
        return REC_ERR_RESOURCE;
    cJSON *report = cJSON_GetObjectItemCaseSensitive(json, "report");
    cJSON_DeleteItemFromObjectCaseSensitive(report, "path");
    cJSON_DeleteItemFromObjectCaseSensitive(report, "html");
    if (report != NULL && report->child == NULL)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "report");
    char *text = rec_json_print(json, err);
    rec_status status =
        text != NULL ? rec_sha256_bytes(c->hash, text, strlen(text), err) : REC_ERR_RESOURCE;
    free(text);
    cJSON_Delete(json);
    return status;
}

static rec_status check_dataset(rec_config *c, const rec_yaml *map, rec_error *err)
{
    c->dataset = map;
    if (map->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, map, "dataset: expected a mapping with `type`");
    return rec_dataset_check(map, err);
}

static rec_status read_top(rec_config *c, top_level *top, const char *path,
                           const rec_config_overrides *o, rec_error *err)
{
    rec_status status;
    REC_TRY(read_name(c, top, path, err));
    REC_TRY(read_seeds(c, top, err));
    REC_TRY(rec_lm_pool_new(&c->lms, top->lms, err));
    if (top->systems == NULL) /* a server of language models */
        return rec_lm_pool_count(c->lms) > 0
                   ? REC_OK
                   : rec_yaml_fail(err, c->tree.root, "nothing to serve: no lms: and no systems:");
    REC_TRY(check_list(top->systems, "systems", err));
    if (top->tasks != NULL)
        REC_TRY(check_list(top->tasks, "tasks", err));
    REC_TRY(apply_defaults(top, err));
    REC_TRY(apply_limit(c, top, "samples", o->limit, "--limit", err));
    REC_TRY(apply_limit(c, top, "lm_samples", o->lm_limit, "--lm-limit", err));
    REC_TRY(read_systems(c, top->systems, err));
    if (top->tasks != NULL) {
        REC_TRY(apply_task_files(c, (rec_yaml *)top->tasks, err));
        REC_TRY(read_tasks(c, top->tasks, err));
    }
    REC_TRY(rec_resolve_references(c, err));
    REC_TRY(read_expected(c, top->expected, err));
    REC_TRY(check_dataset(c, top->dataset, err));
    status = hash_tree(c, err);
cleanup:
    return status;
}

/* A server needs no tasks, and no data and systems where it has language models. */
static rec_status parse_top(top_level *top, const rec_config *c, bool serves, rec_error *err)
{
    enum { N_KEYS = sizeof rec_config_options / sizeof *rec_config_options };
    rec_option options[N_KEYS];
    memcpy(options, rec_config_options, sizeof options);
    bool has_systems = rec_yaml_get(c->tree.root, "systems") != NULL;
    for (size_t i = 0; serves && options[i].key != NULL; i++)
        options[i].required = strcmp(options[i].key, "dataset") == 0 && has_systems;
    return rec_options_parse(top, options, c->tree.root, NULL, err);
}

static rec_status build(rec_config *c, const char *path, const rec_config_overrides *overrides,
                        rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; overrides != NULL && i < overrides->n_sets && status == REC_OK; i++)
        status = rec_config_tree_set(&c->tree, overrides->sets[i], err);
    if (status != REC_OK)
        return status;
    top_level top;
    status = parse_top(&top, c, overrides != NULL && overrides->serves, err);
    if (status != REC_OK)
        return status;
    static const rec_config_overrides none;
    status = read_top(c, &top, path, overrides != NULL ? overrides : &none, err);
    c->report = top.report;
    top.report = (rec_report_options){0};
    rec_options_deinit(&top, rec_config_options);
    return status;
}

rec_status rec_config_check_keys(const rec_yaml *root, rec_error *err)
{
    enum { N_KEYS = sizeof rec_config_options / sizeof *rec_config_options };
    rec_option options[N_KEYS];
    top_level top;
    memcpy(options, rec_config_options, sizeof options);
    for (size_t i = 0; options[i].key != NULL; i++)
        options[i].required = false;
    rec_status status = rec_options_parse(&top, options, root, NULL, err);
    if (status != REC_OK)
        return status;
    status = check_defaults(top.defaults, err);
    rec_options_deinit(&top, options);
    return status;
}

rec_status rec_config_parse(rec_config **out, const char *text, size_t length, const char *name,
                            const rec_config_overrides *overrides, rec_error *err)
{
    *out = NULL;
    rec_config *c = rec_alloc(1, sizeof *c, err);
    if (c == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_config_tree_parse(&c->tree, text, length, name, err);
    if (status == REC_OK)
        status = build(c, name, overrides, err);
    if (status != REC_OK) {
        rec_config_free(c);
        return status;
    }
    *out = c;
    return REC_OK;
}

rec_status rec_config_read(rec_config **out, const char *path,
                           const rec_config_overrides *overrides, rec_error *err)
{
    *out = NULL;
    rec_config *c = rec_alloc(1, sizeof *c, err);
    if (c == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_config_tree_read(&c->tree, path, err);
    if (status == REC_OK)
        status = build(c, path, overrides, err);
    if (status != REC_OK) {
        rec_config_free(c);
        return status;
    }
    *out = c;
    return REC_OK;
}

void rec_config_free(rec_config *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->n_expected; i++)
        rec_options_deinit(&c->expected[i], rec_expected_options);
    for (size_t i = 0; i < c->n_tasks; i++)
        rec_task_entry_deinit(&c->tasks[i]);
    for (size_t i = 0; i < c->n_systems; i++) {
        rec_system_free(c->systems[i].prototype);
        rec_options_deinit(&c->systems[i].common, rec_system_common_options);
        free(c->systems[i].uses);
    }
    rec_options_deinit(&c->report, report_options);
    free(c->expected);
    free(c->tasks);
    free(c->systems);
    free(c->order);
    free(c->seeds);
    free(c->name);
    rec_lm_pool_free(c->lms);
    rec_config_tree_deinit(&c->tree);
    free(c);
}

char *rec_config_text(const rec_config *c, rec_error *err)
{
    rec_buffer text = {0};
    char *out = NULL;
    if (rec_yaml_print(&text, c->tree.root, err) == REC_OK)
        out = rec_buffer_take(&text, err);
    rec_buffer_deinit(&text);
    return out;
}
