/* harness/replies/letters/reclm.c: RecLM-eval's compute_metrics_on_multi_choices (evaluates/evaluate.py):
 * the first capital A-J that stands alone, wherever it stands ("I think", "A user"), else the first
 * option whose cleaned title is part of the cleaned reply, else the most similar by difflib's ratio
 * from 0.55 on. */
#include <stdlib.h>

#include "harness/replies/letters.h"
#include "harness/replies/ratcliff.h"
#include "harness/replies/titles.h"

enum { N_LETTERS = 10 };
static const double least_ratio = 0.55;

/* \s*\d+\s*[.)]\s* at the start is removed once. */
static rec_span without_number(rec_span s)
{
    rec_span rest = rec_span_trim_start(s), digits = rest;
    uint32_t c;
    while (rest.n > 0) {
        size_t width = rec_span_first(&c, rest);
        if (!rec_is_digit(c))
            break;
        rest = rec_span_from(rest, width);
    }
    if (rest.n == digits.n)
        return s;
    rest = rec_span_trim_start(rest);
    if (!rec_span_starts(rest, ".") && !rec_span_starts(rest, ")"))
        return s;
    return rec_span_trim_start(rec_span_from(rest, 1));
}

static bool in_word(uint32_t c)
{
    return c == '_' || rec_is_alnum(c);
}

/* \b([A-J])\b: 0 = A, REC_NO_OPTION. */
static unsigned first_letter(rec_span s)
{
    uint32_t before = ' ';
    while (s.n > 0) {
        uint32_t c, after = ' ';
        rec_span rest = rec_span_from(s, rec_span_first(&c, s));
        if (rest.n > 0)
            rec_span_first(&after, rest);
        if (c >= 'A' && c < 'A' + N_LETTERS && !in_word(before) && !in_word(after))
            return c - 'A';
        before = c;
        s = rest;
    }
    return REC_NO_OPTION;
}

/* The original reads "A. title" with a pattern whose dot stops at a line end. */
static rec_span title_line(const char *title)
{
    rec_span rest = rec_span_trim_start(rec_span_of(title));
    return rec_span_line(&rest);
}

static rec_status clean_titles(char *cleaned[N_LETTERS], const char *const *titles, size_t n,
                               rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; status == REC_OK && i < n; i++)
        status = rec_title_clean(&cleaned[i], title_line(titles[i]), err);
    return status;
}

static rec_status most_similar(rec_letter_answer *out, const char *reply,
                               char *const cleaned[N_LETTERS], size_t n, rec_error *err)
{
    unsigned best = REC_NO_OPTION;
    for (unsigned i = 0; i < n; i++) {
        double ratio;
        rec_span a = rec_span_of(reply), b = rec_span_of(cleaned[i]);
        if (rec_ratcliff_bound(a, b) < least_ratio)
            continue; /* cannot be the answer; saves the work on long replies */
        rec_status status = rec_ratcliff(&ratio, a, b, err);
        if (status != REC_OK)
            return status;
        if (ratio > out->similarity) {
            out->similarity = ratio;
            best = i;
        }
    }
    if (out->similarity >= least_ratio) {
        out->option = best;
        out->mode = REC_LETTER_FUZZY;
    }
    return REC_OK;
}

static rec_status match_titles(rec_letter_answer *out, rec_span reply, const char *const *titles,
                               size_t n, rec_error *err)
{
    char *cleaned[N_LETTERS] = {NULL}, *cleaned_reply = NULL;
    rec_status status;
    REC_TRY(clean_titles(cleaned, titles, n, err));
    REC_TRY(rec_title_clean(&cleaned_reply, reply, err));
    for (unsigned i = 0; i < n && out->mode == REC_LETTER_NONE; i++)
        if (cleaned[i][0] != '\0' && strstr(cleaned_reply, cleaned[i]) != NULL)
            *out = (rec_letter_answer){.option = i, .mode = REC_LETTER_CONTAINED};
    if (out->mode == REC_LETTER_NONE)
        REC_TRY(most_similar(out, cleaned_reply, cleaned, n, err));
cleanup:
    for (size_t i = 0; i < n; i++)
        free(cleaned[i]);
    free(cleaned_reply);
    return status;
}

static rec_status parse(rec_letter_answer *out, const char *reply, const char *const *titles,
                        size_t n_options, rec_error *err)
{
    rec_span text = without_number(rec_span_trim(rec_span_of(reply)));
    *out = (rec_letter_answer){.option = first_letter(text), .mode = REC_LETTER_FIRST};
    if (out->option != REC_NO_OPTION)
        return REC_OK;
    out->mode = REC_LETTER_NONE;
    return match_titles(out, text, titles, n_options < N_LETTERS ? n_options : N_LETTERS, err);
}

const rec_letter_parser rec_letter_parser_reclm = {
    .name = "reclm",
    .help = "as RecLM-eval: the first capital A-J that stands alone, else titles",
    .parse = parse,
};
