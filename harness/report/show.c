#include "harness/report/show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "harness/report/content.h"

/* --- one task ---------------------------------------------------------------------------------- */

/* A column of a task's table: a metric at a cut-off, over so many candidates. */
typedef struct figure_column {
    const char *metric; /* borrowed */
    size_t k, n_candidates;
} figure_column;

/* The results of one task, chance first and the ceiling last, and the columns they need. */
typedef struct task_view {
    const char *task;
    const rec_result **results; /* owned array */
    size_t n_results;
    figure_column *columns; /* owned */
    size_t n_columns;
} task_view;

static void task_view_deinit(task_view *v)
{
    free(v->results);
    free(v->columns);
    *v = (task_view){0};
}

typedef enum row_place { ROW_FLOOR, ROW_SYSTEM, ROW_CEILING, N_ROW_PLACES } row_place;

static row_place place_of(const rec_report *r, const char *name)
{
    const rec_report_system *s = rec_report_system_of(r, name);
    if (s != NULL && s->type != NULL && strcmp(s->type, "chance") == 0)
        return ROW_FLOOR;
    return rec_report_has_flag(r, name, REC_REPORT_CEILING) ? ROW_CEILING : ROW_SYSTEM;
}

static void add_results(task_view *v, const rec_report *r, const rec_show_filter *filter,
                        row_place place)
{
    for (size_t i = 0; i < r->n_results; i++) {
        const rec_result *x = &r->results[i];
        if (strcmp(x->task, v->task) == 0 && place_of(r, x->system) == place &&
            rec_show_wants(&filter->systems, x->system))
            v->results[v->n_results++] = x;
    }
}

static void add_column(task_view *v, const rec_result *x, const rec_figure *f)
{
    for (size_t c = 0; c < v->n_columns; c++)
        if (v->columns[c].k == f->k && v->columns[c].n_candidates == x->n_candidates &&
            strcmp(v->columns[c].metric, f->metric) == 0)
            return;
    v->columns[v->n_columns++] = (figure_column){f->metric, f->k, x->n_candidates};
}

static rec_status task_view_init(task_view *v, const rec_report *r, const char *task,
                                 const rec_show_filter *filter, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n_figures = 0;
    *v = (task_view){.task = task};
    for (size_t i = 0; i < r->n_results; i++)
        n_figures += r->results[i].n_figures;
    REC_TRY_NEW(v->results, r->n_results, err);
    REC_TRY_NEW(v->columns, n_figures, err);
    for (int place = ROW_FLOOR; place < N_ROW_PLACES; place++)
        add_results(v, r, filter, (row_place)place);
    for (size_t i = 0; i < v->n_results; i++)
        for (size_t f = 0; f < v->results[i]->n_figures; f++)
            if (rec_show_wants_whole(&filter->metrics, v->results[i]->figures[f].metric,
                                     v->results[i]->figures[f].k))
                add_column(v, v->results[i], &v->results[i]->figures[f]);
cleanup:
    if (status != REC_OK)
        task_view_deinit(v);
    return status;
}

/* What the task says of itself; notes of foreign reports may be anything. */
static rec_status put_task_remark(rec_buffer *out, const rec_result *x, const char *separator,
                                  bool *is_there, rec_error *err)
{
    cJSON *notes = NULL;
    rec_status status = x->notes != NULL
                            ? rec_json_parse(&notes, x->notes, strlen(x->notes), "notes", 1, err)
                            : REC_OK;
    const char *remark = status == REC_OK ? rec_json_string(notes, "remark", NULL) : NULL;
    *is_there = remark != NULL;
    if (remark != NULL)
        status = rec_buffer_printf(out, err, "%s%s", separator, remark);
    cJSON_Delete(notes);
    return status == REC_ERR_DATA ? REC_OK : status;
}

