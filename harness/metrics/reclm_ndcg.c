/* harness/metrics/reclm_ndcg.c: ndcg whose best value is that of the hits in the list moved to its
 * top, so that relevant items that are missed cost nothing (RecLM-eval). Binary gains. With one
 * relevant item equal to ndcg. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double reclm_ndcg_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double dcg = 0.0;
    size_t hits = 0;
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        if (rec_is_relevant(r->gains[i])) {
            dcg += rec_discount(i);
            hits++;
        }
    return hits > 0 ? dcg / rec_discount_sum(0, hits) : 0.0;
}

static double binary_dcg(const rec_tie_block *blocks, size_t n_blocks, size_t k)
{
    double dcg = 0.0;
    for (size_t b = 0; b < n_blocks; b++)
        if (blocks[b].n_relevant > 0)
            dcg += (double)blocks[b].n_relevant / (double)blocks[b].size *
                   rec_discount_sum(blocks[b].start, rec_block_places(&blocks[b], k));
    return dcg;
}

static double reclm_ndcg_given_hits(double dcg_above, size_t n_above, const rec_tie_block *cut,
                                    size_t places, size_t hits)
{
    if (n_above + hits == 0)
        return 0.0;
    double dcg = dcg_above;
    if (hits > 0)
        dcg += (double)hits / (double)places * rec_discount_sum(cut->start, places);
    return dcg / rec_discount_sum(0, n_above + hits);
}

static double reclm_ndcg_expected(const rec_ranking *r, const rec_tie_block *blocks,
                                  size_t n_blocks, size_t k)
{
    return r->n_relevant > 0
               ? rec_expected_over_hits(blocks, n_blocks, k, binary_dcg, reclm_ndcg_given_hits)
               : NAN;
}

const rec_metric rec_metric_reclm_ndcg = {
    .name = "reclm_ndcg",
    .help = "RecLM-eval's ndcg: the ideal holds the retrieved hits only",
    .formula =
        "sum_{i<=k, i relevant} 1 / log2(i+1), over sum_{i<=hits} 1 / log2(i+1); 0 without a hit",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = reclm_ndcg_at,
    .expected_at = reclm_ndcg_expected,
};
