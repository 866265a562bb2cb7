#include "models/reclm_emb/condition.h"

#include <math.h>
#include <string.h>

#include "core/hash.h"

rec_emb_condition rec_emb_exact_price(double price)
{
    return (rec_emb_condition){.kind = REC_EMB_PRICE,
                               .low = nextafter(price, -INFINITY),
                               .high = nextafter(price, INFINITY)};
}

rec_emb_condition rec_emb_exact_day(double seconds)
{
    const double day = 86400.0;
    double start = floor(seconds / day) * day;
    return (rec_emb_condition){
        .kind = REC_EMB_DATE, .low = start, .high = start + day, .by_month = true};
}

static const char *description_of(const rec_emb_items *x, uint32_t item)
{
    return x->description != NULL ? x->description->text[item] : NULL;
}

bool rec_emb_holds(const rec_emb_items *x, const rec_emb_condition *c, uint32_t item)
{
    switch (c->kind) {
    case REC_EMB_HAS:
        return rec_emb_has_value(x, item, c->attribute, c->value);
    case REC_EMB_LACKS:
        return !rec_emb_has_value(x, item, c->attribute, c->value);
    case REC_EMB_PRICE:
        return x->price != NULL && x->price[item] > c->low && x->price[item] < c->high;
    case REC_EMB_DATE:
        return x->date != NULL && x->date[item] >= c->low && x->date[item] < c->high &&
               !(c->by_month && x->only_year != NULL && x->only_year[item]);
    case REC_EMB_TITLED:
    case REC_EMB_DESCRIBED:
        break;
    }
    bool by_title = c->kind == REC_EMB_TITLED;
    const char *wanted = by_title ? rec_emb_title(x, c->value) : description_of(x, c->value);
    const char *own = by_title ? rec_emb_title(x, item) : description_of(x, item);
    return wanted != NULL && own != NULL && strcmp(wanted, own) == 0;
}

bool rec_emb_all_hold(const rec_emb_items *x, const rec_emb_condition *c, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++)
        if (!rec_emb_holds(x, &c[i], item))
            return false;
    return true;
}

size_t rec_emb_satisfying(uint32_t *out, const rec_emb_items *x, const rec_emb_condition *c,
                          size_t n)
{
    size_t n_found = 0;
    for (size_t i = 0; i < x->n; i++) {
        if (!rec_emb_all_hold(x, c, n, (uint32_t)i))
            continue;
        if (out != NULL)
            out[n_found] = (uint32_t)i;
        n_found++;
    }
    return n_found;
}

uint64_t rec_emb_conditions_hash(const rec_emb_condition *c, size_t n)
{
    uint64_t sum = n;
    for (size_t i = 0; i < n; i++) {
        const double parts[] = {(double)c[i].kind, (double)c[i].attribute, (double)c[i].value,
                                c[i].low, c[i].high};
        sum += rec_fnv1a(parts, sizeof parts);
    }
    return sum;
}

/* The upper bound is the first moment that is out, so "after 1995" ends a day before the lower one. That
 * of a band lies right behind the last of its dates: the last second that is in decides. */
static rec_status date_text(rec_buffer *out, const rec_emb_condition *c, rec_error *err)
{
    const double day = 86400.0, last = ceil(c->high) - 1.0;
    bool is_before = isinf(c->low), is_after = isinf(c->high);
    int first_year = 0, last_year = 0, month;
    char text[REC_EMB_NUMBER_MAX];
    rec_emb_date_text(text, is_before ? c->high : is_after ? c->low - day : c->low, !c->by_month);
    if (!is_before && !is_after) {
        rec_emb_calendar(&first_year, &month, c->low);
        rec_emb_calendar(&last_year, &month, last);
    }
    if (first_year != last_year) {
        char end[REC_EMB_NUMBER_MAX];
        rec_emb_date_text(end, last, true);
        return rec_buffer_printf(out, err, "release date from %s to %s", text, end);
    }
    return rec_buffer_printf(out, err, "release date %s %s",
                             is_before  ? "before"
                             : is_after ? "after"
                                        : "in",
                             text);
}

static rec_status price_text(rec_buffer *out, const rec_emb_condition *c, rec_error *err)
{
    char low[REC_EMB_NUMBER_MAX], high[REC_EMB_NUMBER_MAX];
    rec_emb_price_text(low, c->low);
    rec_emb_price_text(high, c->high);
    if (isinf(c->low) || isinf(c->high))
        return rec_buffer_printf(out, err, "price %s than %s", isinf(c->low) ? "less" : "more",
                                 isinf(c->low) ? high : low);
    return rec_buffer_printf(out, err, "price between %s and %s", low, high);
}

rec_status rec_emb_condition_text(rec_buffer *out, const rec_emb_items *x,
                                  const rec_emb_condition *c, rec_error *err)
{
    switch (c->kind) {
    case REC_EMB_HAS:
    case REC_EMB_LACKS:
        return rec_buffer_printf(out, err, "%s%s: %s", c->kind == REC_EMB_LACKS ? "not " : "",
                                 x->attributes[c->attribute].key, x->values.texts[c->value]);
    case REC_EMB_PRICE:
        return price_text(out, c, err);
    case REC_EMB_DATE:
        return date_text(out, c, err);
    case REC_EMB_DESCRIBED:
        return rec_buffer_printf(out, err, "description: %s", description_of(x, c->value));
    case REC_EMB_TITLED:
        break;
    }
    return rec_buffer_printf(out, err, "title: %s", rec_emb_title(x, c->value));
}