/* "saw_test_rows,oracle" -> "saw test rows, oracle", with what else is to be known. */
static rec_status put_remarks(rec_buffer *out, const rec_report *r, const rec_result *x,
                              rec_error *err)
{
    const rec_report_system *s = rec_report_system_of(r, x->system);
    const char *separator = "";
    rec_status status;
    REC_TRY(rec_buffer_puts(out, "", err)); /* text even without remarks */
    for (const char *c = s != NULL && s->flags != NULL ? s->flags : ""; *c != '\0'; c++) {
        const char *text = *c == '_' ? " " : *c == ',' ? ", " : NULL;
        REC_TRY(
            rec_buffer_append(out, text != NULL ? text : c, text != NULL ? strlen(text) : 1, err));
        separator = "; ";
    }
    bool has_remark;
    REC_TRY(put_task_remark(out, x, separator, &has_remark, err));
    separator = has_remark ? "; " : separator;
    if (x->not_applicable != NULL) {
        REC_TRY(rec_buffer_printf(out, err, "%snot applicable: %s", separator, x->not_applicable));
        separator = "; ";
    }
    if (x->n_failed > 0) {
        REC_TRY(rec_buffer_printf(out, err, "%s%zu failed", separator, x->n_failed));
        separator = "; ";
    }
    if (x->n_skipped > 0)
        status = rec_buffer_printf(out, err, "%s%zu skipped", separator, x->n_skipped);
cleanup:
    return status;
}

static rec_status add_figure_cell(rec_sheet *s, const rec_result *x, const figure_column *c,
                                  rec_error *err)
{
    bool is_of_column = x->n_candidates == c->n_candidates;
    return rec_show_figure(s, is_of_column ? rec_result_figure(x, c->metric, c->k) : NULL, err);
}

static size_t largest_n(const rec_result *x)
{
    size_t n = 0;
    for (size_t f = 0; f < x->n_figures; f++)
        n = x->figures[f].n > n ? x->figures[f].n : n;
    return n;
}

static rec_status add_result_row(rec_sheet *s, const rec_report *r, const task_view *v,
                                 const rec_result *x, rec_error *err)
{
    const rec_report_system *system = rec_report_system_of(r, x->system);
    rec_buffer remarks = {0};
    rec_status status;
    REC_TRY(rec_sheet_cell(s, err, "%s", x->system));
    REC_TRY(rec_sheet_cell(s, err, "%s",
                           system != NULL && system->fit_on != NULL ? system->fit_on : ""));
    for (size_t c = 0; c < v->n_columns; c++)
        REC_TRY(add_figure_cell(s, x, &v->columns[c], err));
    REC_TRY(x->not_applicable != NULL ? rec_sheet_cell(s, err, "-")
                                      : rec_sheet_cell(s, err, "%zu", largest_n(x)));
    REC_TRY(put_remarks(&remarks, r, x, err));
    status = rec_sheet_cell(s, err, "%s", remarks.data);
cleanup:
    rec_buffer_deinit(&remarks);
    return status;
}

static rec_status add_task_columns(rec_sheet *s, const task_view *v, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_sheet_column(s, "system", false, err));
    REC_TRY(rec_sheet_column(s, "fit on", false, err));
    for (size_t c = 0; c < v->n_columns; c++) {
        const figure_column *column = &v->columns[c];
        char *label = rec_report_label(column->metric, column->k, column->n_candidates, err);
        status = label != NULL ? rec_sheet_column(s, label, true, err) : REC_ERR_RESOURCE;
        free(label);
        if (status != REC_OK)
            goto cleanup;
    }
    REC_TRY(rec_sheet_column(s, "n", true, err));
    status = rec_sheet_column(s, "remarks", false, err);
cleanup:
    return status;
}

static rec_status print_task(rec_buffer *out, const rec_report *r, const char *task,
                             const rec_show_filter *filter, rec_format_kind format, size_t width,
                             rec_error *err)
{
    task_view v;
    rec_sheet *s = NULL;
    rec_status status = task_view_init(&v, r, task, filter, err);
    if (status != REC_OK)
        return status;
    if (v.n_results == 0)
        goto cleanup;
    REC_TRY(rec_sheet_new(&s, task, err));
    REC_TRY(add_task_columns(s, &v, err));
    for (size_t i = 0; i < v.n_results; i++)
        REC_TRY(add_result_row(s, r, &v, v.results[i], err));
    REC_TRY(rec_sheet_print(out, s, format, width, err));
    if (filter->slices)
        status = rec_show_slices(out, v.results, v.n_results, filter, format, width, err);
cleanup:
    rec_sheet_free(s);
    task_view_deinit(&v);
    return status;
}

/* --- expectations ------------------------------------------------------------------------------ */

