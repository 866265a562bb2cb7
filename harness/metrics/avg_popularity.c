/* harness/metrics/avg_popularity.c: mean over the first k items of how many interactions each
 * has in the training part (RecBole's AveragePopularity). Undefined for an empty list. */
#include "harness/metrics/gains.h"

static double avg_popularity_at(const rec_list_set *lists, size_t list, size_t k)
{
    const uint32_t *items = lists->items + list * lists->stride;
    size_t n = rec_cut(lists->n_ranked[list], k);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)lists->popularity[items[i]];
    return n > 0 ? sum / (double)n : NAN;
}

const rec_metric rec_metric_avg_popularity = {
    .name = "avg_popularity",
    .help = "mean number of training interactions of the recommended items",
    .formula = "(1/k) sum_{i<=k} popularity of item i",
    .citation = "Challenging the long tail recommendation, PVLDB 5(9), 2012",
    .has_cutoff = true,
    .list_value = avg_popularity_at,
};
