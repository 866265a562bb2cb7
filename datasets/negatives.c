#include "datasets/negatives.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"
#include "core/rng.h"

static const char *const type_names[] = {"auto", "none", "stored", "uniform", "popularity", NULL};

const rec_option rec_negatives_option_table[] = {
    {"type", "where candidates come from; auto: stored ones if the reader has them",
     offsetof(rec_negatives_options, type), REC_OPT_ENUM, .value = REC_NEGATIVES_AUTO,
     .choices = type_names},
    {"n", "uniform, popularity: candidates per user", offsetof(rec_negatives_options, n),
     REC_OPT_INT, .value = 99, .min = 1, .max = 1e6},
    {"seed", "seed of the draw; -1 = seed of the run", offsetof(rec_negatives_options, seed),
     REC_OPT_INT, .value = -1, .min = -1, .max = 9e15},
    {"allow_short", "users may get fewer when too few items are left",
     offsetof(rec_negatives_options, allow_short), REC_OPT_BOOL, .value = 0},
    {.key = NULL},
};

const char *rec_negatives_type_name(int type)
{
    return type_names[type];
}

static rec_part part_of(const rec_dataset *d, size_t user, uint32_t item)
{
    const rec_interactions *x = &d->interactions;
    unsigned parts = 0;
    bool found = false;
    for (size_t i = x->start[user]; i < x->start[user + 1]; i++) {
        if (x->item[i] == item) {
            parts |= d->part[i];
            found = true;
        }
    }
    return parts & REC_PART_TEST ? REC_PART_TEST : found ? REC_PART_TRAIN : REC_PART_NONE;
}

/* Drop repeats (first one stays), refuse targets. The rows of `user` start at `first`. */
static rec_status check_user(rec_dataset *d, rec_negatives_counts *counts, size_t *kept,
                             size_t user, size_t first, size_t *seen_by, rec_error *err)
{
    rec_candidates *c = d->negatives;
    size_t end = c->start[user + 1];
    for (size_t i = first; i < end; i++) {
        uint32_t item = c->item[i];
        if (seen_by[item] == user + 1) {
            counts->repeated++;
            continue;
        }
        seen_by[item] = user + 1;
        rec_part part = part_of(d, user, item);
        if (part == REC_PART_TEST)
            return rec_fail(err, REC_ERR_DATA,
                            "the stored negatives of user \"%s\" contain \"%s\", one of the "
                            "user's own test items",
                            d->user_ids[user], d->catalogue.ids[item]);
        counts->in_history += part != REC_PART_NONE;
        c->item[(*kept)++] = item;
    }
    return REC_OK;
}

static rec_status check_stored(rec_dataset *d, rec_negatives_counts *counts, rec_error *err)
{
    rec_candidates *c = d->negatives;
    rec_status status = REC_OK;
    size_t *seen_by = NULL;
    size_t kept = 0, first = 0;
    REC_TRY_NEW(seen_by, d->catalogue.n_items, err);
    for (size_t u = 0; u < d->n_users; u++) {
        size_t end = c->start[u + 1], before = kept;
        REC_TRY(check_user(d, counts, &kept, u, first, seen_by, err));
        first = end;
        c->start[u + 1] = kept;
        counts->users += kept > before;
    }
    counts->rows = kept;
cleanup:
    free(seen_by);
    return status;
}

/* What drawing needs: cumulative weights for the popularity draw, and marks of taken items. */
typedef struct sampler {
    double *cumulative; /* (n_items) training rows of items 0..i; NULL: uniform */
    double *keys;       /* (n_items) scratch of the exact draw */
    uint32_t *pool;     /* (n_items) scratch of the exact draw */
    size_t *taken_by;   /* (n_items) user + 1 who has or drew the item */
    size_t n_items;
    size_t n_weighted; /* items with a weight above 0 */
} sampler;

static void sampler_deinit(sampler *s)
{
    free(s->cumulative);
    free(s->keys);
    free(s->pool);
    free(s->taken_by);
    *s = (sampler){.n_items = 0};
}

