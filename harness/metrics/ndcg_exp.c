/* harness/metrics/ndcg_exp.c: ndcg with gain 2^level - 1, which puts the weight on the highest
 * levels: "Learning to rank using gradient descent", ICML 2005, section 6. ranx calls it
 * ndcg_burges. Equal to ndcg when all levels are 1. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double exp_gain(float level)
{
    return exp2((double)level) - 1.0;
}

static double dcg_at(const rec_ranking *r, size_t k)
{
    double dcg = 0.0;
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        if (rec_is_relevant(r->gains[i])) /* most gains are 0: spare the logarithm */
            dcg += exp_gain(r->gains[i]) / log2((double)i + 2.0); /* index i is rank i + 1 */
    return dcg;
}

static double ideal_dcg_at(const rec_ranking *r, size_t k)
{
    double dcg = 0.0;
    for (size_t i = 0; i < rec_cut(r->n_relevant, k); i++)
        dcg += exp_gain(rec_ideal_gain(r, i)) / log2((double)i + 2.0);
    return dcg;
}

static double ndcg_exp_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? dcg_at(r, k) / ideal_dcg_at(r, k) : NAN;
}

/* Linear in the gains: every place of a block expects the block's mean gain. */
static double ndcg_exp_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                                size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double dcg = 0.0;
    for (size_t b = 0; b < n_blocks; b++)
        if (blocks[b].n_relevant > 0)
            dcg += blocks[b].sum_exp_gain / (double)blocks[b].size *
                   rec_discount_sum(blocks[b].start, rec_block_places(&blocks[b], k));
    return dcg / ideal_dcg_at(r, k);
}

const rec_metric rec_metric_ndcg_exp = {
    .name = "ndcg_exp",
    .help = "normalised discounted cumulative gain with gain 2^level - 1",
    .formula = "sum_{i<=k} (2^gain_i - 1) / log2(i+1), over the same sum for the levels of all "
               "relevant items in descending order",
    .citation = "Learning to rank using gradient descent, ICML 2005, section 6",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .graded = true,
    .value_at = ndcg_exp_at,
    .expected_at = ndcg_exp_expected,
};
