/* harness/metrics/f1.c: harmonic mean of precision@k and recall@k, 0 when both are 0. With h hits
 * it is 2 h / (k + R). Over the whole list it is trec_eval's set_F. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double f1_of_hits(double hits, size_t n_places, size_t n_relevant)
{
    return 2.0 * hits / ((double)n_places + (double)n_relevant);
}

static double f1_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    return f1_of_hits((double)rec_hits_at(r, k), k == REC_WHOLE_LIST ? r->n_ranked : k,
                      r->n_relevant);
}

static double f1_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                          size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    return f1_of_hits(rec_expected_hits(blocks, n_blocks, k),
                      k == REC_WHOLE_LIST ? rec_pool_size(r) : k, r->n_relevant);
}

const rec_metric rec_metric_f1 = {
    .name = "f1",
    .help = "harmonic mean of precision and recall",
    .formula = "2 hits / (k + R)",
    .citation = "Information Retrieval, van Rijsbergen, Butterworths, 1979, chapter 7",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = f1_at,
    .expected_at = f1_expected,
};
