/* harness/metrics/map.c: average precision, the mean over all R relevant items of the precision at
 * their rank, 0 for those not among the first k. "Retrieval evaluation with incomplete
 * information", SIGIR 2004, section 2. Divisor R, as trec_eval's map and map_cut and ranx; RecBole
 * divides by min(R, k): map_min. Elliot's MAP is the mean of P@1..P@k, another quantity. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double map_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double sum = 0.0;
    size_t hits = 0;
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        if (rec_is_relevant(r->gains[i]))
            sum += (double)++hits / (double)(i + 1);
    return sum / (double)r->n_relevant;
}

static double map_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                           size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    return rec_expected_precision_sum(blocks, n_blocks, k) / (double)r->n_relevant;
}

const rec_metric rec_metric_map = {
    .name = "map",
    .help = "average precision, divided by the number of relevant items",
    .formula = "(1/R) sum_{i<=k, i relevant} (hits among the first i) / i",
    .citation = "Retrieval evaluation with incomplete information, SIGIR 2004, section 2",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = map_at,
    .expected_at = map_expected,
};
