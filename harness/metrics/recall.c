/* harness/metrics/recall.c: share of the relevant items that stand among the first k. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double recall_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? (double)rec_hits_at(r, k) / (double)r->n_relevant : NAN;
}

static double recall_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                              size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    return rec_expected_hits(blocks, n_blocks, k) / (double)r->n_relevant;
}

const rec_metric rec_metric_recall = {
    .name = "recall",
    .help = "share of the relevant items among the first k",
    .formula = "hits among the first k / R",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = recall_at,
    .expected_at = recall_expected,
};
