/* harness/replies/lists/reclm_legacy.c: parse_recommendations of RecLM-eval's revisions of 2024
 * (evaluates/evaluate.py): the first line with commas, or an enumeration on one line, or numbered
 * lines; else the second paragraph of the reply; else its last line. */
#include "harness/replies/list_parser.h"

static bool all_digits(rec_span s)
{
    if (s.n == 0)
        return false;
    while (s.n > 0) {
        uint32_t c;
        size_t width = rec_span_first(&c, s);
        if (!rec_is_digit(c))
            return false;
        s = rec_span_from(s, width);
    }
    return true;
}

/* The part up to the separator, which is cut off *rest with it; the last part has text == NULL after
 * it: Python's split. */
static rec_span next_part(rec_span *rest, const char *separator)
{
    size_t n = rec_span_find(*rest, separator);
    rec_span part = rec_span_to(*rest, n);
    *rest = n < rest->n ? rec_span_from(*rest, n + strlen(separator)) : (rec_span){NULL, 0};
    return part;
}

static rec_status add_parts(rec_title_list *out, rec_span line, const char *separator,
                            rec_error *err)
{
    rec_status status = REC_OK;
    for (rec_span rest = line; status == REC_OK && rest.text != NULL;)
        status = rec_title_list_add(out, next_part(&rest, separator), err);
    return status;
}

/* "Based on your history, I suggest: a, b": what follows the first ": ". Without one the original is
 * left with an empty string, which splits into one empty title. */
static rec_status add_comma_run(rec_title_list *out, rec_span line, rec_error *err)
{
    static const char opening[] = "Based on your";
    if (rec_span_find(line, opening) < line.n) {
        next_part(&line, ": ");
        if (line.text == NULL)
            line = rec_span_of("");
    }
    return add_parts(out, line, ", ", err);
}

static rec_span without_last_word(rec_span s)
{
    const char *blank = s.n > 0 ? memrchr(s.text, ' ', s.n) : NULL;
    return rec_span_to(s, blank != NULL ? (size_t)(blank - s.text) : 0);
}

/* "1. a 2. b": each part after the first ends with the next number (or the last word of its own). */
static rec_status add_inline_numbers(rec_title_list *out, rec_span line, rec_error *err)
{
    rec_status status = REC_OK;
    next_part(&line, ". ");
    while (status == REC_OK && line.text != NULL)
        status = rec_title_list_add(out, without_last_word(next_part(&line, ". ")), err);
    return status;
}

static rec_status read_line(rec_title_list *out, rec_span line, rec_error *err)
{
    if (out->n == 0 && rec_span_find(line, ", ") < line.n)
        return add_comma_run(out, line, err);
    rec_span rest = line;
    rec_span number = next_part(&rest, ". ");
    if (rest.text == NULL || !all_digits(number))
        return REC_OK;
    if (out->n == 0 && rec_span_find(rest, ". ") < rest.n)
        return add_inline_numbers(out, line, err);
    return rec_title_list_add(out, next_part(&rest, ". "), err);
}

static size_t count_lines(rec_span text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.text[i] == '\n';
    return n;
}

/* Lines between the first and the second empty one, or the end. */
static rec_status add_second_paragraph(rec_title_list *out, rec_span text, rec_error *err)
{
    rec_status status = REC_OK;
    bool inside = false;
    while (status == REC_OK && text.text != NULL) {
        rec_span line = next_part(&text, "\n");
        if (line.n == 0 && inside)
            break;
        if (inside)
            status = rec_title_list_add(out, rec_span_trim(line), err);
        inside = inside || line.n == 0;
    }
    return status;
}

static rec_span last_line(rec_span text)
{
    rec_span line = text;
    while (text.text != NULL)
        line = next_part(&text, "\n");
    return line;
}

static rec_status parse(rec_title_list *out, const char *reply, const rec_title_index *known,
                        rec_error *err)
{
    enum { LINES_OF_TWO_PARAGRAPHS = 5 };
    (void)known;
    rec_title_list_clear(out);
    out->mode = REC_LIST_LEGACY;
    rec_span text = rec_span_of(reply);
    rec_status status = REC_OK;
    for (rec_span rest = text; status == REC_OK && rest.text != NULL;)
        status = read_line(out, next_part(&rest, "\n"), err);
    if (status == REC_OK && out->n == 0 && count_lines(text) >= LINES_OF_TWO_PARAGRAPHS)
        status = add_second_paragraph(out, text, err);
    if (status == REC_OK && out->n == 0)
        status = rec_title_list_add(out, last_line(text), err);
    return status;
}

const rec_list_parser rec_list_parser_reclm_legacy = {
    .name = "reclm_legacy",
    .help = "as RecLM-eval of 2024: a comma run, numbered lines, a paragraph or the last line",
    .parse = parse,
};
