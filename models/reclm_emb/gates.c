#include "models/reclm_emb/gates.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/strings.h"

enum {
    EXACT_LETTERS = 5,
    RARE_LETTERS = 5,
    VALUE_LETTERS = 4,
    VALUE_WORDS = 4,
    FIRST_YEAR = 1800,
    LAST_YEAR = 2100
};

struct rec_emb_gates {
    const rec_emb_items *items; /* borrowed */
    rec_strings *pool, *texts;  /* owned */
    rec_interner words;         /* of titles */
    uint32_t *n_titles;         /* owned (words.n): titles with the word */
    rec_interner values;        /* attribute values, normalised */
    uint32_t *value_number;     /* owned (items->values.n): which of them each value is */
    rec_interner seen;          /* texts since begin, in `texts` */
    size_t n_written, n_repeats;
    rec_buffer text, other; /* normalised */
};

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

/* The next word of a normalised text at *at, which moves behind it; NULL at the end. */
static const char *next_word(size_t *n, const char **at)
{
    const char *word = *at + (**at == ' ');
    *n = strcspn(word, " ");
    *at = word + *n;
    return *n > 0 ? word : NULL;
}

static size_t count_words(const char *normalised)
{
    size_t n, count = 0;
    while (next_word(&n, &normalised) != NULL)
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

/* g->other = the title, normalised. */
static rec_status read_title(rec_emb_gates *g, const char *title, rec_error *err)
{
    char *named = rec_format(err, "%.*s", (int)length_without_year(title), title);
    rec_buffer_clear(&g->other);
    rec_status status = named != NULL ? rec_emb_normalise(&g->other, named, err) : REC_ERR_RESOURCE;
    free(named);
    return status;
}

/* A word of the title that no other title has tells which item is meant. */
static bool says_rare_word(const rec_emb_gates *g, const char *text, const char *title)
{
    size_t n, n_other;
    const char *word, *other;
    while ((word = next_word(&n, &title)) != NULL) {
        uint32_t number = rec_interner_find(&g->words, word, n);
        if (n < RARE_LETTERS || number == UINT32_MAX || g->n_titles[number] > 1)
            continue;
        const char *at = text;
        while ((other = next_word(&n_other, &at)) != NULL)
            if (n == n_other && memcmp(word, other, n) == 0)
                return true;
    }
    return false;
}

/* Is the text about an item that must not be recognised by its name? */
static bool is_of_item(const rec_emb_ask *ask)
{
    return ask->kind == REC_EMB_DESCRIPTION || ask->kind == REC_EMB_DISLIKE;
}

static rec_status judge_title(rec_emb_outcome *outcome, rec_emb_gates *g, const rec_emb_ask *ask,
                              rec_error *err)
{
    const char *title = rec_emb_title(g->items, ask->item);
    bool says = false;
    if (title == NULL || ask->kind == REC_EMB_MISSPELLING)
        return REC_OK;
    rec_status status = read_title(g, title, err);
    if (status == REC_OK)
        status = rec_emb_says_title(&says, g->text.data, g->other.data, err);
    if (status == REC_OK && is_of_item(ask))
        says = says || says_rare_word(g, g->text.data, g->other.data);
    if (says)
        *outcome = REC_EMB_SAYS_TITLE;
    return status;
}

/* ---- length and form ---- */

static bool is_of_length(const rec_emb_ask *ask, size_t words)
{
    static const size_t least[REC_EMB_N_TEXT_KINDS] = {[REC_EMB_SUMMARY] = 3,
                                                       [REC_EMB_DESCRIPTION] = 1,
                                                       [REC_EMB_DISLIKE] = 3,
                                                       [REC_EMB_DIALOGUE] = 6};
    if (ask->kind == REC_EMB_MISSPELLING)
        return words >= 1;
    return words >= least[ask->kind] && words <= ask->style.words + ask->style.words / 10;
}

/* Does more than a third of the runs of three words stand there before? Small models end so. */
static bool turns_in_circles(const char *normalised)
{
    size_t n_runs = 0, n_repeated = 0, n;
    for (const char *at = normalised, *word; (word = next_word(&n, &at)) != NULL;) {
        const char *end = at;
        bool is_whole = next_word(&n, &end) != NULL && next_word(&n, &end) != NULL;
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

/* Two lines of the user at least, none of an unknown speaker, the user's last. */
static bool is_dialogue(const char *text)
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

/* Not the title, and no further from it than two fifths of its length. */
static rec_status is_misspelling(bool *is, const char *text, const char *title, rec_error *err)
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

static rec_status judge_form(rec_emb_outcome *outcome, rec_emb_gates *g, const rec_emb_ask *ask,
                             const char *text, rec_error *err)
{
    const char *title = rec_emb_title(g->items, ask->item);
    bool is_right = !turns_in_circles(g->text.data);
    rec_status status = REC_OK;
    if (ask->kind == REC_EMB_DIALOGUE)
        is_right = is_right && is_dialogue(text);
    else if (ask->kind == REC_EMB_MISSPELLING)
        status = is_misspelling(&is_right, text, title != NULL ? title : "", err);
    if (!is_of_length(ask, count_words(g->text.data)))
        *outcome = REC_EMB_WRONG_LENGTH;
    else if (!is_right)
        *outcome = REC_EMB_MALFORMED;
    return status;
}

/* ---- truth ---- */

static bool item_has(const rec_emb_gates *g, uint32_t item, uint32_t number)
{
    const rec_emb_items *x = g->items;
    for (size_t a = 0; a < x->n_attributes; a++)
        for (size_t i = x->attributes[a].start[item]; i < x->attributes[a].start[item + 1]; i++)
            if (g->value_number[x->attributes[a].value[i]] == number)
                return true;
    return false;
}

/* 1995, or the decade of 1990s; 0: the word is neither. */
static int year_of(const char *word, size_t n, bool *is_decade)
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

static bool is_dated(const rec_emb_items *x, uint32_t item, int year, bool is_decade)
{
    int own, month;
    if (isnan(x->date[item]))
        return false;
    rec_emb_calendar(&own, &month, x->date[item]);
    return is_decade ? own / 10 == year / 10 : own == year;
}

/* A value's number, or a year or decade. */
typedef struct statement {
    uint32_t value;
    int year; /* 0: a value */
    bool is_decade;
} statement;

/* What is not wanted may be named. */
static bool is_unwanted(const rec_emb_gates *g, const rec_emb_ask *ask, const statement *s)
{
    for (size_t i = 0; s->year == 0 && i < ask->n_conditions; i++)
        if (ask->conditions[i].kind == REC_EMB_LACKS &&
            g->value_number[ask->conditions[i].value] == s->value)
            return true;
    return false;
}

/* Is it true of the item, or of one of the history where the text is about a user? */
static bool is_true(const rec_emb_gates *g, const rec_emb_ask *ask, const statement *s)
{
    bool is_user = ask->kind == REC_EMB_SUMMARY;
    size_t n_items = is_user ? ask->n_history : 1;
    for (size_t i = 0; i < n_items; i++) {
        uint32_t item = is_user ? ask->history[i] : ask->item;
        if (s->year != 0 ? is_dated(g->items, item, s->year, s->is_decade)
                         : item_has(g, item, s->value))
            return true;
    }
    return false;
}

/* Blank out the titles of the history: what they contain is not stated. */
static rec_status hide_titles(rec_emb_gates *g, const rec_emb_ask *ask, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < ask->n_history && status == REC_OK; i++) {
        const char *title = rec_emb_title(g->items, ask->history[i]);
        if (title == NULL)
            continue;
        status = read_title(g, title, err);
        char *at =
            status == REC_OK && g->other.length > 0 ? strstr(g->text.data, g->other.data) : NULL;
        for (; at != NULL; at = strstr(at + g->other.length, g->other.data)) {
            bool begins = at == g->text.data || at[-1] == ' ';
            bool ends = at[g->other.length] == ' ' || at[g->other.length] == '\0';
            if (begins && ends)
                memset(at, '_', g->other.length);
        }
    }
    return status;
}

/* The longest run of up to VALUE_WORDS words from `word` on that is a value of the catalogue: "Martin Short"
 * says nothing about short films. 0: none is. */
static size_t value_at(uint32_t *value, const rec_emb_gates *g, const char *word)
{
    const char *end = word + strcspn(word, " ");
    size_t last, found = 0;
    for (size_t w = 0; w < VALUE_WORDS; w++) {
        size_t length = (size_t)(end - word);
        uint32_t number = rec_interner_find(&g->values, word, length);
        if (length >= VALUE_LETTERS && number != UINT32_MAX) {
            *value = number;
            found = length;
        }
        if (next_word(&last, &end) == NULL)
            break;
    }
    return found;
}

static bool states_false(const rec_emb_gates *g, const rec_emb_ask *ask)
{
    const char *at = g->text.data, *word;
    size_t n;
    while ((word = next_word(&n, &at)) != NULL) {
        statement s = {.year = 0};
        size_t length = value_at(&s.value, g, word);
        if (length > 0)
            at = word + length;
        else
            s.year = g->items->date != NULL ? year_of(word, n, &s.is_decade) : 0;
        if ((length > 0 || s.year != 0) && !is_true(g, ask, &s) && !is_unwanted(g, ask, &s))
            return true;
    }
    return false;
}

static rec_status judge_truth(rec_emb_outcome *outcome, rec_emb_gates *g, const rec_emb_ask *ask,
                              rec_error *err)
{
    bool is_read = ask->kind == REC_EMB_SUMMARY || is_of_item(ask);
    rec_status status = ask->kind == REC_EMB_SUMMARY ? hide_titles(g, ask, err) : REC_OK;
    if (status != REC_OK)
        return status;
    if (!rec_emb_all_hold(g->items, ask->conditions, ask->n_conditions, ask->item) ||
        (is_read && states_false(g, ask)))
        *outcome = REC_EMB_SAYS_FALSE;
    return REC_OK;
}

/* ---- repeats ---- */

static rec_status judge_repeat(rec_emb_outcome *outcome, rec_emb_gates *g, const char *text,
                               rec_error *err)
{
    const double share = 0.02;
    uint32_t number;
    size_t n = strlen(text);
    bool repeats = rec_interner_find(&g->seen, text, n) != UINT32_MAX;
    if (repeats && (double)(g->n_repeats + 1) > share * (double)(g->n_written + 1)) {
        *outcome = REC_EMB_REPEATS;
        return REC_OK;
    }
    g->n_repeats += repeats;
    g->n_written++;
    return rec_interner_add(&number, &g->seen, text, n, err);
}

rec_status rec_emb_gates_judge(rec_emb_outcome *outcome, rec_emb_gates *g, const rec_emb_ask *ask,
                               const char *text, rec_error *err)
{
    rec_status status;
    *outcome = REC_EMB_WRITTEN;
    rec_buffer_clear(&g->text);
    REC_TRY(rec_emb_normalise(&g->text, text, err));
    REC_TRY(judge_form(outcome, g, ask, text, err));
    if (*outcome == REC_EMB_WRITTEN)
        REC_TRY(judge_title(outcome, g, ask, err));
    if (*outcome == REC_EMB_WRITTEN)
        REC_TRY(judge_truth(outcome, g, ask, err));
    if (*outcome == REC_EMB_WRITTEN)
        status = judge_repeat(outcome, g, text, err);
cleanup:
    return status;
}

/* ---- the object ---- */

/* One more title for each word of g->other. */
static rec_status count_words_of_title(rec_emb_gates *g, size_t *capacity, rec_error *err)
{
    const char *at = g->other.data, *word;
    uint32_t number;
    size_t n;
    while ((word = next_word(&n, &at)) != NULL) {
        rec_status status = rec_interner_add(&number, &g->words, word, n, err);
        if (status != REC_OK)
            return status;
        if (g->words.n > *capacity) {
            size_t wanted = 2 * g->words.n;
            uint32_t *grown = rec_realloc(g->n_titles, wanted, sizeof *grown, err);
            if (grown == NULL)
                return REC_ERR_RESOURCE;
            memset(grown + *capacity, 0, (wanted - *capacity) * sizeof *grown);
            g->n_titles = grown;
            *capacity = wanted;
        }
        g->n_titles[number]++;
    }
    return REC_OK;
}

/* In how many titles each word stands: equal titles are one. */
static rec_status count_title_words(rec_emb_gates *g, rec_error *err)
{
    rec_interner titles = {.pool = g->pool};
    rec_status status = REC_OK;
    size_t capacity = 0;
    for (uint32_t i = 0; i < g->items->n; i++) {
        const char *title = rec_emb_title(g->items, i);
        uint32_t number;
        size_t n_before = titles.n;
        if (title == NULL)
            continue;
        REC_TRY(read_title(g, title, err));
        REC_TRY(rec_interner_add(&number, &titles, g->other.data, g->other.length, err));
        if (titles.n > n_before)
            REC_TRY(count_words_of_title(g, &capacity, err));
    }
cleanup:
    rec_interner_deinit(&titles);
    return status;
}

static rec_status number_values(rec_emb_gates *g, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(g->value_number, g->items->values.n, err);
    for (size_t v = 0; v < g->items->values.n; v++) {
        rec_buffer_clear(&g->other);
        REC_TRY(rec_emb_normalise(&g->other, g->items->values.texts[v], err));
        REC_TRY(
            rec_interner_add(&g->value_number[v], &g->values, g->other.data, g->other.length, err));
    }
cleanup:
    return status;
}

rec_status rec_emb_gates_new(rec_emb_gates **out, const rec_emb_items *items, rec_error *err)
{
    rec_status status;
    *out = NULL;
    rec_emb_gates *g = rec_alloc(1, sizeof *g, err);
    if (g == NULL)
        return REC_ERR_RESOURCE;
    g->items = items;
    REC_TRY(rec_strings_new(&g->pool, err));
    g->words.pool = g->values.pool = g->pool;
    REC_TRY(count_title_words(g, err));
    REC_TRY(number_values(g, err));
    status = rec_emb_gates_begin(g, err);
cleanup:
    if (status != REC_OK)
        rec_emb_gates_free(g);
    else
        *out = g;
    return status;
}

void rec_emb_gates_free(rec_emb_gates *g)
{
    if (g == NULL)
        return;
    rec_buffer_deinit(&g->text);
    rec_buffer_deinit(&g->other);
    rec_interner_deinit(&g->seen);
    rec_interner_deinit(&g->values);
    rec_interner_deinit(&g->words);
    rec_strings_free(g->texts);
    rec_strings_free(g->pool);
    free(g->value_number);
    free(g->n_titles);
    free(g);
}

rec_status rec_emb_gates_begin(rec_emb_gates *g, rec_error *err)
{
    rec_interner_deinit(&g->seen);
    rec_strings_free(g->texts);
    g->texts = NULL;
    g->n_written = g->n_repeats = 0;
    rec_status status = rec_strings_new(&g->texts, err);
    g->seen = (rec_interner){.pool = g->texts};
    return status;
}