static rec_status sampler_init(sampler *s, const rec_dataset *d, bool by_popularity, rec_error *err)
{
    rec_status status = REC_OK;
    const rec_interactions *x = &d->interactions;
    *s = (sampler){.n_items = d->catalogue.n_items};
    REC_TRY_NEW(s->keys, s->n_items, err);
    REC_TRY_NEW(s->pool, s->n_items, err);
    REC_TRY_NEW(s->taken_by, s->n_items, err);
    s->n_weighted = s->n_items;
    if (!by_popularity)
        return REC_OK;
    REC_TRY_NEW(s->cumulative, s->n_items, err);
    for (size_t i = 0; i < x->n; i++)
        s->cumulative[x->item[i]] += d->part[i] == REC_PART_TRAIN;
    s->n_weighted = 0;
    for (size_t i = 0; i < s->n_items; i++)
        s->n_weighted += s->cumulative[i] > 0;
    for (size_t i = 1; i < s->n_items; i++)
        s->cumulative[i] += s->cumulative[i - 1];
cleanup:
    if (status != REC_OK)
        sampler_deinit(s);
    return status;
}

static double weight_of(const sampler *s, size_t item)
{
    if (s->cumulative == NULL)
        return 1.0;
    return s->cumulative[item] - (item > 0 ? s->cumulative[item - 1] : 0.0);
}

static uint32_t draw_one(const sampler *s, rec_rng *rng)
{
    if (s->cumulative == NULL)
        return rec_rng_below(rng, (uint32_t)s->n_items);
    double target = rec_rng_uniform(rng) * s->cumulative[s->n_items - 1];
    size_t low = 0, high = s->n_items - 1; /* first item whose cumulative weight exceeds target */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->cumulative[middle] > target)
            high = middle;
        else
            low = middle + 1;
    }
    return (uint32_t)low;
}

static int compare_pool(const void *a, const void *b, void *context)
{
    const double *keys = context;
    double x = keys[*(const uint32_t *)a], y = keys[*(const uint32_t *)b];
    return (x > y) - (x < y);
}

/* Nearly all free items are wanted: order them by -ln(u) / weight, the arrival times of "Weighted
 * random sampling with a reservoir", IPL 97(5), 2006; the same distribution as drawing one by one. */
static size_t draw_by_keys(uint32_t *out, const sampler *s, rec_rng *rng, size_t user, size_t n)
{
    size_t n_pool = 0;
    for (size_t i = 0; i < s->n_items; i++) {
        if (s->taken_by[i] == user + 1 || !(weight_of(s, i) > 0))
            continue;
        s->keys[i] = -log(1.0 - rec_rng_uniform(rng)) / weight_of(s, i);
        s->pool[n_pool++] = (uint32_t)i;
    }
    qsort_r(s->pool, n_pool, sizeof *s->pool, compare_pool, s->keys);
    size_t drawn = n < n_pool ? n : n_pool;
    memcpy(out, s->pool, drawn * sizeof *out);
    return drawn;
}

/* Draw and reject; gives up (0) when most draws are rejected. */
static size_t draw_by_rejection(uint32_t *out, const sampler *s, rec_rng *rng, size_t user,
                                size_t n)
{
    size_t drawn = 0;
    for (size_t tries = 0; drawn < n; tries++) {
        if (tries > 20 * n + 100) {
            for (size_t i = 0; i < drawn; i++)
                s->taken_by[out[i]] = 0;
            return 0;
        }
        uint32_t item = draw_one(s, rng);
        if (s->taken_by[item] == user + 1)
            continue;
        s->taken_by[item] = user + 1;
        out[drawn++] = item;
    }
    return drawn;
}

static size_t mark_own_items(const sampler *s, const rec_dataset *d, size_t user)
{
    const rec_interactions *x = &d->interactions;
    size_t n = 0;
    for (size_t i = x->start[user]; i < x->start[user + 1]; i++) {
        n += s->taken_by[x->item[i]] != user + 1 && weight_of(s, x->item[i]) > 0;
        s->taken_by[x->item[i]] = user + 1;
    }
    return n;
}

