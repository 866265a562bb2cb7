/* harness/metrics/bpref.c: mean over the R relevant items of 1 - min(n, R) / min(N, R), n the
 * judged non-relevant items above it, N all judged non-relevant items of the query; 0 for a
 * relevant item that is not ranked. "Retrieval evaluation with incomplete information", SIGIR
 * 2004, section 3, in the form of trec_eval since 8.1 (bpref_bug in its source), which counts at
 * most R items above and divides by min(N, R) where the paper divides by R. Unjudged items and
 * negative judgments do not count. Reads the whole list, so it needs one that was not cut. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double bpref_term(size_t n_above, const rec_ranking *r)
{
    if (n_above == 0)
        return 1.0;
    return 1.0 - (double)rec_cut(n_above, r->n_relevant) /
                     (double)rec_cut(r->n_nonrelevant_judged, r->n_relevant);
}

static double bpref_at(const rec_ranking *r, size_t k)
{
    (void)k;
    if (r->n_relevant == 0)
        return NAN;
    double sum = 0.0;
    size_t n_above = 0;
    for (size_t i = 0; i < r->n_ranked; i++) {
        if (rec_is_relevant(r->gains[i]))
            sum += bpref_term(n_above, r);
        else
            n_above += r->gains[i] == 0.0f;
    }
    return sum / (double)r->n_relevant;
}

/* Among the m judged non-relevant items of its block and itself a relevant item is equally
 * likely to stand on any of the m + 1 places. */
static double bpref_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                             size_t k)
{
    (void)k;
    if (r->n_relevant == 0)
        return NAN;
    double sum = 0.0;
    for (size_t b = 0; b < n_blocks; b++) {
        size_t m = blocks[b].n_nonrelevant_judged;
        double terms = 0.0;
        for (size_t x = 0; x <= m && blocks[b].n_relevant > 0; x++)
            terms += bpref_term(blocks[b].n_nonrelevant_above + x, r);
        sum += (double)blocks[b].n_relevant * terms / (double)(m + 1);
    }
    return sum / (double)r->n_relevant;
}

const rec_metric rec_metric_bpref = {
    .name = "bpref",
    .help = "preference of judged relevant over judged non-relevant items",
    .formula = "(1/R) sum_{relevant, ranked} 1 - min(judged non-relevant above it, R) / min(N, R)",
    .citation = "Retrieval evaluation with incomplete information, SIGIR 2004, section 3",
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = bpref_at,
    .expected_at = bpref_expected,
};
