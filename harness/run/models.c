#include "harness/run/models.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "harness/run/host.h"
#include "harness/run/tune.h"
#include "harness/run/validation.h"

void rec_model_facts_deinit(rec_model_facts *f)
{
    free(f->options);
    free(f->tuned);
    free(f->trials);
    free(f->curves);
    *f = (rec_model_facts){0};
}

/* ---- the facts beside an artifact: written last, so they say that it is complete ---- */

static rec_status write_facts(const char *path, const rec_model_facts *f, const char *key,
                              rec_error *err)
{
    cJSON *json = cJSON_CreateObject();
    bool complete =
        json != NULL && cJSON_AddStringToObject(json, "key", key) != NULL &&
        cJSON_AddStringToObject(json, "sha256", f->sha256) != NULL &&
        cJSON_AddNumberToObject(json, "n_parameters", (double)f->n_parameters) != NULL &&
        cJSON_AddNumberToObject(json, "fit_seconds", f->fit_seconds) != NULL &&
        cJSON_AddStringToObject(json, "options", f->options) != NULL &&
        cJSON_AddStringToObject(json, "curves", f->curves) != NULL &&
        (f->tuned == NULL || cJSON_AddStringToObject(json, "tuned", f->tuned) != NULL) &&
        (f->trials == NULL || cJSON_AddStringToObject(json, "trials", f->trials) != NULL);
    char *text = complete ? rec_json_print(json, err) : NULL;
    rec_status status = text != NULL ? rec_atomic_write(path, text, strlen(text), err)
                                     : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    free(text);
    cJSON_Delete(json);
    return status;
}

static rec_status damaged(const char *path, rec_error *err)
{
    return rec_fail(err, REC_ERR_DATA, "%s: damaged or foreign artifact: remove it or use --fresh",
                    path);
}

static rec_status take_facts(rec_model_facts *f, const cJSON *json, const char *key,
                             const char *path, rec_error *err)
{
    const char *own_key = rec_json_string(json, "key", NULL);
    const char *sha256 = rec_json_string(json, "sha256", NULL);
    const char *options = rec_json_string(json, "options", NULL);
    const char *curves = rec_json_string(json, "curves", NULL);
    const char *tuned = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "tuned"));
    const char *trials = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "trials"));
    double n_parameters;
    if (own_key == NULL || strcmp(own_key, key) != 0 || sha256 == NULL || options == NULL ||
        curves == NULL || strlen(sha256) >= sizeof f->sha256 ||
        rec_json_number(&n_parameters, json, "n_parameters", NULL) != REC_OK ||
        rec_json_number(&f->fit_seconds, json, "fit_seconds", NULL) != REC_OK)
        return damaged(path, err);
    f->n_parameters = (uint64_t)n_parameters;
    memcpy(f->sha256, sha256, strlen(sha256) + 1);
    f->options = rec_strdup(options, err);
    f->curves = rec_strdup(curves, err);
    f->tuned = tuned != NULL ? rec_strdup(tuned, err) : NULL;
    f->trials = trials != NULL ? rec_strdup(trials, err) : NULL;
    bool complete = f->options != NULL && f->curves != NULL &&
                    (tuned == NULL || f->tuned != NULL) && (trials == NULL || f->trials != NULL);
    return complete ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status read_facts(rec_model_facts *f, const char *path, const char *key, rec_error *err)
{
    cJSON *json;
    rec_status status = rec_json_read(&json, path, err);
    if (status != REC_OK)
        return status == REC_ERR_DATA ? damaged(path, err) : status;
    status = take_facts(f, json, key, path, err);
    cJSON_Delete(json);
    return status;
}

/* ---- fitting ---- */

static const rec_step *first_fit(const rec_run *r, size_t system)
{
    for (size_t i = 0; i < r->plan.n; i++)
        if (r->plan.steps[i].kind == REC_STEP_FIT && r->plan.steps[i].system == system)
            return &r->plan.steps[i];
    return NULL;
}

/* What the options of an entry refer to, fitted; of several seeds the first, as in its key. */
static rec_status link_systems(rec_run *r, const rec_system_entry *e, rec_error *err)
{
    rec_status status = REC_OK;
    if (r->linked == NULL && e->n_uses > 0)
        r->linked = rec_alloc(r->config->n_systems, sizeof *r->linked, err);
    if (r->linked == NULL && e->n_uses > 0)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < e->n_uses && status == REC_OK; i++) {
        rec_model_facts facts;
        if (r->linked[e->uses[i]] != NULL)
            continue;
        status = rec_run_model(&r->linked[e->uses[i]], &facts, r, first_fit(r, e->uses[i]), err);
        rec_model_facts_deinit(&facts);
    }
    return status;
}

