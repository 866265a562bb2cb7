#include "harness/replies/forms.h"
#include "harness/replies/markup.h"

static const char mark[] = "<end>";

static rec_span last_line(rec_span s)
{
    const char *at = s.n > 0 ? memrchr(s.text, '\n', s.n) : NULL;
    return at != NULL ? rec_span_from(s, (size_t)(at - s.text) + 1) : s;
}

/* Of the lines before a mark only the last is the title: the first piece may begin with an
 * introduction. Numbers that the model added are no part of a title. */
static rec_status add_piece(rec_title_list *out, rec_span piece, const rec_title_index *known,
                            rec_error *err)
{
    bool is_known;
    rec_span title = rec_markup_bare(last_line(rec_span_trim(piece)));
    rec_status status = rec_markup_is_known(&is_known, known, title, err);
    if (status != REC_OK || title.n == 0)
        return status;
    size_t numbered = is_known ? 0 : rec_markup_number(NULL, title);
    return rec_title_list_add(out, rec_markup_bare(rec_span_from(title, numbered)), err);
}

static rec_status add_rest(rec_title_list *out, rec_span rest, const rec_title_index *known,
                           rec_error *err)
{
    bool is_known;
    rec_span first = rec_span_line(&rest);
    if (rec_span_trim(first).n > 0)
        return rec_markup_is_prose(first) ? REC_OK : add_piece(out, first, known, err);
    rest = rec_markup_bare(rest);
    rec_status status = rec_markup_is_known(&is_known, known, rest, err);
    return is_known ? rec_title_list_add(out, rest, err) : status;
}

rec_status rec_form_marked(rec_title_list *out, rec_span answer, const rec_title_index *known,
                           rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = rec_span_find(answer, mark);
    if (n == answer.n)
        return REC_OK;
    out->mode = REC_LIST_END;
    for (; status == REC_OK && n < answer.n; n = rec_span_find(answer, mark)) {
        status = add_piece(out, rec_span_to(answer, n), known, err);
        answer = rec_span_from(answer, n + strlen(mark));
    }
    return status == REC_OK ? add_rest(out, answer, known, err) : status;
}
