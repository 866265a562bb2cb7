#include "harness/report/sheet.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/report/sheet_form.h"

const char *const rec_format_names[] = {"table", "md", "csv", "json", "latex", "html", NULL};

rec_status rec_sheet_new(rec_sheet **out, const char *title, rec_error *err)
{
    rec_sheet *s = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(s, 1, err);
    if (title != NULL && (s->title = rec_strdup(title, err)) == NULL)
        REC_TRY(REC_ERR_RESOURCE);
    *out = s;
    s = NULL;
cleanup:
    rec_sheet_free(s);
    return status;
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

void rec_sheet_free(rec_sheet *s)
{
    if (s == NULL)
        return;
    free_texts(s->headers, s->n_columns);
    free_texts(s->cells, s->n_cells);
    free_texts(s->notes, s->n_notes);
    free(s->numeric);
    free(s->title);
    free(s);
}

rec_status rec_sheet_column(rec_sheet *s, const char *header, bool numeric, rec_error *err)
{
    assert(s->n_cells == 0);
    char **headers = rec_realloc(s->headers, s->n_columns + 1, sizeof *headers, err);
    if (headers == NULL)
        return REC_ERR_RESOURCE;
    s->headers = headers;
    bool *numerics = rec_realloc(s->numeric, s->n_columns + 1, sizeof *numerics, err);
    if (numerics == NULL)
        return REC_ERR_RESOURCE;
    s->numeric = numerics;
    numerics[s->n_columns] = numeric;
    headers[s->n_columns] = rec_strdup(header, err);
    if (headers[s->n_columns] == NULL)
        return REC_ERR_RESOURCE;
    s->n_columns++;
    return REC_OK;
}

static char *format_text(rec_error *err, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0) {
        rec_fail(err, REC_ERR_INTERNAL, "bad format \"%s\"", format);
        return NULL;
    }
    char *text = rec_alloc((size_t)n + 1, 1, err);
    if (text != NULL)
        vsnprintf(text, (size_t)n + 1, format, arguments);
    return text;
}

rec_status rec_sheet_cell(rec_sheet *s, rec_error *err, const char *format, ...)
{
    if (s->n_cells == s->cells_capacity) {
        size_t capacity = s->cells_capacity < 64 ? 64 : 2 * s->cells_capacity;
        char **cells = rec_realloc(s->cells, capacity, sizeof *cells, err);
        if (cells == NULL)
            return REC_ERR_RESOURCE;
        s->cells = cells;
        s->cells_capacity = capacity;
    }
    va_list arguments;
    va_start(arguments, format);
    char *text = format_text(err, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    s->cells[s->n_cells++] = text;
    return REC_OK;
}

rec_status rec_sheet_note(rec_sheet *s, rec_error *err, const char *format, ...)
{
    char **notes = rec_realloc(s->notes, s->n_notes + 1, sizeof *notes, err);
    if (notes == NULL)
        return REC_ERR_RESOURCE;
    s->notes = notes;
    va_list arguments;
    va_start(arguments, format);
    char *text = format_text(err, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    s->notes[s->n_notes++] = text;
    return REC_OK;
}

size_t rec_sheet_rows(const rec_sheet *s)
{
    return s->n_columns > 0 ? s->n_cells / s->n_columns : 0;
}

rec_status rec_sheet_print(rec_buffer *out, const rec_sheet *s, rec_format_kind format,
                           size_t width, rec_error *err)
{
    assert(s->n_columns > 0 && s->n_cells % s->n_columns == 0);
    switch (format) {
    case REC_FORMAT_TABLE:
        return rec_sheet_print_text(out, s, width, err);
    case REC_FORMAT_MARKDOWN:
        return rec_sheet_print_markdown(out, s, err);
    case REC_FORMAT_CSV:
        return rec_sheet_print_csv(out, s, err);
    case REC_FORMAT_LATEX:
        return rec_sheet_print_latex(out, s, err);
    case REC_FORMAT_HTML:
        return rec_sheet_print_html(out, s, err);
    case REC_FORMAT_JSON:
        break;
    }
    assert(0 && "a sheet has no JSON form");
    return REC_ERR_INTERNAL;
}
