#include "models/reclm_emb/bands.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

const char *const rec_emb_price_words[REC_EMB_N_BANDS] = {"cheap", "middling", "expensive"};
const char *const rec_emb_date_words[REC_EMB_N_BANDS] = {"old", NULL, "recent"};

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Value v is of the third 3 * (number of smaller values) / (number of values). The bounds of a third
 * lie just outside its values; a price bound is open at both ends, a date bound at the upper one. */
static bool find_thirds(rec_emb_condition *bands, rec_emb_condition_kind kind, const double *values,
                        size_t n)
{
    size_t smaller = 0;
    for (int b = 0; b < REC_EMB_N_BANDS; b++)
        bands[b] = (rec_emb_condition){.kind = kind, .low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && values[i] != values[i - 1])
            smaller = i;
        rec_emb_condition *band = &bands[REC_EMB_N_BANDS * smaller / n];
        double below = kind == REC_EMB_PRICE ? nextafter(values[i], -INFINITY) : values[i];
        band->low = fmin(band->low, below);
        band->high = fmax(band->high, nextafter(values[i], INFINITY));
    }
    return smaller > 0;
}

static rec_status thirds_of(bool *known, rec_emb_condition *bands, rec_emb_condition_kind kind,
                            const double *values, size_t n, rec_error *err)
{
    size_t n_known = 0;
    *known = false;
    if (values == NULL)
        return REC_OK;
    double *sorted = rec_alloc(n, sizeof *sorted, err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            sorted[n_known++] = values[i];
    if (n_known > 1)
        qsort(sorted, n_known, sizeof *sorted, compare_values);
    *known = find_thirds(bands, kind, sorted, n_known);
    free(sorted);
    return REC_OK;
}

rec_status rec_emb_bands_find(rec_emb_bands *out, const rec_emb_items *items, rec_error *err)
{
    *out = (rec_emb_bands){.has_price = false};
    rec_status status =
        thirds_of(&out->has_price, out->price, REC_EMB_PRICE, items->price, items->n, err);
    return status == REC_OK
               ? thirds_of(&out->has_date, out->date, REC_EMB_DATE, items->date, items->n, err)
               : status;
}

static int band_of(const rec_emb_condition *bands, const rec_emb_items *items, uint32_t item)
{
    for (int b = 0; b < REC_EMB_N_BANDS; b++)
        if (rec_emb_holds(items, &bands[b], item))
            return b;
    return -1;
}

int rec_emb_price_band(const rec_emb_bands *b, const rec_emb_items *items, uint32_t item)
{
    return b->has_price ? band_of(b->price, items, item) : -1;
}

int rec_emb_date_band(const rec_emb_bands *b, const rec_emb_items *items, uint32_t item)
{
    return b->has_date ? band_of(b->date, items, item) : -1;
}
