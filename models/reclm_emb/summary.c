#include "models/reclm_emb/summary.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/number.h"

/* Sentences about a user by set (training and tests share none) and voice: first person, third person,
 * none. The slot is what the user likes. */
enum { VOICES = 3 };
static const char *const openings[REC_EMB_N_PARTS][VOICES] = {
    {"I usually go for %s", "This person mostly picks %s", "Mostly %s"},
    {"My favourites are %s", "They tend to favour %s", "A preference for %s"},
    {"What I enjoy above all is %s", "The customer keeps coming back to %s", "Typical choices: %s"},
};
static const char *const era_phrases[REC_EMB_N_PARTS] = {"often from the %ss", "chiefly of the %ss",
                                                         "dating by and large from the %ss"};
static const char *const band_phrases[REC_EMB_N_PARTS] = {"as a rule %s", "in general %s",
                                                          "and likes things %s"};

enum { VALUES_SHOWN_MAX = 6, CONDITIONS_MAX = 5 };

/* ---- numbers in words ---- */

/* Thirds of the known values of a column: 0 low, 1 middle, 2 high; -1 unknown. */
static int third_of(const double *values, size_t n, double value)
{
    size_t below = 0, known = 0;
    if (values == NULL || isnan(value))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(values[i]))
            known++;
        if (values[i] < value)
            below++;
    }
    return (int)(3 * below / (known > 0 ? known : 1));
}

/* The bounds of a third as a condition, so that what is said can be checked. */
static rec_emb_condition third_condition(rec_emb_condition_kind kind, const double *values,
                                         size_t n, int third)
{
    rec_emb_condition c = {.kind = kind, .low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < n; i++)
        if (third_of(values, n, values[i]) == third) {
            c.low =
                fmin(c.low, nextafter(values[i], kind == REC_EMB_PRICE ? -INFINITY : values[i]));
            c.high = fmax(c.high, nextafter(values[i], INFINITY));
        }
    return c;
}

static int decade_of(double seconds)
{
    int year, month;
    rec_emb_calendar(&year, &month, seconds);
    return year / 10 * 10;
}

/* ---- words for values ---- */

/* A synonym of the set, else the value in lower case. */
static rec_status put_value(rec_buffer *out, rec_emb_draft *d, rec_emb_part set, const char *value,
                            rec_error *err)
{
    const char *synonym = rec_emb_wording_synonym(d->source->wording, set, value, &d->rng);
    if (synonym != NULL)
        return rec_buffer_puts(out, synonym, err);
    size_t start = out->length;
    rec_status status = rec_buffer_puts(out, value, err);
    for (size_t i = start; status == REC_OK && i < out->length; i++)
        if (isascii((unsigned char)out->data[i]))
            out->data[i] = (char)tolower((unsigned char)out->data[i]);
    return status;
}

static rec_status put_between(rec_buffer *out, size_t i, size_t n, rec_error *err)
{
    return i == 0 ? REC_OK : rec_buffer_puts(out, i + 1 == n ? " and " : ", ", err);
}

/* ---- users ---- */

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

/* The most frequent attribute values of the history's items; returns how many are in `out`. */
static size_t frequent_values(value_count *out, const rec_emb_draft *d, uint32_t *counts)
{
    const rec_emb_items *x = d->source->items;
    const rec_emb_row *row = d->row;
    size_t n = 0;
    memset(counts, 0, x->values.n * sizeof *counts);
    for (size_t h = 0; h < row->n_history; h++)
        for (size_t a = 0; a < x->n_attributes; a++) {
            const rec_emb_attribute *attribute = &x->attributes[a];
            uint32_t item = row->history[h];
            for (size_t i = attribute->start[item]; i < attribute->start[item + 1]; i++)
                counts[attribute->value[i]]++;
        }
    for (uint32_t v = 0; v < x->values.n; v++)
        if (counts[v] > 0)
            out[n++] = (value_count){v, counts[v]};
    qsort(out, n, sizeof *out, compare_counts);
    return n;
}

