/* harness/metrics/reclm_hit.c: RecLM-eval's hit, 1 if a relevant item stands among the first k;
 * equal to hit. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double reclm_hit_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? (double)(rec_first_hit(r, k) > 0) : NAN;
}

static double reclm_hit_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                                 size_t k)
{
    return r->n_relevant > 0 ? rec_probability_hit(blocks, n_blocks, k) : NAN;
}

const rec_metric rec_metric_reclm_hit = {
    .name = "reclm_hit",
    .help = "RecLM-eval's hit, equal to hit",
    .formula = "1 if hits among the first k > 0, else 0",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = reclm_hit_at,
    .expected_at = reclm_hit_expected,
};
