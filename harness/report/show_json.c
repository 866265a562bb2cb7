/* The document of `recai show --format json`: a contract with other tools (docs/report.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "harness/report/content.h"
#include "harness/report/show.h"

/* A number in JSON is a double: larger seeds travel as text. */
static rec_status add_seeds(cJSON *root, const rec_report *r, rec_error *err)
{
    const uint64_t exact = (uint64_t)1 << 53;
    cJSON *seeds;
    rec_status status = rec_json_add_array(&seeds, root, "seeds", err);
    for (size_t i = 0; i < r->n_seeds && status == REC_OK; i++) {
        char text[24];
        snprintf(text, sizeof text, "%llu", (unsigned long long)r->seeds[i]);
        status = r->seeds[i] <= exact ? rec_json_add_real(seeds, NULL, (double)r->seeds[i], err)
                                      : rec_json_add_text(seeds, NULL, text, err);
    }
    return status;
}

static rec_status add_figure(cJSON *system, const rec_figure *f, rec_error *err)
{
    cJSON *figure, *interval;
    char *label = rec_report_label(f->metric, f->k, 0, err);
    rec_status status = label != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_json_add_object(&figure, system, label, err));
    REC_TRY(rec_json_add_real(figure, "mean", f->mean, err));
    REC_TRY(rec_json_add_real(figure, "stderr", f->stderr_, err));
    REC_TRY(rec_json_add_array(&interval, figure, "ci", err));
    REC_TRY(rec_json_add_real(interval, NULL, f->ci_low, err));
    REC_TRY(rec_json_add_real(interval, NULL, f->ci_high, err));
    REC_TRY(rec_json_add_count(figure, "n", f->n, err));
    status = rec_json_add_real(figure, "sd_seeds", f->sd_seeds, err);
cleanup:
    free(label);
    return status;
}

static rec_status add_result(cJSON *task, const rec_result *x, const rec_show_filter *filter,
                             rec_error *err)
{
    cJSON *system;
    rec_status status = rec_json_add_object(&system, task, x->system, err);
    for (size_t f = 0; f < x->n_figures && status == REC_OK; f++)
        if (rec_show_wants_metric(&filter->metrics, x->figures[f].metric, x->figures[f].k))
            status = add_figure(system, &x->figures[f], err);
    return status;
}

static rec_status add_tasks(cJSON *root, const rec_report *r, const rec_show_filter *filter,
                            rec_error *err)
{
    size_t *order = NULL;
    const char *name = NULL;
    cJSON *tasks, *task = NULL;
    rec_status status;
    REC_TRY(rec_report_order(&order, r, err));
    REC_TRY(rec_json_add_object(&tasks, root, "tasks", err));
    for (size_t i = 0; i < r->n_results; i++) {
        const rec_result *x = &r->results[order[i]];
        if (!rec_show_wants(&filter->tasks, x->task) ||
            !rec_show_wants(&filter->systems, x->system))
            continue;
        if (name == NULL || strcmp(name, x->task) != 0)
            REC_TRY(rec_json_add_object(&task, tasks, x->task, err));
        name = x->task;
        REC_TRY(add_result(task, x, filter, err));
    }
cleanup:
    free(order);
    return status;
}

static rec_status add_expected(cJSON *list, const rec_expected *e, rec_error *err)
{
    cJSON *row;
    rec_status status;
    REC_TRY(rec_json_add_object(&row, list, NULL, err));
    REC_TRY(rec_json_add_text(row, "system", e->system, err));
    REC_TRY(rec_json_add_text(row, "task", e->task, err));
    REC_TRY(rec_json_add_text(row, "metric", e->metric, err));
    REC_TRY(rec_json_add_real(row, "measured", e->measured, err));
    REC_TRY(rec_json_add_real(row, "published", e->published, err));
    if (e->digits >= 0)
        REC_TRY(rec_json_add_real(row, "digits", e->digits, err));
    else
        REC_TRY(rec_json_add_real(row, "tol", e->tol, err));
    REC_TRY(rec_json_add_text(row, "side", rec_expected_side_names[e->side], err));
    REC_TRY(rec_json_add_bool(row, "within", e->within, err));
    status = rec_json_add_text(row, "source", e->source, err);
cleanup:
    return status;
}

rec_status rec_show_json_expected(cJSON *array, const rec_report *r, const rec_show_filter *filter,
                                  rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < r->n_expected && status == REC_OK; i++)
        if (rec_show_wants_expected(filter, &r->expected[i]))
            status = add_expected(array, &r->expected[i], err);
    return status;
}

static rec_status build(cJSON *root, const rec_report *r, const rec_show_filter *filter,
                        rec_error *err)
{
    cJSON *expected;
    rec_status status;
    REC_TRY(rec_json_add_real(root, "schema", r->schema, err));
    REC_TRY(rec_json_add_text(root, "name", r->name, err));
    REC_TRY(rec_json_add_text(root, "config_hash", r->config_hash, err));
    REC_TRY(rec_json_add_text(root, "content_hash", r->content_hash, err));
    REC_TRY(add_seeds(root, r, err));
    REC_TRY(add_tasks(root, r, filter, err));
    REC_TRY(rec_json_add_array(&expected, root, "expected", err));
    status = rec_show_json_expected(expected, r, filter, err);
cleanup:
    return status;
}

rec_status rec_report_json(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_error *err)
{
    cJSON *root = NULL;
    char *text = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&root, err));
    REC_TRY(build(root, r, filter, err));
    text = rec_json_print(root, err);
    status = text != NULL ? rec_buffer_puts(out, text, err) : REC_ERR_RESOURCE;
cleanup:
    free(text);
    cJSON_Delete(root);
    return status;
}
