#include "harness/report/dataset_columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/json_build.h"
#include "core/utf8.h"
#include "datasets/statistics.h"

enum { EXAMPLE_BYTES = 48 };

static size_t count_known(size_t *first, const rec_column *c, size_t n_rows)
{
    size_t n = 0;
    for (size_t row = n_rows; row-- > 0;) {
        if (!rec_column_knows(c, row))
            continue;
        *first = row;
        n++;
    }
    return n;
}

/* A number or a date as text in `number`, else the text itself. */
static const char *example_of(char number[32], const rec_column *c, size_t row)
{
    struct tm day;
    if (c->type == REC_COLUMN_TEXT)
        return c->text[row];
    if (c->type == REC_COLUMN_TEXTS)
        return c->texts[c->start[row]];
    const double value = c->number[row];
    time_t moment = (time_t)value;
    rec_format_double(number, value);
    if (c->type == REC_COLUMN_DATE && fabs(value) < 1e15 && gmtime_r(&moment, &day) != NULL)
        strftime(number, 32, "%Y-%m-%d", &day);
    return number;
}

static rec_status column_row(rec_sheet *s, const rec_column *c, size_t n_rows, rec_error *err)
{
    char number[32], line[EXAMPLE_BYTES + 1] = "";
    size_t first = 0, n = count_known(&first, c, n_rows);
    const char *example = n > 0 ? example_of(number, c, first) : "";
    const size_t length = strlen(example);
    const bool fits = length <= EXAMPLE_BYTES;
    memcpy(line, example, fits ? length : EXAMPLE_BYTES - 3);
    line[rec_utf8_valid_prefix(line, strlen(line))] = '\0';
    for (char *x = line; *x != '\0'; x++) /* a cell is one line */
        *x = *x == '\n' || *x == '\r' || *x == '\t' ? ' ' : *x;
    rec_status status = rec_sheet_cell(s, err, "%s", c->name);
    if (status == REC_OK)
        status = rec_sheet_cell(s, err, "%s", rec_column_type_name(c->type));
    if (status == REC_OK)
        status = rec_sheet_cell(s, err, "%zu", n);
    if (status == REC_OK)
        status = rec_sheet_cell(s, err, "%s%s", line, fits ? "" : "...");
    return status;
}

rec_status rec_dataset_columns_sheet(rec_sheet **out, const rec_catalogue *c, rec_error *err)
{
    static const char *const headers[] = {"column", "type", "items", "example"};
    rec_status status = rec_sheet_new(out, NULL, err);
    for (size_t i = 0; i < sizeof headers / sizeof *headers && status == REC_OK; i++)
        status = rec_sheet_column(*out, headers[i], i == 2, err);
    for (size_t i = 0; i < c->n_columns && status == REC_OK; i++)
        status = column_row(*out, &c->columns[i], c->n_items, err);
    return status;
}

static rec_status add_column(cJSON *list, const rec_column *c, size_t n_rows, rec_error *err)
{
    char number[32];
    cJSON *object;
    size_t first = 0, n = count_known(&first, c, n_rows);
    rec_status status;
    REC_TRY(rec_json_add_object(&object, list, NULL, err));
    REC_TRY(rec_json_add_text(object, "name", c->name, err));
    REC_TRY(rec_json_add_text(object, "type", rec_column_type_name(c->type), err));
    REC_TRY(rec_json_add_count(object, "known", n, err));
    status = rec_json_add_text(object, "example", n > 0 ? example_of(number, c, first) : NULL, err);
cleanup:
    return status;
}

rec_status rec_dataset_add_columns_json(cJSON *parent, const rec_catalogue *c, rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, parent, "columns", err);
    for (size_t i = 0; i < c->n_columns && status == REC_OK; i++)
        status = add_column(list, &c->columns[i], c->n_items, err);
    return status;
}
