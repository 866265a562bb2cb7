/* A sheet as aligned text for terminals and logs. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "harness/report/sheet_form.h"

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
        size_t w = display_width(s->cells[row * s->n_columns + column]);
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

rec_status rec_sheet_print_text(rec_buffer *out, const rec_sheet *s, size_t width, rec_error *err)
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
