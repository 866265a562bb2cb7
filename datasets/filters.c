#include "datasets/filters.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/moment.h"

static const char *const duplicate_names[] = {"keep", "first", "last", "sum", "error", NULL};
static const char *const catalogue_names[] = {"all", "interacted", NULL};

const rec_option rec_filter_option_table[] = {
    {"min_rating", "drop rows with a smaller value; -1e30 keeps all",
     offsetof(rec_filter_options, min_rating), REC_OPT_REAL, .value = -1e30},
    {"binarise", "afterwards every value is 1", offsetof(rec_filter_options, binarise),
     REC_OPT_BOOL, .value = 0},
    {"from", "drop rows before this moment (date or seconds since 1970)",
     offsetof(rec_filter_options, from), REC_OPT_STRING, .text = NULL},
    {"until", "drop rows at or after this moment", offsetof(rec_filter_options, until),
     REC_OPT_STRING, .text = NULL},
    {"duplicates", "what becomes of several rows of one user and item",
     offsetof(rec_filter_options, duplicates), REC_OPT_ENUM, .value = REC_DUPLICATES_KEEP,
     .choices = duplicate_names},
    {"k_core", "drop users and items with fewer rows, repeatedly; 0 = off",
     offsetof(rec_filter_options, k_core), REC_OPT_INT, .value = 0, .min = 0, .max = 1e9},
    {"min_user_interactions", "the same for users only",
     offsetof(rec_filter_options, min_user_interactions), REC_OPT_INT, .value = 0, .min = 0,
     .max = 1e9},
    {"min_item_interactions", "the same for items only",
     offsetof(rec_filter_options, min_item_interactions), REC_OPT_INT, .value = 0, .min = 0,
     .max = 1e9},
    {"catalogue", "items that stay: all that files name, or those with rows",
     offsetof(rec_filter_options, catalogue), REC_OPT_ENUM, .value = 0, .choices = catalogue_names},
    {.key = NULL},
};

/* Keep the marked rows; their order stays. Returns how many went. */
static size_t compact_rows(rec_dataset *d, const uint8_t *keep)
{
    rec_interactions *x = &d->interactions;
    size_t kept = 0, first = 0;
    for (size_t u = 0; u < x->n_users; u++) {
        size_t end = x->start[u + 1];
        for (size_t i = first; i < end; i++) {
            if (!keep[i])
                continue;
            x->item[kept] = x->item[i];
            if (x->value != NULL)
                x->value[kept] = x->value[i];
            if (x->time != NULL)
                x->time[kept] = x->time[i];
            d->part[kept++] = d->part[i];
        }
        first = end;
        x->start[u + 1] = kept;
    }
    size_t dropped = x->n - kept;
    x->n = kept;
    return dropped;
}

static void mark_all(uint8_t *keep, size_t n)
{
    if (n > 0)
        memset(keep, 1, n);
}

static size_t drop_low_values(rec_dataset *d, uint8_t *keep, double min_rating)
{
    const rec_interactions *x = &d->interactions;
    for (size_t i = 0; i < x->n; i++)
        keep[i] = (x->value != NULL ? (double)x->value[i] : 1.0) >= min_rating;
    return compact_rows(d, keep);
}

typedef struct window {
    double from, until;
} window;

static rec_status parse_window(window *w, const rec_filter_options *o, rec_error *err)
{
    *w = (window){.from = -INFINITY, .until = INFINITY};
    rec_status status = REC_OK;
    if (o->from != NULL)
        status = rec_moment_parse(&w->from, o->from, "from", err);
    if (status == REC_OK && o->until != NULL)
        status = rec_moment_parse(&w->until, o->until, "until", err);
    if (status == REC_OK && !(w->from < w->until))
        return rec_fail(err, REC_ERR_CONFIG, "from: not before until");
    return status;
}

rec_status rec_filter_check(const rec_filter_options *o, rec_error *err)
{
    window w;
    return parse_window(&w, o, err);
}

static rec_status drop_outside_window(rec_dataset *d, size_t *dropped, uint8_t *keep,
                                      const rec_filter_options *o, rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    window w;
    rec_status status = parse_window(&w, o, err);
    if (status != REC_OK || (o->from == NULL && o->until == NULL))
        return status;
    if (x->time == NULL)
        return rec_fail(err, REC_ERR_DATA, "a time window needs times, and the data has none");
    for (size_t i = 0; i < x->n; i++)
        keep[i] = x->time[i] >= w.from && x->time[i] < w.until;
    *dropped = compact_rows(d, keep);
    return REC_OK;
}

