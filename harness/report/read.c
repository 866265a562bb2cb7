/* The layout of a report file (docs/report.md), read back with every count checked. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/report/h5.h"
#include "harness/report/h5_read.h"
#include "harness/report/report.h"

static rec_status read_hash(char hex[REC_SHA256_HEX], hid_t group, const char *name, rec_error *err)
{
    char *text = NULL;
    rec_status status = rec_h5_get_text(&text, group, name, err);
    if (status == REC_OK && text != NULL && strlen(text) >= REC_SHA256_HEX)
        status = rec_fail(err, REC_ERR_DATA, "attribute \"%s\" is not a SHA-256", name);
    else if (status == REC_OK)
        strcpy(hex, text != NULL ? text : "");
    free(text);
    return status;
}

static rec_status get_size(size_t *out, hid_t group, const char *name, rec_error *err)
{
    uint64_t value = 0;
    rec_status status = rec_h5_get_u64(&value, group, name, err);
    *out = (size_t)value;
    return status;
}

static rec_status read_root(rec_report *r, hid_t file, rec_error *err)
{
    int64_t schema = 0;
    rec_status status;
    REC_TRY(rec_h5_get_i64(&schema, file, "schema", err));
    r->schema = (int)schema;
    REC_TRY(rec_h5_get_text(&r->name, file, "name", err));
    REC_TRY(rec_h5_get_text(&r->config, file, "config", err));
    REC_TRY(read_hash(r->config_hash, file, "config_hash", err));
    REC_TRY(read_hash(r->content_hash, file, "content_hash", err));
    REC_TRY(rec_h5_get_u64s(&r->seeds, &r->n_seeds, file, "seeds", err));
    REC_TRY(rec_h5_get_text(&r->recai_version, file, "recai_version", err));
    REC_TRY(rec_h5_get_text(&r->git_revision, file, "git_revision", err));
    REC_TRY(rec_h5_get_text(&r->created, file, "created", err));
    REC_TRY(rec_h5_get_text(&r->host, file, "host", err));
    REC_TRY(rec_h5_get_real(&r->wall_seconds, file, "wall_seconds", err));
cleanup:
    return status;
}

/* Texts that belong to `n` things already counted. */
static rec_status get_texts(char ***out, size_t n, hid_t group, const char *link, rec_error *err)
{
    char **texts = NULL;
    size_t found = 0;
    rec_status status = rec_h5_get_texts(&texts, &found, group, link, err);
    if (status == REC_OK && texts != NULL && found != n) {
        for (size_t i = 0; i < found; i++)
            free(texts[i]);
        free(texts);
        return rec_fail(err, REC_ERR_DATA, "\"%s\" has %zu rows instead of %zu", link, found, n);
    }
    if (status == REC_OK)
        *out = texts;
    return status;
}

static rec_status read_dataset(rec_report *r, hid_t file, unsigned parts, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, file, "dataset", err));
    REC_TRY(rec_h5_get_text(&r->dataset_name, group, "name", err));
    REC_TRY(rec_h5_get_text(&r->dataset_rules, group, "rules", err));
    REC_TRY(read_hash(r->dataset_sha256, group, "sha256", err));
    REC_TRY(get_size(&r->n_users, group, "n_users", err));
    REC_TRY(get_size(&r->n_interactions, group, "n_interactions", err));
    REC_TRY(get_size(&r->n_items, group, "n_items", err));
    if (parts & REC_REPORT_ITEMS) {
        REC_TRY(get_texts(&r->item_ids, r->n_items, group, "item_ids", err));
        REC_TRY(get_texts(&r->item_titles, r->n_items, group, "item_titles", err));
    }
cleanup:
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static void free_links(char **links, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(links[i]);
    free(links);
}

/* --- systems ----------------------------------------------------------------------------------- */

