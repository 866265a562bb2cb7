/* harness/run/tune_space.c: what a search may try, and its points. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/rng.h"
#include "harness/run/tune.h"

static const char *const strategies[] = {"random", "grid", "halving", NULL};

const rec_option rec_tuning_options[] = {
    {"metric", "label with a cut-off, on the validation part", offsetof(rec_tuning, metric),
     REC_OPT_STRING, .required = true},
    {"trials", "points of the search; the budget all systems should share",
     offsetof(rec_tuning, trials), REC_OPT_INT, .value = 20, .min = 1, .max = 100000},
    {"strategy",
     "random: independent draws; grid: every combination; halving: many short trials, "
     "the best ones longer",
     offsetof(rec_tuning, strategy), REC_OPT_ENUM, .choices = strategies},
    {"space", "option: [values] or option: {min, max, log, steps}", offsetof(rec_tuning, space),
     REC_OPT_ANY, .required = true},
    {"resource", "halving: the integer option that says how long a trial runs",
     offsetof(rec_tuning, resource), REC_OPT_STRING, .text = NULL},
    {"min_resource", "halving: of the first trials", offsetof(rec_tuning, min_resource),
     REC_OPT_INT, .value = 1, .min = 1, .max = 1e9},
    {"max_resource", "halving: of the last ones and of the model",
     offsetof(rec_tuning, max_resource), REC_OPT_INT, .value = 0, .min = 0, .max = 1e9},
    {"eta", "halving: one of so many goes on, with so many times the resource",
     offsetof(rec_tuning, eta), REC_OPT_INT, .value = 3, .min = 2, .max = 100},
    {.key = NULL},
};

typedef struct range {
    double min, max;
    bool log;
    int64_t steps;
} range;

const rec_option rec_tune_range_options[] = {
    {"min", "lowest value", offsetof(range, min), REC_OPT_REAL, .required = true},
    {"max", "highest value", offsetof(range, max), REC_OPT_REAL, .required = true},
    {"log", "uniform in the logarithm", offsetof(range, log), REC_OPT_BOOL, .value = 0},
    {"steps", "values of a grid", offsetof(range, steps), REC_OPT_INT, .value = 0, .min = 0,
     .max = 100000},
    {.key = NULL},
};

void rec_tuning_deinit(rec_tuning *t)
{
    rec_options_deinit(t, rec_tuning_options);
    free(t->dimensions);
    *t = (rec_tuning){0};
}

static rec_status read_range(rec_tune_dimension *d, const rec_yaml *node, rec_error *err)
{
    range r;
    rec_status status = rec_options_parse(&r, rec_tune_range_options, node, NULL, err);
    if (status != REC_OK)
        return status;
    if (!(r.min < r.max) || (r.log && !(r.min > 0.0)))
        return rec_yaml_fail(err, node, "%s: min must be below max, and above 0 with log", d->key);
    d->min = r.min;
    d->max = r.max;
    d->is_log = r.log;
    d->steps = r.steps;
    return REC_OK;
}

static rec_status read_dimension(rec_tune_dimension *d, const rec_yaml *space, size_t i,
                                 const rec_system_type *type, rec_error *err)
{
    const rec_yaml *node = space->items[i];
    const rec_option *o = rec_option_find(type->options, space->keys[i]);
    if (o == NULL)
        return rec_yaml_fail_key(err, space, i, "space: %s has no option \"%.80s\"", type->name,
                                 space->keys[i]);
    *d = (rec_tune_dimension){.key = space->keys[i], .is_int = o->type == REC_OPT_INT};
    if (node->kind == REC_YAML_LIST && node->n > 0) {
        d->values = node;
        return REC_OK;
    }
    if (node->kind == REC_YAML_MAP && (d->is_int || o->type == REC_OPT_REAL))
        return read_range(d, node, err);
    return rec_yaml_fail(err, node, "%s: expected a list of values%s", d->key,
                         d->is_int || o->type == REC_OPT_REAL ? " or {min, max}" : "");
}

/* Values of a dimension that the type's table must accept: all of a list, the ends of a range. */
static size_t n_checked(const rec_tune_dimension *d)
{
    return d->values != NULL ? d->values->n : 2;
}

