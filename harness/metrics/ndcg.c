/* harness/metrics/ndcg.c: sum over ranks i <= k of gain_i / log2(i + 1), over its best value.
 * "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002. The paper leaves ranks
 * below the log base undiscounted; like trec_eval we discount every rank. Gain = relevance level,
 * negative levels count 0. The best value is that of all relevant items in descending order, cut
 * at k. Needs a relevant item. */
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

static double ideal_dcg_at(const rec_ranking *r, size_t k)
{
    double dcg = 0.0;
    for (size_t i = 0; i < rec_cut(r->n_relevant, k); i++)
        dcg += (double)rec_ideal_gain(r, i) / log2((double)i + 2.0);
    return dcg;
}

static double ndcg_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? dcg_at(r, k) / ideal_dcg_at(r, k) : NAN;
}

/* Linear in the gains: every place of a block expects the block's mean gain. */
static double ndcg_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                            size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double dcg = 0.0;
    for (size_t b = 0; b < n_blocks; b++)
        if (blocks[b].n_relevant > 0)
            dcg += blocks[b].sum_gain / (double)blocks[b].size *
                   rec_discount_sum(blocks[b].start, rec_block_places(&blocks[b], k));
    return dcg / ideal_dcg_at(r, k);
}

const rec_metric rec_metric_ndcg = {
    .name = "ndcg",
    .help = "normalised discounted cumulative gain, ideal over all relevant items cut at k",
    .formula = "sum_{i<=k} gain_i / log2(i+1), over the same sum for the levels of all relevant "
               "items in descending order",
    .citation = "Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4), 2002",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .graded = true,
    .value_at = ndcg_at,
    .expected_at = ndcg_expected,
};
