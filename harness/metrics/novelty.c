/* harness/metrics/novelty.c: mean self-information in bits of the first k items, log2(training
 * users / users who know the item). "Solving the apparent diversity-accuracy dilemma of
 * recommender systems", PNAS 107(10), 2010. An item without training interactions, whose self-
 * information is infinite, counts as known to one user. Undefined for an empty list. */
#include "harness/metrics/gains.h"

static double self_information(const rec_list_set *lists, uint32_t item)
{
    uint32_t n_known = lists->popularity[item] > 0 ? lists->popularity[item] : 1;
    return log2((double)lists->n_train_users / (double)n_known);
}

static double novelty_at(const rec_list_set *lists, size_t list, size_t k)
{
    const uint32_t *items = lists->items + list * lists->stride;
    size_t n = rec_cut(lists->n_ranked[list], k);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += self_information(lists, items[i]);
    return n > 0 ? sum / (double)n : NAN;
}

const rec_metric rec_metric_novelty = {
    .name = "novelty",
    .help = "mean self-information of the recommended items, in bits",
    .formula = "(1/k) sum_{i<=k} log2(training users / max(popularity of item i, 1))",
    .citation = "Solving the apparent diversity-accuracy dilemma of recommender systems, PNAS "
                "107(10), 2010",
    .has_cutoff = true,
    .higher_is_better = true,
    .list_value = novelty_at,
};
