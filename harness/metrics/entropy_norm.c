/* harness/metrics/entropy_norm.c: entropy over its greatest value ln(n_items), so between 0 and
 * 1. */
#include "harness/metrics/exposure.h"

#include <math.h>
#include <stdlib.h>

static rec_status entropy_norm_value(double *out, const rec_list_set *lists, size_t k,
                                     rec_error *err)
{
    uint64_t *counts = NULL;
    rec_status status = rec_exposure_counts(&counts, lists, k, err);
    if (status != REC_OK)
        return status;
    *out = rec_exposure_entropy(counts, lists->n_items) / log((double)lists->n_items);
    free(counts);
    return REC_OK;
}

const rec_metric rec_metric_entropy_norm = {
    .name = "entropy_norm",
    .help = "entropy of what is recommended, over that of the uniform distribution",
    .formula = "entropy / ln(n_items)",
    .citation = "A mathematical theory of communication, Bell System Technical Journal 27, 1948",
    .has_cutoff = true,
    .higher_is_better = true,
    .run_value = entropy_norm_value,
};
