/* harness/metrics/reclm_recall.c: hits among the first k over the number of distinct relevant
 * items. Given RecLM-eval's own list with repeats, a repeated hit counts again and the value can
 * exceed 1. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double reclm_recall_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? (double)rec_hits_at(r, k) / (double)r->n_relevant : NAN;
}

static double reclm_recall_expected(const rec_ranking *r, const rec_tie_block *blocks,
                                    size_t n_blocks, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    return rec_expected_hits(blocks, n_blocks, k) / (double)r->n_relevant;
}

const rec_metric rec_metric_reclm_recall = {
    .name = "reclm_recall",
    .help = "RecLM-eval's recall: repeated hits count again",
    .formula = "hits among the first k, repeats included / R",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = reclm_recall_at,
    .expected_at = reclm_recall_expected,
};
