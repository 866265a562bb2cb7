/* harness/metrics/entropy.c: Shannon entropy, in nats, of the share of places among the first k
 * that each item gets. RecBole divides it by the number of distinct items; Elliot takes base 2
 * and weights each list by 1 / its length. */
#include "harness/metrics/exposure.h"

#include <stdlib.h>

static rec_status entropy_value(double *out, const rec_list_set *lists, size_t k, rec_error *err)
{
    uint64_t *counts = NULL;
    rec_status status = rec_exposure_counts(&counts, lists, k, err);
    if (status != REC_OK)
        return status;
    *out = rec_exposure_entropy(counts, lists->n_items);
    free(counts);
    return REC_OK;
}

const rec_metric rec_metric_entropy = {
    .name = "entropy",
    .help = "Shannon entropy of what is recommended, in nats",
    .formula =
        "-sum_i p_i ln p_i, p_i = share of the places of the lists cut at k that item i gets",
    .citation = "A mathematical theory of communication, Bell System Technical Journal 27, 1948",
    .has_cutoff = true,
    .higher_is_better = true,
    .run_value = entropy_value,
};
