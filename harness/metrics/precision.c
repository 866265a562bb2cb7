/* harness/metrics/precision.c: hits among the first k over k, also where the list is shorter than
 * k (trec_eval, ranx, RecBole, Elliot; RecLM-eval divides by the length: reclm_precision). Over
 * the whole list the divisor is its length, trec_eval's set_P. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double precision_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    size_t divisor = k == REC_WHOLE_LIST ? r->n_ranked : k;
    return divisor > 0 ? (double)rec_hits_at(r, k) / (double)divisor : 0.0;
}

static double precision_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                                 size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    size_t divisor = k == REC_WHOLE_LIST ? rec_pool_size(r) : k;
    return divisor > 0 ? rec_expected_hits(blocks, n_blocks, k) / (double)divisor : 0.0;
}

const rec_metric rec_metric_precision = {
    .name = "precision",
    .help = "share of the first k places that hold a relevant item",
    .formula = "hits among the first k / k",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = precision_at,
    .expected_at = precision_expected,
};
