#include "harness/report/dataset_show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/json.h"
#include "datasets/statistics.h"
#include "harness/report/dataset_columns.h"

/* ---- JSON ---- */

typedef struct named_size {
    const char *name;
    size_t value;
} named_size;

static bool add_sizes(cJSON *object, const named_size *sizes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cJSON_AddNumberToObject(object, sizes[i].name, (double)sizes[i].value) == NULL)
            return false;
    return true;
}

static bool add_number_or_null(cJSON *object, const char *name, double value)
{
    return isfinite(value) ? cJSON_AddNumberToObject(object, name, value) != NULL
                           : cJSON_AddNullToObject(object, name) != NULL;
}

static bool add_quantiles(cJSON *object, const char *name, const rec_quantiles *q)
{
    const named_size sizes[] = {{"min", q->min},       {"p10", q->p10}, {"p25", q->p25},
                                {"median", q->median}, {"p75", q->p75}, {"p90", q->p90},
                                {"max", q->max}};
    cJSON *child = cJSON_AddObjectToObject(object, name);
    return child != NULL && add_sizes(child, sizes, sizeof sizes / sizeof *sizes) &&
           add_number_or_null(child, "mean", q->mean);
}

static bool add_statistics(cJSON *root, const rec_statistics *s)
{
    const named_size sizes[] = {
        {"users", s->n_users},
        {"items", s->n_items},
        {"interactions", s->n_interactions},
        {"items_without_interactions", s->items_without_interactions},
        {"items_without_title", s->items_without_title},
        {"items_without_metadata", s->items_without_metadata},
        {"repeated_titles", s->repeated_titles},
        {"repeated_pairs", s->repeated_pairs},
        {"equal_times", s->equal_times},
        {"users_with_tied_last", s->users_with_tied_last},
    };
    cJSON *object = cJSON_AddObjectToObject(root, "statistics");
    return object != NULL && add_sizes(object, sizes, sizeof sizes / sizeof *sizes) &&
           add_number_or_null(object, "density", s->density) &&
           add_number_or_null(object, "popularity_gini", s->popularity_gini) &&
           add_number_or_null(object, "first_time", s->first_time) &&
           add_number_or_null(object, "last_time", s->last_time) &&
           add_quantiles(object, "per_user", &s->per_user) &&
           add_quantiles(object, "per_item", &s->per_item);
}

static rec_status print_json(rec_buffer *out, const rec_dataset *d, const rec_statistics *s,
                             cJSON *rules, rec_error *err)
{
    cJSON *root = cJSON_CreateObject();
    rec_status status = REC_OK;
    if (root == NULL || cJSON_AddStringToObject(root, "name", d->name) == NULL ||
        cJSON_AddStringToObject(root, "sha256", d->sha256) == NULL || !add_statistics(root, s) ||
        !cJSON_AddItemReferenceToObject(root, "rules", rules))
        status = rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    if (status == REC_OK)
        status = rec_dataset_add_columns_json(root, &d->catalogue, err);
    if (status == REC_OK)
        status = rec_json_put_line(out, root, err);
    cJSON_Delete(root);
    return status;
}

/* ---- tables ---- */

typedef struct printer {
    rec_format_kind format;
    size_t width, n_sheets;
} printer;

