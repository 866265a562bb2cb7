/** A table of text cells and its forms: aligned text, Markdown, CSV, LaTeX, HTML. */
#ifndef REC_HARNESS_REPORT_SHEET_H
#define REC_HARNESS_REPORT_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"

/** Forms of a result on stdout. JSON is no form of a sheet: it is built from the numbers. */
typedef enum rec_format_kind {
    REC_FORMAT_TABLE,
    REC_FORMAT_MARKDOWN,
    REC_FORMAT_CSV,
    REC_FORMAT_JSON,
    REC_FORMAT_LATEX,
    REC_FORMAT_HTML,
} rec_format_kind;

/** Their names in this order, NULL-terminated: choices of --format. */
extern const char *const rec_format_names[];

typedef struct rec_sheet rec_sheet;

/** @param title  line above the table, or NULL */
rec_status rec_sheet_new(rec_sheet **out, const char *title, rec_error *err);
void rec_sheet_free(rec_sheet *s);

/** Add a column; all columns come before the first cell. Numeric columns are aligned right. */
rec_status rec_sheet_column(rec_sheet *s, const char *header, bool numeric, rec_error *err);

/** Add the next cell, row by row. */
rec_status rec_sheet_cell(rec_sheet *s, rec_error *err, const char *format, ...) REC_PRINTF(3, 4);

/** Add a line under the table (not in CSV). */
rec_status rec_sheet_note(rec_sheet *s, rec_error *err, const char *format, ...) REC_PRINTF(3, 4);

size_t rec_sheet_rows(const rec_sheet *s);

/**
 * Append the table to `out`. A row that is not full is our own mistake (assert).
 * @param width  TABLE only: columns of the terminal; wider tables continue below, the first column
 *               repeated. 0 = any width
 */
rec_status rec_sheet_print(rec_buffer *out, const rec_sheet *s, rec_format_kind format,
                           size_t width, rec_error *err);

/** Append text with what HTML reads as markup escaped. */
rec_status rec_html_text(rec_buffer *out, const char *text, rec_error *err);

/** Append a CSV field (RFC 4180), quoted where needed. */
rec_status rec_csv_text(rec_buffer *out, const char *text, rec_error *err);

#endif
