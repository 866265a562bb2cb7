/* harness/replies/lists/auto.c: reads a list in whichever form the reply has it; the first form that
 * applies. Nothing is repaired: what is read stays a title whether it exists or not, repeated or not. */
#include <stdlib.h>

#include "harness/replies/forms.h"
#include "harness/replies/markup.h"

static const rec_form_fn forms[] = {rec_form_marked,  rec_form_json,   rec_form_numbered,
                                    rec_form_bullets, rec_form_commas, rec_form_lines};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

/* "None", "N/A": words for nothing, unless a title is called so. */
static rec_status says_nothing(bool *out, rec_span answer, const rec_title_index *known,
                               rec_error *err)
{
    static const char *const words[] = {"none", "n/a", "null", "nothing", "no titles"};
    rec_span word = rec_markup_bare(answer);
    bool found = false, is_known = false;
    if (rec_span_ends(word, "."))
        word.n--;
    for (size_t i = 0; i < sizeof words / sizeof words[0] && !found; i++)
        found = word.n == strlen(words[i]) && rec_span_starts_folded(word, words[i]);
    rec_status status = found ? rec_markup_is_known(&is_known, known, word, err) : REC_OK;
    *out = found && !is_known;
    return status;
}

static rec_status parse(rec_title_list *out, const char *reply, const rec_title_index *known,
                        rec_error *err)
{
    char *text = NULL;
    rec_status status;
    bool nothing;
    rec_title_list_clear(out);
    out->mode = REC_LIST_BLANK;
    REC_TRY(rec_markup_answer(&text, reply, err));
    rec_span answer = rec_span_trim(rec_span_of(text));
    if (answer.n == 0)
        goto cleanup;
    out->mode = REC_LIST_UNREADABLE;
    REC_TRY(says_nothing(&nothing, answer, known, err));
    for (size_t i = 0; i < N_FORMS && !nothing && out->mode == REC_LIST_UNREADABLE; i++)
        REC_TRY(forms[i](out, answer, known, err));
cleanup:
    free(text);
    return status;
}

const rec_list_parser rec_list_parser_auto = {
    .name = "auto",
    .help = "<end> marks, JSON, numbered lines, bullets, commas or lines: the first that applies",
    .parse = parse,
};
