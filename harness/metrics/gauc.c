/* harness/metrics/gauc.c: auc whose mean over lists is weighted by the number of relevant items,
 * as in "Deep interest network for click-through rate prediction", KDD 2018, eq. (6), there by
 * impressions; RecBole's GAUC weights as we do. */
#include "harness/metrics/gains.h"
#include "harness/metrics/pairs.h"
#include "harness/metrics/ties.h"

static double gauc_weight(const rec_ranking *r)
{
    return (double)r->n_relevant;
}

static double gauc_at(const rec_ranking *r, size_t k)
{
    (void)k;
    return rec_auc(r);
}

static double gauc_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                            size_t k)
{
    (void)k;
    return rec_expected_auc(r, blocks, n_blocks);
}

const rec_metric rec_metric_gauc = {
    .name = "gauc",
    .help = "auc, in the mean weighted by the number of relevant items",
    .formula = "auc per list; mean = sum_lists R auc / sum_lists R",
    .citation = "Deep interest network for click-through rate prediction, KDD 2018, eq. (6)",
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = gauc_at,
    .weight = gauc_weight,
    .expected_at = gauc_expected,
};
