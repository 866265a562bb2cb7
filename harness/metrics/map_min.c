/* harness/metrics/map_min.c: average precision divided by min(R, k), so that 1 can be reached
 * where there are more than k relevant items (RecBole's map). map divides by R. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double map_min_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double sum = 0.0;
    size_t hits = 0;
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        if (rec_is_relevant(r->gains[i]))
            sum += (double)++hits / (double)(i + 1);
    return sum / (double)rec_cut(r->n_relevant, k);
}

static double map_min_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                               size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    return rec_expected_precision_sum(blocks, n_blocks, k) / (double)rec_cut(r->n_relevant, k);
}

const rec_metric rec_metric_map_min = {
    .name = "map_min",
    .help = "average precision, divided by min(R, k)",
    .formula = "(1/min(R,k)) sum_{i<=k, i relevant} (hits among the first i) / i",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = map_min_at,
    .expected_at = map_min_expected,
};
