/* Figures over parts of the samples: a table of parts by systems for each figure. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/report/show.h"

/* A figure that has parts, known by one of them: "hit.tail" at 10. */
typedef struct parted {
    const rec_figure *first;
    size_t stem; /* length of "hit" */
} parted;

static bool is_part_of(const rec_figure *f, const parted *whole)
{
    return f->k == whole->first->k && rec_show_slice(f->metric) != NULL &&
           strncmp(f->metric, whole->first->metric, whole->stem + 1) == 0;
}

static size_t largest_n(const rec_result *const *results, size_t n, const char *metric, size_t k)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const rec_figure *f = rec_result_figure(results[i], metric, k);
        most = f != NULL && f->n > most ? f->n : most;
    }
    return most;
}

static rec_status add_row(rec_sheet *s, const rec_result *const *results, size_t n,
                          const rec_figure *part, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_sheet_cell(s, err, "%s", rec_show_slice(part->metric)));
    REC_TRY(rec_sheet_cell(s, err, "%zu", largest_n(results, n, part->metric, part->k)));
    for (size_t i = 0; i < n; i++)
        REC_TRY(rec_show_figure(s, rec_result_figure(results[i], part->metric, part->k), err));
cleanup:
    return status;
}

static rec_status print_parts(rec_buffer *out, const rec_result *const *results, size_t n,
                              const rec_result *model, const parted *whole, const char *label,
                              rec_format_kind format, size_t width, rec_error *err)
{
    rec_sheet *s = NULL;
    rec_status status = REC_ERR_RESOURCE;
    char *title = rec_format(err, "%s: %s over parts of the samples", model->task, label);
    if (title == NULL)
        return REC_ERR_RESOURCE;
    REC_TRY(rec_sheet_new(&s, title, err));
    REC_TRY(rec_sheet_column(s, "part", false, err));
    REC_TRY(rec_sheet_column(s, "n", true, err));
    for (size_t i = 0; i < n; i++)
        REC_TRY(rec_sheet_column(s, results[i]->system, true, err));
    for (size_t f = 0; f < model->n_figures; f++)
        if (is_part_of(&model->figures[f], whole))
            REC_TRY(add_row(s, results, n, &model->figures[f], err));
    REC_TRY(rec_buffer_puts(out, "\n", err));
    status = rec_sheet_print(out, s, format, width, err);
cleanup:
    rec_sheet_free(s);
    free(title);
    return status;
}

/* Is this the first part of its figure in the result? */
static bool starts_figure(const rec_result *x, const rec_figure *f, size_t stem)
{
    const parted whole = {f, stem};
    for (const rec_figure *before = x->figures; before < f; before++)
        if (is_part_of(before, &whole))
            return false;
    return true;
}

static rec_status print_figure(rec_buffer *out, const rec_result *const *results, size_t n,
                               const rec_result *model, const rec_figure *f,
                               const rec_show_filter *filter, rec_format_kind format, size_t width,
                               rec_error *err)
{
    const char *part = rec_show_slice(f->metric);
    size_t stem = part != NULL ? (size_t)(part - f->metric) - 1 : 0;
    char *name = NULL, *label = NULL;
    rec_status status = REC_OK;
    if (part == NULL || !starts_figure(model, f, stem))
        return REC_OK;
    name = rec_format(err, "%.*s", (int)stem, f->metric);
    label = name != NULL ? rec_report_label(name, f->k, model->n_candidates, err) : NULL;
    if (label == NULL)
        status = REC_ERR_RESOURCE;
    else if (rec_show_wants_metric(&filter->metrics, name, f->k))
        status = print_parts(out, results, n, model, &(const parted){f, stem}, label, format, width,
                             err);
    free(label);
    free(name);
    return status;
}

rec_status rec_show_slices(rec_buffer *out, const rec_result *const *results, size_t n,
                           const rec_show_filter *filter, rec_format_kind format, size_t width,
                           rec_error *err)
{
    const rec_result *model = NULL; /* that has most figures: the others have fewer parts */
    rec_status status = REC_OK;
    for (size_t i = 0; i < n; i++)
        if (model == NULL || results[i]->n_figures > model->n_figures)
            model = results[i];
    for (size_t f = 0; model != NULL && f < model->n_figures && status == REC_OK; f++)
        status =
            print_figure(out, results, n, model, &model->figures[f], filter, format, width, err);
    return status;
}
