#include "harness/metrics/pairs.h"

#include "harness/metrics/gains.h"

/* A relevant item on place i has n - 1 - i items below it; summed over the relevant items the pairs
 * among themselves, ranked (ranked - 1) / 2 whatever their order, are taken off. */
static double share_of_pairs(double items_below, size_t n_ranked_relevant, const rec_ranking *r)
{
    double ranked = (double)n_ranked_relevant;
    double n_pairs = (double)r->n_relevant * ((double)rec_pool_size(r) - ranked);
    if (!(n_pairs > 0.0))
        return NAN;
    return (items_below - ranked * (ranked - 1.0) / 2.0) / n_pairs;
}

double rec_auc(const rec_ranking *r)
{
    size_t n = rec_pool_size(r), n_ranked_relevant = 0;
    double below = 0.0; /* whole numbers: exact in double up to 2^53 */
    if (r->relevant_ranks != NULL) {
        for (size_t i = 0; i < r->n_relevant; i++)
            if (r->relevant_ranks[i] > 0) {
                below += (double)(n - r->relevant_ranks[i]);
                n_ranked_relevant++;
            }
    } else {
        for (size_t i = 0; i < r->n_ranked; i++)
            if (rec_is_relevant(r->gains[i])) {
                below += (double)(n - 1 - i);
                n_ranked_relevant++;
            }
    }
    return share_of_pairs(below, n_ranked_relevant, r);
}

/* The mean place of a block is start + (size - 1) / 2. */
double rec_expected_auc(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks)
{
    size_t n_ranked_relevant = 0;
    double below = 0.0;
    for (size_t b = 0; b < n_blocks; b++) {
        double place = (double)blocks[b].start + ((double)blocks[b].size - 1.0) / 2.0;
        below += (double)blocks[b].n_relevant * ((double)rec_pool_size(r) - 1.0 - place);
        n_ranked_relevant += blocks[b].n_relevant;
    }
    return share_of_pairs(below, n_ranked_relevant, r);
}
