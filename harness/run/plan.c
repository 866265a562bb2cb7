#include "harness/run/plan.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "harness/run/host.h"

enum { KEY_IN_NAME = 16 }; /* hexadecimal digits of the key in a file name */

rec_status rec_step_key(char hex[REC_SHA256_HEX], const char *const *parts, size_t n,
                        rec_error *err)
{
    rec_sha256 *h;
    rec_status status = rec_sha256_new(&h, err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        rec_sha256_update_string(h, parts[i]);
    rec_sha256_finish(hex, h);
    return REC_OK;
}

/* A system that ranks by answers needs a task that sends them along. */
static bool applies(const rec_task *task, const rec_system_type *system)
{
    return rec_task_accepts(task, system->can) && (task->has_ideal || !system->sees_answers);
}

const char *rec_not_applicable(char *out, size_t size, const rec_task_entry *task,
                               const rec_system_type *system)
{
    unsigned missing = task->type->needs & ~system->can;
    char text[96];
    if (applies(task->type, system))
        return NULL;
    if (rec_task_accepts(task->type, system->can)) {
        snprintf(out, size, "%s needs a task that ranks for known answers", system->name);
        return out;
    }
    rec_capabilities_text(text, sizeof text, missing != 0 ? missing : task->type->any_of);
    snprintf(out, size, "%s cannot %s%s", system->name, missing != 0 ? "" : "do any of: ", text);
    return out;
}

typedef struct planner {
    const rec_config *config;
    const rec_dataset *dataset;
    const cJSON *recorded; /* or NULL */
    rec_plan *plan;
    size_t *fit_of; /* owned, (n_systems): first fit step of each */
} planner;

static rec_step *add_step(planner *p, rec_step step, rec_error *err)
{
    rec_step *grown = rec_realloc(p->plan->steps, p->plan->n + 1, sizeof *grown, err);
    if (grown == NULL)
        return NULL;
    p->plan->steps = grown;
    grown[p->plan->n] = step;
    return &grown[p->plan->n++];
}

/* "fit ease", and with several seeds of it "fit random (seed 2)" */
static rec_status name_step(rec_step *s, bool has_seeds, const char *label, rec_error *err)
{
    s->name = has_seeds ? rec_format(err, "%s (seed %llu)", label, (unsigned long long)s->seed)
                        : rec_strdup(label, err);
    return s->name != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status set_path(rec_step *s, const rec_config *c, rec_error *err)
{
    const char *system = c->systems[s->system].name;
    if (s->kind == REC_STEP_FIT)
        s->path = rec_format(err, "models/%s.s%llu.%.*s", system, (unsigned long long)s->seed,
                             KEY_IN_NAME, s->key);
    else
        s->path = rec_format(err, "replies/%s.%s.s%llu.%.*s", c->tasks[s->task].name, system,
                             (unsigned long long)s->seed, KEY_IN_NAME, s->key);
    return s->path != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static char *options_text(const void *values, const rec_option *table, rec_error *err)
{
    cJSON *json = rec_options_json(values, table, err);
    char *text = json != NULL ? rec_json_print(json, err) : NULL;
    cJSON_Delete(json);
    return text;
}

/* Content of the files that options name: a changed file makes a new model. */
static rec_status hash_files(char hex[REC_SHA256_HEX], const rec_system_entry *e, rec_error *err)
{
    rec_status status = rec_options_files_sha256(hex, rec_system_option_values(e->prototype),
                                                 e->prototype->type.options, err);
    return status == REC_OK ? REC_OK : rec_error_prefix(err, "systems: %s", e->name);
}

/* ---- language models behind options ---- */

/* What replies of a model of `lms:` depend on. */
static rec_status hash_lm(rec_sha256 *h, const rec_config *c, const char *name, rec_error *err)
{
    const rec_lm_entry *entry = rec_lm_pool_find(c->lms, name);
    rec_lm *lm;
    const char *identity;
    rec_status status = rec_lm_pool_get(&lm, c->lms, name, err);
    if (status == REC_OK)
        status = rec_lm_identity(&identity, lm, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "lms: %s", name);
    char *options = entry->type->identity_is_all
                        ? rec_format(err, "context %zu can %u", lm->context, lm->can)
                        : options_text(entry->options, entry->type->options, err);
    if (options == NULL)
        return REC_ERR_RESOURCE;
    rec_sha256_update_string(h, entry->type->name);
    rec_sha256_update_string(h, identity);
    rec_sha256_update_string(h, options);
    free(options);
    return REC_OK;
}

static rec_status hash_lms_of(rec_sha256 *h, bool *any, const rec_config *c, const void *values,
                              const rec_option *table, rec_error *err)
{
    rec_status status = REC_OK;
    for (const rec_option *o = table; o != NULL && o->key != NULL && status == REC_OK; o++) {
        const void *field = (const char *)values + o->offset;
        if (o->type == REC_OPT_TABLE) {
            status = hash_lms_of(h, any, c, field, o->table, err);
        } else if (o->type == REC_OPT_REFERENCE && strcmp(o->refers_to, "lm") == 0 &&
                   *(char *const *)field != NULL) {
            rec_sha256_update_string(h, o->key);
            status = hash_lm(h, c, *(char *const *)field, err);
            *any = true;
        }
    }
    return status;
}

/* "" where no option refers to a model. */
static rec_status hash_lms(char hex[REC_SHA256_HEX], const rec_config *c, const void *values,
                           const rec_option *table, rec_error *err)
{
    rec_sha256 *h = NULL;
    bool any = false;
    hex[0] = '\0';
    rec_status status = rec_sha256_new(&h, err);
    if (status == REC_OK)
        status = hash_lms_of(h, &any, c, values, table, err);
    rec_sha256_finish(any && status == REC_OK ? hex : NULL, h);
    return status;
}

/* What a model is made of. */
static rec_status fit_key(rec_step *s, const planner *p, rec_error *err)
{
    const rec_system_entry *e = &p->config->systems[s->system];
    const rec_system_type *type = &e->prototype->type;
    char seed[24] = "", files[REC_SHA256_HEX], lms[REC_SHA256_HEX];
    rec_status status = hash_files(files, e, err);
    if (status == REC_OK)
        status =
            hash_lms(lms, p->config, rec_system_option_values(e->prototype), type->options, err);
    if (status != REC_OK)
        return status;
    if (type->is_random)
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    char *options = options_text(rec_system_option_values(e->prototype), type->options, err);
    char *common = options_text(&e->common, rec_system_common_options, err);
    const char **parts = rec_alloc(9 + e->n_uses, sizeof *parts, err);
    status = REC_ERR_RESOURCE;
    if (options != NULL && common != NULL && parts != NULL) {
        size_t n = 0;
        parts[n++] = "fit";
        parts[n++] = rec_code_version();
        parts[n++] = type->name;
        parts[n++] = options;
        parts[n++] = files;
        parts[n++] = lms;
        parts[n++] = common;
        parts[n++] = p->dataset->sha256;
        parts[n++] = seed;
        for (size_t i = 0; i < e->n_uses; i++)
            parts[n++] = p->plan->steps[p->fit_of[e->uses[i]]].key;
        status = rec_step_key(s->key, parts, n, err);
    }
    free(parts);
    free(common);
    free(options);
    return status;
}

static rec_status replies_key(rec_step *s, const planner *p, rec_error *err)
{
    const rec_task_entry *t = &p->config->tasks[s->task];
    const rec_system_type *type = &p->config->systems[s->system].prototype->type;
    char seeds[64], lms[REC_SHA256_HEX], files[REC_SHA256_HEX];
    snprintf(seeds, sizeof seeds, "%llu %llu %zu", (unsigned long long)s->seed,
             (unsigned long long)p->config->seeds[0], rec_task_group(t->type, type->can));
    rec_status status = hash_lms(lms, p->config, t->options, t->type->options, err);
    if (status == REC_OK)
        status = rec_options_files_sha256(files, t->options, t->type->options, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "tasks: %s", t->name);
    char *options = options_text(t->options, t->type->options, err);
    if (options == NULL)
        return REC_ERR_RESOURCE;
    const char *parts[] = {
        "replies", rec_code_version(),         t->type->name, options, p->dataset->sha256,
        seeds,     p->plan->steps[s->fit].key, lms,           files};
    status = rec_step_key(s->key, parts, sizeof parts / sizeof *parts, err);
    free(options);
    return status;
}

/* Name, key (out of the recorded plan where it has one) and path of the step just added. */
static rec_status finish_step(planner *p, rec_step *s, bool has_seeds, char *label,
                              rec_status (*key)(rec_step *s, const planner *p, rec_error *err),
                              rec_error *err)
{
    if (label == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = name_step(s, has_seeds, label, err);
    free(label);
    if (status != REC_OK)
        return status;
    const char *recorded =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(p->recorded, s->name));
    if (recorded != NULL && strlen(recorded) + 1 == sizeof s->key)
        memcpy(s->key, recorded, sizeof s->key);
    else
        status = key(s, p, err);
    return status == REC_OK ? set_path(s, p->config, err) : status;
}

static rec_status add_replies(planner *p, size_t fit, size_t task, size_t seed_index,
                              bool has_seeds, rec_error *err)
{
    const rec_config *c = p->config;
    size_t system = p->plan->steps[fit].system;
    rec_step *s = add_step(p,
                           (rec_step){.kind = REC_STEP_REPLIES,
                                      .system = system,
                                      .task = task,
                                      .seed_index = seed_index,
                                      .seed = c->seeds[seed_index],
                                      .fit = fit},
                           err);
    if (s == NULL)
        return REC_ERR_RESOURCE;
    char *label = rec_format(err, "ask %s: %s", c->systems[system].name, c->tasks[task].name);
    return finish_step(p, s, has_seeds, label, replies_key, err);
}

/* A task that draws runs once per seed even where the model is the same for all. */
static rec_status add_tasks(planner *p, size_t fit, rec_error *err)
{
    const rec_config *c = p->config;
    const rec_step step = p->plan->steps[fit];
    const rec_system_type *type = &c->systems[step.system].prototype->type;
    rec_status status = REC_OK;
    for (size_t t = 0; t < c->n_tasks && status == REC_OK; t++) {
        const rec_task_entry *task = &c->tasks[t];
        if (!applies(task->type, type))
            continue;
        bool draws = task->type->is_random(task->options);
        size_t n = !type->is_random && draws ? c->n_seeds : 1;
        for (size_t i = 0; i < n && status == REC_OK; i++)
            status = add_replies(p, fit, t, n > 1 ? i : step.seed_index,
                                 (draws || type->is_random) && c->n_seeds > 1, err);
    }
    return status;
}

static rec_status add_system(planner *p, size_t system, rec_error *err)
{
    const rec_config *c = p->config;
    const rec_system_type *type = &c->systems[system].prototype->type;
    size_t n_seeds = type->is_random ? c->n_seeds : 1;
    p->fit_of[system] = p->plan->n;
    for (size_t i = 0; i < n_seeds; i++) {
        size_t fit = p->plan->n;
        rec_step *s = add_step(
            p,
            (rec_step){
                .kind = REC_STEP_FIT, .system = system, .seed_index = i, .seed = c->seeds[i]},
            err);
        if (s == NULL)
            return REC_ERR_RESOURCE;
        char *label = rec_format(err, "fit %s", c->systems[system].name);
        rec_status status = finish_step(p, s, n_seeds > 1, label, fit_key, err);
        if (status == REC_OK)
            status = add_tasks(p, fit, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

rec_status rec_plan_init(rec_plan *out, const rec_config *config, const rec_dataset *dataset,
                         const cJSON *recorded, rec_error *err)
{
    *out = (rec_plan){0};
    planner p = {.config = config, .dataset = dataset, .recorded = recorded, .plan = out};
    rec_status status;
    REC_TRY_NEW(p.fit_of, config->n_systems, err);
    for (size_t i = 0; i < config->n_systems; i++)
        REC_TRY(add_system(&p, config->order[i], err));
    status = REC_OK;
cleanup:
    free(p.fit_of);
    if (status != REC_OK)
        rec_plan_deinit(out);
    return status;
}

void rec_plan_deinit(rec_plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->steps[i].name);
        free(p->steps[i].path);
    }
    free(p->steps);
    *p = (rec_plan){0};
}
