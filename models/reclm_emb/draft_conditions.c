/* models/reclm_emb/draft_conditions.c: conditions that a row's item satisfies, drawn: wishes, put into
 * words here, and facts, which a writer puts into words. */
#include <math.h>
#include <string.h>

#include "models/reclm_emb/original/format.h"
#include "models/reclm_emb/task.h"

/* ---- wishes ---- */

enum { DATE_PART = -1, TITLE_PART = -2, PRICE_PART = -3, DESCRIPTION_PART = -4 };

/* What a condition may be drawn from: attributes by number, the date, the title (alone it is what task title
 * asks for). */
static size_t parts_of(int *parts, const rec_emb_draft *d, const rec_emb_wish *wish,
                       bool with_title)
{
    const rec_emb_items *x = d->source->items;
    uint32_t item = d->row->item;
    size_t n = 0;
    for (size_t a = 0; a < x->n_attributes; a++)
        if (x->attributes[a].start[item + 1] > x->attributes[a].start[item])
            parts[n++] = (int)a;
    if (wish->exact && x->price != NULL && !isnan(x->price[item]))
        parts[n++] = PRICE_PART;
    if ((wish->exact || wish->conditions_max == 0) && x->date != NULL && !isnan(x->date[item]))
        parts[n++] = DATE_PART;
    if (wish->with_description && x->description != NULL && x->description->text[item] != NULL)
        parts[n++] = DESCRIPTION_PART;
    if (with_title && (n > 0 || wish->exact) && rec_emb_title(x, item) != NULL)
        parts[n++] = TITLE_PART;
    return n;
}

/* The year or month that the item's date falls into. */
static rec_emb_condition date_condition(const rec_emb_items *x, uint32_t item, bool exact)
{
    if (exact && rec_emb_knows_month(x, item))
        return rec_emb_exact_day(x->date[item]);
    rec_emb_condition c = {.kind = REC_EMB_DATE, .by_month = rec_emb_knows_month(x, item)};
    rec_emb_span(&c.low, &c.high, x->date[item], c.by_month, 0);
    return c;
}

typedef struct wish_writer {
    rec_emb_draft *d;
    rec_emb_condition *conditions; /* in scratch */
    size_t n;
    bool with_keys, exact;
} wish_writer;

static rec_status write_piece(wish_writer *w, const char *key, const char *text, bool continues,
                              rec_error *err)
{
    rec_buffer *out = &w->d->query;
    const char *between = out->length == 0 ? "" : continues ? "," : ", ";
    bool with_key = w->with_keys && !continues;
    return rec_buffer_printf(out, err, "%s%s%s%s", between, with_key ? key : "",
                             with_key ? ": " : "", text);
}

static rec_status write_attribute(wish_writer *w, size_t attribute, size_t values_max,
                                  rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    const rec_emb_attribute *a = &x->attributes[attribute];
    uint32_t item = w->d->row->item;
    uint32_t n = (uint32_t)(a->start[item + 1] - a->start[item]);
    uint32_t most = values_max > 0 && values_max < n ? (uint32_t)values_max : n;
    uint32_t wanted = 1 + rec_rng_below(&w->d->rng, most);
    uint32_t *chosen = rec_arena_alloc(&w->d->scratch, n, sizeof *chosen, err);
    rec_status status = chosen != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        rec_rng_sample(chosen, &w->d->rng, n, wanted);
    for (uint32_t i = 0; i < wanted && status == REC_OK; i++) {
        uint32_t value = a->value[a->start[item] + chosen[i]];
        w->conditions[w->n++] = (rec_emb_condition){
            .kind = REC_EMB_HAS, .attribute = (uint32_t)attribute, .value = value};
        status = write_piece(w, a->key, x->values.texts[value], i > 0, err);
    }
    return status;
}

