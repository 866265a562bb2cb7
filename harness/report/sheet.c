#include "harness/report/sheet.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/memory.h"
#include "core/utf8.h"

const char *const rec_format_names[] = {"table", "md", "csv", "json", "latex", "html", NULL};

struct rec_sheet {
    char *title; /* or NULL */
    size_t n_columns, n_cells, n_notes;
    size_t cells_capacity;
    char **headers; /* owned, as is each text below */
    bool *numeric;
    char **cells; /* row by row */
    char **notes;
};

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

static const char *cell_at(const rec_sheet *s, size_t row, size_t column)
{
    return s->cells[row * s->n_columns + column];
}

/* --- escaping ---------------------------------------------------------------------------------- */

/* One character of `special` becomes the text at its place in `instead`. */
static rec_status put_escaped(rec_buffer *out, const char *text, const char *special,
                              const char *const *instead, rec_error *err)
{
    rec_status status = REC_OK;
    while (status == REC_OK && *text != '\0') {
        size_t plain = strcspn(text, special);
        status = rec_buffer_append(out, text, plain, err);
        text += plain;
        if (status != REC_OK || *text == '\0')
            break;
        status = rec_buffer_puts(out, instead[strchr(special, *text) - special], err);
        text++;
    }
    return status;
}

rec_status rec_html_text(rec_buffer *out, const char *text, rec_error *err)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    return put_escaped(out, text, "&<>\"", entities, err);
}

static rec_status put_latex(rec_buffer *out, const char *text, rec_error *err)
{
    static const char *const commands[] = {"\\textbackslash{}",
                                           "\\{",
                                           "\\}",
                                           "\\$",
                                           "\\&",
                                           "\\#",
                                           "\\_",
                                           "\\%",
                                           "\\textasciitilde{}",
                                           "\\textasciicircum{}",
                                           " "};
    return put_escaped(out, text, "\\{}$&#_%~^\n", commands, err);
}

static rec_status put_markdown(rec_buffer *out, const char *text, rec_error *err)
{
    static const char *const escapes[] = {"\\|", " ", "\\*", "\\_", "\\`", "\\\\", "&lt;"};
    return put_escaped(out, text, "|\n*_`\\<", escapes, err);
}

rec_status rec_csv_text(rec_buffer *out, const char *text, rec_error *err)
{
    static const char *const doubled[] = {"\"\""};
    if (strpbrk(text, ",\"\r\n") == NULL)
        return rec_buffer_puts(out, text, err);
    rec_status status = rec_buffer_puts(out, "\"", err);
    if (status == REC_OK)
        status = put_escaped(out, text, "\"", doubled, err);
    return status == REC_OK ? rec_buffer_puts(out, "\"", err) : status;
}

/* --- aligned text ------------------------------------------------------------------------------ */

/* Columns a text takes on a terminal; a byte that is no UTF-8 counts one. */
static size_t display_width(const char *text)
{
    size_t width = 0, left = strlen(text);
    while (left > 0) {
        uint32_t c = 0;
        size_t n = rec_utf8_decode(&c, text, left);
        int columns = n > 0 ? utf8proc_charwidth((utf8proc_int32_t)c) : 1;
        width += columns > 0 ? (size_t)columns : 0;
        text += n > 0 ? n : 1;
        left -= n > 0 ? n : 1;
    }
    return width;
}

static size_t column_width(const rec_sheet *s, size_t column)
{
    size_t width = display_width(s->headers[column]);
    for (size_t row = 0; row < rec_sheet_rows(s); row++) {
        size_t w = display_width(cell_at(s, row, column));
        width = w > width ? w : width;
    }
    return width;
}

static rec_status put_spaces(rec_buffer *out, size_t n, rec_error *err)
{
    return rec_buffer_printf(out, err, "%*s", (int)n, "");
}

/* The columns of one block: the first one, then first..end - 1. */
typedef struct block {
    const size_t *widths;
    size_t first, end;
} block;

/* One line; no spaces at its end. */
static rec_status put_line(rec_buffer *out, const rec_sheet *s, const block *b, char *const *texts,
                           rec_error *err)
{
    rec_status status = REC_OK;
    size_t owed = 0; /* spaces not yet written */
    for (size_t c = 0; c < b->end && status == REC_OK; c++) {
        if (c > 0 && c < b->first)
            continue;
        size_t pad = b->widths[c] - display_width(texts[c]);
        owed += s->numeric[c] ? pad : 0;
        if (texts[c][0] != '\0') {
            REC_TRY(put_spaces(out, owed, err));
            status = rec_buffer_puts(out, texts[c], err);
            owed = 0;
        }
        owed += (s->numeric[c] ? 0 : pad) + 2;
    }
    if (status == REC_OK)
        status = rec_buffer_puts(out, "\n", err);
cleanup:
    return status;
}

