/* harness/metrics/recall.c: share of the relevant items that stand among the first k. */
#include "harness/metrics/gains.h"

static double recall_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? (double)rec_hits_at(r, k) / (double)r->n_relevant : NAN;
}

const rec_metric rec_metric_recall = {
    .name = "recall",
    .help = "share of the relevant items among the first k",
    .formula = "hits among the first k / R",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = recall_at,
};