/* The description, with "this film" where it names the title. */
static rec_status write_description(wish_writer *w, rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    const char *at = x->description->text[w->d->row->item];
    const char *title = rec_emb_title(x, w->d->row->item), *found;
    rec_buffer text = {.length = 0};
    rec_status status = REC_OK;
    while (status == REC_OK && title != NULL && (found = strstr(at, title)) != NULL) {
        status = rec_buffer_printf(&text, err, "%.*sthis %s", (int)(found - at), at, x->noun);
        at = found + strlen(title);
    }
    if (status == REC_OK)
        status = rec_buffer_puts(&text, at, err);
    if (status == REC_OK)
        status = write_piece(w, "description", text.data, false, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status write_date(wish_writer *w, rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    double seconds = x->date[w->d->row->item];
    bool months = rec_emb_knows_month(x, w->d->row->item);
    char date[REC_EMB_NUMBER_MAX];
    if (w->exact && months)
        rec_emb_long_date(date, seconds);
    else
        rec_emb_date_text(date, seconds, !months);
    return write_piece(w, "release date", date, false, err);
}

static rec_status write_part(wish_writer *w, int part, size_t values_max, rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    uint32_t item = w->d->row->item;
    char price[REC_EMB_NUMBER_MAX];
    if (part >= 0)
        return write_attribute(w, (size_t)part, values_max, err);
    if (part == DATE_PART) {
        w->conditions[w->n++] = date_condition(x, item, w->exact);
        return write_date(w, err);
    }
    if (part == PRICE_PART) {
        w->conditions[w->n++] = rec_emb_exact_price(x->price[item]);
        rec_emb_float_text(price, x->price[item]);
        return write_piece(w, "price", price, false, err);
    }
    if (part == DESCRIPTION_PART) {
        w->conditions[w->n++] = (rec_emb_condition){.kind = REC_EMB_DESCRIBED, .value = item};
        return write_description(w, err);
    }
    w->conditions[w->n++] = (rec_emb_condition){.kind = REC_EMB_TITLED, .value = item};
    return write_piece(w, "title", rec_emb_title(x, item), false, err);
}

/* Conditions there can be at most: every value of every attribute, price, date, description, title. */
static size_t conditions_of(const rec_emb_items *x, uint32_t item)
{
    size_t n = 4;
    for (size_t a = 0; a < x->n_attributes; a++)
        n += x->attributes[a].start[item + 1] - x->attributes[a].start[item];
    return n;
}

rec_status rec_emb_draft_wish(bool *made, rec_emb_draft *d, const rec_emb_wish *wish,
                              rec_error *err)
{
    const rec_emb_items *x = d->source->items;
    bool keys_drawn = rec_rng_below(&d->rng, 2) == 0;
    wish_writer w = {.d = d,
                     .exact = wish->exact,
                     .with_keys = wish->keys == REC_EMB_KEYS_DRAWN
                                      ? keys_drawn
                                      : wish->keys == REC_EMB_KEYS_SHOWN};
    bool with_title = rec_rng_below(&d->rng, 2) == 0 && wish->with_title;
    int *parts = rec_arena_alloc(&d->scratch, x->n_attributes + 4, sizeof *parts, err);
    w.conditions =
        rec_arena_alloc(&d->scratch, conditions_of(x, d->row->item), sizeof *w.conditions, err);
    *made = false;
    if (parts == NULL || w.conditions == NULL)
        return REC_ERR_RESOURCE;
    size_t n = parts_of(parts, d, wish, with_title);
    if (n == 0)
        return REC_OK;
    size_t most = wish->conditions_max > 0 && wish->conditions_max < n ? wish->conditions_max : n;
    size_t wanted = 1 + rec_rng_below(&d->rng, (uint32_t)most);
    rec_rng_shuffle(&d->rng, parts, n, sizeof *parts);
    rec_status status = REC_OK;
    for (size_t i = 0; i < wanted && status == REC_OK; i++)
        status = write_part(&w, parts[i], wish->values_max, err);
    *made = status == REC_OK;
    return status == REC_OK ? rec_emb_draft_conditions(d, w.conditions, w.n, err) : status;
}

/* ---- facts ---- */

/* Everything that may be said of row->item apart from its title. */
static size_t facts_of(rec_emb_condition *facts, const rec_emb_draft *d)
{
    const rec_emb_source *s = d->source;
    const rec_emb_items *x = s->items;
    uint32_t item = d->row->item;
    size_t n = 0;
    for (size_t a = 0; a < x->n_attributes; a++)
        for (size_t i = x->attributes[a].start[item]; i < x->attributes[a].start[item + 1]; i++)
            facts[n++] = (rec_emb_condition){
                .kind = REC_EMB_HAS, .attribute = (uint32_t)a, .value = x->attributes[a].value[i]};
    int price = rec_emb_price_band(s->bands, x, item), date = rec_emb_date_band(s->bands, x, item);
    if (price >= 0 && rec_emb_price_words[price] != NULL)
        facts[n++] = s->bands->price[price];
    if (date >= 0 && rec_emb_date_words[date] != NULL)
        facts[n++] = s->bands->date[date];
    return n;
}

rec_status rec_emb_draft_facts(size_t *n, rec_emb_condition facts[REC_EMB_FACTS_MAX],
                               rec_emb_draft *d, size_t most, rec_error *err)
{
    size_t room = conditions_of(d->source->items, d->row->item);
    rec_emb_condition *all = rec_arena_alloc(&d->scratch, room, sizeof *all, err);
    *n = 0;
    if (all == NULL)
        return REC_ERR_RESOURCE;
    size_t n_known = facts_of(all, d);
    if (n_known == 0)
        return REC_OK;
    rec_rng_shuffle(&d->rng, all, n_known, sizeof *all);
    most = most < n_known ? most : n_known;
    *n = 1 + rec_rng_below(&d->rng, (uint32_t)most);
    memcpy(facts, all, *n * sizeof *facts);
    return REC_OK;
}