static rec_status duplicate_error(const rec_dataset *d, size_t user, uint32_t item, rec_error *err)
{
    return rec_fail(err, REC_ERR_DATA,
                    "user \"%s\" has item \"%s\" more than once (set filter.duplicates to keep, "
                    "first, last or sum)",
                    d->user_ids[user], d->catalogue.ids[item]);
}

static rec_status need_values(rec_interactions *x, rec_error *err)
{
    if (x->value != NULL)
        return REC_OK;
    x->value = rec_alloc(x->n, sizeof *x->value, err);
    for (size_t i = 0; x->value != NULL && i < x->n; i++)
        x->value[i] = 1.0f;
    return x->value != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* row_of[item] is where the item stood last; it belongs to this user if it lies in his rows, so the
 * array needs no clearing between users. */
static rec_status mark_duplicates(rec_dataset *d, uint8_t *keep, size_t *row_of, size_t user,
                                  rec_duplicate_rule rule, rec_error *err)
{
    rec_interactions *x = &d->interactions;
    size_t first = x->start[user];
    for (size_t i = first; i < x->start[user + 1]; i++) {
        uint32_t item = x->item[i];
        size_t seen = row_of[item];
        bool repeated = seen >= first && seen < i && x->item[seen] == item;
        if (repeated && rule == REC_DUPLICATES_ERROR)
            return duplicate_error(d, user, item, err);
        if (repeated && rule == REC_DUPLICATES_SUM)
            x->value[seen] += x->value[i];
        if (repeated)
            keep[rule == REC_DUPLICATES_LAST ? seen : i] = 0;
        if (!repeated || rule == REC_DUPLICATES_LAST)
            row_of[item] = i;
    }
    return REC_OK;
}

static rec_status drop_duplicates(rec_dataset *d, size_t *dropped, uint8_t *keep,
                                  const rec_filter_options *o, rec_error *err)
{
    rec_status status = REC_OK;
    size_t *row_of = NULL;
    rec_duplicate_rule rule = (rec_duplicate_rule)o->duplicates;
    if (rule == REC_DUPLICATES_KEEP)
        return REC_OK;
    if (rule == REC_DUPLICATES_SUM)
        REC_TRY(need_values(&d->interactions, err));
    REC_TRY_NEW(row_of, d->catalogue.n_items, err);
    mark_all(keep, d->interactions.n);
    for (size_t u = 0; u < d->n_users; u++)
        REC_TRY(mark_duplicates(d, keep, row_of, u, rule, err));
    *dropped = compact_rows(d, keep);
cleanup:
    free(row_of);
    return status;
}

/* One sweep: rows of users or items that have too few left go. Returns how many went. */
static size_t k_core_sweep(rec_dataset *d, uint8_t *keep, size_t *per_item, size_t min_user,
                           size_t min_item)
{
    const rec_interactions *x = &d->interactions;
    memset(per_item, 0, x->n_items * sizeof *per_item);
    for (size_t i = 0; i < x->n; i++)
        per_item[x->item[i]]++;
    for (size_t u = 0; u < x->n_users; u++) {
        bool enough = x->start[u + 1] - x->start[u] >= min_user;
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++)
            keep[i] = enough && per_item[x->item[i]] >= min_item;
    }
    return compact_rows(d, keep);
}

static size_t larger(int64_t a, int64_t b)
{
    return (size_t)(a > b ? a : b);
}

static rec_status apply_k_core(rec_dataset *d, size_t *dropped, uint8_t *keep,
                               const rec_filter_options *o, rec_error *err)
{
    size_t min_user = larger(o->k_core, o->min_user_interactions);
    size_t min_item = larger(o->k_core, o->min_item_interactions);
    if (min_user == 0 && min_item == 0)
        return REC_OK;
    size_t *per_item = rec_alloc(d->catalogue.n_items, sizeof *per_item, err);
    if (per_item == NULL)
        return REC_ERR_RESOURCE;
    for (size_t gone = 1; gone > 0; *dropped += gone)
        gone = k_core_sweep(d, keep, per_item, min_user, min_item);
    free(per_item);
    return REC_OK;
}

/* Users without rows leave, with their candidates. */
static size_t drop_users(rec_dataset *d)
{
    rec_interactions *x = &d->interactions;
    rec_candidates *c = d->negatives;
    size_t n = 0, n_negatives = 0, first = 0;
    for (size_t u = 0; u < d->n_users; u++) {
        size_t first_negative = first, end_negative = c != NULL ? c->start[u + 1] : 0;
        first = end_negative;
        if (x->start[u] == x->start[u + 1])
            continue;
        d->user_ids[n] = d->user_ids[u];
        x->start[n + 1] = x->start[u + 1];
        if (c != NULL) {
            memmove(c->item + n_negatives, c->item + first_negative,
                    (end_negative - first_negative) * sizeof *c->item);
            n_negatives += end_negative - first_negative;
            c->start[n + 1] = n_negatives;
        }
        n++;
    }
    size_t dropped = d->n_users - n;
    d->n_users = x->n_users = n;
    return dropped;
}