static rec_status put_rule(rec_buffer *out, const block *b, rec_error *err)
{
    size_t width = b->widths[0];
    for (size_t c = b->first > 0 ? b->first : 1; c < b->end; c++)
        width += 2 + b->widths[c];
    rec_status status = REC_OK;
    for (size_t i = 0; i < width && status == REC_OK; i++)
        status = rec_buffer_puts(out, "-", err);
    return status == REC_OK ? rec_buffer_puts(out, "\n", err) : status;
}

static rec_status put_block(rec_buffer *out, const rec_sheet *s, const block *b, rec_error *err)
{
    rec_status status;
    REC_TRY(put_line(out, s, b, s->headers, err));
    REC_TRY(put_rule(out, b, err));
    for (size_t row = 0; row < rec_sheet_rows(s); row++)
        REC_TRY(put_line(out, s, b, s->cells + row * s->n_columns, err));
cleanup:
    return status;
}

/* As many columns as fit, at least one besides the first. */
static size_t block_end(const rec_sheet *s, const size_t *widths, size_t first, size_t width)
{
    size_t used = widths[0], end = first;
    while (end < s->n_columns) {
        used += end > 0 ? 2 + widths[end] : 0;
        if (width > 0 && used > width && end > first && end > 1)
            break;
        end++;
    }
    return end;
}

static rec_status print_text(rec_buffer *out, const rec_sheet *s, size_t width, rec_error *err)
{
    size_t *widths = NULL;
    rec_status status;
    REC_TRY_NEW(widths, s->n_columns, err);
    for (size_t c = 0; c < s->n_columns; c++)
        widths[c] = column_width(s, c);
    if (s->title != NULL)
        REC_TRY(rec_buffer_printf(out, err, "%s\n\n", s->title));
    for (size_t first = 0; first < s->n_columns;) {
        block b = {.widths = widths, .first = first};
        b.end = block_end(s, widths, first, width);
        if (first > 0)
            REC_TRY(rec_buffer_puts(out, "\n", err));
        REC_TRY(put_block(out, s, &b, err));
        first = b.end;
    }
    for (size_t i = 0; i < s->n_notes; i++)
        REC_TRY(rec_buffer_printf(out, err, "%s\n", s->notes[i]));
    status = REC_OK;
cleanup:
    free(widths);
    return status;
}

/* --- Markdown, CSV, LaTeX, HTML ---------------------------------------------------------------- */

typedef rec_status (*put_fn)(rec_buffer *out, const char *text, rec_error *err);

/* open cell separator cell separator cell close */
static rec_status put_row(rec_buffer *out, const rec_sheet *s, char *const *texts, put_fn put,
                          const char *open, const char *separator, const char *close,
                          rec_error *err)
{
    rec_status status;
    REC_TRY(rec_buffer_puts(out, open, err));
    for (size_t c = 0; c < s->n_columns; c++) {
        if (c > 0)
            REC_TRY(rec_buffer_puts(out, separator, err));
        REC_TRY(put(out, texts[c], err));
    }
    status = rec_buffer_puts(out, close, err);
cleanup:
    return status;
}

static rec_status put_rows(rec_buffer *out, const rec_sheet *s, put_fn put, const char *open,
                           const char *separator, const char *close, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t row = 0; row < rec_sheet_rows(s) && status == REC_OK; row++)
        status = put_row(out, s, s->cells + row * s->n_columns, put, open, separator, close, err);
    return status;
}

static rec_status print_markdown(rec_buffer *out, const rec_sheet *s, rec_error *err)
{
    rec_status status;
    if (s->title != NULL)
        REC_TRY(rec_buffer_printf(out, err, "### %s\n\n", s->title));
    REC_TRY(put_row(out, s, s->headers, put_markdown, "| ", " | ", " |\n|", err));
    for (size_t c = 0; c < s->n_columns; c++)
        REC_TRY(rec_buffer_puts(out, s->numeric[c] ? "---:|" : "---|", err));
    REC_TRY(rec_buffer_puts(out, "\n", err));
    REC_TRY(put_rows(out, s, put_markdown, "| ", " | ", " |\n", err));
    for (size_t i = 0; i < s->n_notes; i++) {
        REC_TRY(rec_buffer_puts(out, i == 0 ? "\n" : "", err));
        REC_TRY(put_markdown(out, s->notes[i], err));
        REC_TRY(rec_buffer_puts(out, "  \n", err));
    }
    status = REC_OK;
cleanup:
    return status;
}

