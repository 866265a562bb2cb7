#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"
#include "models/reclm_emb/original/original.h"

/* Every user's items but the last. */
static rec_status leave_last_out(rec_interactions *out, const rec_interactions *x, rec_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_interactions){.n_users = x->n_users, .n_items = x->n_items};
    REC_TRY_NEW(out->start, x->n_users + 1, err);
    REC_TRY_NEW(out->item, x->n, err);
    for (size_t u = 0; u < x->n_users; u++) {
        size_t n = x->start[u + 1] - x->start[u];
        if (n > 1)
            memcpy(out->item + out->n, x->item + x->start[u], (n - 1) * sizeof *out->item);
        out->n += n > 1 ? n - 1 : 0;
        out->start[u + 1] = out->n;
    }
cleanup:
    return status;
}

static void find_ranges(rec_emb_original_facts *f, const rec_emb_items *x)
{
    f->price_min = f->price_max = NAN;
    f->month_first = f->month_last = 0;
    for (size_t i = 0; x->price != NULL && i < x->n; i++) {
        f->price_min = fmin(f->price_min, x->price[i]); /* NaN is no price */
        f->price_max = fmax(f->price_max, x->price[i]);
    }
    for (size_t i = 0; x->date != NULL && i < x->n; i++) {
        int year, month;
        if (isnan(x->date[i]))
            continue;
        rec_emb_calendar(&year, &month, x->date[i]);
        int at = 12 * year + month - 1;
        f->month_first = f->month_first == 0 || at < f->month_first ? at : f->month_first;
        f->month_last = at > f->month_last ? at : f->month_last;
    }
}

/* The distinct values of every attribute. */
static rec_status list_values(rec_emb_original_facts *f, const rec_emb_items *x, rec_error *err)
{
    size_t room = 0, n = 0;
    bool *is_listed = NULL;
    rec_status status = REC_OK;
    for (size_t a = 0; a < x->n_attributes; a++)
        room += x->attributes[a].start[x->n];
    REC_TRY_NEW(f->value_start, x->n_attributes + 1, err);
    REC_TRY_NEW(f->values, room, err);
    REC_TRY_NEW(is_listed, x->values.n, err);
    for (size_t a = 0; a < x->n_attributes; a++) {
        const rec_emb_attribute *attribute = &x->attributes[a];
        memset(is_listed, 0, x->values.n * sizeof *is_listed);
        for (size_t i = 0; i < attribute->start[x->n]; i++) {
            uint32_t value = attribute->value[i];
            if (!is_listed[value])
                f->values[n++] = value;
            is_listed[value] = true;
        }
        f->value_start[a + 1] = n;
    }
cleanup:
    free(is_listed);
    return status;
}

typedef struct keyed {
    double key; /* larger = sooner */
    uint32_t item;
} keyed;

static int compare_keys(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* The first, or with `last` the last, twentieth by falling keys; items without a key (NaN) are not there. */
static rec_status find_relative(rec_emb_relatives *r, rec_emb_relative kind, const double *keys,
                                size_t n_items, bool last, rec_error *err)
{
    size_t n = 0, most = n_items / 20;
    keyed *sorted = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(r->items[kind], most, err);
    REC_TRY_NEW(sorted, n_items, err);
    for (uint32_t i = 0; keys != NULL && i < n_items; i++)
        if (!isnan(keys[i]))
            sorted[n++] = (keyed){keys[i], i};
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, compare_keys);
    r->n[kind] = n < most ? n : most;
    for (size_t i = 0; i < r->n[kind]; i++)
        r->items[kind][i] = sorted[last ? n - 1 - i : i].item;
    rec_sort_u32(r->items[kind], r->n[kind]);
cleanup:
    free(sorted);
    return status;
}

static rec_status find_relatives(rec_emb_original_facts *f, const rec_emb_items *x, rec_error *err)
{
    rec_emb_relatives *r = &f->relatives;
    double *frequency = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(frequency, x->n, err);
    for (size_t i = 0; i < f->known.n; i++)
        frequency[f->known.item[i]]++;
    for (size_t i = 0; i < x->n; i++)
        if (frequency[i] == 0.0)
            frequency[i] = NAN;
    REC_TRY(find_relative(r, REC_EMB_RECENT, x->date, x->n, false, err));
    REC_TRY(find_relative(r, REC_EMB_CHEAP, x->price, x->n, true, err));
    REC_TRY(find_relative(r, REC_EMB_EXPENSIVE, x->price, x->n, false, err));
    status = find_relative(r, REC_EMB_POPULAR, frequency, x->n, false, err);
cleanup:
    free(frequency);
    return status;
}

rec_status rec_emb_original_facts_init(rec_emb_original_facts *out, const rec_emb_items *items,
                                       const rec_interactions *sequences, rec_error *err)
{
    *out = (rec_emb_original_facts){.sequences = sequences};
    find_ranges(out, items);
    rec_status status = leave_last_out(&out->known, sequences, err);
    if (status == REC_OK)
        status = list_values(out, items, err);
    if (status == REC_OK)
        status = find_relatives(out, items, err);
    if (status == REC_OK)
        status = rec_emb_neighbours_init(&out->neighbours, &out->known, NULL, NULL, err);
    if (status != REC_OK)
        rec_emb_original_facts_deinit(out);
    return status;
}

void rec_emb_original_facts_deinit(rec_emb_original_facts *f)
{
    rec_emb_neighbours_deinit(&f->neighbours);
    rec_interactions_deinit(&f->known);
    free(f->value_start);
    free(f->values);
    rec_emb_relatives_deinit(&f->relatives);
    *f = (rec_emb_original_facts){.sequences = NULL};
}
