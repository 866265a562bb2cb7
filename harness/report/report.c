#include "harness/report/report.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/metrics/metric.h"

static_assert((int)REC_REPORT_LABEL_MAX >= (int)REC_METRIC_LABEL_MAX, "a metric's label fits");

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; texts != NULL && i < n; i++)
        free(texts[i]);
    free(texts);
}

static void deinit_column(rec_sample_column *c)
{
    free(c->metric);
    free(c->values);
}

static void deinit_result(rec_result *x)
{
    free(x->task);
    free(x->system);
    free(x->not_applicable);
    free(x->notes);
    for (size_t i = 0; i < x->n_figures; i++)
        free(x->figures[i].metric);
    free(x->figures);
    free_texts(x->sample_ids, x->n_samples);
    free_texts(x->users, x->n_samples);
    free(x->clusters);
    free(x->seeds);
    free(x->turns);
    for (size_t i = 0; i < x->n_columns; i++)
        deinit_column(&x->columns[i]);
    free(x->columns);
    free(x->target_start);
    free(x->targets);
    free(x->target_gains);
    free(x->list_items);
    free(x->list_scores);
    for (size_t i = 0; i < x->n_texts; i++) {
        free(x->texts[i].name);
        free_texts(x->texts[i].texts, x->n_samples);
    }
    free(x->texts);
}

static void deinit_system(rec_report_system *s)
{
    free(s->name);
    free(s->type);
    free(s->options);
    free(s->fit_on);
    free(s->flags);
    free(s->weights_sha256);
    free(s->trials);
    for (size_t i = 0; i < s->n_curves; i++)
        deinit_column(&s->curves[i]);
    free(s->curves);
    free(s->curve_lengths);
}

static void deinit_expected(rec_expected *e)
{
    free(e->system);
    free(e->task);
    free(e->metric);
    free(e->source);
}

void rec_report_free(rec_report *r)
{
    if (r == NULL)
        return;
    free(r->name);
    free(r->config);
    free(r->seeds);
    free(r->recai_version);
    free(r->git_revision);
    free(r->created);
    free(r->host);
    free(r->dataset_name);
    free(r->dataset_rules);
    free_texts(r->item_ids, r->n_items);
    free_texts(r->item_titles, r->n_items);
    for (size_t i = 0; i < r->n_systems; i++)
        deinit_system(&r->systems[i]);
    free(r->systems);
    for (size_t i = 0; i < r->n_results; i++)
        deinit_result(&r->results[i]);
    free(r->results);
    for (size_t i = 0; i < r->n_expected; i++)
        deinit_expected(&r->expected[i]);
    free(r->expected);
    free(r);
}

const rec_report_system *rec_report_system_of(const rec_report *r, const char *system)
{
    for (size_t i = 0; i < r->n_systems; i++)
        if (strcmp(r->systems[i].name, system) == 0)
            return &r->systems[i];
    return NULL;
}

bool rec_report_has_flag(const rec_report *r, const char *system, const char *flag)
{
    const rec_report_system *s = rec_report_system_of(r, system);
    size_t length = strlen(flag);
    for (const char *at = s != NULL ? s->flags : NULL; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, flag, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

const rec_result *rec_report_result(const rec_report *r, const char *task, const char *system)
{
    for (size_t i = 0; i < r->n_results; i++)
        if (strcmp(r->results[i].task, task) == 0 && strcmp(r->results[i].system, system) == 0)
            return &r->results[i];
    return NULL;
}

const rec_figure *rec_result_figure(const rec_result *r, const char *metric, size_t k)
{
    for (size_t i = 0; i < r->n_figures; i++)
        if (r->figures[i].k == k && strcmp(r->figures[i].metric, metric) == 0)
            return &r->figures[i];
    return NULL;
}

const rec_sample_column *rec_result_column(const rec_result *r, const char *metric, size_t k)
{
    for (size_t i = 0; i < r->n_columns; i++)
        if (r->columns[i].k == k && strcmp(r->columns[i].metric, metric) == 0)
            return &r->columns[i];
    return NULL;
}

const char *const rec_expected_side_names[] = {"both", "at_least", "shown", NULL};

bool rec_expected_holds(const rec_expected *e)
{
    if (e->side == REC_SIDE_SHOWN)
        return true;
    if (isnan(e->measured))
        return false;
    double difference = e->measured - e->published, allowed = e->tol;
    if (e->digits >= 0) {
        double scale = pow(10.0, e->digits);
        difference = round(e->measured * scale) - round(e->published * scale);
        allowed = 0.0;
    }
    allowed += 1e-12; /* a published .31 and a measured .3 differ by .01, whatever the last bit */
    return difference >= -allowed && (e->side == REC_SIDE_AT_LEAST || difference <= allowed);
}

void rec_report_label_put(char out[REC_REPORT_LABEL_MAX], const char *metric, size_t k)
{
    const rec_metric *known = rec_metric_find(metric);
    if (known != NULL)
        rec_metric_label(out, known, k);
    else if (k == 0 || k == REC_WHOLE_LIST)
        snprintf(out, REC_REPORT_LABEL_MAX, "%s", metric);
    else
        snprintf(out, REC_REPORT_LABEL_MAX, "%s@%zu", metric, k);
}

char *rec_report_label(const char *metric, size_t k, size_t n_candidates, rec_error *err)
{
    char label[REC_REPORT_LABEL_MAX];
    rec_report_label_put(label, metric, k);
    return n_candidates > 0 ? rec_format(err, "%s[%zu]", label, n_candidates)
                            : rec_strdup(label, err);
}