static bool has_test(const rec_dataset *d, size_t user)
{
    for (size_t i = d->interactions.start[user]; i < d->interactions.start[user + 1]; i++)
        if (d->part[i] == REC_PART_TEST)
            return true;
    return false;
}

static rec_status sample_user(uint32_t *out, size_t *n_drawn, const rec_dataset *d,
                              const sampler *s, const rec_negatives_options *o, uint64_t seed,
                              size_t user, rec_error *err)
{
    size_t n = (size_t)o->n;
    size_t n_free = s->n_weighted - mark_own_items(s, d, user);
    if (n_free < n && !o->allow_short)
        return rec_fail(err, REC_ERR_DATA,
                        "negatives: user \"%s\" has %zu items to draw from, %zu are wanted (lower "
                        "negatives.n or set allow_short)",
                        d->user_ids[user], n_free, n);
    rec_rng rng = rec_rng_keyed(seed, type_names[o->type],
                                rec_fnv1a(d->user_ids[user], strlen(d->user_ids[user])));
    *n_drawn = n_free >= 2 * n ? draw_by_rejection(out, s, &rng, user, n) : 0;
    if (*n_drawn == 0)
        *n_drawn = draw_by_keys(out, s, &rng, user, n);
    return REC_OK;
}

static rec_status sample_all(rec_dataset *d, rec_negatives_counts *counts,
                             const rec_negatives_options *o, uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    sampler s = {.n_items = 0};
    size_t n_users = 0, total = 0;
    rec_candidates *c = NULL;
    REC_TRY_NEW(c, 1, err);
    for (size_t u = 0; u < d->n_users; u++)
        n_users += has_test(d, u);
    REC_TRY_NEW(c->start, d->n_users + 1, err);
    REC_TRY_NEW(c->item, n_users * (size_t)o->n, err);
    REC_TRY(sampler_init(&s, d, o->type == REC_NEGATIVES_POPULARITY, err));
    for (size_t u = 0; u < d->n_users; u++) {
        size_t drawn = 0;
        if (has_test(d, u))
            REC_TRY(sample_user(c->item + total, &drawn, d, &s, o, seed, u, err));
        total += drawn;
        c->start[u + 1] = total;
        counts->users += drawn > 0;
    }
    counts->rows = total;
    rec_candidates_free(d->negatives);
    d->negatives = c;
    c = NULL;
cleanup:
    sampler_deinit(&s);
    rec_candidates_free(c);
    return status;
}

rec_status rec_dataset_negatives(rec_dataset *d, rec_negatives_counts *counts,
                                 const rec_negatives_options *o, uint64_t seed, rec_error *err)
{
    int type = o->type;
    if (type == REC_NEGATIVES_AUTO)
        type = d->negatives != NULL ? REC_NEGATIVES_STORED : REC_NEGATIVES_NONE;
    *counts = (rec_negatives_counts){.type = type};
    rec_status status = REC_OK;
    if (type == REC_NEGATIVES_NONE) {
        rec_candidates_free(d->negatives);
        d->negatives = NULL;
        return REC_OK;
    }
    if (type == REC_NEGATIVES_STORED) {
        if (d->negatives == NULL)
            return rec_fail(err, REC_ERR_CONFIG,
                            "negatives: stored, but the reader was given no file of negatives");
        status = check_stored(d, counts, err);
    } else {
        status = sample_all(d, counts, o, o->seed >= 0 ? (uint64_t)o->seed : seed, err);
    }
    size_t wanted = type == REC_NEGATIVES_STORED ? 1 : (size_t)o->n;
    for (size_t u = 0; status == REC_OK && u < d->n_users; u++) {
        size_t n = d->negatives->start[u + 1] - d->negatives->start[u];
        counts->short_users += has_test(d, u) && n < wanted;
    }
    return status;
}