static rec_status read_curves(rec_report_system *s, hid_t group, rec_error *err)
{
    char **links = NULL;
    size_t n = 0;
    rec_status status = rec_h5_get_links(&links, &n, group, err);
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(s->curves, n, err);
    REC_TRY_NEW(s->curve_lengths, n, err);
    for (size_t i = 0; i < n; i++) {
        void *values = NULL;
        size_t columns;
        REC_TRY(rec_h5_get_array(&values, &s->curve_lengths[i], &columns, group, links[i],
                                 H5T_NATIVE_DOUBLE, sizeof(double), err));
        s->curves[i] = (rec_sample_column){.metric = links[i], .values = values};
        s->n_curves = i + 1;
        links[i] = NULL;
    }
cleanup:
    free_links(links, n);
    return status;
}

static rec_status read_system(rec_report_system *s, hid_t parent, const char *link, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, parent, link, err));
    REC_TRY(rec_h5_get_text(&s->name, group, "name", err));
    REC_TRY(rec_h5_get_text(&s->type, group, "type", err));
    REC_TRY(rec_h5_get_text(&s->options, group, "options", err));
    REC_TRY(rec_h5_get_text(&s->fit_on, group, "fit_on", err));
    REC_TRY(rec_h5_get_text(&s->flags, group, "flags", err));
    REC_TRY(rec_h5_get_u64(&s->n_parameters, group, "n_parameters", err));
    REC_TRY(rec_h5_get_text(&s->weights_sha256, group, "weights_sha256", err));
    REC_TRY(rec_h5_get_real(&s->fit_seconds, group, "fit_seconds", err));
    REC_TRY(rec_h5_get_text(&s->trials, group, "trials", err));
    if (s->name == NULL)
        status = rec_fail(err, REC_ERR_DATA, "a system has no name");
    else
        status = read_curves(s, group, err);
cleanup:
    if (group >= 0)
        H5Gclose(group);
    if (status != REC_OK)
        rec_error_prefix(err, "systems/%s", link);
    return status;
}

static rec_status read_systems(rec_report *r, hid_t file, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    char **links = NULL;
    size_t n = 0;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, file, "systems", err));
    REC_TRY(rec_h5_get_links(&links, &n, group, err));
    REC_TRY_NEW(r->systems, n, err);
    r->n_systems = n;
    for (size_t i = 0; i < n; i++)
        REC_TRY(read_system(&r->systems[i], group, links[i], err));
cleanup:
    free_links(links, n);
    if (group >= 0)
        H5Gclose(group);
    return status;
}

/* --- results ----------------------------------------------------------------------------------- */

static rec_status read_figures(rec_result *x, hid_t group, rec_error *err)
{
    void *values = NULL;
    size_t n = 0, columns;
    hid_t type = rec_h5_figure_type();
    if (type < 0)
        return rec_h5_fail(err, REC_ERR_RESOURCE, "metrics");
    rec_status status =
        rec_h5_get_array(&values, &n, &columns, group, "metrics", type, sizeof(rec_h5_figure), err);
    const rec_h5_figure *rows = values;
    H5Tclose(type);
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(x->figures, n, err);
    x->n_figures = n;
    for (size_t i = 0; i < n; i++) {
        x->figures[i] = (rec_figure){
            .metric = rows[i].metric,
            .k = (size_t)rows[i].k,
            .mean = rows[i].mean,
            .stderr_ = rows[i].stderr_,
            .ci_low = rows[i].ci_low,
            .ci_high = rows[i].ci_high,
            .n = (size_t)rows[i].n,
            .sd_seeds = rows[i].sd_seeds,
            .higher_is_better = rows[i].higher_is_better != 0,
        };
        free(rows[i].label);
        if (rows[i].metric == NULL)
            status = rec_fail(err, REC_ERR_DATA, "row %zu of metrics has no name", i);
    }
cleanup:
    for (size_t i = 0; x->figures == NULL && i < n; i++) {
        free(rows[i].label);
        free(rows[i].metric);
    }
    free(values);
    return status;
}

/* An array with one row per sample. */
static rec_status get_rows(void **out, const rec_result *x, hid_t group, const char *link,
                           hid_t type, size_t size, rec_error *err)
{
    size_t rows, columns;
    rec_status status = rec_h5_get_array(out, &rows, &columns, group, link, type, size, err);
    if (status == REC_OK && *out != NULL && (rows != x->n_samples || columns != 0))
        return rec_fail(err, REC_ERR_DATA, "\"%s\" has %zu rows instead of %zu", link, rows,
                        x->n_samples);
    return status;
}

