/* The layout of a report file: docs/report.md. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "harness/report/content.h"
#include "harness/report/h5.h"
#include "harness/report/h5_write.h"
#include "harness/report/report.h"

static_assert(sizeof(size_t) == sizeof(uint64_t), "offsets are written as 64-bit numbers");

static rec_status write_root(const rec_h5_writer *w, const rec_report *r, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_h5_put_i64(w->file, "schema", REC_REPORT_SCHEMA, err));
    REC_TRY(rec_h5_put_text(w, w->file, "name", r->name, err));
    REC_TRY(rec_h5_put_text(w, w->file, "config", r->config, err));
    REC_TRY(rec_h5_put_text(w, w->file, "config_hash", r->config_hash, err));
    REC_TRY(rec_h5_put_text(w, w->file, "content_hash", r->content_hash, err));
    REC_TRY(rec_h5_put_u64s(w->file, "seeds", r->seeds, r->n_seeds, err));
    REC_TRY(rec_h5_put_text(w, w->file, "recai_version", r->recai_version, err));
    REC_TRY(rec_h5_put_text(w, w->file, "git_revision", r->git_revision, err));
    REC_TRY(rec_h5_put_text(w, w->file, "created", r->created, err));
    REC_TRY(rec_h5_put_text(w, w->file, "host", r->host, err));
    REC_TRY(rec_h5_put_real(w->file, "wall_seconds", r->wall_seconds, err));
cleanup:
    return status;
}

static rec_status write_dataset(const rec_h5_writer *w, const rec_report *r, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, w->file, "dataset", err));
    REC_TRY(rec_h5_put_text(w, group, "name", r->dataset_name, err));
    REC_TRY(rec_h5_put_u64(group, "n_users", r->n_users, err));
    REC_TRY(rec_h5_put_u64(group, "n_items", r->n_items, err));
    REC_TRY(rec_h5_put_u64(group, "n_interactions", r->n_interactions, err));
    REC_TRY(rec_h5_put_text(w, group, "rules", r->dataset_rules, err));
    REC_TRY(rec_h5_put_text(w, group, "sha256", r->dataset_sha256, err));
    REC_TRY(rec_h5_put_texts(w, group, "item_ids", r->item_ids, r->n_items, err));
    REC_TRY(rec_h5_put_texts(w, group, "item_titles", r->item_titles, r->n_items, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status write_system(const rec_h5_writer *w, hid_t parent, const rec_report_system *s,
                               rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, parent, s->name, err));
    REC_TRY(rec_h5_put_text(w, group, "name", s->name, err));
    REC_TRY(rec_h5_put_text(w, group, "type", s->type, err));
    REC_TRY(rec_h5_put_text(w, group, "options", s->options, err));
    REC_TRY(rec_h5_put_text(w, group, "fit_on", s->fit_on, err));
    REC_TRY(rec_h5_put_text(w, group, "flags", s->flags, err));
    REC_TRY(rec_h5_put_u64(group, "n_parameters", s->n_parameters, err));
    REC_TRY(rec_h5_put_text(w, group, "weights_sha256", s->weights_sha256, err));
    REC_TRY(rec_h5_put_real(group, "fit_seconds", s->fit_seconds, err));
    REC_TRY(rec_h5_put_text(w, group, "trials", s->trials, err));
    for (size_t i = 0; i < s->n_curves; i++)
        REC_TRY(rec_h5_put_array(group, s->curves[i].metric, H5T_NATIVE_DOUBLE, s->curves[i].values,
                                 s->curve_lengths[i], 0, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status write_systems(const rec_h5_writer *w, const rec_report *r, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, w->file, "systems", err));
    for (size_t i = 0; i < r->n_systems; i++)
        REC_TRY(write_system(w, group, &r->systems[i], err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status write_figures(hid_t group, const rec_result *x, rec_error *err)
{
    rec_h5_figure *rows = NULL;
    hid_t type = rec_h5_figure_type();
    rec_status status =
        type >= 0 ? REC_OK : rec_h5_fail(err, REC_ERR_INTERNAL, "report table of figures");
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(rows, x->n_figures, err);
    for (size_t i = 0; i < x->n_figures; i++) {
        const rec_figure *f = &x->figures[i];
        char *label = rec_report_label(f->metric, f->k, 0, err);
        if (label == NULL)
            REC_TRY(REC_ERR_RESOURCE);
        rows[i] = (rec_h5_figure){
            .label = label,
            .metric = f->metric,
            .k = f->k,
            .mean = f->mean,
            .stderr_ = f->stderr_,
            .ci_low = f->ci_low,
            .ci_high = f->ci_high,
            .n = f->n,
            .sd_seeds = f->sd_seeds,
            .higher_is_better = f->higher_is_better,
        };
    }
    status = rec_h5_put_array(group, "metrics", type, rows, x->n_figures, 0, err);
cleanup:
    for (size_t i = 0; rows != NULL && i < x->n_figures; i++)
        free(rows[i].label);
    free(rows);
    H5Tclose(type);
    return status;
}

/* One value per sample; the attributes say what the label means. */
static rec_status write_column(const rec_h5_writer *w, hid_t group, const rec_sample_column *c,
                               size_t n, rec_error *err)
{
    hid_t set = H5I_INVALID_HID;
    char *label = rec_report_label(c->metric, c->k, 0, err);
    rec_status status = label != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_h5_put_array(group, label, H5T_NATIVE_DOUBLE, c->values, n, 0, err));
    REC_TRY(rec_h5_open_array(&set, group, label, err));
    REC_TRY(rec_h5_put_text(w, set, "metric", c->metric, err));
    REC_TRY(rec_h5_put_u64(set, "k", c->k, err));
