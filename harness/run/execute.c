#include "harness/run/execute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "harness/run/expected.h"
#include "harness/run/figures.h"
#include "harness/run/host.h"

/* ---- what is said about the run ---- */

static rec_status dup_texts(char ***out, char *const *texts, size_t n, rec_error *err)
{
    *out = rec_alloc(n, sizeof **out, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        if (texts[i] == NULL)
            continue;
        (*out)[i] = rec_strdup(texts[i], err);
        if ((*out)[i] == NULL)
            return REC_ERR_RESOURCE;
    }
    return REC_OK;
}

static rec_status describe_dataset(rec_report *out, const rec_dataset *d, rec_error *err)
{
    out->dataset_name = rec_strdup(d->name, err);
    out->dataset_rules = rec_strdup(d->rules, err);
    if (out->dataset_name == NULL || out->dataset_rules == NULL)
        return REC_ERR_RESOURCE;
    memcpy(out->dataset_sha256, d->sha256, sizeof out->dataset_sha256);
    out->n_users = d->n_users;
    out->n_items = d->catalogue.n_items;
    out->n_interactions = d->interactions.n;
    rec_status status = dup_texts(&out->item_ids, d->catalogue.ids, out->n_items, err);
    return status == REC_OK ? dup_texts(&out->item_titles, d->catalogue.titles, out->n_items, err)
                            : status;
}

static rec_status describe_run(rec_report *out, const rec_run *r, rec_error *err)
{
    const rec_config *c = r->config;
    out->schema = REC_REPORT_SCHEMA;
    out->name = rec_strdup(c->name, err);
    out->config = rec_config_text(c, err);
    out->recai_version = rec_strdup(REC_VERSION, err);
    out->git_revision = rec_strdup(rec_git_revision(), err);
    out->created = rec_timestamp(err);
    out->host = rec_host_json(err);
    out->seeds = rec_memdup(c->seeds, c->n_seeds * sizeof *c->seeds, err);
    if (out->name == NULL || out->config == NULL || out->recai_version == NULL ||
        out->git_revision == NULL || out->created == NULL || out->host == NULL ||
        out->seeds == NULL)
        return REC_ERR_RESOURCE;
    out->n_seeds = c->n_seeds;
    memcpy(out->config_hash, c->hash, sizeof out->config_hash);
    return describe_dataset(out, r->dataset, err);
}

/* ---- systems ---- */

static char *flags_text(const rec_system_entry *e, rec_error *err)
{
    const rec_system_type *type = &e->prototype->type;
    bool has_options = type->options != NULL && type->options->key != NULL;
    const char *const flags[] = {
        type->has_fit && e->common.fit_on == REC_FIT_ALL ? "saw_test_rows" : NULL,
        type->sees_oracle ? "oracle" : NULL,
        type->sees_answers ? REC_REPORT_CEILING : NULL,
        has_options && e->is_default && e->common.tune == NULL ? "default_settings" : NULL,
    };
    rec_buffer text = {0};
    rec_status status = rec_buffer_puts(&text, "", err);
    for (size_t i = 0; i < sizeof flags / sizeof *flags && status == REC_OK; i++)
        if (flags[i] != NULL)
            status = rec_buffer_printf(&text, err, "%s%s", text.length > 0 ? "," : "", flags[i]);
    char *out = status == REC_OK ? rec_buffer_take(&text, err) : NULL;
    rec_buffer_deinit(&text);
    return out;
}

static rec_status take_curve(rec_sample_column *curve, size_t *length, const cJSON *list,
                             rec_error *err)
{
    size_t n = (size_t)cJSON_GetArraySize(list), i = 0;
    curve->metric = rec_strdup(list->string, err);
    curve->values = rec_alloc(n, sizeof *curve->values, err);
    if (curve->metric == NULL || curve->values == NULL)
        return REC_ERR_RESOURCE;
    const cJSON *value;
    cJSON_ArrayForEach(value, list) curve->values[i++] =
        cJSON_IsNumber(value) ? value->valuedouble : NAN;
    *length = n;
    return REC_OK;
}

/* The training curves that a fit left, out of the JSON of its facts. */
static rec_status take_curves(rec_report_system *out, const char *text, rec_error *err)
{
    cJSON *json = NULL;
    if (text == NULL) /* nothing is fitted */
        return REC_OK;
    rec_status status = rec_json_parse(&json, text, strlen(text), "curves", 1, err);
    size_t n = status == REC_OK ? (size_t)cJSON_GetArraySize(json) : 0;
    if (n == 0)
        goto cleanup;
    REC_TRY_NEW(out->curves, n, err);
    REC_TRY_NEW(out->curve_lengths, n, err);
    const cJSON *list;
    cJSON_ArrayForEach(list, json)
    {
        size_t i = out->n_curves++;
        REC_TRY(take_curve(&out->curves[i], &out->curve_lengths[i], list, err));
    }
cleanup:
    cJSON_Delete(json);
    return status;
}

/* Of several seeds the first one's weights are named; the time is that of all. */
static rec_status describe_system(rec_report_system *out, const rec_system_entry *e,
                                  rec_model_facts *facts, rec_error *err)
{
    out->fit_seconds += facts->fit_seconds;
    if (out->name != NULL)
        return REC_OK;
    const char *fit_on = e->prototype->type.has_fit ? rec_fit_on_names[e->common.fit_on] : "";
    out->name = rec_strdup(e->name, err);
    out->type = rec_strdup(e->prototype->type.name, err);
    out->fit_on = rec_strdup(fit_on, err);
    out->flags = flags_text(e, err);
    out->weights_sha256 = rec_strdup(facts->sha256, err);
    out->n_parameters = facts->n_parameters;
    out->options = facts->options; /* taken */
    out->trials = facts->trials;
    facts->options = facts->trials = NULL;
    bool complete = out->name != NULL && out->type != NULL && out->fit_on != NULL &&
                    out->flags != NULL && out->weights_sha256 != NULL;
    return complete ? take_curves(out, facts->curves, err) : REC_ERR_RESOURCE;
}