static bool is_sample_attribute(const char *link)
{
    static const char *const names[] = {"sample_id", "user", "cluster", "seed", "turn"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(link, names[i]) == 0)
            return true;
    return false;
}

static rec_status read_column(rec_sample_column *c, const rec_result *x, hid_t group,
                              const char *link, rec_error *err)
{
    hid_t set = H5I_INVALID_HID;
    void *values = NULL;
    rec_status status = get_rows(&values, x, group, link, H5T_NATIVE_DOUBLE, sizeof(double), err);
    c->values = values;
    if (status != REC_OK)
        return status;
    set = H5Dopen2(group, link, H5P_DEFAULT);
    if (set < 0)
        return rec_h5_fail(err, REC_ERR_DATA, "\"%s\" cannot be read", link);
    REC_TRY(rec_h5_get_text(&c->metric, set, "metric", err));
    REC_TRY(get_size(&c->k, set, "k", err));
    if (c->metric == NULL)
        status = rec_fail(err, REC_ERR_DATA, "\"%s\" does not name its metric", link);
cleanup:
    H5Dclose(set);
    return status;
}

static rec_status read_columns(rec_result *x, hid_t group, rec_error *err)
{
    char **links = NULL;
    size_t n = 0;
    rec_status status = rec_h5_get_links(&links, &n, group, err);
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(x->columns, n, err);
    for (size_t i = 0; i < n; i++)
        if (!is_sample_attribute(links[i]))
            REC_TRY(read_column(&x->columns[x->n_columns++], x, group, links[i], err));
cleanup:
    free_links(links, n);
    return status;
}

static rec_status read_samples(rec_result *x, hid_t parent, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    void *clusters = NULL, *seeds = NULL, *turns = NULL;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, parent, "samples", err));
    REC_TRY(rec_h5_get_texts(&x->sample_ids, &x->n_samples, group, "sample_id", err));
    REC_TRY(get_texts(&x->users, x->n_samples, group, "user", err));
    REC_TRY(get_rows(&clusters, x, group, "cluster", H5T_NATIVE_UINT32, sizeof(uint32_t), err));
    REC_TRY(get_rows(&seeds, x, group, "seed", H5T_NATIVE_UINT64, sizeof(uint64_t), err));
    REC_TRY(get_rows(&turns, x, group, "turn", H5T_NATIVE_INT32, sizeof(int32_t), err));
    status = read_columns(x, group, err);
cleanup:
    x->clusters = clusters;
    x->seeds = seeds;
    x->turns = turns;
    if (group >= 0)
        H5Gclose(group);
    return status;
}

/* Offsets that rise from 0 to the number of targets. */
static bool is_offsets(const uint64_t *start, size_t n_samples, size_t n_targets)
{
    if (start == NULL || start[0] != 0 || start[n_samples] != n_targets)
        return false;
    for (size_t i = 0; i < n_samples; i++)
        if (start[i] > start[i + 1])
            return false;
    return true;
}

static rec_status read_targets(rec_result *x, hid_t parent, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    void *start = NULL, *items = NULL, *gains = NULL;
    size_t n_start, n = 0, n_gains, columns;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, parent, "targets", err));
    REC_TRY(rec_h5_get_array(&start, &n_start, &columns, group, "start", H5T_NATIVE_UINT64,
                             sizeof(uint64_t), err));
    REC_TRY(rec_h5_get_array(&items, &n, &columns, group, "items", H5T_NATIVE_UINT32,
                             sizeof(uint32_t), err));
    REC_TRY(rec_h5_get_array(&gains, &n_gains, &columns, group, "gains", H5T_NATIVE_FLOAT,
                             sizeof(float), err));
    if (n_start != x->n_samples + 1 || !is_offsets(start, x->n_samples, n) ||
        (gains != NULL && n_gains != n))
        status = rec_fail(err, REC_ERR_DATA, "the targets do not match the samples");
