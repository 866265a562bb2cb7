/* models/reclm_emb/original/vague.c: vaguequery2item (VC2I), bounds on price and release date (preprocess/
 * utils, vaguequery). The constants fit the prices of one shop; a bound may equal the item's own price, which
 * then violates it. Items without a price, of price 0 or without a date are not asked for. */
#include <math.h>
#include <string.h>

#include "datasets/number.h"
#include "models/reclm_emb/original/format.h"
#include "models/reclm_emb/original/original.h"

/* A whole number of low..high, each as often; low when there is none between. */
static double draw_between(rec_emb_maker *m, double low, double high)
{
    const double most = 9e15; /* whole numbers are exact up to there */
    if (!(high > low))
        return low;
    return low + (double)rec_rng_below64(&m->draft.rng, (uint64_t)fmin(high - low, most) + 1);
}

/* "price less than 20.0": below when the price is at the lower end, else by a coin, but never for the
 * dearest; bounds above 35 are rare for what is cheaper. */
static rec_status draw_price(rec_emb_condition *c, rec_buffer *text, rec_emb_maker *m, double price,
                             rec_error *err)
{
    const double usual_most = 35.0, usual_share = 0.8, dearest = 10.0;
    double first = ceil(m->facts->price_min), last = floor(m->facts->price_max), bound;
    char number[REC_EMB_NUMBER_MAX];
    bool below = price < first + 0.5 || (price < last - dearest && rec_emb_chance(m, 0.5));
    *c = (rec_emb_condition){.kind = REC_EMB_PRICE, .low = -INFINITY, .high = INFINITY};
    if (below) {
        bool is_usual = price < usual_most && rec_emb_chance(m, usual_share);
        bound = c->high = draw_between(m, ceil(price), is_usual ? usual_most : last);
    } else {
        bound = c->low = draw_between(m, first, floor(price));
    }
    rec_emb_float_text(number, bound);
    return rec_buffer_printf(text, err, "price %s than %s", below ? "less" : "more", number);
}

enum { BEFORE, AFTER, IN };

/* Uniform among before, after and in, without those that nothing else would satisfy. */
static int draw_relation(rec_emb_maker *m, int year)
{
    int relations[3] = {0}, n = 0;
    if (year < m->facts->month_last / 12)
        relations[n++] = BEFORE;
    if (year > m->facts->month_first / 12)
        relations[n++] = AFTER;
    relations[n++] = IN;
    return relations[rec_rng_below(&m->draft.rng, (uint32_t)n)];
}

/* The first moment of a month, counted as 12 year + month - 1. */
static double start_of(int month)
{
    return (double)rec_date_seconds(month / 12, month % 12 + 1, 1);
}

/* The month or year that bounds the item's own, which is `own`, and how many months it spans. */
static int draw_bound(rec_emb_maker *m, int relation, int own, bool by_month)
{
    int first = m->facts->month_first, last = m->facts->month_last, year = own / 12;
    if (relation == IN)
        return by_month ? own : 12 * year;
    if (!by_month)
        return 12 * (relation == BEFORE ? (int)draw_between(m, year + 1, last / 12)
                                        : (int)draw_between(m, first / 12, year - 1));
    int noise = relation == BEFORE ? (last / 12 - year) * 12 - (own % 12 + 1)
                                   : (year - first / 12) * 12 - (first % 12 + 1);
    noise = (int)draw_between(m, 0, noise);
    return relation == BEFORE ? own + 1 + noise : own - 1 - noise;
}

/* "release date before 1996", "release date after March, 1995". */
static rec_status draw_date(rec_emb_condition *c, rec_buffer *text, rec_emb_maker *m, double date,
                            rec_error *err)
{
    static const char *const words[] = {"before", "after", "in"};
    const double year_share = 0.4;
    int year, month;
    char name[REC_EMB_NUMBER_MAX];
    rec_emb_calendar(&year, &month, date);
    int relation = draw_relation(m, year);
    bool by_month = !rec_emb_chance(m, year_share);
    int bound = draw_bound(m, relation, 12 * year + month - 1, by_month);
    int after = bound + (by_month ? 1 : 12);
    *c = (rec_emb_condition){.kind = REC_EMB_DATE,
                             .low = relation == BEFORE  ? -INFINITY
                                    : relation == AFTER ? start_of(after)
                                                        : start_of(bound),
                             .high = relation == BEFORE  ? start_of(bound)
                                     : relation == AFTER ? INFINITY
                                                         : start_of(after),
                             .by_month = by_month};
    rec_emb_date_text(name, start_of(bound), !by_month);
    const char *blank = strchr(name, ' ');
    if (!by_month || blank == NULL)
        return rec_buffer_printf(text, err, "release date %s %s", words[relation], name);
    return rec_buffer_printf(text, err, "release date %s %.*s,%s", words[relation],
                             (int)(blank - name), name, blank);
}

/* Price, date, price and date, date and price: each as often. */
static rec_status draw_clauses(rec_emb_maker *m, rec_error *err)
{
    const rec_emb_items *x = m->source.items;
    rec_emb_draft *d = &m->draft;
    rec_buffer price_text = {.length = 0}, date_text = {.length = 0};
    rec_emb_condition price, date, both[2];
    rec_status status;
    REC_TRY(draw_price(&price, &price_text, m, x->price[d->row->item], err));
    REC_TRY(draw_date(&date, &date_text, m, x->date[d->row->item], err));
    uint32_t combine = rec_rng_below(&d->rng, 4);
    bool date_first = combine == 1 || combine == 3;
    both[0] = date_first ? date : price;
    both[1] = date_first ? price : date;
    REC_TRY(rec_buffer_puts(&d->query, date_first ? date_text.data : price_text.data, err));
    if (combine > 1)
        REC_TRY(rec_buffer_printf(&d->query, err, ", %s",
                                  date_first ? price_text.data : date_text.data));
    status = rec_emb_draft_conditions(d, both, combine > 1 ? 2 : 1, err);
cleanup:
    rec_buffer_deinit(&price_text);
    rec_buffer_deinit(&date_text);
    return status;
}

static rec_status vaguequery2item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    /* 21 tries for 7 negatives; a row with fewer than 4 is dropped. */
    const rec_emb_finish finish = {.phrase = REC_EMB_PHRASE_VAGUE,
                                   .has_bare = true,
                                   .is_wrong = rec_emb_violates,
                                   .tries = 3 * (size_t)m->source.options->negatives};
    const rec_emb_items *x = m->source.items;
    bool open;
    if (x->price == NULL || x->date == NULL || isnan(x->price[item]) || x->price[item] == 0.0 ||
        isnan(x->date[item]))
        return REC_OK;
    rec_status status = rec_emb_open_row(&open, m, REC_EMB_TASK_vc2i, REC_NO_USER, item, err);
    if (status != REC_OK || !open)
        return status;
    status = draw_clauses(m, err);
    return status == REC_OK ? rec_emb_close_row(m, true, &finish, err) : status;
}

const rec_emb_generator rec_emb_vaguequery2item = {
    .name = "vaguequery2item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {1, 3},
    .makes = 1u << REC_EMB_TASK_vc2i,
    .visit = vaguequery2item,
};