static rec_yaml *number_node(double value, bool is_int, rec_error *err)
{
    char text[32];
    rec_format_double(text, is_int ? round(value) : value);
    return rec_yaml_new(REC_YAML_SCALAR, text, "tune", err);
}

static rec_yaml *checked_value(const rec_tune_dimension *d, size_t i, rec_error *err)
{
    if (d->values != NULL)
        return rec_yaml_dup(d->values->items[i], err);
    return number_node(i == 0 ? d->min : d->max, d->is_int, err);
}

static rec_status check_values(const rec_tune_dimension *d, const rec_system_type *type,
                               const rec_yaml *entry, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n_checked(d) && status == REC_OK; i++) {
        rec_yaml *changed = rec_yaml_dup(entry, err);
        rec_yaml *value = changed != NULL ? checked_value(d, i, err) : NULL;
        rec_system *system = NULL;
        status = value != NULL ? rec_yaml_put(changed, d->key, NULL, value, err) : REC_ERR_RESOURCE;
        if (status == REC_OK)
            status = rec_system_new(&system, "tune", type, changed, err);
        rec_system_free(system);
        rec_yaml_free(changed);
    }
    return status;
}

/* Points of a grid; 0 when a range has no steps. */
static size_t grid_size(const rec_tuning *t)
{
    size_t n = 1;
    for (size_t i = 0; i < t->n_dimensions; i++) {
        const rec_tune_dimension *d = &t->dimensions[i];
        size_t along = d->values != NULL ? d->values->n : d->steps >= 2 ? (size_t)d->steps : 0;
        if (__builtin_mul_overflow(n, along, &n))
            return SIZE_MAX;
    }
    return n;
}

static rec_status check_strategy(const rec_tuning *t, const rec_system_type *type,
                                 const rec_yaml *tune, rec_error *err)
{
    if (t->strategy == REC_TUNE_GRID) {
        size_t n = grid_size(t);
        if (n == 0)
            return rec_yaml_fail(err, tune,
                                 "strategy: a grid over a range needs steps (2 or more)");
        if (n > (size_t)t->trials)
            return rec_yaml_fail(err, tune, "trials: the grid has %zu points", n);
    }
    if (t->strategy != REC_TUNE_HALVING)
        return REC_OK;
    const rec_option *o = t->resource != NULL ? rec_option_find(type->options, t->resource) : NULL;
    if (o == NULL || o->type != REC_OPT_INT)
        return rec_yaml_fail(err, tune, "resource: halving needs an integer option of %s",
                             type->name);
    if (t->min_resource >= t->max_resource)
        return rec_yaml_fail(err, tune, "max_resource: must be above min_resource");
    if (rec_yaml_get(t->space, t->resource) != NULL)
        return rec_yaml_fail(err, tune, "resource: %s is in the space already", t->resource);
    return REC_OK;
}

static rec_status check_metric(const rec_tuning *t, const rec_yaml *tune, rec_error *err)
{
    const rec_metric *metric;
    size_t k;
    rec_error deep = {.status = REC_OK};
    if (rec_metric_parse(&metric, &k, t->metric, &deep) != REC_OK)
        return rec_yaml_fail(err, rec_yaml_get(tune, "metric"), "%s", deep.message);
    if (metric->value_at == NULL || (metric->has_cutoff && k == REC_WHOLE_LIST))
        return rec_yaml_fail(err, rec_yaml_get(tune, "metric"),
                             "metric: give one with a value per user and a cut-off (ndcg@10)");
    return REC_OK;
}

