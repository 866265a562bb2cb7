/* harness/metrics/ndcg_full_ideal.c: ndcg whose best value is not cut at k, so that 1 is out of
 * reach when there are more than k relevant items. This is what "A Troubling Analysis of
 * Reproducibility and Progress in Recommender Systems Research", ACM TOIS 39(2), 2021, reports. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double dcg_at(const rec_ranking *r, size_t k)
{
    double dcg = 0.0;
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        if (rec_is_relevant(r->gains[i])) /* most gains are 0: spare the logarithm */
            dcg += (double)r->gains[i] / log2((double)i + 2.0); /* index i is rank i + 1 */
    return dcg;
}

static double ideal_dcg(const rec_ranking *r)
{
    double dcg = 0.0;
    for (size_t i = 0; i < r->n_relevant; i++)
        dcg += (double)rec_ideal_gain(r, i) / log2((double)i + 2.0);
    return dcg;
}

static double ndcg_full_ideal_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? dcg_at(r, k) / ideal_dcg(r) : NAN;
}

/* Linear in the gains: every place of a block expects the block's mean gain. */
static double ndcg_full_ideal_expected(const rec_ranking *r, const rec_tie_block *blocks,
                                       size_t n_blocks, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double dcg = 0.0;
    for (size_t b = 0; b < n_blocks; b++)
        if (blocks[b].n_relevant > 0)
            dcg += blocks[b].sum_gain / (double)blocks[b].size *
                   rec_discount_sum(blocks[b].start, rec_block_places(&blocks[b], k));
    return dcg / ideal_dcg(r);
}

const rec_metric rec_metric_ndcg_full_ideal = {
    .name = "ndcg_full_ideal",
    .help = "normalised discounted cumulative gain, ideal over all relevant items, not cut at k",
    .formula = "sum_{i<=k} gain_i / log2(i+1), over sum_{i<=R} ideal_gain_i / log2(i+1)",
    .citation = "A Troubling Analysis of Reproducibility and Progress in Recommender Systems "
                "Research, ACM TOIS 39(2), 2021",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .graded = true,
    .value_at = ndcg_full_ideal_at,
    .expected_at = ndcg_full_ideal_expected,
};