cleanup:
    if (set >= 0)
        H5Dclose(set);
    free(label);
    return status;
}

static rec_status write_samples(const rec_h5_writer *w, hid_t parent, const rec_result *x,
                                rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    size_t n = x->n_samples;
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, parent, "samples", err));
    REC_TRY(rec_h5_put_texts(w, group, "sample_id", x->sample_ids, n, err));
    REC_TRY(rec_h5_put_texts(w, group, "user", x->users, n, err));
    REC_TRY(rec_h5_put_array(group, "cluster", H5T_NATIVE_UINT32, x->clusters, n, 0, err));
    REC_TRY(rec_h5_put_array(group, "seed", H5T_NATIVE_UINT64, x->seeds, n, 0, err));
    REC_TRY(rec_h5_put_array(group, "turn", H5T_NATIVE_INT32, x->turns, n, 0, err));
    for (size_t i = 0; i < x->n_columns; i++)
        REC_TRY(write_column(w, group, &x->columns[i], n, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status write_targets(const rec_h5_writer *w, hid_t parent, const rec_result *x,
                                rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    size_t n = x->target_start[x->n_samples];
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, parent, "targets", err));
    REC_TRY(rec_h5_put_array(group, "start", H5T_NATIVE_UINT64, x->target_start, x->n_samples + 1,
                             0, err));
    REC_TRY(rec_h5_put_array(group, "items", H5T_NATIVE_UINT32, x->targets, n, 0, err));
    REC_TRY(rec_h5_put_array(group, "gains", H5T_NATIVE_FLOAT, x->target_gains, n, 0, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status write_lists(const rec_h5_writer *w, hid_t parent, const rec_result *x,
                              rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, parent, "lists", err));
    REC_TRY(rec_h5_put_array(group, "items", H5T_NATIVE_UINT32, x->list_items, x->n_samples,
                             x->list_length, err));
    REC_TRY(rec_h5_put_array(group, "scores", H5T_NATIVE_FLOAT, x->list_scores, x->n_samples,
                             x->list_length, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status write_texts(const rec_h5_writer *w, hid_t parent, const rec_result *x,
                              rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, parent, "text", err));
    for (size_t i = 0; i < x->n_texts; i++)
        REC_TRY(rec_h5_put_texts(w, group, x->texts[i].name, x->texts[i].texts, x->n_samples, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status write_result_attributes(const rec_h5_writer *w, hid_t group, const rec_result *x,
                                          rec_error *err)
{
    rec_status status;
    REC_TRY(rec_h5_put_text(w, group, "task", x->task, err));
    REC_TRY(rec_h5_put_text(w, group, "system", x->system, err));
    REC_TRY(rec_h5_put_text(w, group, "not_applicable", x->not_applicable, err));
    REC_TRY(rec_h5_put_u64(group, "candidates", x->n_candidates, err));
    REC_TRY(rec_h5_put_u64(group, "failed", x->n_failed, err));
    REC_TRY(rec_h5_put_u64(group, "skipped", x->n_skipped, err));
    REC_TRY(rec_h5_put_real(group, "seconds", x->seconds, err));
    REC_TRY(rec_h5_put_u64(group, "tokens_in", x->tokens_in, err));
    REC_TRY(rec_h5_put_u64(group, "tokens_out", x->tokens_out, err));
    REC_TRY(rec_h5_put_i64(group, "cost_microdollars", x->cost_microdollars, err));
    REC_TRY(rec_h5_put_real(group, "level", x->level, err));
    REC_TRY(rec_h5_put_text(w, group, "notes", x->notes, err));
cleanup:
    return status;
}

static rec_status write_result(const rec_h5_writer *w, hid_t task, const rec_result *x,
                               rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_put_group(&group, w, task, x->system, err));
    REC_TRY(write_result_attributes(w, group, x, err));
    REC_TRY(write_figures(group, x, err));
    if (x->n_samples > 0)
        REC_TRY(write_samples(w, group, x, err));
    if (x->n_samples > 0 && x->target_start != NULL)
        REC_TRY(write_targets(w, group, x, err));
    if (x->n_samples > 0 && x->list_length > 0)
        REC_TRY(write_lists(w, group, x, err));
    if (x->n_samples > 0 && x->n_texts > 0)
        REC_TRY(write_texts(w, group, x, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

/* Results in the order of rec_report_order: those of one task follow each other. */
static rec_status write_tasks(const rec_h5_writer *w, const rec_report *r, const size_t *order,
                              rec_error *err)
{
    hid_t tasks = H5I_INVALID_HID, task = H5I_INVALID_HID;
    const char *open_task = NULL;
    rec_status status;
    REC_TRY(rec_h5_put_group(&tasks, w, w->file, "tasks", err));
    for (size_t i = 0; i < r->n_results; i++) {
        const rec_result *x = &r->results[order[i]];
        if (open_task == NULL || strcmp(open_task, x->task) != 0) {
            if (task >= 0)
                H5Gclose(task);
            REC_TRY(rec_h5_put_group(&task, w, tasks, x->task, err));
            open_task = x->task;
        }
        REC_TRY(write_result(w, task, x, err));
    }
cleanup:
    if (task >= 0)
        H5Gclose(task);
    if (tasks >= 0)
        H5Gclose(tasks);
    return status;
}

static rec_status write_expected(const rec_h5_writer *w, const rec_report *r, rec_error *err)
{
    rec_h5_expected *rows = NULL;
    hid_t type = rec_h5_expected_type();
    rec_status status =
        type >= 0 ? REC_OK : rec_h5_fail(err, REC_ERR_INTERNAL, "report table of expectations");
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(rows, r->n_expected, err);
    for (size_t i = 0; i < r->n_expected; i++) {
        const rec_expected *e = &r->expected[i];
        rows[i] = (rec_h5_expected){
            .system = e->system,
            .task = e->task,
            .metric = e->metric,
            .published = e->published,
            .digits = e->digits,
            .tol = e->tol,
            .side = (char *)(uintptr_t)rec_expected_side_names[e->side],
            .source = e->source,
            .measured = e->measured,
            .within = e->within,
        };
    }
    status = rec_h5_put_array(w->file, "expected", type, rows, r->n_expected, 0, err);
cleanup:
    free(rows);
    H5Tclose(type);
    return status;
}

static rec_status write_all(const rec_h5_writer *w, const rec_report *r, const size_t *order,
                            rec_error *err)
{
    rec_status status;
    REC_TRY(write_root(w, r, err));
    REC_TRY(write_dataset(w, r, err));
    REC_TRY(write_systems(w, r, err));
    REC_TRY(write_tasks(w, r, order, err));
    status = write_expected(w, r, err);
cleanup:
    return status;
}

rec_status rec_report_write(rec_report *r, const char *path, rec_error *err)
{
    size_t *order = NULL, n;
    rec_h5_writer *w = NULL;
    char *bytes;
    rec_status status;
    for (size_t i = 0; i < r->n_expected; i++)
        r->expected[i].within = rec_expected_holds(&r->expected[i]);
    REC_TRY(rec_report_order(&order, r, err));
    REC_TRY(rec_report_content_hash(r->content_hash, r, err));
    REC_TRY(rec_h5_writer_new(&w, err));
    REC_TRY(write_all(w, r, order, err));
    REC_TRY(rec_h5_writer_finish(&bytes, &n, w, err));
    REC_TRY(rec_h5_envelope(bytes, bytes + REC_H5_USER_BLOCK, n - REC_H5_USER_BLOCK, err));
    status = rec_atomic_write(path, bytes, n, err);
cleanup:
    rec_h5_writer_free(w);
    free(order);
    if (status != REC_OK)
        rec_error_prefix(err, "cannot write the report");
    return status;
}
