#include "harness/run/tune.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/interrupt.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "harness/run/host.h"
#include "harness/run/models.h"
#include "harness/run/validation.h"

void rec_tuned_deinit(rec_tuned *t)
{
    rec_yaml_free(t->overrides);
    free(t->trials);
    *t = (rec_tuned){0};
}

/* A search over one system. */
typedef struct search {
    rec_run *run;
    const rec_system_entry *entry;
    rec_tuning tuning;
    bool higher_is_better;
    rec_interactions train;
    rec_validation *validation; /* borrowed from the run */
    rec_progress *progress;
    cJSON *trials; /* owned list for the report */
} search;

/* A point that is still in the race. */
typedef struct candidate {
    rec_yaml *point; /* owned */
    size_t index;
    double value; /* of its latest trial; NaN = undefined */
} candidate;

/* ---- one trial ---- */

static rec_status trial_key(char hex[REC_SHA256_HEX], const search *s, const char *options,
                            rec_error *err)
{
    const rec_system_type *type = &s->entry->prototype->type;
    char seed[24] = "";
    if (type->is_random)
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->run->config->seeds[0]);
    const char *parts[] = {"trial",         rec_code_version(),      type->name,
                           options,         s->run->dataset->sha256, seed,
                           s->tuning.metric};
    return rec_step_key(hex, parts, sizeof parts / sizeof *parts, err);
}

static rec_status read_trial(double *value, bool *is_there, const char *path, const char *key,
                             rec_error *err)
{
    cJSON *json;
    *is_there = rec_path_exists(path);
    if (!*is_there)
        return REC_OK;
    rec_status status = rec_json_read(&json, path, err);
    if (status != REC_OK)
        return status;
    const char *own = rec_json_string(json, "key", NULL);
    const cJSON *stored = cJSON_GetObjectItemCaseSensitive(json, "value");
    if (own == NULL || strcmp(own, key) != 0 || !(cJSON_IsNumber(stored) || cJSON_IsNull(stored)))
        status = rec_fail(err, REC_ERR_DATA,
                          "%s: damaged or foreign artifact: remove it or use --fresh", path);
    else
        *value = cJSON_IsNumber(stored) ? stored->valuedouble : NAN;
    cJSON_Delete(json);
    return status;
}

static cJSON *number_or_null(double value)
{
    return isnan(value) ? cJSON_CreateNull() : cJSON_CreateNumber(value);
}

static rec_status write_trial(const char *path, const char *key, double value, rec_error *err)
{
    cJSON *json = cJSON_CreateObject(), *number = number_or_null(value);
    bool complete = json != NULL && number != NULL &&
                    cJSON_AddStringToObject(json, "key", key) != NULL &&
                    cJSON_AddItemToObject(json, "value", number);
    if (!complete)
        cJSON_Delete(number);
    char *text = complete ? rec_json_print(json, err) : NULL;
    rec_status status = text != NULL ? rec_atomic_write(path, text, strlen(text), err)
                                     : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    free(text);
    cJSON_Delete(json);
    return status;
}

static rec_status fit_and_measure(double *value, search *s, rec_system *system, rec_error *err)
{
    const rec_fit_data data = {
        .dataset = s->run->dataset,
        .train = &s->train,
        .validator = rec_validation_validator(s->validation),
        .seed = s->run->config->seeds[0],
    };
    rec_status status = rec_system_fit(system, &data, err);
    if (status != REC_OK)
        return status;
    const rec_model *model = system->self; /* tuned systems are recommenders: they can score */
    return rec_validation_value(value, s->validation, model->type, model->self, s->tuning.metric,
                                err);
}

static rec_status run_trial(double *value, search *s, const rec_yaml *entry, rec_error *err)
{
    rec_system *system = NULL;
    char *options = NULL, *path = NULL, key[REC_SHA256_HEX];
    cJSON *json = NULL;
    bool is_there;
    rec_status status;
    REC_TRY(rec_run_system(&system, s->run, s->entry, entry, err));
    json = rec_system_options_json(system, err);
    options = json != NULL ? rec_json_print(json, err) : NULL;
    if (options == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(trial_key(key, s, options, err));
    path = rec_format(err, "%s/trials/%s.%.16s.json", s->run->folder, s->entry->name, key);
    if (path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(read_trial(value, &is_there, path, key, err));
    if (!is_there) {
        REC_TRY(fit_and_measure(value, s, system, err));
        status = write_trial(path, key, *value, err);
    }
cleanup:
    free(path);
    free(options);
    cJSON_Delete(json);
    rec_system_free(system);
    return status;
}

static rec_status note_trial(search *s, const rec_yaml *point, double value, rec_error *err)
{
    cJSON *trial = cJSON_CreateObject(), *options = rec_yaml_json(point, err);
    cJSON *number = number_or_null(value);
    bool complete = trial != NULL && options != NULL && number != NULL;
    if (complete) {
        cJSON_AddItemToObject(trial, "options", options);
        complete = cJSON_AddStringToObject(trial, "metric", s->tuning.metric) != NULL;
        cJSON_AddItemToObject(trial, "value", number);
        complete = complete && cJSON_AddItemToArray(s->trials, trial);
        if (!complete)
            cJSON_Delete(trial);
    } else {
        cJSON_Delete(trial);
        cJSON_Delete(options);
        cJSON_Delete(number);
    }
    return complete ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
}

/* resource 0: none to set. */
static rec_status try_candidate(search *s, candidate *c, int64_t resource, rec_error *err)
{
    if (resource > 0) {
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)resource);
        rec_yaml *node = rec_yaml_new(REC_YAML_SCALAR, text, "tune", err);
        rec_status status = node != NULL
                                ? rec_yaml_put(c->point, s->tuning.resource, NULL, node, err)
                                : REC_ERR_RESOURCE;
        if (status != REC_OK)
            return status;
    }
    rec_yaml *entry = rec_entry_with(s->entry->map, c->point, err);
    rec_status status = entry != NULL ? run_trial(&c->value, s, entry, err) : REC_ERR_RESOURCE;
    rec_yaml_free(entry);
    if (status == REC_OK)
        status = note_trial(s, c->point, c->value, err);
    if (status == REC_OK) {
        rec_progress_add(s->progress, 1);
        rec_progress_note(s->progress, "%s %.4f", s->tuning.metric, c->value);
        status = rec_interrupt_check(err);
    }
    return status;
}

