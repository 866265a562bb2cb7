/* Samples, lists and expectations as CSV (RFC 4180, "\n" line ends). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "harness/report/export.h"
#include "harness/report/sheet.h"

/* A cell and what comes before it. */
static rec_status put_text(rec_buffer *out, const char *before, const char *text, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, before, err);
    return status == REC_OK ? rec_csv_text(out, text != NULL ? text : "", err) : status;
}

/* Undefined values are empty. */
static rec_status put_real(rec_buffer *out, double value, rec_error *err)
{
    char text[32] = "";
    if (!isnan(value))
        rec_format_double(text, value);
    return rec_buffer_printf(out, err, ",%s", text);
}

static rec_status put_column_headers(rec_buffer *out, const rec_result *x, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "sample_id,user,cluster,seed,turn", err);
    for (size_t c = 0; c < x->n_columns && status == REC_OK; c++) {
        char *label = rec_report_label(x->columns[c].metric, x->columns[c].k, x->n_candidates, err);
        status = label != NULL ? put_text(out, ",", label, err) : REC_ERR_RESOURCE;
        free(label);
    }
    return status == REC_OK ? rec_buffer_puts(out, "\n", err) : status;
}

static rec_status put_sample(rec_buffer *out, const rec_result *x, size_t i, rec_error *err)
{
    rec_status status;
    REC_TRY(put_text(out, "", x->sample_ids[i], err));
    REC_TRY(put_text(out, ",", x->users != NULL ? x->users[i] : NULL, err));
    REC_TRY(rec_buffer_puts(out, ",", err));
    if (x->clusters != NULL)
        REC_TRY(rec_buffer_printf(out, err, "%lu", (unsigned long)x->clusters[i]));
    REC_TRY(rec_buffer_puts(out, ",", err));
    if (x->seeds != NULL)
        REC_TRY(rec_buffer_printf(out, err, "%llu", (unsigned long long)x->seeds[i]));
    REC_TRY(rec_buffer_puts(out, ",", err));
    if (x->turns != NULL)
        REC_TRY(rec_buffer_printf(out, err, "%ld", (long)x->turns[i]));
    for (size_t c = 0; c < x->n_columns; c++)
        REC_TRY(put_real(out, x->columns[c].values[i], err));
    status = rec_buffer_puts(out, "\n", err);
cleanup:
    return status;
}

rec_status rec_export_samples_csv(rec_buffer *out, const rec_result *x, rec_error *err)
{
    rec_status status = put_column_headers(out, x, err);
    for (size_t i = 0; i < x->n_samples && status == REC_OK; i++)
        status = put_sample(out, x, i, err);
    return status;
}

/* Relevance of an item for a sample: its level among the targets, 0 for none; empty: not kept. */
static rec_status put_relevance(rec_buffer *out, const rec_result *x, size_t sample, uint32_t item,
                                rec_error *err)
{
    if (x->target_start == NULL)
        return rec_buffer_puts(out, ",\n", err);
    double level = 0.0;
    for (size_t t = x->target_start[sample]; t < x->target_start[sample + 1]; t++)
        if (x->targets[t] == item)
            level = x->target_gains != NULL ? (double)x->target_gains[t] : 1.0;
    return rec_buffer_printf(out, err, ",%.9g\n", level);
}

static rec_status put_list_row(rec_buffer *out, const rec_report *r, const rec_result *x,
                               size_t sample, size_t rank, rec_error *err)
{
    size_t at = sample * x->list_length + rank;
    uint32_t item = x->list_items[at];
    rec_status status;
    REC_TRY(put_text(out, "", x->sample_ids[sample], err));
    REC_TRY(rec_buffer_printf(out, err, ",%zu,", rank + 1));
    REC_TRY(rec_export_item(out, r, item, rec_csv_text, err));
    REC_TRY(rec_buffer_puts(out, ",", err));
    if (x->list_scores != NULL)
        REC_TRY(rec_buffer_printf(out, err, "%.9g", (double)x->list_scores[at]));
    status = put_relevance(out, x, sample, item, err);
cleanup:
    return status;
}

rec_status rec_export_lists_csv(rec_buffer *out, const rec_report *r, const rec_result *x,
                                rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "sample_id,rank,item,score,relevance\n", err);
    for (size_t i = 0; i < x->n_samples; i++)
        for (size_t rank = 0; rank < x->list_length && status == REC_OK; rank++)
            if (x->list_items[i * x->list_length + rank] != UINT32_MAX)
                status = put_list_row(out, r, x, i, rank, err);
    return status;
}

static rec_status put_expected(rec_buffer *out, const rec_expected *e, rec_error *err)
{
    rec_status status;
    REC_TRY(put_text(out, "", e->system, err));
    REC_TRY(put_text(out, ",", e->task, err));
    REC_TRY(put_text(out, ",", e->metric, err));
    REC_TRY(put_real(out, e->measured, err));
    REC_TRY(put_real(out, e->published, err));
    if (e->digits >= 0)
        REC_TRY(rec_buffer_printf(out, err, ",%d,", e->digits));
    else
        REC_TRY(rec_buffer_puts(out, ",", err));
    if (e->digits < 0)
        REC_TRY(put_real(out, e->tol, err));
    REC_TRY(rec_buffer_printf(out, err, ",%s,%s", rec_expected_side_names[e->side],
                              e->within ? "true" : "false"));
    REC_TRY(put_text(out, ",", e->source, err));
    status = rec_buffer_puts(out, "\n", err);
cleanup:
    return status;
}

rec_status rec_export_expected_csv(rec_buffer *out, const rec_report *r, rec_error *err)
{
    rec_status status = rec_buffer_puts(
        out, "system,task,metric,measured,published,digits,tol,side,within,source\n", err);
    for (size_t i = 0; i < r->n_expected && status == REC_OK; i++)
        status = put_expected(out, &r->expected[i], err);
    return status;
}
