/** A sheet from inside, for the files that print its forms. */
#ifndef REC_HARNESS_REPORT_SHEET_FORM_H
#define REC_HARNESS_REPORT_SHEET_FORM_H

#include "harness/report/sheet.h"

struct rec_sheet {
    char *title; /* or NULL */
    size_t n_columns, n_cells, n_notes;
    size_t cells_capacity;
    char **headers; /* owned, as is each text below */
    bool *numeric;
    char **cells; /* row by row */
    char **notes;
};

rec_status rec_sheet_print_text(rec_buffer *out, const rec_sheet *s, size_t width, rec_error *err);
rec_status rec_sheet_print_markdown(rec_buffer *out, const rec_sheet *s, rec_error *err);
rec_status rec_sheet_print_csv(rec_buffer *out, const rec_sheet *s, rec_error *err);
rec_status rec_sheet_print_latex(rec_buffer *out, const rec_sheet *s, rec_error *err);
rec_status rec_sheet_print_html(rec_buffer *out, const rec_sheet *s, rec_error *err);

#endif
