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

const char *rec_not_applicable(char *out, size_t size, const rec_task_entry *task,
                               const rec_system_type *system)
{
    unsigned missing = task->type->needs & ~system->can;
    if (missing == 0)
        return NULL;
    char text[96];
    rec_capabilities_text(text, sizeof text, missing);
    snprintf(out, size, "%s cannot %s", system->name, text);
    return out;
}

typedef struct planner {
    const rec_config *config;
    const rec_dataset *dataset;
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
static rec_status name_step(rec_step *s, const rec_config *c, bool has_seeds, const char *label,
                            rec_error *err)
{
    const char *system = c->systems[s->system].name;
    s->name = has_seeds ? rec_format(err, "%s (seed %llu)", label, (unsigned long long)s->seed)
                        : rec_strdup(label, err);
    if (s->kind == REC_STEP_FIT)
        s->path = rec_format(err, "models/%s.s%llu.%.*s", system, (unsigned long long)s->seed,
                             KEY_IN_NAME, s->key);
    else
        s->path = rec_format(err, "replies/%s.%s.s%llu.%.*s", c->tasks[s->task].name, system,
                             (unsigned long long)s->seed, KEY_IN_NAME, s->key);
    return s->name != NULL && s->path != NULL ? REC_OK : REC_ERR_RESOURCE;
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

/* What a model is made of. */
static rec_status fit_key(rec_step *s, const planner *p, rec_error *err)
{
    const rec_system_entry *e = &p->config->systems[s->system];
    const rec_system_type *type = &e->prototype->type;
    char seed[24] = "", files[REC_SHA256_HEX];
    rec_status status = hash_files(files, e, err);
    if (status != REC_OK)
        return status;
    if (type->is_random)
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    char *options = options_text(rec_system_option_values(e->prototype), type->options, err);
    char *common = options_text(&e->common, rec_system_common_options, err);
    const char **parts = rec_alloc(8 + e->n_uses, sizeof *parts, err);
    status = REC_ERR_RESOURCE;
    if (options != NULL && common != NULL && parts != NULL) {
        size_t n = 0;
        parts[n++] = "fit";
        parts[n++] = rec_code_version();
        parts[n++] = type->name;
        parts[n++] = options;
        parts[n++] = files;
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
    char seeds[64];
    snprintf(seeds, sizeof seeds, "%llu %llu %zu", (unsigned long long)s->seed,
             (unsigned long long)p->config->seeds[0], t->type->group);
    char *options = options_text(t->options, t->type->options, err);
    if (options == NULL)
        return REC_ERR_RESOURCE;
    const char *parts[] = {
        "replies", rec_code_version(),        t->type->name, options, p->dataset->sha256,
        seeds,     p->plan->steps[s->fit].key};
    rec_status status = rec_step_key(s->key, parts, sizeof parts / sizeof *parts, err);
    free(options);
    return status;
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
    rec_status status = replies_key(s, p, err);
    if (status != REC_OK)
        return status;
    char *label = rec_format(err, "ask %s: %s", c->systems[system].name, c->tasks[task].name);
    status = label != NULL ? name_step(s, c, has_seeds, label, err) : REC_ERR_RESOURCE;
    free(label);
    return status;
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
        if ((task->type->needs & ~type->can) != 0)
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
        rec_status status = fit_key(s, p, err);
        if (status != REC_OK)
            return status;
        char *label = rec_format(err, "fit %s", c->systems[system].name);
        status = label != NULL ? name_step(s, c, n_seeds > 1, label, err) : REC_ERR_RESOURCE;
        free(label);
        if (status == REC_OK)
            status = add_tasks(p, fit, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

rec_status rec_plan_init(rec_plan *out, const rec_config *config, const rec_dataset *dataset,
                         rec_error *err)
{
    *out = (rec_plan){0};
    planner p = {.config = config, .dataset = dataset, .plan = out};
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