static rec_status agreement_cell(rec_sheet *s, const rec_expected *e, rec_error *err)
{
    if (e->side == REC_SIDE_SHOWN)
        return rec_sheet_cell(s, err, "shown");
    if (e->digits >= 0)
        return rec_sheet_cell(s, err, "%d digits", e->digits);
    return rec_sheet_cell(s, err, "%s%g",
                          e->side == REC_SIDE_AT_LEAST ? "at least, -" : "\xC2\xB1 ", e->tol);
}

static rec_status add_expected_row(rec_sheet *s, const rec_expected *e, rec_error *err)
{
    char measured[32], published[32];
    int digits = e->digits >= 0 ? e->digits : 4;
    snprintf(measured, sizeof measured, isnan(e->measured) ? "-" : "%.*f", digits, e->measured);
    snprintf(published, sizeof published, "%.*f", digits, e->published);
    rec_status status;
    REC_TRY(rec_sheet_cell(s, err, "%s", e->system));
    REC_TRY(rec_sheet_cell(s, err, "%s", e->task));
    REC_TRY(rec_sheet_cell(s, err, "%s", e->metric));
    REC_TRY(rec_sheet_cell(s, err, "%s", measured));
    REC_TRY(rec_sheet_cell(s, err, "%s", published));
    REC_TRY(agreement_cell(s, e, err));
    REC_TRY(rec_sheet_cell(s, err, "%s",
                           e->side == REC_SIDE_SHOWN ? "-"
                           : e->within               ? "yes"
                                                     : "NO"));
    status = rec_sheet_cell(s, err, "%s", e->source != NULL ? e->source : "");
cleanup:
    return status;
}

rec_status rec_show_expected(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                             bool only_missed, rec_format_kind format, size_t width, rec_error *err)
{
    static const struct {
        const char *header;
        bool numeric;
    } columns[] = {{"system", false},   {"task", false},  {"metric", false}, {"measured", true},
                   {"published", true}, {"agree", false}, {"within", false}, {"source", false}};
    rec_sheet *s = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&s, "measured beside published", err));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        REC_TRY(rec_sheet_column(s, columns[i].header, columns[i].numeric, err));
    for (size_t i = 0; i < r->n_expected; i++)
        if (rec_show_wants_expected(filter, &r->expected[i]) &&
            !(only_missed && r->expected[i].within))
            REC_TRY(add_expected_row(s, &r->expected[i], err));
    if (rec_sheet_rows(s) > 0)
        status = rec_sheet_print(out, s, format, width, err);
cleanup:
    rec_sheet_free(s);
    return status;
}

/* --- all of it --------------------------------------------------------------------------------- */

rec_status rec_show_tables(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_format_kind format, size_t width, rec_error *err)
{
    size_t *order = NULL;
    const char *task = NULL;
    rec_status status;
    REC_TRY(rec_report_order(&order, r, err));
    for (size_t i = 0; i < r->n_results; i++) {
        const char *next = r->results[order[i]].task;
        if ((task != NULL && strcmp(task, next) == 0) || !rec_show_wants(&filter->tasks, next))
            continue;
        if (task != NULL)
            REC_TRY(rec_buffer_puts(out, "\n", err));
        task = next;
        REC_TRY(print_task(out, r, task, filter, format, width, err));
    }
    if (filter->training)
        REC_TRY(rec_show_training(out, r, filter, format, width, err));
    if (task != NULL && r->n_expected > 0)
        REC_TRY(rec_buffer_puts(out, "\n", err));
    status = rec_show_expected(out, r, filter, false, format, width, err);
cleanup:
    free(order);
    return status;
}

static rec_status put_heading(rec_buffer *out, const rec_report *r, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_buffer_printf(out, err, "%s: %s (%zu users, %zu items, %zu interactions), seed%s",
                              r->name != NULL ? r->name : "",
                              r->dataset_name != NULL ? r->dataset_name : "no dataset", r->n_users,
                              r->n_items, r->n_interactions, r->n_seeds == 1 ? "" : "s"));
    for (size_t i = 0; i < r->n_seeds; i++)
        REC_TRY(rec_buffer_printf(out, err, "%s %llu", i > 0 ? "," : "",
                                  (unsigned long long)r->seeds[i]));
    status = rec_buffer_printf(out, err, "; content %.12s\n\n", r->content_hash);
cleanup:
    return status;
}

