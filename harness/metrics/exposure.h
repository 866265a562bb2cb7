/** How often each item of the catalogue was shown: what coverage, gini and entropy look at. */
#ifndef REC_HARNESS_METRICS_EXPOSURE_H
#define REC_HARNESS_METRICS_EXPOSURE_H

#include "harness/metrics/metric.h"

/**
 * Count the places above k over all lists. An item that is not in the catalogue is REC_ERR_DATA.
 * @param counts  (n_items) new array of the caller
 */
rec_status rec_exposure_counts(uint64_t **counts, const rec_list_set *lists, size_t k,
                               rec_error *err);

/** Shannon entropy in nats of the shares counts[i] / sum, items never shown contribute 0. NaN when
 * nothing was shown. */
double rec_exposure_entropy(const uint64_t *counts, size_t n_items);

#endif
