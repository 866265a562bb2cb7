/* A sheet as Markdown, CSV, LaTeX and HTML: the same rows, other marks and other escapes. */
#include <string.h>

#include "harness/report/sheet_form.h"

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

rec_status rec_sheet_print_markdown(rec_buffer *out, const rec_sheet *s, rec_error *err)
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

rec_status rec_sheet_print_csv(rec_buffer *out, const rec_sheet *s, rec_error *err)
{
    rec_status status = put_row(out, s, s->headers, rec_csv_text, "", ",", "\n", err);
    return status == REC_OK ? put_rows(out, s, rec_csv_text, "", ",", "\n", err) : status;
}

rec_status rec_sheet_print_latex(rec_buffer *out, const rec_sheet *s, rec_error *err)
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

rec_status rec_sheet_print_html(rec_buffer *out, const rec_sheet *s, rec_error *err)
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
