#include "harness/serve/serving.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/run/models.h"
#include "harness/serve/lm_worker.h"
#include "harness/serve/local_worker.h"
#include "harness/serve/system_worker.h"
#include "models/lm/local.h"

enum { CAPABILITIES_MAX = 96 };

struct rec_serving {
    rec_served *models; /* owned (n), the names borrowed from the config */
    size_t n;
    char (*capabilities)[CAPABILITIES_MAX]; /* owned (n) */
    rec_worker **workers;                   /* owned (n_workers) */
    size_t n_workers;
    rec_run *run;         /* owned; NULL without systems */
    rec_system **systems; /* owned (n_systems) */
    size_t n_systems;
};

void rec_serving_free(rec_serving *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n_workers; i++)
        rec_worker_free(s->workers[i]);
    for (size_t i = 0; i < s->n_systems; i++)
        rec_system_free(s->systems[i]);
    rec_run_close(s->run);
    free(s->systems);
    free(s->workers);
    free(s->capabilities);
    free(s->models);
    free(s);
}

const rec_served *rec_serving_models(const rec_serving *s, size_t *n)
{
    *n = s->n;
    return s->models;
}

static rec_status add_name(rec_serving *s, const char *name, rec_served model, rec_error *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->models[i].name, name) == 0)
            return rec_fail(err, REC_ERR_CONFIG,
                            "\"%s\" names a language model and a system: clients could not tell "
                            "them apart",
                            name);
    model.name = name;
    model.capabilities = s->capabilities[s->n];
    s->models[s->n++] = model;
    return REC_OK;
}

/* ---- language models ---- */

/* A model of its own, not the pool's: the pool's belongs to the thread of the systems. */
static rec_status add_lm(rec_serving *s, const rec_lm_entry *entry, const rec_worker_limits *limits,
                         rec_error *err)
{
    rec_lm *lm = NULL;
    rec_worker *worker;
    rec_status status = rec_lm_entry_open(&lm, entry, err);
    if (status != REC_OK)
        return status;
    rec_lm_capabilities_text(s->capabilities[s->n], CAPABILITIES_MAX, lm->can);
    status = rec_lm_is_local(lm) ? rec_local_worker_new(&worker, lm, limits, err)
                                 : rec_lm_worker_new(&worker, lm, limits, err);
    if (status != REC_OK) {
        rec_lm_free(lm);
        return status;
    }
    s->workers[s->n_workers++] = worker;
    return add_name(s, entry->name, (rec_served){.worker = worker}, err);
}

/* ---- systems ---- */

/* The first fit step of a system: with several seeds, the first seed's model. */
static const rec_step *fit_step(const rec_run *r, size_t system)
{
    for (size_t i = 0; i < r->plan.n; i++)
        if (r->plan.steps[i].kind == REC_STEP_FIT && r->plan.steps[i].system == system)
            return &r->plan.steps[i];
    return NULL;
}

/* @param out  (n_systems) the systems, ready to answer; NULL: only fit what is not there */
static rec_status load_systems(rec_system **out, size_t *n, rec_run *r, rec_error *err)
{
    const rec_config *c = r->config;
    rec_status status = REC_OK;
    for (size_t i = 0; i < c->n_systems && status == REC_OK; i++) {
        rec_model_facts facts = {0};
        const rec_step *step = fit_step(r, i);
        if (step == NULL)
            return rec_fail(err, REC_ERR_INTERNAL, "system %s has no fit step", c->systems[i].name);
        status = rec_run_model(out != NULL ? &out[i] : NULL, &facts, r, step, err);
        rec_model_facts_deinit(&facts);
        if (status == REC_OK && n != NULL)
            (*n)++;
    }
    return status;
}

/* With the lock, as `recai run` does, so that two do not fit into one directory. */
static rec_status fit_missing(const rec_config *config, const char *folder, rec_error *err)
{
    rec_run *run = NULL;
    rec_status status = rec_run_open(&run, config, folder, (rec_run_flags){.fresh = false}, err);
    if (status == REC_OK)
        status = load_systems(NULL, NULL, run, err);
    rec_run_close(run);
    return status;
}

/* Without the lock: runs of the same config go on beside the server. */
static rec_status open_systems(rec_serving *s, const rec_config *config, rec_error *err)
{
    char *report = rec_report_path(config, NULL, err);
    char *folder = report != NULL ? rec_run_folder(report, err) : NULL;
    rec_status status = REC_ERR_RESOURCE;
    if (folder == NULL)
        goto cleanup;
    REC_TRY(fit_missing(config, folder, err));
    REC_TRY(rec_run_open(&s->run, config, folder, (rec_run_flags){.replay_only = true}, err));
    status = load_systems(s->systems, &s->n_systems, s->run, err);
cleanup:
    free(folder);
    free(report);
    return status;
}

static rec_status add_systems(rec_serving *s, const rec_config *config,
                              const rec_worker_limits *limits, rec_error *err)
{
    rec_worker *worker;
    rec_status status = REC_OK;
    if (config->n_systems == 0)
        return REC_OK;
    REC_TRY_NEW(s->systems, config->n_systems, err);
    REC_TRY(open_systems(s, config, err));
    REC_TRY(rec_system_worker_new(&worker, s->systems, s->n_systems, s->run->dataset, limits, err));
    s->workers[s->n_workers++] = worker;
    for (size_t i = 0; i < s->n_systems; i++) {
        rec_served served = {.is_system = true, .target = i, .worker = worker};
        rec_capabilities_text(s->capabilities[s->n], CAPABILITIES_MAX, s->systems[i]->type.can);
        REC_TRY(add_name(s, config->systems[i].name, served, err));
    }
cleanup:
    return status;
}

rec_status rec_serving_new(rec_serving **out, const rec_config *config,
                           const rec_worker_limits *limits, rec_error *err)
{
    size_t n_lms = rec_lm_pool_count(config->lms), n = n_lms + config->n_systems;
    rec_serving *s;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(s, 1, err);
    REC_TRY_NEW(s->models, n, err);
    REC_TRY_NEW(s->capabilities, n, err);
    REC_TRY_NEW(s->workers, n_lms + 1, err);
    for (size_t i = 0; i < n_lms; i++)
        REC_TRY(add_lm(s, rec_lm_pool_entry(config->lms, i), limits, err));
    REC_TRY(add_systems(s, config, limits, err));
    *out = s;
    return REC_OK;
cleanup:
    rec_serving_free(s);
    return status;
}