cleanup:
    x->target_start = start;
    x->targets = items;
    x->target_gains = gains;
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status read_lists(rec_result *x, hid_t parent, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    void *items = NULL, *scores = NULL;
    size_t rows = 0, columns = 0, rows_scores = 0, columns_scores = 0;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, parent, "lists", err));
    REC_TRY(rec_h5_get_array(&items, &rows, &columns, group, "items", H5T_NATIVE_UINT32,
                             sizeof(uint32_t), err));
    REC_TRY(rec_h5_get_array(&scores, &rows_scores, &columns_scores, group, "scores",
                             H5T_NATIVE_FLOAT, sizeof(float), err));
    if (items == NULL || rows != x->n_samples ||
        (scores != NULL && (rows_scores != rows || columns_scores != columns)))
        status = rec_fail(err, REC_ERR_DATA, "the lists do not match the samples");
cleanup:
    x->list_items = items;
    x->list_scores = scores;
    x->list_length = columns;
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status read_texts(rec_result *x, hid_t parent, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    char **links = NULL;
    size_t n = 0;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, parent, "text", err));
    REC_TRY(rec_h5_get_links(&links, &n, group, err));
    REC_TRY_NEW(x->texts, n, err);
    for (size_t i = 0; i < n; i++) {
        rec_text_column *t = &x->texts[x->n_texts++];
        t->name = links[i];
        links[i] = NULL;
        REC_TRY(get_texts(&t->texts, x->n_samples, group, t->name, err));
    }
cleanup:
    free_links(links, n);
    if (group >= 0)
        H5Gclose(group);
    return status;
}

static rec_status read_result_attributes(rec_result *x, hid_t group, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_h5_get_text(&x->task, group, "task", err));
    REC_TRY(rec_h5_get_text(&x->system, group, "system", err));
    REC_TRY(rec_h5_get_text(&x->not_applicable, group, "not_applicable", err));
    REC_TRY(get_size(&x->n_candidates, group, "candidates", err));
    REC_TRY(get_size(&x->n_failed, group, "failed", err));
    REC_TRY(get_size(&x->n_skipped, group, "skipped", err));
    REC_TRY(rec_h5_get_real(&x->seconds, group, "seconds", err));
    REC_TRY(rec_h5_get_u64(&x->tokens_in, group, "tokens_in", err));
    REC_TRY(rec_h5_get_u64(&x->tokens_out, group, "tokens_out", err));
    REC_TRY(rec_h5_get_i64(&x->cost_microdollars, group, "cost_microdollars", err));
    REC_TRY(rec_h5_get_real(&x->level, group, "level", err));
    REC_TRY(rec_h5_get_text(&x->notes, group, "notes", err));
    if (x->task == NULL || x->system == NULL)
        status = rec_fail(err, REC_ERR_DATA, "a result without a task or a system");
cleanup:
    return status;
}

static rec_status read_result(rec_result *x, hid_t parent, const char *link, unsigned parts,
                              rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, parent, link, err));
    REC_TRY(read_result_attributes(x, group, err));
    REC_TRY(read_figures(x, group, err));
    if (!(parts & REC_REPORT_SAMPLES) || !rec_h5_has(group, "samples"))
        goto cleanup;
    REC_TRY(read_samples(x, group, err));
    if ((parts & REC_REPORT_LISTS) && rec_h5_has(group, "targets"))
        REC_TRY(read_targets(x, group, err));
    if ((parts & REC_REPORT_LISTS) && rec_h5_has(group, "lists"))
        REC_TRY(read_lists(x, group, err));
    if ((parts & REC_REPORT_TEXTS) && rec_h5_has(group, "text"))
        REC_TRY(read_texts(x, group, err));
cleanup:
    if (group >= 0)
        H5Gclose(group);
    if (status != REC_OK)
        rec_error_prefix(err, "%s", link);
    return status;
}

/* Appends the results of one task; *capacity grows with r->results. */
static rec_status read_task(rec_report *r, hid_t parent, const char *link, unsigned parts,
                            rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    char **links = NULL;
    size_t n = 0;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, parent, link, err));
    REC_TRY(rec_h5_get_links(&links, &n, group, err));
    rec_result *grown = rec_realloc(r->results, r->n_results + n, sizeof *grown, err);
    if (grown == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    r->results = grown;
    for (size_t i = 0; i < n; i++) {
        rec_result *x = &r->results[r->n_results++];
        *x = (rec_result){0};
        REC_TRY(read_result(x, group, links[i], parts, err));
    }
cleanup:
    free_links(links, n);
    if (group >= 0)
        H5Gclose(group);
    if (status != REC_OK)
        rec_error_prefix(err, "tasks/%s", link);
    return status;
}

