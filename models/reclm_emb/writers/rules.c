/* models/reclm_emb/writers/rules.c: texts by rules. Facts are counted in the metadata, sentences and
 * other words for values come from the wording, whose sets for training and tests share nothing. A
 * longer cell of the grid states more facts; a vaguer one fewer, with hedges. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/reclm_emb/edits.h"
#include "models/reclm_emb/writers/type.h"

enum { VALUES_PER_STEP = 3, WORDS_PER_STEP = 50, ALSO_MAX = 3, VAGUE_MAX = 2 };

/* ---- lists of words ---- */

/* The word of a condition; NULL: it has none. */
static const char *word_of(const rec_emb_writer_source *source, const rec_emb_condition *c,
                           uint32_t item)
{
    int band;
    switch (c->kind) {
    case REC_EMB_HAS:
        return source->items->values.texts[c->value];
    case REC_EMB_PRICE:
        band = rec_emb_price_band(source->bands, source->items, item);
        return band >= 0 ? rec_emb_price_words[band] : NULL;
    case REC_EMB_DATE:
        band = rec_emb_date_band(source->bands, source->items, item);
        return band >= 0 ? rec_emb_date_words[band] : NULL;
    case REC_EMB_LACKS:
    case REC_EMB_DESCRIBED:
    case REC_EMB_TITLED:
        break;
    }
    return NULL;
}

rec_status rec_emb_rules_words(const char ***out, size_t *n, const rec_emb_writer_source *source,
                               const rec_emb_ask *ask, rec_error *err)
{
    *out = rec_arena_alloc(ask->scratch, ask->n_conditions + 1, sizeof **out, err);
    *n = 0;
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < ask->n_conditions; i++) {
        const char *word = word_of(source, &ask->conditions[i], ask->item);
        if (word != NULL)
            (*out)[(*n)++] = word;
    }
    return REC_OK;
}

/* A synonym of the set, else the word in lower case. */
static rec_status put_word(rec_buffer *out, const rec_emb_writer_source *source,
                           const rec_emb_ask *ask, const char *word, rec_error *err)
{
    const char *synonym = rec_emb_wording_synonym(source->wording, ask->set, word, ask->rng);
    if (synonym != NULL)
        return rec_buffer_puts(out, synonym, err);
    size_t start = out->length;
    rec_status status = rec_buffer_puts(out, word, err);
    for (size_t i = start; status == REC_OK && i < out->length; i++)
        if (isascii((unsigned char)out->data[i]))
            out->data[i] = (char)tolower((unsigned char)out->data[i]);
    return status;
}

rec_status rec_emb_rules_list(rec_buffer *out, const rec_emb_writer_source *source,
                              const rec_emb_ask *ask, const char *const *words, size_t n,
                              rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        if (i > 0)
            status = rec_buffer_puts(out, i + 1 == n ? " and " : ", ", err);
        if (status == REC_OK)
            status = put_word(out, source, ask, words[i], err);
    }
    return status;
}

/* ---- what stands out in a history ---- */

typedef struct value_count {
    uint32_t value, count;
} value_count;

