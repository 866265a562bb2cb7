/* models/reclm_emb/gate_text.c: what can be told of a text without knowing the catalogue. */
#include "models/reclm_emb/gate_text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { EXACT_LETTERS = 5, FIRST_YEAR = 1800, LAST_YEAR = 2100 };

/* ---- words ---- */

rec_status rec_emb_normalise(rec_buffer *out, const char *text, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    bool wants_blank = false;
    for (; *text != '\0' && status == REC_OK; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\'')
            continue;
        if (c < 0x80 && !isalnum(c)) {
            wants_blank = out->length > 0;
            continue;
        }
        char letter = (char)(c < 0x80 ? tolower(c) : c);
        if (wants_blank)
            status = rec_buffer_append(out, " ", 1, err);
        if (status == REC_OK)
            status = rec_buffer_append(out, &letter, 1, err);
        wants_blank = false;
    }
    return status;
}

const char *rec_emb_next_word(size_t *n, const char **at)
{
    const char *word = *at + (**at == ' ');
    *n = strcspn(word, " ");
    *at = word + *n;
    return *n > 0 ? word : NULL;
}

size_t rec_emb_count_words(const char *normalised)
{
    size_t n, count = 0;
    while (rec_emb_next_word(&n, &normalised) != NULL)
        count++;
    return count;
}

static bool is_article(const char *word, size_t n)
{
    return (n == 3 && memcmp(word, "the", 3) == 0) || (n == 2 && memcmp(word, "an", 2) == 0) ||
           (n == 1 && word[0] == 'a');
}

/* Without the year in brackets. */
static size_t length_without_year(const char *title)
{
    size_t n = strlen(title);
    int digits = 0;
    while (n > 0 && title[n - 1] == ' ')
        n--;
    if (n == 0 || title[n - 1] != ')')
        return n;
    size_t at = n - 1;
    while (at > 0 && isdigit((unsigned char)title[at - 1])) {
        at--;
        digits++;
    }
    return digits == 4 && at > 0 && title[at - 1] == '(' ? at - 1 : n;
}

rec_status rec_emb_normalise_title(rec_buffer *out, const char *title, rec_error *err)
{
    char *named = rec_format(err, "%.*s", (int)length_without_year(title), title);
    rec_buffer_clear(out);
    rec_status status = named != NULL ? rec_emb_normalise(out, named, err) : REC_ERR_RESOURCE;
    free(named);
    return status;
}

/* The part of a normalised title between its articles: all of it when it has nothing else. */
static const char *core_of(size_t *n, const char *title)
{
    const char *start = title;
    size_t first = strcspn(title, " "), length = strlen(title);
    if (is_article(title, first) && title[first] == ' ')
        start = title + first + 1;
    const char *last = strrchr(start, ' ');
    *n = length - (size_t)(start - title);
    if (last != NULL && is_article(last + 1, strlen(last + 1)))
        *n = (size_t)(last - start);
    return start;
}

/* ---- titles ---- */

/* Edit distance between the title and the words of the text that come nearest to it, a match beginning
 * and ending with a word ("The theory and computation of evolutionary distances: pattern recognition",
 * Journal of Algorithms 1, 1980), or, `whole`, all of the text. `row` has room for n_title + 1. */
static size_t edit_distance(const char *text, const char *title, size_t n_title, bool whole,
                            size_t *row)
{
    const size_t far = SIZE_MAX / 2;
    size_t n = strlen(text), best = whole && n == 0 ? n_title : far;
    for (size_t i = 0; i <= n_title; i++)
        row[i] = i;
    for (size_t j = 0; j < n; j++) {
        size_t diagonal = row[0];
        row[0] = whole ? j + 1 : text[j] == ' ' ? 0 : far; /* may a match begin behind this? */
        for (size_t i = 1; i <= n_title; i++) {
            size_t change = diagonal + (text[j] != title[i - 1]);
            size_t skip = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;
            diagonal = row[i];
            row[i] = change < skip ? change : skip;
        }
        bool may_end = text[j + 1] == '\0' || (!whole && text[j + 1] == ' ');
        if (may_end && row[n_title] < best)
            best = row[n_title];
    }
    return best;
}

rec_status rec_emb_says_title(bool *says, const char *text, const char *title, rec_error *err)
{
    const double share = 0.25;
    size_t n;
    const char *core = core_of(&n, title);
    *says = false;
    if (n == 0)
        return REC_OK;
    size_t *row = rec_alloc(n + 1, sizeof *row, err);
    if (row == NULL)
        return REC_ERR_RESOURCE;
    size_t near = n < EXACT_LETTERS ? 0 : (size_t)(share * (double)n);
    *says = edit_distance(text, core, n, false, row) <= near;
    free(row);
    return REC_OK;
}

rec_status rec_emb_is_misspelling(bool *is, const char *text, const char *title, rec_error *err)
{
    const double share = 0.4;
    size_t n = strlen(title);
    size_t *row = rec_alloc(n + 1, sizeof *row, err);
    if (row == NULL)
        return REC_ERR_RESOURCE;
    size_t edits = edit_distance(text, title, n, true, row);
    *is = edits > 0 && (double)edits <= 1.0 + share * (double)n;
    free(row);
    return REC_OK;
}

void rec_emb_blank_out(char *text, const char *title)
{
    size_t n = strlen(title);
    char *at = n > 0 ? strstr(text, title) : NULL;
    for (; at != NULL; at = strstr(at + n, title)) {
        bool begins = at == text || at[-1] == ' ';
        bool ends = at[n] == ' ' || at[n] == '\0';
        if (begins && ends)
            memset(at, '_', n);
    }
}

/* ---- form ---- */

bool rec_emb_turns_in_circles(const char *normalised)
{
    size_t n_runs = 0, n_repeated = 0, n;
    for (const char *at = normalised, *word; (word = rec_emb_next_word(&n, &at)) != NULL;) {
        const char *end = at;
        bool is_whole = rec_emb_next_word(&n, &end) != NULL && rec_emb_next_word(&n, &end) != NULL;
        size_t length = (size_t)(end - word);
        if (!is_whole)
            break;
        n_runs++;
        for (const char *earlier = normalised; earlier < word; earlier++)
            if (memcmp(earlier, word, length) == 0 &&
                (earlier[length] == ' ' || earlier[length] == '\0') &&
                (earlier == normalised || earlier[-1] == ' ')) {
                n_repeated++;
                break;
            }
    }
    return 3 * n_repeated > n_runs;
}

bool rec_emb_is_dialogue(const char *text)
{
    size_t n_user = 0;
    bool is_user = false;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n")) {
        line += *line == '\n';
        is_user = strncmp(line, "User: ", 6) == 0;
        if (!is_user && strncmp(line, "Assistant: ", 11) != 0)
            return false;
        n_user += is_user;
    }
    return is_user && n_user >= 2;
}

int rec_emb_year_of(bool *is_decade, const char *word, size_t n)
{
    int year = 0;
    *is_decade = n == 5 && word[4] == 's';
    if (n != 4 && !*is_decade)
        return 0;
    for (size_t i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)word[i]))
            return 0;
        year = 10 * year + (word[i] - '0');
    }
    return year >= FIRST_YEAR && year <= LAST_YEAR ? year : 0;
}
