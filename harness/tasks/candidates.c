#include "harness/tasks/candidates.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"

static rec_status too_few(rec_error *err, size_t n_left, size_t n_wanted)
{
    return rec_fail(err, REC_ERR_DATA, "only %zu items are left to draw %zu negatives from", n_left,
                    n_wanted);
}

/* The i-th item (from 0) that is not in `taken`: the smallest x with x - |taken <= x| = i. */
static uint32_t free_item(uint32_t i, const uint32_t *taken, size_t n_taken)
{
    size_t low = 0, high = n_taken; /* taken[m] - m free items precede taken[m] */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (taken[middle] - middle <= i)
            low = middle + 1;
        else
            high = middle;
    }
    return i + (uint32_t)low;
}

rec_status rec_draw_uniform(uint32_t *out, size_t n, size_t n_items, const uint32_t *taken,
                            size_t n_taken, rec_rng *rng, rec_error *err)
{
    size_t n_left = n_items - n_taken;
    if (n > n_left)
        return too_few(err, n_left, n);
    rec_rng_sample(out, rng, (uint32_t)n_left, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        out[i] = free_item(out[i], taken, n_taken);
    return REC_OK;
}

rec_status rec_popularity_draw_init(rec_popularity_draw *d, const uint32_t *popularity,
                                    size_t n_items, rec_error *err)
{
    *d = (rec_popularity_draw){
        .cumulative = rec_alloc(n_items + 1, sizeof *d->cumulative, err),
        .n_items = n_items,
    };
    if (d->cumulative == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n_items; i++)
        d->cumulative[i + 1] = d->cumulative[i] + popularity[i];
    return REC_OK;
}

void rec_popularity_draw_deinit(rec_popularity_draw *d)
{
    free(d->cumulative);
    *d = (rec_popularity_draw){0};
}

static uint64_t weight_of(const rec_popularity_draw *d, size_t item)
{
    return d->cumulative[item + 1] - d->cumulative[item];
}

/* The item whose interval of the cumulative sum holds `at`. */
static uint32_t item_at(const rec_popularity_draw *d, uint64_t at)
{
    size_t low = 0, high = d->n_items;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (d->cumulative[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static bool contains(const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++)
        if (items[i] == item)
            return true;
    return false;
}

typedef struct keyed_item {
    double key;
    uint32_t item;
} keyed_item;

static int compare_keyed(const void *a, const void *b)
{
    const keyed_item *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* Exponential races: the n smallest of -log(u_i) / w_i are a draw without replacement in proportion
 * to w. "Weighted random sampling with a reservoir", Information Processing Letters 97(5), 2006. */
static rec_status draw_by_race(uint32_t *out, size_t n, const rec_popularity_draw *d,
                               const uint32_t *taken, size_t n_taken, rec_rng *rng,
                               rec_arena *scratch, rec_error *err)
{
    rec_arena_mark mark = rec_arena_get_mark(scratch);
    keyed_item *race = rec_arena_alloc(scratch, d->n_items, sizeof *race, err);
    if (race == NULL)
        return REC_ERR_RESOURCE;
    size_t n_racing = 0;
    for (uint32_t i = 0; i < d->n_items; i++) {
        double uniform =
            rec_rng_uniform(rng); /* drawn for every item: no draw depends on another */
        uint64_t weight = weight_of(d, i);
        if (weight > 0 && !rec_sorted_has(taken, n_taken, i))
            race[n_racing++] = (keyed_item){-log1p(-uniform) / (double)weight, i};
    }
    rec_status status = n > n_racing ? too_few(err, n_racing, n) : REC_OK;
    if (status == REC_OK) {
        qsort(race, n_racing, sizeof *race, compare_keyed);
        for (size_t i = 0; i < n; i++)
            out[i] = race[i].item;
    }
    rec_arena_rewind(scratch, mark);
    return status;
}

/* Rejection is fast while most draws are new; where it is not, the race decides, whose cost is
 * bounded. Both give the same distribution, so only speed hangs on the limit. */
rec_status rec_draw_popular(uint32_t *out, size_t n, const rec_popularity_draw *d,
                            const uint32_t *taken, size_t n_taken, rec_rng *rng, rec_arena *scratch,
                            rec_error *err)
{
    uint64_t total = d->cumulative[d->n_items];
    size_t n_drawn = 0, attempts = 20 * n + 100;
    for (; total > 0 && n_drawn < n && attempts > 0; attempts--) {
        uint32_t item = item_at(d, rec_rng_below64(rng, total));
        if (!rec_sorted_has(taken, n_taken, item) && !contains(out, n_drawn, item))
            out[n_drawn++] = item;
    }
    if (n_drawn == n)
        return REC_OK;
    return draw_by_race(out, n, d, taken, n_taken, rng, scratch, err);
}