static rec_status read_tasks(rec_report *r, hid_t file, unsigned parts, rec_error *err)
{
    hid_t group = H5I_INVALID_HID;
    char **links = NULL;
    size_t n = 0;
    rec_status status;
    REC_TRY(rec_h5_get_group(&group, file, "tasks", err));
    REC_TRY(rec_h5_get_links(&links, &n, group, err));
    for (size_t i = 0; i < n; i++)
        REC_TRY(read_task(r, group, links[i], parts, err));
cleanup:
    free_links(links, n);
    if (group >= 0)
        H5Gclose(group);
    return status;
}

/* --- expectations ------------------------------------------------------------------------------ */

static rec_expected_side side_of(const char *name)
{
    int side = REC_SIDE_SHOWN;
    while (side > REC_SIDE_BOTH &&
           (name == NULL || strcmp(name, rec_expected_side_names[side]) != 0))
        side--;
    return (rec_expected_side)side;
}

static rec_expected take_expected(rec_h5_expected *row)
{
    rec_expected e = {
        .system = row->system,
        .task = row->task,
        .metric = row->metric,
        .published = row->published,
        .digits = row->digits,
        .tol = row->tol,
        .side = side_of(row->side),
        .source = row->source,
        .measured = row->measured,
        .within = row->within != 0,
    };
    free(row->side);
    *row = (rec_h5_expected){0};
    return e;
}

static void free_row(rec_h5_expected *row)
{
    free(row->system);
    free(row->task);
    free(row->metric);
    free(row->side);
    free(row->source);
}

static rec_status read_expected(rec_report *r, hid_t file, rec_error *err)
{
    void *values = NULL;
    size_t n = 0, columns;
    hid_t type = rec_h5_expected_type();
    if (type < 0)
        return rec_h5_fail(err, REC_ERR_RESOURCE, "expected");
    rec_status status = rec_h5_get_array(&values, &n, &columns, file, "expected", type,
                                         sizeof(rec_h5_expected), err);
    rec_h5_expected *rows = values;
    H5Tclose(type);
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(r->expected, n, err);
    for (size_t i = 0; i < n; i++) {
        rec_expected *e = &r->expected[r->n_expected++];
        *e = take_expected(&rows[i]);
        if (e->system == NULL || e->task == NULL || e->metric == NULL)
            REC_TRY(rec_fail(err, REC_ERR_DATA, "row %zu of expected names nothing", i));
    }
cleanup:
    for (size_t i = 0; i < n; i++)
        free_row(&rows[i]);
    free(rows);
    return status;
}

static rec_status read_all(rec_report *r, const char *path, unsigned parts, rec_error *err)
{
    hid_t file = H5I_INVALID_HID;
    rec_status status;
    REC_TRY(rec_h5_open(&file, path, err));
    REC_TRY(read_root(r, file, err));
    REC_TRY(read_dataset(r, file, parts, err));
    REC_TRY(read_systems(r, file, err));
    REC_TRY(read_tasks(r, file, parts, err));
    status = read_expected(r, file, err);
cleanup:
    if (file >= 0)
        H5Fclose(file);
    if (status != REC_OK)
        rec_error_prefix(err, "%s", path);
    return status;
}

rec_status rec_report_read_parts(rec_report **out, const char *path, unsigned parts, rec_error *err)
{
    rec_report *r = NULL;
    rec_status status;
    REC_TRY(rec_h5_check_envelope(path, err));
    REC_TRY_NEW(r, 1, err);
    REC_TRY(read_all(r, path, parts, err));
    *out = r;
    r = NULL;
cleanup:
    rec_report_free(r);
    return status;
}

rec_status rec_report_read(rec_report **out, const char *path, rec_error *err)
{
    return rec_report_read_parts(out, path, REC_REPORT_ALL, err);
}