static bool has_spread(const rec_report *r)
{
    for (size_t i = 0; i < r->n_results; i++)
        for (size_t f = 0; f < r->results[i].n_figures; f++)
            if (!isnan(r->results[i].figures[f].sd_seeds))
                return true;
    return false;
}

rec_status rec_show_legend(rec_buffer *out, const rec_report *r, rec_error *err)
{
    double level = 0.95;
    for (size_t i = 0; i < r->n_results; i++)
        if (r->results[i].level > 0.0)
            level = r->results[i].level;
    return rec_buffer_printf(
        out, err,
        "\xC2\xB1 is half of the %g %% interval%s; [20] after a metric: only 20 candidates were "
        "ranked; - is undefined.\n",
        100.0 * level, has_spread(r) ? ", () the standard deviation over seeds" : "");
}

static bool has_slices(const rec_report *r)
{
    for (size_t i = 0; i < r->n_results; i++)
        for (size_t f = 0; f < r->results[i].n_figures; f++)
            if (rec_show_slice(r->results[i].figures[f].metric) != NULL)
                return true;
    return false;
}

static rec_status add_csv_figure(rec_sheet *s, const rec_result *x, const rec_figure *f,
                                 rec_error *err)
{
    const double values[] = {f->mean, f->stderr_, f->ci_low, f->ci_high, f->sd_seeds};
    char *label = rec_report_label(f->metric, f->k, x->n_candidates, err);
    rec_status status = label != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_sheet_cell(s, err, "%s", x->task));
    REC_TRY(rec_sheet_cell(s, err, "%s", x->system));
    REC_TRY(rec_sheet_cell(s, err, "%s", label));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[32] = "";
        if (!isnan(values[i]))
            rec_format_double(text, values[i]);
        REC_TRY(rec_sheet_cell(s, err, "%s", text));
    }
    status = rec_sheet_cell(s, err, "%zu", f->n);
cleanup:
    free(label);
    return status;
}

static rec_status print_figures_csv(rec_buffer *out, const rec_report *r,
                                    const rec_show_filter *filter, rec_error *err)
{
    static const char *const headers[] = {"task",   "system",  "metric",   "mean", "stderr",
                                          "ci_low", "ci_high", "sd_seeds", "n"};
    size_t *order = NULL;
    rec_sheet *s = NULL;
    rec_status status;
    REC_TRY(rec_report_order(&order, r, err));
    REC_TRY(rec_sheet_new(&s, NULL, err));
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        REC_TRY(rec_sheet_column(s, headers[i], i > 2, err));
    for (size_t i = 0; i < r->n_results; i++) {
        const rec_result *x = &r->results[order[i]];
        if (!rec_show_wants(&filter->tasks, x->task) ||
            !rec_show_wants(&filter->systems, x->system))
            continue;
        for (size_t f = 0; f < x->n_figures; f++)
            if (rec_show_wants_metric(&filter->metrics, x->figures[f].metric, x->figures[f].k))
                REC_TRY(add_csv_figure(s, x, &x->figures[f], err));
    }
    status = rec_sheet_print(out, s, REC_FORMAT_CSV, 0, err);
cleanup:
    rec_sheet_free(s);
    free(order);
    return status;
}

rec_status rec_report_show(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_format_kind format, size_t width, rec_error *err)
{
    static const rec_show_filter everything;
    rec_status status;
    if (filter == NULL)
        filter = &everything;
    REC_TRY(rec_show_check(filter, r, err));
    if (format == REC_FORMAT_JSON) {
        REC_TRY(rec_report_json(out, r, filter, err));
        status = rec_buffer_puts(out, "\n", err);
    } else if (format == REC_FORMAT_HTML) {
        status = rec_report_page(out, r, filter, err);
    } else if (format == REC_FORMAT_CSV) {
        status = print_figures_csv(out, r, filter, err);
    } else {
        if (format != REC_FORMAT_LATEX)
            REC_TRY(put_heading(out, r, err));
        REC_TRY(rec_show_tables(out, r, filter, format, width, err));
        if (format != REC_FORMAT_LATEX) {
            REC_TRY(rec_buffer_puts(out, "\n", err));
            REC_TRY(rec_show_legend(out, r, err));
            if (!filter->slices && has_slices(r))
                status = rec_buffer_puts(
                    out, "There are figures over parts of the samples: --slices.\n", err);
        }
    }
cleanup:
    return status;
}
