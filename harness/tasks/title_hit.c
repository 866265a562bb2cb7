#include "harness/tasks/title_hit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/replies/grounding.h"
#include "harness/replies/numerals.h"
#include "harness/replies/titles.h"
#include "harness/simulators/title_leak.h"

/* ---- standard ---- */

/* Behind a title "i" is the pronoun. */
static bool is_numeral(const char *word, size_t n)
{
    return !(n == 1 && word[0] == 'i') && rec_is_numeral((rec_span){word, n});
}

/* An occurrence of `title` in the folded line that no foreign numeral follows. `year` is what the full
 * title ends in; "" = nothing. */
static bool has_mention(const char *line, const char *title, const char *year)
{
    size_t n = strlen(title);
    for (const char *at = strstr(line, title); at != NULL; at = strstr(at + 1, title)) {
        bool begins = at == line || at[-1] == ' ', ends = at[n] == '\0' || at[n] == ' ';
        if (!begins || !ends)
            continue;
        const char *next = at[n] == ' ' ? at + n + 1 : "";
        size_t length = strcspn(next, " ");
        bool is_own = strlen(year) == length && strncmp(next, year, length) == 0;
        if (is_own || !is_numeral(next, length))
            return true;
    }
    return false;
}

static bool holds_listed_title(rec_span line, const rec_title_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->titles[i][0] != '\0' && rec_span_find(line, list->titles[i]) < line.n)
            return true;
    return false;
}

typedef struct wanted {
    rec_span bare;
    char *words; /* owned, folded */
    char year[5];
} wanted;

static rec_status wanted_init(wanted *w, const char *title, rec_error *err)
{
    rec_span full = rec_span_trim(rec_span_of(title));
    w->bare = rec_title_without_year(full);
    if (w->bare.n < full.n)
        memcpy(w->year, full.text + full.n - strlen("1995)"), 4);
    return rec_title_folded(&w->words, w->bare, err);
}

static rec_status line_mentions(bool *out, rec_span line, const wanted *w, rec_error *err)
{
    char *words;
    rec_status status = rec_title_folded(&words, line, err);
    if (status != REC_OK)
        return status;
    bool is_one_word = strchr(w->words, ' ') == NULL;
    *out = w->words[0] != '\0' && has_mention(words, w->words, w->year) &&
           (!is_one_word || rec_has_spelling(line, w->bare));
    free(words);
    return REC_OK;
}

rec_status rec_mentions_title(bool *out, const char *reply, const char *title,
                              const rec_title_list *list, rec_error *err)
{
    wanted w = {.words = NULL};
    rec_span rest = rec_span_of(reply);
    rec_status status = wanted_init(&w, title, err);
    *out = false;
    while (status == REC_OK && rest.n > 0 && !*out) {
        rec_span line = rec_span_line(&rest);
        if (!holds_listed_title(line, list))
            status = line_mentions(out, line, &w, err);
    }
    free(w.words);
    return status;
}

rec_status rec_is_title_without_year(bool *out, const char *text, const char *title, rec_error *err)
{
    wanted w = {.words = NULL};
    char *words = NULL;
    rec_status status;
    *out = false;
    REC_TRY(wanted_init(&w, title, err));
    REC_TRY(rec_title_folded(&words, rec_span_of(text), err));
    *out = w.year[0] != '\0' && strcmp(words, w.words) == 0;
cleanup:
    free(words);
    free(w.words);
    return status;
}

/* ---- as the original ---- */

typedef struct comparison {
    const rec_tfidf *corpus;
    rec_tfidf_vector title;
    size_t n_characters; /* of the title */
    bool is_similar;
} comparison;

static size_t count_characters(rec_span s)
{
    size_t n = 0;
    while (s.n > 0) {
        uint32_t character;
        s = rec_span_from(s, rec_span_first(&character, s));
        n++;
    }
    return n;
}

static rec_status compare(comparison *c, rec_span text, rec_error *err)
{
    rec_tfidf_vector v = {0};
    rec_status status = rec_tfidf_vector_init(&v, c->corpus, text, err);
    if (status == REC_OK)
        c->is_similar = rec_tfidf_cosine(&v, &c->title) >= REC_SIMILAR_ERRORS;
    rec_tfidf_vector_deinit(&v);
    return status;
}

/* Every part of the line with as many characters as the title; a shorter line has none. */
static rec_status compare_parts(comparison *c, rec_span line, rec_error *err)
{
    size_t n = count_characters(line), end = 0;
    rec_status status = REC_OK;
    uint32_t character;
    if (n < c->n_characters || c->n_characters == 0)
        return REC_OK;
    for (size_t i = 0; i < c->n_characters; i++)
        end += rec_span_first(&character, rec_span_from(line, end));
    for (size_t start = 0; status == REC_OK && !c->is_similar;) {
        status = compare(c, (rec_span){line.text + start, end - start}, err);
        if (end == line.n)
            break;
        start += rec_span_first(&character, rec_span_from(line, start));
        end += rec_span_first(&character, rec_span_from(line, end));
    }
    return status;
}

rec_status rec_reclm_mentions_title(bool *out, const char *reply, const char *title,
                                    const rec_tfidf *corpus, rec_error *err)
{
    comparison c = {.corpus = corpus, .n_characters = count_characters(rec_span_of(title))};
    rec_span rest = rec_span_of(reply);
    rec_status status = rec_tfidf_vector_init(&c.title, corpus, rec_span_of(title), err);
    if (status == REC_OK)
        status = compare(&c, rest, err);
    while (status == REC_OK && rest.n > 0 && !c.is_similar)
        status = compare_parts(&c, rec_span_line(&rest), err);
    *out = c.is_similar;
    rec_tfidf_vector_deinit(&c.title);
    return status;
}