static int compare_counts(const void *a, const void *b)
{
    const value_count *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

/* Texts of the history's attribute values, the most frequent first. */
static rec_status frequent_words(const char ***out, size_t *n, const rec_emb_writer_source *source,
                                 const rec_emb_ask *ask, rec_error *err)
{
    const rec_emb_items *x = source->items;
    size_t n_values = x->values.n;
    uint32_t *counts = rec_arena_alloc(ask->scratch, n_values + 1, sizeof *counts, err);
    value_count *found = rec_arena_alloc(ask->scratch, n_values + 1, sizeof *found, err);
    *out = rec_arena_alloc(ask->scratch, n_values + 1, sizeof **out, err);
    *n = 0;
    if (counts == NULL || found == NULL || *out == NULL)
        return REC_ERR_RESOURCE;
    memset(counts, 0, (n_values + 1) * sizeof *counts);
    for (size_t h = 0; h < ask->n_history; h++)
        for (size_t a = 0; a < x->n_attributes; a++) {
            const rec_emb_attribute *attribute = &x->attributes[a];
            uint32_t item = ask->history[h];
            for (size_t i = attribute->start[item]; i < attribute->start[item + 1]; i++)
                counts[attribute->value[i]]++;
        }
    for (uint32_t v = 0; v < n_values; v++)
        if (counts[v] > 0)
            found[(*n)++] = (value_count){v, counts[v]};
    if (*n > 1)
        qsort(found, *n, sizeof *found, compare_counts);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = x->values.texts[found[i].value];
    return REC_OK;
}

static int decade_of(double seconds)
{
    int year, month;
    rec_emb_calendar(&year, &month, seconds);
    return year / 10 * 10;
}

/* The decade that most of the history's dates fall into; 0: none does. */
static int common_decade(const rec_emb_writer_source *source, const rec_emb_ask *ask)
{
    const double *date = source->items->date;
    for (size_t h = 0; date != NULL && h < ask->n_history; h++) {
        size_t same = 0, known = 0;
        double own = date[ask->history[h]];
        for (size_t i = 0; i < ask->n_history && !isnan(own); i++) {
            double other = date[ask->history[i]];
            if (isnan(other))
                continue;
            known++;
            same += decade_of(other) == decade_of(own);
        }
        if (known > 0 && 2 * same > known)
            return decade_of(own);
    }
    return 0;
}

/* The band that most of the history's prices fall into; -1: none. */
static int common_band(const rec_emb_writer_source *source, const rec_emb_ask *ask)
{
    size_t count[REC_EMB_N_BANDS] = {0}, known = 0;
    for (size_t h = 0; h < ask->n_history; h++) {
        int band = rec_emb_price_band(source->bands, source->items, ask->history[h]);
        if (band >= 0) {
            count[band]++;
            known++;
        }
    }
    for (int b = 0; b < REC_EMB_N_BANDS; b++)
        if (2 * count[b] > known)
            return b;
    return -1;
}

/* Bytes that two titles begin with in common, up to the end of a word, at least two words. */
static size_t common_start(const char *a, const char *b)
{
    size_t n = 0, whole = 0, n_words = 0;
    for (;; n++) {
        bool ends = (a[n] == '\0' || a[n] == ' ' || a[n] == ':') &&
                    (b[n] == '\0' || b[n] == ' ' || b[n] == ':');
        if (ends && n > 0 && a[n - 1] != ' ' && a[n - 1] != ':') {
            whole = n;
            n_words++;
        }
        if (a[n] == '\0' || a[n] != b[n])
            break;
    }
    return n_words >= 2 ? whole : 0;
}

/* What the newest two titles that begin alike have in common; NULL: there are none. */
static const char *common_series(const rec_emb_writer_source *source, const rec_emb_ask *ask,
                                 size_t *length)
{
    for (size_t i = ask->n_history; i > 1; i--)
        for (size_t j = i - 1; j > 0; j--) {
            const char *a = rec_emb_title(source->items, ask->history[i - 1]);
            const char *b = rec_emb_title(source->items, ask->history[j - 1]);
            if (a == NULL || b == NULL || strcmp(a, b) == 0)
                continue;
            *length = common_start(a, b);
            if (*length > 0)
                return a;
        }
    return NULL;
}

/* ---- sentences ---- */

rec_status rec_emb_rules_say(rec_buffer *out, const rec_emb_writer_source *source,
                             const rec_emb_ask *ask, rec_emb_sentence sentence, const char *it,
                             rec_error *err)
{
    const rec_emb_items *x = source->items;
    const rec_emb_slots slots = {.noun = x->noun, .nouns = x->nouns, .it = it};
    size_t start = out->length;
    rec_status status =
        rec_emb_wording_say(out, source->wording, sentence, ask->set, &slots, ask->rng, err);
    if (status == REC_OK && isascii((unsigned char)out->data[start]))
        out->data[start] = (char)toupper((unsigned char)out->data[start]);
    return status;
}

/* A text of sentences in the making. */
typedef struct speech {
    rec_buffer *out, it;
    const rec_emb_writer_source *source;
    const rec_emb_ask *ask;
} speech;

/* Append a sentence about `it` behind what was said. */
static rec_status say(speech *s, rec_emb_sentence sentence, const char *it, rec_error *err)
{
    rec_status status = s->out->length > 0 ? rec_buffer_puts(s->out, ". ", err) : REC_OK;
    return status == REC_OK ? rec_emb_rules_say(s->out, s->source, s->ask, sentence, it, err)
                            : status;
}

static rec_status say_list(speech *s, rec_emb_sentence sentence, const char *const *words, size_t n,
                           rec_error *err)
{
    rec_buffer_clear(&s->it);
    rec_status status = rec_emb_rules_list(&s->it, s->source, s->ask, words, n, err);
    return status == REC_OK ? say(s, sentence, s->it.data, err) : status;
}

static rec_status say_era(speech *s, rec_error *err)
{
    char decade[16];
    int common = common_decade(s->source, s->ask);
    if (common <= 0)
        return REC_OK;
    snprintf(decade, sizeof decade, "%ds", common);
    return say(s, REC_EMB_ERA, decade, err);
}

static rec_status say_band(speech *s, rec_error *err)
{
    int band = common_band(s->source, s->ask);
    return band >= 0 ? say_list(s, REC_EMB_BAND, &rec_emb_price_words[band], 1, err) : REC_OK;
}

static rec_status say_series(speech *s, rec_error *err)
{
    size_t length;
    const char *series = common_series(s->source, s->ask, &length);
    if (series == NULL)
        return REC_OK;
    rec_buffer_clear(&s->it);
    rec_status status = rec_buffer_append(&s->it, series, length, err);
    return status == REC_OK ? say(s, REC_EMB_SERIES, s->it.data, err) : status;
}

/* Sentences by voice stand behind each other. */
static rec_emb_sentence in_voice(rec_emb_sentence first, rec_emb_voice voice)
{
    return (rec_emb_sentence)((int)first + (int)voice);
}

/* ---- users ---- */

static rec_status summarise(rec_emb_outcome *outcome, speech *s, rec_error *err)
{
    const rec_emb_style *style = &s->ask->style;
    const char **words;
    size_t n, most = VALUES_PER_STEP * (style->words / WORDS_PER_STEP);
    bool is_vague = style->clarity == REC_EMB_VAGUE, is_clear = style->clarity == REC_EMB_CLEAR;
    rec_status status = frequent_words(&words, &n, s->source, s->ask, err);
    if (status != REC_OK || n == 0)
        return status;
    *outcome = REC_EMB_WRITTEN;
    if (is_vague)
        return say_list(s, in_voice(REC_EMB_HEDGED_FIRST, style->voice), words,
                        n < VAGUE_MAX ? n : VAGUE_MAX, err);
    most = 2 + rec_rng_below(s->ask->rng, (uint32_t)most); /* neighbours in taste differ */
    size_t n_likes = n < most ? n : most, n_also = n - n_likes;
    REC_TRY(say_list(s, in_voice(REC_EMB_LIKES_FIRST, style->voice), words, n_likes, err));
    if (is_clear && n_also > 0)
        REC_TRY(say_list(s, in_voice(REC_EMB_ALSO_FIRST, style->voice), words + n_likes,
                         n_also < ALSO_MAX ? n_also : ALSO_MAX, err));
    REC_TRY(say_era(s, err));
    REC_TRY(say_band(s, err));
    if (is_clear)
        status = say_series(s, err);
cleanup:
    return status;
}

/* ---- items ---- */

/* A plain list where nobody speaks, else a sentence. */
static rec_status describe(rec_emb_outcome *outcome, speech *s, rec_error *err)
{
    const rec_emb_ask *ask = s->ask;
    bool is_vague = ask->style.clarity == REC_EMB_VAGUE;
    const char **words;
    size_t n;
    rec_status status = rec_emb_rules_words(&words, &n, s->source, ask, err);
    if (status != REC_OK || n == 0)
        return status;
    *outcome = REC_EMB_WRITTEN;
    if (ask->style.voice == REC_EMB_NO_PERSON && !is_vague)
        return rec_emb_rules_list(s->out, s->source, ask, words, n, err);
    rec_emb_sentence first = is_vague ? REC_EMB_MAYBE_FIRST : REC_EMB_WISH_FIRST;
    return say_list(s, in_voice(first, ask->style.voice), words, n, err);
}

/* ---- the writer ---- */

static rec_status misspell(rec_emb_outcome *outcome, rec_buffer *out,
                           const rec_emb_writer_source *source, const rec_emb_ask *ask,
                           rec_error *err)
{
    const char *title = rec_emb_title(source->items, ask->item);
    if (title == NULL)
        return REC_OK;
    rec_status status = rec_emb_misspell(out, title, ask->rng, err);
    if (status == REC_OK && out->length > 0 && strcmp(out->data, title) != 0)
        *outcome = REC_EMB_WRITTEN; /* else too short to be mistyped */
    return status;
}

static rec_status write_text(rec_emb_outcome *outcome, rec_buffer *out, void *self,
                             const rec_emb_writer_source *source, const rec_emb_ask *ask,
                             rec_error *err)
{
    speech s = {.out = out, .source = source, .ask = ask};
    rec_status status = REC_OK;
    (void)self;
    *outcome = REC_EMB_NO_FACTS;
    if (ask->kind == REC_EMB_SUMMARY)
        status = summarise(outcome, &s, err);
    else if (ask->kind == REC_EMB_DESCRIPTION)
        status = describe(outcome, &s, err);
    else if (ask->kind == REC_EMB_MISSPELLING)
        status = misspell(outcome, out, source, ask, err);
    else if (ask->kind == REC_EMB_DIALOGUE)
        status = rec_emb_rules_dialogue(outcome, out, source, ask, err);
    rec_buffer_deinit(&s.it);
    return status;
}

const rec_emb_writer_type rec_emb_writer_rules = {.name = "rules-2", .write = write_text};
