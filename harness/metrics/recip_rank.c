/* harness/metrics/recip_rank.c: 1 / rank of the first relevant item in the full order, whatever
 * that rank is (trec_eval's recip_rank); 0 if no relevant item is ranked. mrr is the one with a
 * cut-off. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static size_t first_rank(const rec_ranking *r)
{
    if (r->relevant_ranks == NULL)
        return rec_first_hit(r, REC_WHOLE_LIST);
    size_t first = 0;
    for (size_t i = 0; i < r->n_relevant; i++)
        if (r->relevant_ranks[i] > 0 && (first == 0 || r->relevant_ranks[i] < first))
            first = r->relevant_ranks[i];
    return first;
}

static double recip_rank_at(const rec_ranking *r, size_t k)
{
    (void)k;
    if (r->n_relevant == 0)
        return NAN;
    size_t rank = first_rank(r);
    return rank > 0 ? 1.0 / (double)rank : 0.0;
}

static double recip_rank_expected(const rec_ranking *r, const rec_tie_block *blocks,
                                  size_t n_blocks, size_t k)
{
    (void)k;
    return r->n_relevant > 0 ? rec_expected_reciprocal_rank(blocks, n_blocks, REC_WHOLE_LIST) : NAN;
}

const rec_metric rec_metric_recip_rank = {
    .name = "recip_rank",
    .help = "reciprocal rank of the first relevant item, at any rank",
    .formula = "1 / rank of the first relevant item",
    .citation = "The TREC-8 question answering track report, TREC 1999",
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = recip_rank_at,
    .expected_at = recip_rank_expected,
};