void rec_run_unlink(rec_run *r)
{
    for (size_t i = 0; r->linked != NULL && i < r->config->n_systems; i++)
        rec_system_free(r->linked[i]);
    free(r->linked);
    r->linked = NULL;
}

static const rec_system *linked_system(void *context, const char *name)
{
    const rec_run *r = context;
    for (size_t i = 0; r->linked != NULL && i < r->config->n_systems; i++)
        if (r->linked[i] != NULL && strcmp(r->config->systems[i].name, name) == 0)
            return r->linked[i];
    return NULL;
}

rec_status rec_run_system(rec_system **out, rec_run *r, const rec_system_entry *e,
                          const rec_yaml *map, rec_error *err)
{
    const rec_system_links links = {
        .lms = r->config->lms, .dataset = r->dataset, .system = linked_system, .context = r};
    *out = NULL;
    rec_status status = link_systems(r, e, err);
    if (status == REC_OK)
        status = rec_system_new(out, e->name, &e->prototype->type, map, err);
    if (status != REC_OK)
        return status;
    status = rec_system_connect(*out, &links, err);
    if (status != REC_OK) {
        rec_system_free(*out);
        *out = NULL;
    }
    return status;
}

/* The system of an entry, with what tuning chose (a JSON object, which is YAML) in place. */
static rec_status new_system(rec_system **out, rec_run *r, const rec_step *step, const char *tuned,
                             rec_error *err)
{
    const rec_system_entry *e = &r->config->systems[step->system];
    if (tuned == NULL)
        return rec_run_system(out, r, e, e->map, err);
    rec_yaml *overrides;
    rec_status status = rec_yaml_parse(&overrides, tuned, strlen(tuned), "tune", err);
    if (status != REC_OK)
        return status;
    rec_yaml *entry = rec_entry_with(e->map, overrides, err);
    status = entry != NULL ? rec_run_system(out, r, e, entry, err) : REC_ERR_RESOURCE;
    rec_yaml_free(entry);
    rec_yaml_free(overrides);
    return status;
}

static char *options_text(const rec_system *s, rec_error *err)
{
    cJSON *json = rec_system_options_json(s, err);
    char *text = json != NULL ? rec_json_print(json, err) : NULL;
    cJSON_Delete(json);
    return text;
}

/* *curves receives what the fit says of its course, as JSON; string of the caller. */
static rec_status fit(char **curves, rec_system *s, rec_run *r, const rec_step *step,
                      const char *checkpoint, rec_error *err)
{
    const rec_system_entry *e = &r->config->systems[step->system];
    rec_interactions train = {0};
    rec_status status =
        rec_dataset_select(&train, r->dataset, rec_fit_on_parts((rec_fit_on)e->common.fit_on), err);
    if (status != REC_OK)
        return status;
    rec_validation *validation = NULL;
    cJSON *course = cJSON_CreateObject();
    if (course == NULL)
        REC_TRY(rec_fail(err, REC_ERR_RESOURCE, "out of memory"));
    if (e->common.fit_on == REC_FIT_TRAIN) /* otherwise nothing is left to validate on */
        REC_TRY(rec_run_validation(&validation, r, err));
    const rec_fit_data data = {
        .dataset = r->dataset,
        .train = &train,
        .validator = rec_validation_validator(validation),
        .seed = step->seed,
        .checkpoint = checkpoint,
        .curves = course,
    };
    REC_TRY(rec_system_fit(s, &data, err));
    *curves = rec_json_print(course, err);
    status = *curves != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    cJSON_Delete(course);
    rec_interactions_deinit(&train);
    return status;
}

