#include "models/lm/cost.h"

#include <math.h>
#include <stddef.h>

enum { PICO_PER_MICRO = 1000000 };

void rec_lm_ledger_get(rec_lm_ledger *out, const rec_lm *lm)
{
    *out = (rec_lm_ledger){.requests = 0};
    if (lm->backend->ledger != NULL)
        lm->backend->ledger(out, lm);
}

int64_t rec_lm_microdollars(int64_t picodollars)
{
    return picodollars / PICO_PER_MICRO + (picodollars % PICO_PER_MICRO >= PICO_PER_MICRO / 2);
}

int64_t rec_lm_ledger_microdollars(const rec_lm_ledger *l)
{
    return l->answers_unpriced > 0 ? -1 : rec_lm_microdollars(l->cost_picodollars);
}

bool rec_lm_price_get(rec_lm_price *out, const rec_lm *lm)
{
    return lm->backend->price != NULL && lm->backend->price(out, lm);
}

/* tokens * price, INT64_MAX where it would not fit (nine million dollars). */
static int64_t times(uint64_t tokens, int64_t price)
{
    int64_t product;
    return __builtin_mul_overflow(tokens, price, &product) ? INT64_MAX : product;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t rec_lm_price_picodollars(const rec_lm_price *p, uint64_t in, uint64_t cached, uint64_t out)
{
    uint64_t from_cache = cached < in ? cached : in;
    return plus(plus(times(in - from_cache, p->input), times(from_cache, p->cached_input)),
                times(out, p->output));
}

rec_lm_budget rec_lm_budget_of(double dollars)
{
    double pico = dollars * 1e12;
    return (rec_lm_budget){.limit = pico < 9e18 ? llround(pico) : -1};
}

void rec_lm_share_budget(rec_lm *lm, rec_lm_budget *budget)
{
    if (lm->backend->share_budget != NULL)
        lm->backend->share_budget(lm, budget);
}
