/* harness/metrics/auc.c: share of the pairs (relevant, not relevant) of the full order that stand
 * in the right order; a tie counts a half in its expected form. Per list, mean over lists;
 * RecBole's AUC pools the pairs of all users instead, its GAUC is gauc. */
#include "harness/metrics/gains.h"
#include "harness/metrics/pairs.h"
#include "harness/metrics/ties.h"

static double auc_at(const rec_ranking *r, size_t k)
{
    (void)k;
    return rec_auc(r);
}

static double auc_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                           size_t k)
{
    (void)k;
    return rec_expected_auc(r, blocks, n_blocks);
}

const rec_metric rec_metric_auc = {
    .name = "auc",
    .help = "share of (relevant, not relevant) pairs in the right order",
    .formula = "sum_{relevant} (not relevant items below it) / (R (n_pool - R))",
    .citation = "The meaning and use of the area under a receiver operating characteristic curve, "
                "Radiology 143(1), 1982",
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = auc_at,
    .expected_at = auc_expected,
};
