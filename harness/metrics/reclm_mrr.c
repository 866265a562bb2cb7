/* harness/metrics/reclm_mrr.c: RecLM-eval's mrr, 1 / rank of the first hit, 0 past k; equal to
 * mrr. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double reclm_mrr_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    size_t rank = rec_first_hit(r, k);
    return rank > 0 ? 1.0 / (double)rank : 0.0;
}

static double reclm_mrr_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                                 size_t k)
{
    return r->n_relevant > 0 ? rec_expected_reciprocal_rank(blocks, n_blocks, k) : NAN;
}

const rec_metric rec_metric_reclm_mrr = {
    .name = "reclm_mrr",
    .help = "RecLM-eval's mrr, equal to mrr",
    .formula = "1 / rank of the first relevant item if that rank <= k, else 0",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = reclm_mrr_at,
    .expected_at = reclm_mrr_expected,
};
