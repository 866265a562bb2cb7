/* What the fits say of their course: the first and last value of every curve. */
#include "harness/report/show.h"

static rec_status add_row(rec_sheet *s, const rec_report_system *x, size_t curve, rec_error *err)
{
    size_t n = x->curve_lengths[curve];
    const double *values = x->curves[curve].values;
    char first[32], last[32];
    rec_status status;
    if (n == 0)
        return REC_OK;
    rec_show_number(first, values[0]);
    rec_show_number(last, values[n - 1]);
    REC_TRY(rec_sheet_cell(s, err, "%s", x->name));
    REC_TRY(rec_sheet_cell(s, err, "%s", x->curves[curve].metric));
    REC_TRY(rec_sheet_cell(s, err, "%s", first));
    REC_TRY(rec_sheet_cell(s, err, "%s", last));
    status = rec_sheet_cell(s, err, "%zu", n);
cleanup:
    return status;
}

rec_status rec_show_training(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                             rec_format_kind format, size_t width, rec_error *err)
{
    rec_sheet *s = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(
        &s, r->n_seeds > 1 ? "course of training, first seed" : "course of training", err));
    REC_TRY(rec_sheet_column(s, "system", false, err));
    REC_TRY(rec_sheet_column(s, "curve", false, err));
    REC_TRY(rec_sheet_column(s, "first", true, err));
    REC_TRY(rec_sheet_column(s, "last", true, err));
    REC_TRY(rec_sheet_column(s, "values", true, err));
    for (size_t i = 0; i < r->n_systems; i++) {
        const rec_report_system *x = &r->systems[i];
        bool is_wanted = rec_show_wants(&filter->systems, x->name);
        for (size_t c = 0; is_wanted && c < x->n_curves; c++)
            REC_TRY(add_row(s, x, c, err));
    }
    if (rec_sheet_rows(s) > 0) {
        REC_TRY(rec_buffer_puts(out, "\n", err));
        status = rec_sheet_print(out, s, format, width, err);
    }
cleanup:
    rec_sheet_free(s);
    return status;
}