/* ---- results ---- */

/* The evaluations of all seeds of a pair, until the last of them is there. */
typedef struct pair {
    rec_evaluation *evaluations; /* owned */
    size_t n;
} pair;

typedef struct execution {
    rec_run *run;
    rec_report *report;
    pair *pairs; /* owned, (n_tasks, n_systems) */
} execution;

static pair *pair_of(execution *x, size_t task, size_t system)
{
    return &x->pairs[task * x->run->config->n_systems + system];
}

static void pair_deinit(pair *p)
{
    for (size_t i = 0; i < p->n; i++)
        rec_evaluation_deinit(&p->evaluations[i]);
    free(p->evaluations);
    *p = (pair){0};
}

static rec_status ask(execution *x, const rec_step *step, rec_lazy_model *model, rec_error *err)
{
    pair *p = pair_of(x, step->task, step->system);
    rec_evaluation *grown = rec_realloc(p->evaluations, p->n + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    p->evaluations = grown;
    rec_status status = rec_evaluate(&grown[p->n], x->run, step, model, err);
    if (status == REC_OK)
        p->n++;
    return status;
}

static rec_status describe_fit(execution *x, const rec_step *fit, rec_lazy_model *model,
                               rec_error *err)
{
    rec_status status = rec_lazy_model_facts(model, err);
    if (status != REC_OK)
        return status;
    return describe_system(&x->report->systems[fit->system], &x->run->config->systems[fit->system],
                           &model->facts, err);
}

/* A fit step and the questions to its model, which is gone before the next one is made. */
static rec_status run_model(execution *x, size_t fit, size_t *next, rec_error *err)
{
    rec_run *r = x->run;
    rec_lazy_model model = {.run = r, .step = &r->plan.steps[fit]};
    rec_status status = REC_OK;
    size_t i = fit + 1;
    for (; i < r->plan.n && r->plan.steps[i].kind == REC_STEP_REPLIES && status == REC_OK; i++)
        status = ask(x, &r->plan.steps[i], &model, err);
    if (status == REC_OK)
        status = describe_fit(x, &r->plan.steps[fit], &model, err);
    rec_lazy_model_deinit(&model);
    rec_run_unlink(r);
    *next = i;
    return status;
}

/* @param unfit  what the data set lacks; NULL: it is the system that cannot */
static rec_status not_applicable(rec_result *out, const rec_task_entry *task,
                                 const rec_system_entry *system, const char *unfit, rec_error *err)
{
    char text[160];
    const char *reason =
        unfit != NULL ? unfit
                      : rec_not_applicable(text, sizeof text, task, &system->prototype->type);
    *out = (rec_result){
        .task = rec_strdup(task->name, err),
        .system = rec_strdup(system->name, err),
        .not_applicable = rec_strdup(reason, err),
        .cost_microdollars = -1,
    };
    return out->task != NULL && out->system != NULL && out->not_applicable != NULL
               ? REC_OK
               : REC_ERR_RESOURCE;
}

static rec_status add_results(execution *x, rec_error *err)
{
    const rec_config *c = x->run->config;
    rec_status status = REC_OK;
    for (size_t t = 0; t < c->n_tasks; t++) {
        for (size_t s = 0; s < c->n_systems && status == REC_OK; s++) {
            pair *p = pair_of(x, t, s);
            rec_result *out = &x->report->results[x->report->n_results++];
            const char *unfit = p->n > 0 ? p->evaluations[0].samples->unfit : NULL;
            status = p->n > 0 && unfit == NULL
                         ? rec_result_init(out, x->run, t, s, p->evaluations, p->n, err)
                         : not_applicable(out, &c->tasks[t], &c->systems[s], unfit, err);
            pair_deinit(p);
        }
    }
    return status;
}

static rec_status execute(execution *x, rec_error *err)
{
    const rec_config *c = x->run->config;
    double start = rec_now();
    rec_status status;
    REC_TRY(describe_run(x->report, x->run, err));
    REC_TRY_NEW(x->report->systems, c->n_systems, err);
    x->report->n_systems = c->n_systems;
    REC_TRY_NEW(x->report->results, c->n_tasks * c->n_systems, err);
    REC_TRY_NEW(x->pairs, c->n_tasks * c->n_systems, err);
    for (size_t fit = 0; fit < x->run->plan.n;)
        REC_TRY(run_model(x, fit, &fit, err));
    REC_TRY(add_results(x, err));
    REC_TRY(rec_report_expect(x->report, c, err));
    x->report->wall_seconds = rec_now() - start;
cleanup:
    for (size_t i = 0; x->pairs != NULL && i < c->n_tasks * c->n_systems; i++)
        pair_deinit(&x->pairs[i]);
    free(x->pairs);
    return status;
}

rec_status rec_execute(rec_report **out, rec_run *r, rec_error *err)
{
    *out = NULL;
    execution x = {.run = r, .report = rec_alloc(1, sizeof *x.report, err)};
    if (x.report == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = execute(&x, err);
    if (status != REC_OK) {
        rec_report_free(x.report);
        return status;
    }
    *out = x.report;
    return REC_OK;
}
