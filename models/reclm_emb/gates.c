#include "models/reclm_emb/gates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/strings.h"
#include "models/reclm_emb/gate_text.h"

enum { RARE_LETTERS = 5, VALUE_LETTERS = 4, VALUE_WORDS = 4 };

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

/* ---- titles ---- */

/* A word of the title that no other title has tells which item is meant. */
static bool says_rare_word(const rec_emb_gates *g, const char *text, const char *title)
{
    size_t n, n_other;
    const char *word, *other;
    while ((word = rec_emb_next_word(&n, &title)) != NULL) {
        uint32_t number = rec_interner_find(&g->words, word, n);
        if (n < RARE_LETTERS || number == UINT32_MAX || g->n_titles[number] > 1)
            continue;
        const char *at = text;
        while ((other = rec_emb_next_word(&n_other, &at)) != NULL)
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
    rec_status status = rec_emb_normalise_title(&g->other, title, err);
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

static rec_status judge_form(rec_emb_outcome *outcome, rec_emb_gates *g, const rec_emb_ask *ask,
                             const char *text, rec_error *err)
{
    const char *title = rec_emb_title(g->items, ask->item);
    bool is_right = !rec_emb_turns_in_circles(g->text.data);
    rec_status status = REC_OK;
    if (ask->kind == REC_EMB_DIALOGUE)
        is_right = is_right && rec_emb_is_dialogue(text);
    else if (ask->kind == REC_EMB_MISSPELLING)
        status = rec_emb_is_misspelling(&is_right, text, title != NULL ? title : "", err);
    if (!is_of_length(ask, rec_emb_count_words(g->text.data)))
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
        status = rec_emb_normalise_title(&g->other, title, err);
        if (status == REC_OK)
            rec_emb_blank_out(g->text.data, g->other.data);
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
        if (rec_emb_next_word(&last, &end) == NULL)
            break;
    }
    return found;
}

static bool states_false(const rec_emb_gates *g, const rec_emb_ask *ask)
{
    const char *at = g->text.data, *word;
    size_t n;
    while ((word = rec_emb_next_word(&n, &at)) != NULL) {
        statement s = {.year = 0};
        size_t length = value_at(&s.value, g, word);
        if (length > 0)
            at = word + length;
        else
            s.year = g->items->date != NULL ? rec_emb_year_of(&s.is_decade, word, n) : 0;
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
    while ((word = rec_emb_next_word(&n, &at)) != NULL) {
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
        REC_TRY(rec_emb_normalise_title(&g->other, title, err));
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
