/* models/reclm_emb/tasks/vc2i.c: items by bounds on price and date. Bounds are drawn among the catalogue's
 * own prices and dates, strictly beyond the item's, so that they exclude something and not the item. */
#include <math.h>

#include "models/reclm_emb/task.h"

enum { TRIES = 20 };

/* The value of a random other item that lies beyond this one's on the wanted side; NaN: none found. */
static double other_value(rec_emb_draft *d, const double *values, double own, bool above)
{
    for (int t = 0; t < TRIES; t++) {
        double other = values[rec_rng_below(&d->rng, (uint32_t)d->source->items->n)];
        if (above ? other > own : other < own)
            return other;
    }
    return NAN;
}

/* "less than 20": a whole number between this price and another one. */
static bool draw_price(rec_emb_condition *c, rec_emb_draft *d)
{
    const rec_emb_items *x = d->source->items;
    double own = x->price != NULL ? x->price[d->row->item] : NAN;
    bool below = rec_rng_below(&d->rng, 2) == 0;
    *c = (rec_emb_condition){.kind = REC_EMB_PRICE, .low = -INFINITY, .high = INFINITY};
    if (isnan(own))
        return false;
    double other = other_value(d, x->price, own, below);
    if (below)
        c->high = floor(own) + 1.0 < other ? floor(other) : floor(own) + 1.0;
    else
        c->low = ceil(own) - 1.0 > other ? ceil(other) : ceil(own) - 1.0;
    return !isnan(other) && c->low >= -1.0 && (below ? c->high <= other : c->low >= other);
}

/* "before 1996", "after March 1995", "in 1994", by years or by months. */
static bool draw_date(rec_emb_condition *c, rec_emb_draft *d)
{
    const rec_emb_items *x = d->source->items;
    const double year_share = 0.4;
    double own = x->date != NULL ? x->date[d->row->item] : NAN, low, high;
    *c = (rec_emb_condition){.kind = REC_EMB_DATE, .low = -INFINITY, .high = INFINITY};
    if (isnan(own))
        return false;
    c->by_month = rec_emb_knows_month(x, d->row->item) && rec_rng_uniform(&d->rng) >= year_share;
    uint32_t relation = rec_rng_below(&d->rng, 3);
    if (relation == 2) {
        rec_emb_span(&c->low, &c->high, own, c->by_month, 0);
        return true;
    }
    double other = other_value(d, x->date, own, relation == 0);
    if (isnan(other))
        return false;
    rec_emb_span(&low, &high, other, c->by_month, 0);
    if (relation == 0)
        c->high = low; /* before the month or year of the other */
    else
        c->low = high; /* after it */
    return own < c->high && own >= c->low;
}

static rec_status vc2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    rec_emb_condition conditions[2], price, date;
    bool wants_price = rec_rng_below(&d->rng, 3) != 1, wants_date = rec_rng_below(&d->rng, 3) != 1;
    bool has_price = draw_price(&price, d), has_date = draw_date(&date, d);
    size_t n = 0;
    rec_status status = REC_OK;
    if (has_price && (wants_price || !has_date))
        conditions[n++] = price;
    if (has_date && (wants_date || n == 0))
        conditions[n++] = date;
    if (n == 2 && rec_rng_below(&d->rng, 2) == 0) {
        conditions[0] = date;
        conditions[1] = price;
    }
    *made = n > 0;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        status = i > 0 ? rec_buffer_puts(&d->query, ", ", err) : REC_OK;
        if (status == REC_OK)
            status = rec_emb_condition_text(&d->query, d->source->items, &conditions[i], err);
    }
    return status == REC_OK && n > 0 ? rec_emb_draft_conditions(d, conditions, n, err) : status;
}

const rec_emb_task rec_emb_task_vc2i = {
    .name = "vc2i",
    .help = "vague condition to item: bounds on price and release date",
    .example = "Find films where price less than 20, release date after 1994",
    .by_predicate = true,
    .is_broad = true,
    .truth = REC_EMB_TRUTH_BOUNDS,
    .passes = 3,
    .phrase = REC_EMB_PHRASE_VAGUE,
    .bare = 0.1,
    .draft = vc2i_draft,
};