static rec_status print_csv(rec_buffer *out, const rec_sheet *s, rec_error *err)
{
    rec_status status = put_row(out, s, s->headers, rec_csv_text, "", ",", "\n", err);
    return status == REC_OK ? put_rows(out, s, rec_csv_text, "", ",", "\n", err) : status;
}

static rec_status print_latex(rec_buffer *out, const rec_sheet *s, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_buffer_puts(out, "\\begin{table}\n\\centering\n\\begin{tabular}{", err));
    for (size_t c = 0; c < s->n_columns; c++)
        REC_TRY(rec_buffer_puts(out, s->numeric[c] ? "r" : "l", err));
    REC_TRY(rec_buffer_puts(out, "}\n\\toprule\n", err));
    REC_TRY(put_row(out, s, s->headers, put_latex, "", " & ", " \\\\\n\\midrule\n", err));
    REC_TRY(put_rows(out, s, put_latex, "", " & ", " \\\\\n", err));
    REC_TRY(rec_buffer_puts(out, "\\bottomrule\n\\end{tabular}\n\\caption{", err));
    if (s->title != NULL)
        REC_TRY(put_latex(out, s->title, err));
    for (size_t i = 0; i < s->n_notes; i++) {
        REC_TRY(rec_buffer_puts(out, i == 0 ? ". " : " ", err));
        REC_TRY(put_latex(out, s->notes[i], err));
    }
    status = rec_buffer_puts(out, "}\n\\end{table}\n", err);
cleanup:
    return status;
}

static rec_status put_html_row(rec_buffer *out, const rec_sheet *s, char *const *texts,
                               const char *tag, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_buffer_puts(out, "<tr>", err));
    for (size_t c = 0; c < s->n_columns; c++) {
        REC_TRY(rec_buffer_printf(out, err, "<%s%s>", tag, s->numeric[c] ? " class=\"n\"" : ""));
        REC_TRY(rec_html_text(out, texts[c], err));
        REC_TRY(rec_buffer_printf(out, err, "</%s>", tag));
    }
    status = rec_buffer_puts(out, "</tr>\n", err);
cleanup:
    return status;
}

static rec_status print_html(rec_buffer *out, const rec_sheet *s, rec_error *err)
{
    rec_status status;
    if (s->title != NULL) {
        REC_TRY(rec_buffer_puts(out, "<h2>", err));
        REC_TRY(rec_html_text(out, s->title, err));
        REC_TRY(rec_buffer_puts(out, "</h2>\n", err));
    }
    REC_TRY(rec_buffer_puts(out, "<div class=\"wide\"><table>\n<thead>\n", err));
    REC_TRY(put_html_row(out, s, s->headers, "th", err));
    REC_TRY(rec_buffer_puts(out, "</thead>\n<tbody>\n", err));
    for (size_t row = 0; row < rec_sheet_rows(s); row++)
        REC_TRY(put_html_row(out, s, s->cells + row * s->n_columns, "td", err));
    REC_TRY(rec_buffer_puts(out, "</tbody>\n</table></div>\n", err));
    for (size_t i = 0; i < s->n_notes; i++) {
        REC_TRY(rec_buffer_puts(out, "<p class=\"note\">", err));
        REC_TRY(rec_html_text(out, s->notes[i], err));
        REC_TRY(rec_buffer_puts(out, "</p>\n", err));
    }
    status = REC_OK;
cleanup:
    return status;
}

rec_status rec_sheet_print(rec_buffer *out, const rec_sheet *s, rec_format_kind format,
                           size_t width, rec_error *err)
{
    assert(s->n_columns > 0 && s->n_cells % s->n_columns == 0);
    switch (format) {
    case REC_FORMAT_TABLE:
        return print_text(out, s, width, err);
    case REC_FORMAT_MARKDOWN:
        return print_markdown(out, s, err);
    case REC_FORMAT_CSV:
        return print_csv(out, s, err);
    case REC_FORMAT_LATEX:
        return print_latex(out, s, err);
    case REC_FORMAT_HTML:
        return print_html(out, s, err);
    case REC_FORMAT_JSON:
        break;
    }
    assert(0 && "a sheet has no JSON form");
    return REC_ERR_INTERNAL;
}
