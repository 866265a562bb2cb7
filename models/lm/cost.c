#include "models/lm/cost.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

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

/* Put a piece of a line behind what is there. */
static void append(char *out, size_t size, const char *format, ...) REC_PRINTF(3, 4);
static void append(char *out, size_t size, const char *format, ...)
{
    size_t used = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + used, size - used, format, arguments);
    va_end(arguments);
}

void rec_lm_ledger_text(char *out, size_t size, const rec_lm_ledger *l)
{
    int64_t cost = rec_lm_ledger_microdollars(l);
    out[0] = '\0';
    if (l->requests > 0)
        append(out, size,
               "%" PRIu64 " requests (%" PRIu64 " repeated), %" PRIu64 " failures, %" PRIu64
               " + %" PRIu64 " tokens",
               l->requests, l->retries, l->failures, l->tokens_in, l->tokens_out);
    if (l->requests > 0 && cost >= 0)
        append(out, size, ", $%.4f", (double)cost * 1e-6);
    if (l->model_changes > 0)
        append(out, size, ", %" PRIu64 " by another model than the first", l->model_changes);
    if (l->cache_hits > 0)
        append(out, size, "%s%" PRIu64 " answers from the cache", out[0] != '\0' ? "; " : "",
               l->cache_hits);
    if (l->cache_corrupted > 0)
        append(out, size, "%s%" PRIu64 " damaged entries of the cache ignored",
               out[0] != '\0' ? ", " : "", l->cache_corrupted);
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
