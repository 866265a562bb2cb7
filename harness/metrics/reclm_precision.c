/* harness/metrics/reclm_precision.c: hits among the first k over the number of items shown, min(k,
 * length of the list), as RecLM-eval divides. Given its own list with repeats, a repeated hit
 * counts again. An empty list, where the original aborts, is 0. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double reclm_precision_at(const rec_ranking *r, size_t k)
{
    size_t n_shown = rec_cut(r->n_ranked, k);
    if (r->n_relevant == 0)
        return NAN;
    return n_shown > 0 ? (double)rec_hits_at(r, k) / (double)n_shown : 0.0;
}

static double reclm_precision_expected(const rec_ranking *r, const rec_tie_block *blocks,
                                       size_t n_blocks, size_t k)
{
    size_t n_shown = rec_cut(rec_pool_size(r), k);
    if (r->n_relevant == 0)
        return NAN;
    return n_shown > 0 ? rec_expected_hits(blocks, n_blocks, k) / (double)n_shown : 0.0;
}

const rec_metric rec_metric_reclm_precision = {
    .name = "reclm_precision",
    .help = "RecLM-eval's precision: share of the items shown that are relevant",
    .formula = "hits among the first k / min(k, list length)",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = reclm_precision_at,
    .expected_at = reclm_precision_expected,
};
