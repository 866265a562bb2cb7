/* Lists as a TREC run, targets as TREC judgments. trec_eval sorts a run by score, then by document id
 * descending, in float32 (version 9): a score that is not below the one before it is moved to the
 * next smaller float, so that any version keeps the order of the list. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "harness/report/export.h"

rec_status rec_export_has_run(bool *out, const rec_result *x, rec_error *err)
{
    cJSON *notes = NULL;
    *out = x->list_length > 0 && x->target_start != NULL;
    if (!*out || x->notes == NULL)
        return REC_OK;
    rec_status status = rec_json_parse(&notes, x->notes, strlen(x->notes), "notes", 1, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "tasks/%s/%s", x->task, x->system);
    *out = !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(notes, "expected_over_ties"));
    cJSON_Delete(notes);
    return REC_OK;
}

/* A field must not contain white space: such bytes and "%" are percent-encoded. */
static rec_status put_field(rec_buffer *out, const char *text, rec_error *err)
{
    rec_status status = REC_OK;
    for (const char *c = text; *c != '\0' && status == REC_OK; c++) {
        if (*c == '%' || strchr(" \t\r\n\v\f", *c) != NULL)
            status = rec_buffer_printf(out, err, "%%%02X", (unsigned)(unsigned char)*c);
        else
            status = rec_buffer_append(out, c, 1, err);
    }
    return status;
}

/* A failed call is not scored: a sample without any value is in neither file. */
static bool is_scored(const rec_result *x, size_t sample)
{
    for (size_t c = 0; c < x->n_columns; c++)
        if (!isnan(x->columns[c].values[sample]))
            return true;
    return false;
}

static rec_status put_run_line(rec_buffer *out, const rec_report *r, const rec_result *x,
                               size_t sample, size_t rank, float score, rec_error *err)
{
    rec_status status;
    REC_TRY(put_field(out, x->sample_ids[sample], err));
    REC_TRY(rec_buffer_puts(out, " Q0 ", err));
    REC_TRY(rec_export_item(out, r, x->list_items[sample * x->list_length + rank], put_field, err));
    REC_TRY(rec_buffer_printf(out, err, " %zu %.9g ", rank + 1, (double)score));
    REC_TRY(put_field(out, x->system, err));
    status = rec_buffer_puts(out, "\n", err);
cleanup:
    return status;
}

rec_status rec_export_run(rec_buffer *out, const rec_report *r, const rec_result *x, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < x->n_samples; i++) {
        float last = INFINITY;
        for (size_t rank = 0; rank < x->list_length && status == REC_OK && is_scored(x, i);
             rank++) {
            size_t at = i * x->list_length + rank;
            if (x->list_items[at] == UINT32_MAX)
                continue;
            float score = x->list_scores != NULL ? x->list_scores[at] : -(float)rank;
            if (!(score < last))
                score = nextafterf(last, -INFINITY);
            last = score;
            status = put_run_line(out, r, x, i, rank, score, err);
        }
    }
    return status;
}

static rec_status put_judgment(rec_buffer *out, const rec_report *r, const rec_result *x,
                               size_t sample, size_t target, rec_error *err)
{
    float level = x->target_gains != NULL ? x->target_gains[target] : 1.0f;
    rec_status status;
    if (level != truncf(level) || fabsf(level) > 1e6f)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: TREC judgments are integers, but sample %s has the relevance level %g",
                        x->task, x->sample_ids[sample], (double)level);
    REC_TRY(put_field(out, x->sample_ids[sample], err));
    REC_TRY(rec_buffer_puts(out, " 0 ", err));
    REC_TRY(rec_export_item(out, r, x->targets[target], put_field, err));
    status = rec_buffer_printf(out, err, " %ld\n", (long)level);
cleanup:
    return status;
}

rec_status rec_export_qrels(rec_buffer *out, const rec_report *r, const rec_result *x,
                            rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < x->n_samples; i++)
        for (size_t t = x->target_start[i];
             t < x->target_start[i + 1] && status == REC_OK && is_scored(x, i); t++)
            status = put_judgment(out, r, x, i, t, err);
    return status;
}
