/* harness/metrics/hit.c: 1 if a relevant item stands among the first k, else 0 (trec_eval's
 * success, RecBole's hit, ranx's hit_rate). */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double hit_at(const rec_ranking *r, size_t k)
{
    return r->n_relevant > 0 ? (double)(rec_first_hit(r, k) > 0) : NAN;
}

static double hit_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                           size_t k)
{
    return r->n_relevant > 0 ? rec_probability_hit(blocks, n_blocks, k) : NAN;
}

const rec_metric rec_metric_hit = {
    .name = "hit",
    .help = "1 if a relevant item is among the first k",
    .formula = "1 if hits among the first k > 0, else 0",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = hit_at,
    .expected_at = hit_expected,
};
