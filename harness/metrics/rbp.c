/* harness/metrics/rbp.c: rank-biased precision with persistence p = k / 100, (1 - p) sum over
 * relevant ranks i of p^(i - 1). "Rank-biased precision for measurement of retrieval
 * effectiveness", ACM TOIS 27(1), 2008, eq. (5). Binary; ranx weights the terms by the relevance
 * level instead. Reported as rbp.80. */
#include "harness/metrics/gains.h"
#include "harness/metrics/ties.h"

static double rbp_at(const rec_ranking *r, size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double p = (double)k / 100.0, sum = 0.0;
    if (r->relevant_ranks != NULL) {
        for (size_t i = 0; i < r->n_relevant; i++)
            if (r->relevant_ranks[i] > 0)
                sum += pow(p, (double)(r->relevant_ranks[i] - 1));
    } else {
        for (size_t i = 0; i < r->n_ranked; i++)
            if (rec_is_relevant(r->gains[i]))
                sum += pow(p, (double)i);
    }
    return (1.0 - p) * sum;
}

/* The places of a block sum to the geometric p^start (1 - p^size) / (1 - p). */
static double rbp_expected(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks,
                           size_t k)
{
    if (r->n_relevant == 0)
        return NAN;
    double p = (double)k / 100.0, sum = 0.0;
    for (size_t b = 0; b < n_blocks; b++)
        if (blocks[b].n_relevant > 0)
            sum += (double)blocks[b].n_relevant / (double)blocks[b].size *
                   pow(p, (double)blocks[b].start) * (1.0 - pow(p, (double)blocks[b].size));
    return sum;
}

const rec_metric rec_metric_rbp = {
    .name = "rbp",
    .help = "rank-biased precision with persistence k/100",
    .formula = "(1-p) sum_{i relevant} p^(i-1), p = k/100",
    .citation = "Rank-biased precision for measurement of retrieval effectiveness, ACM TOIS 27(1), "
                "2008, eq. (5)",
    .has_percent = true,
    .higher_is_better = true,
    .needs_relevant = true,
    .value_at = rbp_at,
    .expected_at = rbp_expected,
};