static rec_status new_sheet(rec_sheet **out, const char *title, const char *const *headers,
                            size_t n, rec_error *err)
{
    rec_status status = rec_sheet_new(out, title, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_sheet_column(*out, headers[i], i > 0, err);
    return status;
}

static rec_status print_and_free(rec_buffer *out, rec_sheet *s, rec_status status, printer *p,
                                 rec_error *err)
{
    if (status == REC_OK && p->n_sheets++ > 0)
        status = rec_buffer_puts(out, "\n", err);
    if (status == REC_OK)
        status = rec_sheet_print(out, s, p->format, p->width, err);
    rec_sheet_free(s);
    return status;
}

static rec_status count_row(rec_sheet *s, const char *name, size_t n, rec_error *err)
{
    rec_status status = rec_sheet_cell(s, err, "%s", name);
    return status == REC_OK ? rec_sheet_cell(s, err, "%zu", n) : status;
}

static rec_status text_row(rec_sheet *s, const char *name, const char *text, rec_error *err)
{
    rec_status status = rec_sheet_cell(s, err, "%s", name);
    return status == REC_OK ? rec_sheet_cell(s, err, "%s", text) : status;
}

static rec_status moment_row(rec_sheet *s, const char *name, double seconds, rec_error *err)
{
    char text[64];
    time_t moment = (time_t)seconds;
    struct tm day;
    if (isnan(seconds))
        return text_row(s, name, "-", err);
    /* Some files count milliseconds: then the year has five digits, which shows it. */
    if (fabs(seconds) > 1e15 || gmtime_r(&moment, &day) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &day) == 0)
        snprintf(text, sizeof text, "%.17g", seconds);
    return text_row(s, name, text, err);
}

static rec_status size_table(rec_buffer *out, const rec_dataset *d, const rec_statistics *s,
                             printer *p, rec_error *err)
{
    static const char *const headers[] = {"what", "value"};
    rec_sheet *sheet = NULL;
    char number[32];
    rec_status status = new_sheet(&sheet, d->name, headers, 2, err);
    if (status == REC_OK)
        status = count_row(sheet, "users", s->n_users, err);
    if (status == REC_OK)
        status = count_row(sheet, "items", s->n_items, err);
    if (status == REC_OK)
        status = count_row(sheet, "interactions", s->n_interactions, err);
    snprintf(number, sizeof number, "%.4f %%", 100.0 * s->density);
    if (status == REC_OK)
        status = text_row(sheet, "density", number, err);
    snprintf(number, sizeof number, "%.4f", s->popularity_gini);
    if (status == REC_OK)
        status = text_row(sheet, "popularity gini", number, err);
    if (status == REC_OK)
        status = moment_row(sheet, "first time", s->first_time, err);
    if (status == REC_OK)
        status = moment_row(sheet, "last time", s->last_time, err);
    if (status == REC_OK)
        status = text_row(sheet, "sha256", d->sha256, err);
    return print_and_free(out, sheet, status, p, err);
}

static rec_status column_table(rec_buffer *out, const rec_dataset *d, printer *p, rec_error *err)
{
    rec_sheet *sheet = NULL;
    if (d->catalogue.n_columns == 0)
        return REC_OK;
    rec_status status = rec_dataset_columns_sheet(&sheet, &d->catalogue, err);
    return print_and_free(out, sheet, status, p, err);
}

static rec_status quantile_row(rec_sheet *s, const char *name, const rec_quantiles *q,
                               rec_error *err)
{
    const size_t values[] = {q->min, q->p10, q->p25, q->median, q->p75, q->p90, q->max};
    rec_status status = rec_sheet_cell(s, err, "%s", name);
    for (size_t i = 0; i < sizeof values / sizeof *values && status == REC_OK; i++)
        status = rec_sheet_cell(s, err, "%zu", values[i]);
    return status == REC_OK ? rec_sheet_cell(s, err, "%.2f", q->mean) : status;
}

static rec_status length_table(rec_buffer *out, const rec_statistics *s, printer *p, rec_error *err)
{
    static const char *const headers[] = {"interactions", "min",  "10 %", "25 %", "median",
                                          "75 %",         "90 %", "max",  "mean"};
    rec_sheet *sheet = NULL;
    rec_status status = new_sheet(&sheet, NULL, headers, 9, err);
    if (status == REC_OK)
        status = quantile_row(sheet, "per user", &s->per_user, err);
    if (status == REC_OK)
        status = quantile_row(sheet, "per item", &s->per_item, err);
    return print_and_free(out, sheet, status, p, err);
}

