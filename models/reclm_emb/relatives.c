#include "models/reclm_emb/relatives.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/sorted.h"

const char *const rec_emb_relative_names[] = {"recent", "cheap", "expensive", "popular"};

/* Smaller values come first. */
typedef struct ranked {
    double value;
    uint32_t item;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static size_t end_of_tie(const ranked *r, size_t n, size_t start)
{
    size_t end = start;
    while (end < n && r[end].value == r[start].value)
        end++;
    return end;
}

/* How many of the sorted belong to the set, `most` being a twentieth of the catalogue. */
static size_t size_of_set(const ranked *r, size_t n, size_t most)
{
    size_t size = 0, end = end_of_tie(r, n, 0);
    while (size < n && end <= most) {
        size = end;
        end = end_of_tie(r, n, size);
    }
    if (size == 0)
        size = end;
    return 2 * size < n ? size : 0;
}

/* The items of the smallest values; NaN is unknown. */
static rec_status take_smallest(uint32_t **out, size_t *n, const double *values, size_t n_items,
                                rec_error *err)
{
    const size_t part = 20;
    size_t n_known = 0;
    rec_status status;
    ranked *sorted = NULL;
    REC_TRY_NEW(sorted, n_items, err);
    for (uint32_t i = 0; i < n_items; i++)
        if (!isnan(values[i]))
            sorted[n_known++] = (ranked){values[i], i};
    if (n_known > 1)
        qsort(sorted, n_known, sizeof *sorted, compare_ranked);
    *n = n_known > 0 ? size_of_set(sorted, n_known, n_items / part) : 0;
    REC_TRY_NEW(*out, *n, err);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = sorted[i].item;
    rec_sort_u32(*out, *n);
    status = REC_OK;
cleanup:
    free(sorted);
    return status;
}

/* values[i] = sign * from[i], or unknown. */
static void copy_values(double *values, const double *from, double sign, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = from != NULL ? sign * from[i] : NAN;
}

rec_status rec_emb_relatives_find(rec_emb_relatives *out, const rec_emb_items *items,
                                  const rec_interactions *train, rec_error *err)
{
    double *values = NULL;
    size_t n = items->n;
    rec_status status;
    *out = (rec_emb_relatives){.n = {0}};
    REC_TRY_NEW(values, n, err);
    copy_values(values, items->date, -1.0, n);
    REC_TRY(take_smallest(&out->items[REC_EMB_RECENT], &out->n[REC_EMB_RECENT], values, n, err));
    copy_values(values, items->price, 1.0, n);
    REC_TRY(take_smallest(&out->items[REC_EMB_CHEAP], &out->n[REC_EMB_CHEAP], values, n, err));
    copy_values(values, items->price, -1.0, n);
    REC_TRY(
        take_smallest(&out->items[REC_EMB_EXPENSIVE], &out->n[REC_EMB_EXPENSIVE], values, n, err));
    for (size_t i = 0; i < n; i++)
        values[i] = 0.0;
    for (size_t i = 0; i < train->n; i++)
        values[train->item[i]] -= 1.0;
    status = take_smallest(&out->items[REC_EMB_POPULAR], &out->n[REC_EMB_POPULAR], values, n, err);
cleanup:
    free(values);
    if (status != REC_OK)
        rec_emb_relatives_deinit(out);
    return status;
}

void rec_emb_relatives_deinit(rec_emb_relatives *r)
{
    for (size_t k = 0; k < REC_EMB_N_RELATIVES; k++)
        free(r->items[k]);
    *r = (rec_emb_relatives){.n = {0}};
}

bool rec_emb_is_relative(const rec_emb_relatives *r, rec_emb_relative kind, uint32_t item)
{
    return rec_sorted_has(r->items[kind], r->n[kind], item);
}