static rec_status read_space(rec_tuning *t, const rec_system_type *type, const rec_yaml *entry,
                             rec_error *err)
{
    const rec_yaml *space = t->space;
    if (space == NULL || space->kind != REC_YAML_MAP || space->n == 0)
        return rec_yaml_fail(err, space != NULL ? space : entry,
                             "space: expected a mapping of options to values");
    t->dimensions = rec_alloc(space->n, sizeof *t->dimensions, err);
    if (t->dimensions == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (; t->n_dimensions < space->n && status == REC_OK; t->n_dimensions++) {
        rec_tune_dimension *d = &t->dimensions[t->n_dimensions];
        status = read_dimension(d, space, t->n_dimensions, type, err);
        if (status == REC_OK)
            status = check_values(d, type, entry, err);
    }
    return status;
}

rec_status rec_tuning_init(rec_tuning *out, const rec_yaml *tune, const rec_system_type *type,
                           const rec_yaml *entry, rec_error *err)
{
    *out = (rec_tuning){0};
    rec_status status = rec_options_parse(out, rec_tuning_options, tune, NULL, err);
    if (status != REC_OK)
        return status;
    REC_TRY(check_metric(out, tune, err));
    REC_TRY(read_space(out, type, entry, err));
    status = check_strategy(out, type, tune, err);
cleanup:
    if (status != REC_OK)
        rec_tuning_deinit(out);
    return status;
}

/* ---- points ---- */

static double along_range(const rec_tune_dimension *d, double share)
{
    if (d->is_log)
        return exp(log(d->min) + share * (log(d->max) - log(d->min)));
    return d->min + share * (d->max - d->min);
}

/* Each (point, option) has a stream of its own: another option in the space changes no draw. */
static rec_yaml *random_value(const rec_tune_dimension *d, size_t index, uint64_t seed,
                              rec_error *err)
{
    uint64_t id = rec_fnv1a(d->key, strlen(d->key)) + 0x9E3779B97F4A7C15u * index;
    rec_rng rng = rec_rng_keyed(seed, "tune/point", id);
    if (d->values != NULL)
        return rec_yaml_dup(d->values->items[rec_rng_below64(&rng, d->values->n)], err);
    return number_node(along_range(d, rec_rng_uniform(&rng)), d->is_int, err);
}

static rec_yaml *grid_value(const rec_tune_dimension *d, size_t *index, rec_error *err)
{
    size_t along = d->values != NULL ? d->values->n : (size_t)d->steps, at = *index % along;
    *index /= along;
    if (d->values != NULL)
        return rec_yaml_dup(d->values->items[at], err);
    return number_node(along_range(d, (double)at / (double)(along - 1)), d->is_int, err);
}

rec_yaml *rec_tune_point(const rec_tuning *t, size_t index, uint64_t seed, rec_error *err)
{
    rec_yaml *point = rec_yaml_new(REC_YAML_MAP, NULL, "tune", err);
    for (size_t i = 0; point != NULL && i < t->n_dimensions; i++) {
        const rec_tune_dimension *d = &t->dimensions[i];
        rec_yaml *value = t->strategy == REC_TUNE_GRID ? grid_value(d, &index, err)
                                                       : random_value(d, index, seed, err);
        if (value == NULL || rec_yaml_put(point, d->key, NULL, value, err) != REC_OK) {
            rec_yaml_free(point);
            return NULL;
        }
    }
    return point;
}

rec_yaml *rec_entry_with(const rec_yaml *entry, const rec_yaml *overrides, rec_error *err)
{
    rec_yaml *changed = rec_yaml_dup(entry, err);
    for (size_t i = 0; changed != NULL && i < overrides->n; i++) {
        rec_yaml *value = rec_yaml_dup(overrides->items[i], err);
        if (value == NULL ||
            rec_yaml_put(changed, overrides->keys[i], NULL, value, err) != REC_OK) {
            rec_yaml_free(changed);
            return NULL;
        }
    }
    return changed;
}
