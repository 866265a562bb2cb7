/* One JSON line per sample. */
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "harness/report/export.h"

/* What a language model said may be cut inside a character: U+FFFD stands for each odd byte. */
static rec_status repair_utf8(rec_buffer *out, const char *text, rec_error *err)
{
    size_t left = strlen(text);
    rec_buffer_clear(out);
    rec_status status = rec_buffer_puts(out, "", err);
    while (left > 0 && status == REC_OK) {
        size_t valid = rec_utf8_valid_prefix(text, left);
        status = rec_buffer_append(out, text, valid, err);
        text += valid;
        left -= valid;
        if (left > 0 && status == REC_OK) {
            status = rec_buffer_puts(out, "\xEF\xBF\xBD", err);
            text++;
            left--;
        }
    }
    return status;
}

static rec_status add_values(cJSON *line, const rec_result *x, size_t i, rec_error *err)
{
    cJSON *values;
    rec_status status = rec_json_add_object(&values, line, "values", err);
    for (size_t c = 0; c < x->n_columns && status == REC_OK; c++) {
        char *label = rec_report_label(x->columns[c].metric, x->columns[c].k, 0, err);
        status = label != NULL ? rec_json_add_real(values, label, x->columns[c].values[i], err)
                               : REC_ERR_RESOURCE;
        free(label);
    }
    return status;
}

static rec_status add_item(cJSON *list, const rec_report *r, uint32_t item, rec_error *err)
{
    rec_buffer text = {0};
    rec_status status = rec_export_item(&text, r, item, rec_buffer_puts, err);
    if (status == REC_OK)
        status = rec_json_add_text(list, NULL, text.data, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status add_list(cJSON *line, const rec_report *r, const rec_result *x, size_t i,
                           rec_error *err)
{
    cJSON *items, *scores;
    rec_status status;
    REC_TRY(rec_json_add_array(&items, line, "items", err));
    REC_TRY(rec_json_add_array(&scores, line, "scores", err));
    for (size_t rank = 0; rank < x->list_length; rank++) {
        size_t at = i * x->list_length + rank;
        if (x->list_items[at] == UINT32_MAX)
            continue;
        REC_TRY(add_item(items, r, x->list_items[at], err));
        if (x->list_scores != NULL)
            REC_TRY(rec_json_add_real(scores, NULL, (double)x->list_scores[at], err));
    }
cleanup:
    return status;
}

static rec_status add_targets(cJSON *line, const rec_report *r, const rec_result *x, size_t i,
                              rec_error *err)
{
    cJSON *targets, *gains;
    rec_status status;
    REC_TRY(rec_json_add_array(&targets, line, "targets", err));
    REC_TRY(rec_json_add_array(&gains, line, "gains", err));
    for (size_t t = x->target_start[i]; t < x->target_start[i + 1]; t++) {
        double gain = x->target_gains != NULL ? (double)x->target_gains[t] : 1.0;
        REC_TRY(add_item(targets, r, x->targets[t], err));
        REC_TRY(rec_json_add_real(gains, NULL, gain, err));
    }
cleanup:
    return status;
}

static rec_status add_texts(cJSON *line, const rec_result *x, size_t i, rec_error *err)
{
    cJSON *texts;
    rec_buffer text = {0};
    rec_status status;
    REC_TRY(rec_json_add_object(&texts, line, "text", err));
    for (size_t t = 0; t < x->n_texts; t++) {
        if (x->texts[t].texts == NULL || x->texts[t].texts[i] == NULL)
            continue;
        REC_TRY(repair_utf8(&text, x->texts[t].texts[i], err));
        REC_TRY(rec_json_add_text(texts, x->texts[t].name, text.data, err));
    }
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

static rec_status build_line(cJSON *line, const rec_report *r, const rec_result *x, size_t i,
                             rec_error *err)
{
    char seed[24] = "";
    rec_status status;
    REC_TRY(rec_json_add_text(line, "sample_id", x->sample_ids[i], err));
    if (x->users != NULL)
        REC_TRY(rec_json_add_text(line, "user", x->users[i], err));
    if (x->seeds != NULL) {
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)x->seeds[i]);
        REC_TRY(rec_json_add_text(line, "seed", seed, err));
    }
    if (x->turns != NULL)
        REC_TRY(rec_json_add_real(line, "turn", (double)x->turns[i], err));
    REC_TRY(add_values(line, x, i, err));
    if (x->list_length > 0)
        REC_TRY(add_list(line, r, x, i, err));
    if (x->target_start != NULL)
        REC_TRY(add_targets(line, r, x, i, err));
    if (x->n_texts > 0)
        status = add_texts(line, x, i, err);
cleanup:
    return status;
}

rec_status rec_export_jsonl(rec_buffer *out, const rec_report *r, const rec_result *x,
                            rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < x->n_samples && status == REC_OK; i++) {
        cJSON *line = NULL;
        status = rec_json_new_object(&line, err);
        if (status == REC_OK)
            status = build_line(line, r, x, i, err);
        if (status == REC_OK)
            status = rec_json_put_line(out, line, err);
        cJSON_Delete(line);
    }
    return status;
}