/* The decade that half of the history's dates fall into; 0: none does. */
static int common_decade(const rec_emb_draft *d)
{
    const double *date = d->source->items->date;
    const rec_emb_row *row = d->row;
    for (size_t h = 0; date != NULL && h < row->n_history; h++) {
        size_t same = 0, known = 0;
        double own = date[row->history[h]];
        for (size_t i = 0; i < row->n_history && !isnan(own); i++) {
            double other = date[row->history[i]];
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

static const char *const bands[] = {"cheap", "middling", "expensive"};

/* The third of the catalogue that half of the history's prices fall into; -1: none. */
static int common_band(const rec_emb_draft *d)
{
    const rec_emb_items *x = d->source->items;
    size_t count[3] = {0}, known = 0;
    for (size_t h = 0; x->price != NULL && h < d->row->n_history; h++) {
        int band = third_of(x->price, x->n, x->price[d->row->history[h]]);
        if (band >= 0) {
            count[band]++;
            known++;
        }
    }
    for (int b = 0; b < 3; b++)
        if (known > 0 && 2 * count[b] > known)
            return b;
    return -1;
}

static rec_status put_likes(rec_buffer *out, rec_emb_draft *d, rec_emb_part set,
                            const value_count *values, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        status = put_between(out, i, n, err);
        if (status == REC_OK)
            status = put_value(out, d, set, d->source->items->values.texts[values[i].value], err);
    }
    return status;
}

/* `form` with its one %s replaced. */
static rec_status put_form(rec_buffer *out, const char *form, const char *text, rec_error *err)
{
    const char *slot = strstr(form, "%s");
    rec_status status = rec_buffer_append(out, form, (size_t)(slot - form), err);
    if (status == REC_OK)
        status = rec_buffer_puts(out, text, err);
    return status == REC_OK ? rec_buffer_puts(out, slot + 2, err) : status;
}

static rec_status put_rest(rec_emb_draft *d, rec_emb_part set, rec_error *err)
{
    char decade[16];
    int common = common_decade(d), band = common_band(d);
    rec_status status = REC_OK;
    if (common > 0) {
        snprintf(decade, sizeof decade, "%d", common);
        status = rec_buffer_puts(&d->query, ", ", err);
        if (status == REC_OK)
            status = put_form(&d->query, era_phrases[set], decade, err);
    }
    if (status == REC_OK && band >= 0) {
        const char *words = rec_emb_wording_synonym(d->source->wording, set, bands[band], &d->rng);
        status = rec_buffer_puts(&d->query, ", ", err);
        if (status == REC_OK)
            status =
                put_form(&d->query, band_phrases[set], words != NULL ? words : bands[band], err);
    }
    return status;
}

rec_status rec_emb_summarise_user(bool *made, rec_emb_draft *d, rec_error *err)
{
    rec_emb_part set = d->source->part;
    size_t n_values = d->source->items->values.n;
    value_count *values = rec_arena_alloc(&d->scratch, n_values + 1, sizeof *values, err);
    uint32_t *counts = rec_arena_alloc(&d->scratch, n_values + 1, sizeof *counts, err);
    rec_buffer likes = {.length = 0};
    *made = false;
    if (values == NULL || counts == NULL)
        return REC_ERR_RESOURCE;
    size_t n = frequent_values(values, d, counts);
    size_t most = 2 + rec_rng_below(&d->rng, VALUES_SHOWN_MAX - 1);
    if (n == 0)
        return REC_OK;
    const char *opening = openings[set][rec_rng_below(&d->rng, VOICES)];
    rec_status status = put_likes(&likes, d, set, values, n < most ? n : most, err);
    if (status == REC_OK)
        status = put_form(&d->query, opening, likes.data, err);
    if (status == REC_OK)
        status = put_rest(d, set, err);
    rec_buffer_deinit(&likes);
    *made = status == REC_OK;
    return status;
}

/* ---- items ---- */

typedef struct fact {
    rec_emb_condition condition;
    const char *word; /* what a synonym is looked up for */
} fact;

static size_t facts_of(fact *facts, const rec_emb_draft *d)
{
    static const char *const eras[] = {"old", NULL, "recent"};
    const rec_emb_items *x = d->source->items;
    uint32_t item = d->row->item;
    size_t n = 0;
    for (size_t a = 0; a < x->n_attributes; a++)
        for (size_t i = x->attributes[a].start[item]; i < x->attributes[a].start[item + 1]; i++)
            facts[n++] = (fact){
                {.kind = REC_EMB_HAS, .attribute = (uint32_t)a, .value = x->attributes[a].value[i]},
                x->values.texts[x->attributes[a].value[i]]};
    int band = x->price != NULL ? third_of(x->price, x->n, x->price[item]) : -1;
    if (band >= 0)
        facts[n++] = (fact){third_condition(REC_EMB_PRICE, x->price, x->n, band), bands[band]};
    int era = x->date != NULL ? third_of(x->date, x->n, x->date[item]) : -1;
    if (era >= 0 && eras[era] != NULL)
        facts[n++] = (fact){third_condition(REC_EMB_DATE, x->date, x->n, era), eras[era]};
    return n;
}

static size_t facts_max(const rec_emb_items *x, uint32_t item)
{
    size_t n = 2;
    for (size_t a = 0; a < x->n_attributes; a++)
        n += x->attributes[a].start[item + 1] - x->attributes[a].start[item];
    return n;
}

/* A description that quotes the title would give the answer away. */
static bool says_title(const rec_emb_draft *d)
{
    const char *title = rec_emb_title(d->source->items, d->row->item);
    return title != NULL && strcasestr(d->query.data, title) != NULL;
}

rec_status rec_emb_describe_item(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_emb_source *s = d->source;
    size_t room = facts_max(s->items, d->row->item);
    fact *facts = rec_arena_alloc(&d->scratch, room, sizeof *facts, err);
    rec_emb_condition conditions[CONDITIONS_MAX];
    rec_status status = REC_OK;
    *made = false;
    if (facts == NULL)
        return REC_ERR_RESOURCE;
    size_t n = facts_of(facts, d);
    if (n == 0)
        return REC_OK;
    rec_rng_shuffle(&d->rng, facts, n, sizeof *facts);
    size_t most = n < CONDITIONS_MAX ? n : CONDITIONS_MAX;
    size_t wanted = 1 + rec_rng_below(&d->rng, (uint32_t)most);
    for (size_t i = 0; i < wanted && status == REC_OK; i++) {
        conditions[i] = facts[i].condition;
        status = put_between(&d->query, i, wanted, err);
        if (status == REC_OK)
            status = put_value(&d->query, d, s->part, facts[i].word, err);
    }
    if (status != REC_OK || says_title(d))
        return status;
    *made = true;
    status = rec_emb_draft_conditions(d, conditions, wanted, err);
    return status == REC_OK ? rec_emb_draft_answers(d, NULL, 0, err) : status;
}