/* What a tuned entry is to be fitted with. */
static rec_status search(rec_model_facts *facts, rec_run *r, const rec_step *step, rec_error *err)
{
    if (r->config->systems[step->system].common.tune == NULL)
        return REC_OK;
    rec_tuned tuned;
    rec_status status = rec_tune(&tuned, r, step->system, err);
    if (status != REC_OK)
        return status;
    cJSON *json = rec_yaml_json(tuned.overrides, err);
    facts->tuned = json != NULL ? rec_json_print(json, err) : NULL;
    facts->trials = tuned.trials;
    tuned.trials = NULL;
    cJSON_Delete(json);
    rec_tuned_deinit(&tuned);
    return facts->tuned != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* Fit, store the model, then its facts, then forget the checkpoint. */
static rec_status make(rec_system **out, rec_model_facts *facts, rec_run *r, const rec_step *step,
                       const char *model_path, const char *facts_path, rec_error *err)
{
    rec_status status = REC_ERR_RESOURCE;
    rec_system *s = NULL;
    char *name = rec_format(err, "checkpoints/%s", step->path + strlen("models/"));
    char *checkpoint = name != NULL ? rec_artifact_path(r, name, "checkpoint", err) : NULL;
    if (checkpoint == NULL)
        goto cleanup;
    REC_TRY(search(facts, r, step, err));
    REC_TRY(new_system(&s, r, step, facts->tuned, err));
    rec_info("%s", step->name);
    double start = rec_now();
    REC_TRY(fit(&facts->curves, s, r, step, checkpoint, err));
    facts->fit_seconds = rec_now() - start;
    REC_TRY(rec_system_save(s, model_path, err));
    REC_TRY(rec_sha256_file(facts->sha256, model_path, err));
    facts->n_parameters = rec_system_n_parameters(s);
    facts->options = options_text(s, err);
    status =
        facts->options != NULL ? write_facts(facts_path, facts, step->key, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        unlink(checkpoint); /* most models write none */
cleanup:
    free(name);
    free(checkpoint);
    if (status != REC_OK)
        rec_system_free(s);
    else
        *out = s;
    return status;
}

static rec_status load(rec_system **out, const rec_model_facts *facts, rec_run *r,
                       const rec_step *step, const char *model_path, rec_error *err)
{
    char sha256[REC_SHA256_HEX];
    rec_status status = rec_sha256_file(sha256, model_path, err);
    if (status != REC_OK)
        return status;
    if (strcmp(sha256, facts->sha256) != 0)
        return damaged(model_path, err);
    rec_system *s;
    status = new_system(&s, r, step, facts->tuned, err);
    if (status != REC_OK)
        return status;
    status = rec_system_load(s, model_path, r->dataset, err);
    if (status != REC_OK)
        rec_system_free(s);
    else
        *out = s;
    return status;
}

/* A type that learns nothing has no artifact: its options are all there is. */
static rec_status unfitted(rec_system **out, rec_model_facts *facts, rec_run *r,
                           const rec_step *step, rec_error *err)
{
    rec_system *s;
    rec_status status = new_system(&s, r, step, NULL, err);
    if (status != REC_OK)
        return status;
    facts->n_parameters = rec_system_n_parameters(s);
    facts->options = options_text(s, err);
    if (facts->options == NULL) {
        rec_system_free(s);
        return REC_ERR_RESOURCE;
    }
    *out = s;
    return REC_OK;
}

static rec_status get(rec_system **out, rec_model_facts *facts, rec_run *r, const rec_step *step,
                      bool is_wanted, const char *model_path, const char *facts_path,
                      rec_error *err)
{
    if (!r->config->systems[step->system].prototype->type.has_fit)
        return unfitted(out, facts, r, step, err);
    if (rec_path_exists(facts_path)) {
        rec_status status = read_facts(facts, facts_path, step->key, err);
        return status == REC_OK && is_wanted ? load(out, facts, r, step, model_path, err) : status;
    }
    if (r->replay_only)
        return rec_fail(err, REC_ERR_DATA, "%s: not there: recai run makes it", model_path);
    return make(out, facts, r, step, model_path, facts_path, err);
}

rec_status rec_run_model(rec_system **out, rec_model_facts *facts, rec_run *r, const rec_step *step,
                         rec_error *err)
{
    rec_system *s = NULL;
    *facts = (rec_model_facts){0};
    char *model_path = rec_artifact_path(r, step->path, "safetensors", err);
    char *facts_path = rec_artifact_path(r, step->path, "json", err);
    rec_status status = model_path != NULL && facts_path != NULL
                            ? get(&s, facts, r, step, out != NULL, model_path, facts_path, err)
                            : REC_ERR_RESOURCE;
    if (status != REC_OK)
        rec_model_facts_deinit(facts);
    if (out != NULL)
        *out = s;
    else
        rec_system_free(s);
    free(model_path);
    free(facts_path);
    return status;
}