/* ---- the search ---- */

/* Best first; undefined last; the earlier point among equals. */
static int compare_candidates(const candidate *x, const candidate *y, bool higher_is_better)
{
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (!isnan(x->value) && x->value != y->value)
        return (x->value > y->value) == higher_is_better ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Few enough for insertion; stable and without a global for the direction. */
static void sort_candidates(candidate *c, size_t n, bool higher_is_better)
{
    for (size_t i = 1; i < n; i++) {
        candidate moved = c[i];
        size_t j = i;
        for (; j > 0 && compare_candidates(&moved, &c[j - 1], higher_is_better) < 0; j--)
            c[j] = c[j - 1];
        c[j] = moved;
    }
}

/* Successive halving ("Non-stochastic best arm identification and hyperparameter optimization",
 * AISTATS 2016): all candidates get min_resource, the best 1 / eta of them eta times as much, and so
 * on up to max_resource. Without a resource this is one round. */
static rec_status race(search *s, candidate *candidates, size_t n, rec_error *err)
{
    const rec_tuning *t = &s->tuning;
    bool is_halving = t->strategy == REC_TUNE_HALVING;
    int64_t resource = is_halving ? t->min_resource : 0;
    for (;;) {
        for (size_t i = 0; i < n; i++) {
            rec_status status = try_candidate(s, &candidates[i], resource, err);
            if (status != REC_OK)
                return status;
        }
        sort_candidates(candidates, n, s->higher_is_better);
        if (!is_halving || resource == t->max_resource)
            return REC_OK;
        n = (n + (size_t)t->eta - 1) / (size_t)t->eta;
        resource =
            n == 1 || resource > t->max_resource / t->eta ? t->max_resource : resource * t->eta;
    }
}

static size_t n_points(const rec_tuning *t)
{
    if (t->strategy != REC_TUNE_GRID)
        return (size_t)t->trials;
    size_t n = 1;
    for (size_t i = 0; i < t->n_dimensions; i++)
        n *= t->dimensions[i].values != NULL ? t->dimensions[i].values->n
                                             : (size_t)t->dimensions[i].steps;
    return n;
}

static rec_status run_search(rec_tuned *out, search *s, rec_error *err)
{
    size_t n = n_points(&s->tuning);
    rec_status status = REC_OK;
    candidate *candidates = rec_alloc(n, sizeof *candidates, err);
    if (candidates == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        candidates[i] = (candidate){
            .point = rec_tune_point(&s->tuning, i, s->run->config->seeds[0], err), .index = i};
        status = candidates[i].point != NULL ? REC_OK : REC_ERR_RESOURCE;
    }
    char *label = rec_format(NULL, "tune %s", s->entry->name);
    s->progress = rec_progress_start(label != NULL ? label : "tune", "trials",
                                     s->tuning.strategy == REC_TUNE_HALVING ? 0 : n);
    free(label);
    if (status == REC_OK)
        status = race(s, candidates, n, err);
    rec_progress_end(s->progress);
    if (status == REC_OK && isnan(candidates[0].value))
        status = rec_fail(err, REC_ERR_MODEL, "no trial has a defined %s", s->tuning.metric);
    if (status == REC_OK) {
        out->overrides = candidates[0].point;
        candidates[0].point = NULL;
        out->trials = rec_json_print(s->trials, err);
        status = out->trials != NULL ? REC_OK : REC_ERR_RESOURCE;
    }
    for (size_t i = 0; i < n; i++)
        rec_yaml_free(candidates[i].point);
    free(candidates);
    return status;
}

static rec_status open_search(search *s, rec_error *err)
{
    const rec_metric *metric;
    size_t k;
    rec_status status;
    REC_TRY(rec_tuning_init(&s->tuning, s->entry->common.tune, &s->entry->prototype->type,
                            s->entry->map, err));
    REC_TRY(rec_metric_parse(&metric, &k, s->tuning.metric, err));
    s->higher_is_better = metric->higher_is_better;
    REC_TRY(rec_run_validation(&s->validation, s->run, err));
    if (s->validation == NULL) {
        status = rec_fail(err, REC_ERR_DATA, "the data has no validation part to tune on");
        goto cleanup;
    }
    REC_TRY(rec_dataset_select(&s->train, s->run->dataset, REC_PART_TRAIN, err));
    s->trials = cJSON_CreateArray();
    if (s->trials == NULL)
        status = rec_fail(err, REC_ERR_RESOURCE, "out of memory");
cleanup:
    return status;
}

rec_status rec_tune(rec_tuned *out, rec_run *r, size_t system, rec_error *err)
{
    search s = {.run = r, .entry = &r->config->systems[system]};
    *out = (rec_tuned){0};
    rec_status status = open_search(&s, err);
    if (status == REC_OK)
        status = run_search(out, &s, err);
    if (status != REC_OK) {
        rec_tuned_deinit(out);
        if (status != REC_ERR_INTERRUPTED)
            rec_error_prefix(err, "tune %s", s.entry->name);
    }
    cJSON_Delete(s.trials);
    rec_interactions_deinit(&s.train);
    rec_tuning_deinit(&s.tuning);
    return status;
}
