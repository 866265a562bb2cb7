/* harness/metrics/mrr.c: 1 / rank of the first relevant item, 0 if it is not among the first k.
 * "The TREC-8 question answering track report", 1999. trec_eval's recip_rank has no cut-off:
 * recip_rank. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double mrr_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    size_t rank = rec_first_hit(r, k);
    return rank > 0 ? 1.0 / (double)rank : 0.0;
}

static double mrr_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                           size_t k)
{
    return r->n_relevant > 0 ? rec_expected_reciprocal_rank(blocks, n_blocks, k) : NAN;
}

const rec_metric rec_metric_mrr = {
    .name = "mrr",
    .help = "reciprocal rank of the first relevant item, 0 past k",
    .formula = "1 / rank of the first relevant item if that rank <= k, else 0",
    .citation = "The TREC-8 question answering track report, TREC 1999",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = mrr_at,
    .expected_at = mrr_expected,
};
