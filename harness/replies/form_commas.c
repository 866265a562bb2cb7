/* harness/replies/form_commas.c: titles between commas, where titles may contain commas. Pieces are
 * joined greedily: the longest run of pieces that is a known title, or that quotes hold together, is
 * one title. A join looks as far ahead as the known title with the most commas, at most MAX_PIECES. */
#include <stdlib.h>

#include "core/memory.h"
#include "harness/replies/forms.h"
#include "harness/replies/markup.h"

enum { MAX_PIECES = 8 };

/* One line cut at its commas: piece i is line[start[i] .. end[i] - 1]. */
typedef struct comma_run {
    rec_span line;
    size_t *start, *end; /* owned, (n) */
    size_t n, n_known;
} comma_run;

/* Width of a separator here: a comma before a blank or the end, or one of East Asian text; else 0. */
static size_t separator(rec_span s)
{
    if (s.text[0] == ',')
        return s.n == 1 || s.text[1] == ' ' || s.text[1] == '\t' || s.text[1] == '\r' ? 1 : 0;
    return rec_span_starts(s, "，") || rec_span_starts(s, "、") ? strlen("，") : 0;
}

static size_t count_pieces(rec_span line)
{
    size_t n = 1;
    for (size_t i = 0; i < line.n; i++)
        n += separator(rec_span_from(line, i)) > 0;
    return n;
}

static void run_deinit(comma_run *r)
{
    free(r->start);
    free(r->end);
}

static rec_status run_init(comma_run *r, rec_span line, rec_error *err)
{
    rec_status status = REC_OK;
    *r = (comma_run){.line = line};
    size_t n = count_pieces(line);
    REC_TRY_NEW(r->start, n, err);
    REC_TRY_NEW(r->end, n, err);
    for (size_t i = 0; i < line.n; i++) {
        size_t width = separator(rec_span_from(line, i));
        if (width == 0)
            continue;
        r->end[r->n++] = i;
        r->start[r->n] = i + width;
    }
    r->end[r->n++] = line.n;
cleanup:
    return status;
}

static rec_span joined(const comma_run *r, size_t from, size_t n)
{
    return rec_span_trim(
        (rec_span){r->line.text + r->start[from], r->end[from + n - 1] - r->start[from]});
}

static bool quotes_hold(rec_span s)
{
    return (rec_span_starts(s, "\"") || rec_span_starts(s, "“")) && rec_markup_bare(s).n < s.n;
}

/* How many pieces from `from` on are one title; *is_known if it exists. */
static rec_status join_length(size_t *out, bool *is_known, const comma_run *r, size_t from,
                              const rec_title_index *known, rec_error *err)
{
    size_t longest = known != NULL ? rec_title_index_commas(known) + 1 : MAX_PIECES;
    longest = longest < MAX_PIECES ? longest : MAX_PIECES;
    longest = longest < r->n - from ? longest : r->n - from;
    *is_known = false;
    for (*out = longest; *out > 0; (*out)--) {
        rec_span title = joined(r, from, *out);
        if (*out > 1 && joined(r, from + *out - 1, 1).n == 0)
            continue; /* a comma at the end of the line joins nothing */
        rec_status status = rec_markup_is_known(is_known, known, rec_markup_bare(title), err);
        if (status != REC_OK || *is_known || quotes_hold(title))
            return status;
    }
    *out = 1;
    return REC_OK;
}

/* "and Portal" at the end of a run, "Portal." at the end of a sentence: as it is if a title is written
 * so, else without. */
static rec_status add_piece(rec_title_list *out, rec_span piece, bool is_known, bool is_last,
                            const rec_title_index *known, rec_error *err)
{
    rec_span title = rec_markup_bare(piece);
    bool is_exact = known != NULL && rec_title_index_exact(known, title).n > 0;
    if (!is_known && is_last && rec_span_starts(title, "and "))
        title = rec_markup_bare(rec_span_from(title, strlen("and ")));
    if (!is_exact && is_last && rec_span_ends(title, "."))
        title = rec_markup_bare(rec_span_to(title, title.n - 1));
    return title.n > 0 ? rec_title_list_add(out, title, err) : REC_OK;
}

static rec_status add_run(rec_title_list *out, comma_run *r, const rec_title_index *known,
                          rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0, n; status == REC_OK && i < r->n; i += n) {
        bool is_known;
        status = join_length(&n, &is_known, r, i, known, err);
        r->n_known += is_known;
        if (status == REC_OK)
            status = add_piece(out, joined(r, i, n), is_known, i + n == r->n, known, err);
    }
    return status;
}

static bool introduces(rec_span s)
{
    static const char *const words[] = {"recommend", "suggest",   "here are",  "here is",
                                        "based on",  "following", "you might", "titles"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (rec_span_find_folded(s, words[i]) < s.n)
            return true;
    return false;
}

static rec_status begins_known(bool *out, rec_span line, const rec_title_index *known,
                               rec_error *err)
{
    comma_run run = {0};
    size_t n;
    rec_status status;
    REC_TRY(run_init(&run, line, err));
    REC_TRY(join_length(&n, out, &run, 0, known, err));
cleanup:
    run_deinit(&run);
    return status;
}

/* "Here are ten films: a, b" and "You will like a, b" begin behind the introduction, unless the first
 * title begins before. Without words of introduction a known title must follow. */
static rec_status without_introduction(rec_span *line, const rec_title_index *known, rec_error *err)
{
    static const char *const ends[] = {": ", " are ", " is ", " like ", " include ", " recommend "};
    bool is_known = false;
    rec_status status = begins_known(&is_known, *line, known, err);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0] && status == REC_OK && !is_known; i++) {
        size_t at = rec_span_find(*line, ends[i]);
        if (at == line->n)
            continue;
        rec_span rest = rec_span_from(*line, at + strlen(ends[i]));
        status = begins_known(&is_known, rest, known, err);
        bool is_introduction = ends[i][0] == ':' && introduces(rec_span_to(*line, at));
        if (is_known || is_introduction) {
            *line = rest;
            break;
        }
    }
    return status;
}

/* A piece of many words is no title. */
static bool has_prose(const comma_run *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (rec_markup_is_prose(joined(r, i, 1)))
            return true;
    return rec_markup_is_sentence(r->line);
}

/* Three pieces that are no sentence make a list even if no title among them exists. */
static bool is_list(const comma_run *r, const rec_title_index *known)
{
    if (r->n_known > 1)
        return true;
    return r->n >= (known != NULL && r->n_known == 0 ? 3 : 2) && !has_prose(r);
}

static rec_status read_line(rec_title_list *out, rec_span line, const rec_title_index *known,
                            rec_error *err)
{
    comma_run run = {0};
    rec_title_list found = {0};
    rec_status status;
    REC_TRY(without_introduction(&line, known, err));
    REC_TRY(run_init(&run, line, err));
    if (run.n < 2)
        goto cleanup;
    REC_TRY(add_run(&found, &run, known, err));
    if (found.n < 2 || !is_list(&run, known))
        goto cleanup;
    for (size_t i = 0; i < found.n; i++)
        REC_TRY(rec_title_list_add(out, rec_span_of(found.titles[i]), err));
cleanup:
    rec_title_list_deinit(&found);
    run_deinit(&run);
    return status;
}

rec_status rec_form_commas(rec_title_list *out, rec_span answer, const rec_title_index *known,
                           rec_error *err)
{
    rec_status status = REC_OK;
    while (status == REC_OK && answer.n > 0)
        status = read_line(out, rec_markup_bare(rec_span_line(&answer)), known, err);
    if (out->n > 0)
        out->mode = REC_LIST_COMMAS;
    return status;
}
