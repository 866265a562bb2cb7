/* harness/metrics/r_precision.c: share of the first R places that hold a relevant item, R the
 * number of relevant items (trec_eval's Rprec). There precision and recall are equal. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double r_precision_at(const rec_ranking *r, size_t k)
{
    (void)k;
    if (r->n_relevant == 0)
        return NAN;
    size_t hits = 0;
    if (r->relevant_ranks == NULL)
        hits = rec_hits_at(r, r->n_relevant);
    else
        for (size_t i = 0; i < r->n_relevant; i++)
            hits += r->relevant_ranks[i] > 0 && r->relevant_ranks[i] <= r->n_relevant;
    return (double)hits / (double)r->n_relevant;
}

static double r_precision_expected(const rec_ranking *r, const rec_tie_block *blocks,
                                   size_t n_blocks, size_t k)
{
    (void)k;
    if (r->n_relevant == 0)
        return NAN;
    return rec_expected_hits(blocks, n_blocks, r->n_relevant) / (double)r->n_relevant;
}

const rec_metric rec_metric_r_precision = {
    .name = "r_precision",
    .help = "precision at rank R, the number of relevant items",
    .formula = "hits among the first R / R",
    .citation = "The TREC-2 text retrieval conference overview, NIST SP 500-215, 1994",
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = r_precision_at,
    .expected_at = r_precision_expected,
};