static void compact_values(rec_column *c, const uint32_t *new_item, size_t n_items)
{
    for (size_t i = 0; i < n_items; i++) {
        if (new_item[i] == REC_NO_ITEM)
            continue;
        if (c->text != NULL)
            c->text[new_item[i]] = c->text[i];
        else
            c->number[new_item[i]] = c->number[i];
    }
}

static void compact_texts(rec_column *c, const uint32_t *new_item, size_t n_items)
{
    size_t kept = 0, first = 0;
    for (size_t i = 0; i < n_items; i++) {
        size_t end = c->start[i + 1];
        if (new_item[i] != REC_NO_ITEM) {
            while (first < end)
                c->texts[kept++] = c->texts[first++];
            c->start[new_item[i] + 1] = kept;
        }
        first = end;
    }
}

static void compact_catalogue(rec_catalogue *c, const uint32_t *new_item, size_t n_kept)
{
    for (size_t i = 0; i < c->n_items; i++) {
        if (new_item[i] == REC_NO_ITEM)
            continue;
        c->ids[new_item[i]] = c->ids[i];
        c->titles[new_item[i]] = c->titles[i];
    }
    for (size_t k = 0; k < c->n_columns; k++) {
        if (c->columns[k].type == REC_COLUMN_TEXTS)
            compact_texts(&c->columns[k], new_item, c->n_items);
        else
            compact_values(&c->columns[k], new_item, c->n_items);
    }
    c->n_items = n_kept;
}

static size_t compact_negatives(rec_dataset *d, const uint32_t *new_item)
{
    rec_candidates *c = d->negatives;
    if (c == NULL)
        return 0;
    size_t kept = 0, first = 0, n = c->start[d->n_users];
    for (size_t u = 0; u < d->n_users; u++) {
        size_t end = c->start[u + 1];
        for (size_t i = first; i < end; i++)
            if (new_item[c->item[i]] != REC_NO_ITEM)
                c->item[kept++] = new_item[c->item[i]];
        first = end;
        c->start[u + 1] = kept;
    }
    return n - kept;
}

/* The map is monotone, so the dense order stays. */
static rec_status drop_items(rec_dataset *d, rec_filter_counts *counts, const rec_filter_options *o,
                             rec_error *err)
{
    rec_interactions *x = &d->interactions;
    bool need_rows = o->catalogue == 1 || o->k_core > 0 || o->min_item_interactions > 0;
    if (!need_rows)
        return REC_OK;
    uint32_t *new_item = rec_alloc(x->n_items, sizeof *new_item, err);
    if (new_item == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < x->n; i++)
        new_item[x->item[i]] = 1;
    uint32_t n_kept = 0;
    for (size_t i = 0; i < x->n_items; i++)
        new_item[i] = new_item[i] ? n_kept++ : REC_NO_ITEM;
    for (size_t i = 0; i < x->n; i++)
        x->item[i] = new_item[x->item[i]];
    counts->items_dropped = x->n_items - n_kept;
    counts->negatives_dropped = compact_negatives(d, new_item);
    compact_catalogue(&d->catalogue, new_item, n_kept);
    x->n_items = n_kept;
    free(new_item);
    return REC_OK;
}

/* Values that are all 1 say nothing: NULL is their one form, whatever the file had. */
static void drop_constant_values(rec_interactions *x, bool binarise)
{
    bool ones = true;
    for (size_t i = 0; x->value != NULL && !binarise && ones && i < x->n; i++)
        ones = x->value[i] == 1.0f;
    if (binarise || ones) {
        free(x->value);
        x->value = NULL;
    }
}

rec_status rec_dataset_filter(rec_dataset *d, rec_filter_counts *counts,
                              const rec_filter_options *o, rec_error *err)
{
    rec_status status = REC_OK;
    uint8_t *keep = NULL;
    *counts = (rec_filter_counts){.below_min_rating = 0};
    REC_TRY_NEW(keep, d->interactions.n, err);
    if (o->min_rating > -1e30)
        counts->below_min_rating = drop_low_values(d, keep, o->min_rating);
    REC_TRY(drop_outside_window(d, &counts->outside_window, keep, o, err));
    REC_TRY(drop_duplicates(d, &counts->duplicates, keep, o, err));
    REC_TRY(apply_k_core(d, &counts->below_k_core, keep, o, err));
    drop_constant_values(&d->interactions, o->binarise);
    counts->users_dropped = drop_users(d);
    REC_TRY(drop_items(d, counts, o, err));
cleanup:
    free(keep);
    return status;
}
