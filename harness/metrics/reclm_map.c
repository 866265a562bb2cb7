/* harness/metrics/reclm_map.c: mean over the hits among the first k of the precision at their
 * rank, so divided by the number of hits and not by R: relevant items that are missed cost nothing
 * (RecLM-eval). */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double reclm_map_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double sum = 0.0;
    size_t hits = 0;
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        if (rec_is_relevant(r->gains[i]))
            sum += (double)++hits / (double)(i + 1);
    return hits > 0 ? sum / (double)hits : 0.0;
}

/* Precision sum expected when `hits` relevant items stand on the places of the cut block. */
static double reclm_map_given_hits(double sum_above, size_t n_above, const rec_tie_block *cut,
                                   size_t places, size_t hits)
{
    if (n_above + hits == 0)
        return 0.0;
    double sum = sum_above;
    if (hits > 0)
        sum += rec_block_precision_sum(cut->start, places, places, hits, n_above);
    return sum / (double)(n_above + hits);
}

static double reclm_map_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                                 size_t k)
{
    return r->n_relevant > 0
               ? rec_expected_over_hits(blocks, n_blocks, k, rec_expected_precision_sum,
                                        reclm_map_given_hits)
               : NAN;
}

const rec_metric rec_metric_reclm_map = {
    .name = "reclm_map",
    .help = "RecLM-eval's map: average precision divided by the number of hits",
    .formula = "(1/hits) sum_{i<=k, i relevant} (hits among the first i) / i; 0 without a hit",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = reclm_map_at,
    .expected_at = reclm_map_expected,
};
