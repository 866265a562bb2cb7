/* harness/metrics/itemcoverage.c: distinct items among the first k of all lists, over the size
 * of the catalogue. RecBole divides by an item count that includes the padding id, Elliot
 * reports the count. */
#include "harness/metrics/exposure.h"

#include <math.h>
#include <stdlib.h>

static double share_shown(const uint64_t *counts, size_t n_items)
{
    size_t n_shown = 0;
    for (size_t i = 0; i < n_items; i++)
        n_shown += counts[i] > 0;
    return n_items > 0 ? (double)n_shown / (double)n_items : NAN;
}

static rec_status itemcoverage_value(double *out, const rec_list_set *lists, size_t k,
                                     rec_error *err)
{
    uint64_t *counts = NULL;
    rec_status status = rec_exposure_counts(&counts, lists, k, err);
    if (status != REC_OK)
        return status;
    *out = share_shown(counts, lists->n_items);
    free(counts);
    return REC_OK;
}

const rec_metric rec_metric_itemcoverage = {
    .name = "itemcoverage",
    .help = "share of the catalogue that is recommended to anybody",
    .formula = "distinct items in the lists cut at k / n_items",
    .citation =
        "Beyond accuracy: evaluating recommender systems by coverage and serendipity, RecSys 2010",
    .has_cutoff = true,
    .higher_is_better = true,
    .run_value = itemcoverage_value,
};
