#include <stdio.h>

#include "harness/replies/forms.h"
#include "harness/replies/markup.h"

static rec_status add_title(rec_title_list *out, rec_span item, const rec_title_index *known,
                            rec_error *err)
{
    rec_span title;
    rec_status status = rec_markup_title(&title, item, known, err);
    return status == REC_OK && title.n > 0 ? rec_title_list_add(out, title, err) : status;
}

/* Offset of " 2. " behind "1. a", or s.n. */
static size_t next_number(rec_span s, unsigned number, char mark)
{
    char wanted[16];
    snprintf(wanted, sizeof wanted, " %u%c ", number, mark);
    return rec_span_find(s, wanted);
}

static rec_status add_numbered(rec_title_list *out, rec_span line, size_t text, unsigned number,
                               const rec_title_index *known, rec_error *err)
{
    char mark = line.text[text - 1];
    rec_span rest = rec_span_from(line, text);
    for (;;) {
        size_t n = next_number(rest, number + 1, mark);
        rec_status status = add_title(out, rec_span_to(rest, n), known, err);
        if (status != REC_OK || n == rest.n)
            return status;
        rest = rec_span_from(rest, n + 1);
        rest = rec_span_from(rest, rec_markup_number(&number, rest));
    }
}

/* One numbered line alone is a list only if it says so: "1. a". */
static bool is_numbered_list(rec_span answer)
{
    size_t n_lines = 0;
    unsigned number, first = 0;
    while (answer.n > 0)
        if (rec_markup_number(&number, rec_span_line(&answer)) > 0 && n_lines++ == 0)
            first = number;
    return n_lines > 1 || (n_lines == 1 && first <= 1);
}

rec_status rec_form_numbered(rec_title_list *out, rec_span answer, const rec_title_index *known,
                             rec_error *err)
{
    rec_status status = REC_OK;
    if (!is_numbered_list(answer))
        return REC_OK;
    while (status == REC_OK && answer.n > 0) {
        unsigned number;
        rec_span line = rec_span_line(&answer);
        size_t text = rec_markup_number(&number, line);
        if (text > 0)
            status = add_numbered(out, line, text, number, known, err);
    }
    if (out->n > 0)
        out->mode = REC_LIST_NUMBERED;
    return status;
}

/* Offset of the text behind "- "; 0 without a bullet. *indent: blanks before it. */
static size_t bullet(size_t *indent, rec_span line)
{
    static const char *const bullets[] = {"-", "*", "+", "•", "‣", "●", "◦", "–", "—", "·"};
    rec_span s = rec_span_trim_start(line);
    *indent = line.n - s.n;
    for (size_t i = 0; i < sizeof bullets / sizeof bullets[0]; i++) {
        size_t n = strlen(bullets[i]);
        if (rec_span_starts(s, bullets[i]) && n < s.n && (s.text[n] == ' ' || s.text[n] == '\t'))
            return *indent + n + 1;
    }
    return 0;
}

rec_status rec_form_bullets(rec_title_list *out, rec_span answer, const rec_title_index *known,
                            rec_error *err)
{
    rec_status status = REC_OK;
    size_t first_indent = SIZE_MAX;
    while (status == REC_OK && answer.n > 0) {
        size_t indent;
        rec_span line = rec_span_line(&answer);
        size_t text = bullet(&indent, line);
        if (text == 0)
            continue;
        if (first_indent == SIZE_MAX)
            first_indent = indent;
        if (indent <= first_indent)
            status = add_title(out, rec_span_from(line, text), known, err);
    }
    if (out->n > 0)
        out->mode = REC_LIST_BULLETS;
    return status;
}

rec_status rec_form_lines(rec_title_list *out, rec_span answer, const rec_title_index *known,
                          rec_error *err)
{
    rec_status status = REC_OK;
    while (status == REC_OK && answer.n > 0) {
        rec_span title, line = rec_span_trim(rec_span_line(&answer));
        bool is_known, introduces = rec_span_ends(line, ":") || rec_span_ends(line, "：");
        status = rec_markup_title(&title, line, known, err);
        if (status == REC_OK)
            status = rec_markup_is_known(&is_known, known, title, err);
        if (status == REC_OK && title.n > 0 &&
            (is_known || (!introduces && !rec_markup_is_prose(title))))
            status = rec_title_list_add(out, title, err);
    }
    if (out->n > 0)
        out->mode = REC_LIST_LINES;
    return status;
}
