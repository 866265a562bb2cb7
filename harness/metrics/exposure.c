#include "harness/metrics/exposure.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

rec_status rec_exposure_counts(uint64_t **counts, const rec_list_set *lists, size_t k,
                               rec_error *err)
{
    rec_status status = REC_OK;
    uint64_t *shown = NULL;
    REC_TRY_NEW(shown, lists->n_items, err);
    for (size_t l = 0; l < lists->n_lists; l++) {
        const uint32_t *items = lists->items + l * lists->stride;
        for (size_t i = 0; i < lists->n_ranked[l] && i < k; i++) {
            if (items[i] >= lists->n_items) {
                status =
                    rec_fail(err, REC_ERR_DATA, "list %zu, rank %zu: item %u is not one of %zu", l,
                             i + 1, (unsigned)items[i], lists->n_items);
                goto cleanup;
            }
            shown[items[i]]++;
        }
    }
    *counts = shown;
    shown = NULL;
cleanup:
    free(shown);
    return status;
}

double rec_exposure_entropy(const uint64_t *counts, size_t n_items)
{
    double total = 0.0, entropy = 0.0;
    for (size_t i = 0; i < n_items; i++)
        total += (double)counts[i];
    if (!(total > 0.0))
        return NAN;
    for (size_t i = 0; i < n_items; i++)
        if (counts[i] > 0)
            entropy -= (double)counts[i] / total * log((double)counts[i] / total);
    return entropy;
}