static rec_status oddity_rows(rec_sheet *sheet, const rec_statistics *s, rec_error *err)
{
    const named_size rows[] = {
        {"items without interactions", s->items_without_interactions},
        {"items without title", s->items_without_title},
        {"items without any metadata", s->items_without_metadata},
        {"items with the title of another", s->repeated_titles},
        {"repeated user-item pairs", s->repeated_pairs},
        {"interactions at the same time as the user's one before", s->equal_times},
        {"users whose last two interactions have the same time", s->users_with_tied_last},
    };
    rec_status status = REC_OK;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && status == REC_OK; i++)
        status = count_row(sheet, rows[i].name, rows[i].value, err);
    return status;
}

/* All numbers of one object of the rules, its members' underscores as blanks. */
static rec_status object_rows(rec_sheet *sheet, const cJSON *object, rec_error *err)
{
    const cJSON *m;
    rec_status status = REC_OK;
    cJSON_ArrayForEach(m, object)
    {
        char name[128];
        snprintf(name, sizeof name, "%s", m->string);
        for (char *c = name; *c != '\0'; c++)
            *c = *c == '_' ? ' ' : *c;
        if (status == REC_OK && cJSON_IsNumber(m))
            status = count_row(sheet, name, (size_t)m->valuedouble, err);
    }
    return status;
}

static bool all_zero(const cJSON *object)
{
    const cJSON *m;
    cJSON_ArrayForEach(m, object)
    {
        if (cJSON_IsNumber(m) && m->valuedouble != 0)
            return false;
    }
    return true;
}

static rec_status rules_table(rec_buffer *out, const cJSON *rules, const char *key,
                              const char *title, printer *p, rec_error *err)
{
    const char *headers[] = {title, "count"};
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(rules, key);
    rec_sheet *sheet = NULL;
    if (all_zero(object))
        return REC_OK;
    rec_status status = new_sheet(&sheet, NULL, headers, 2, err);
    if (status == REC_OK)
        status = object_rows(sheet, object, err);
    return print_and_free(out, sheet, status, p, err);
}

static rec_status oddity_table(rec_buffer *out, const rec_statistics *s, const cJSON *rules,
                               printer *p, rec_error *err)
{
    static const char *const headers[] = {"oddities", "count"};
    rec_sheet *sheet = NULL;
    rec_status status = new_sheet(&sheet, NULL, headers, 2, err);
    if (status == REC_OK)
        status = oddity_rows(sheet, s, err);
    if (status == REC_OK)
        status = object_rows(sheet, cJSON_GetObjectItemCaseSensitive(rules, "counts"), err);
    const cJSON *warning;
    cJSON_ArrayForEach(warning, cJSON_GetObjectItemCaseSensitive(rules, "warnings"))
    {
        if (status == REC_OK)
            status = rec_sheet_note(sheet, err, "note: %s", warning->valuestring);
    }
    return print_and_free(out, sheet, status, p, err);
}

static rec_status print_tables(rec_buffer *out, const rec_dataset *d, const rec_statistics *s,
                               const cJSON *rules, printer *p, rec_error *err)
{
    rec_status status = size_table(out, d, s, p, err);
    if (status == REC_OK)
        status = column_table(out, d, p, err);
    if (status == REC_OK)
        status = length_table(out, s, p, err);
    if (status == REC_OK)
        status = rules_table(out, rules, "dropped", "dropped by filters", p, err);
    if (status == REC_OK)
        status = rules_table(out, rules, "parts", "split", p, err);
    if (status == REC_OK)
        status = rules_table(out, rules, "leaks", "leak check", p, err);
    if (status == REC_OK)
        status = oddity_table(out, s, rules, p, err);
    return status;
}

rec_status rec_dataset_show(rec_buffer *out, const rec_dataset *d, rec_format_kind format,
                            size_t width, rec_error *err)
{
    rec_status status = REC_OK;
    cJSON *rules = NULL;
    rec_statistics s;
    printer p = {.format = format, .width = width};
    REC_TRY(rec_dataset_statistics(&s, d, err));
    REC_TRY(rec_json_parse(&rules, d->rules, strlen(d->rules), "rules", 1, err));
    status = format == REC_FORMAT_JSON ? print_json(out, d, &s, rules, err)
                                       : print_tables(out, d, &s, rules, &p, err);
cleanup:
    cJSON_Delete(rules);
    return status;
}
