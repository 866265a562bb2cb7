/* harness/metrics/intra_list_diversity.c: mean over the pairs among the first k items of 1 -
 * cosine of their vectors. "Improving recommendation lists through topic diversification", WWW
 * 2005, section 3.2, there as the similarity summed. Undefined below two items or without item
 * vectors. */
#include "harness/metrics/gains.h"

static double cosine(const rec_list_set *lists, uint32_t a, uint32_t b)
{
    const float *x = lists->item_vectors + (size_t)a * lists->dim;
    const float *y = lists->item_vectors + (size_t)b * lists->dim;
    double dot = 0.0; /* the rows have unit length */
    for (size_t d = 0; d < lists->dim; d++)
        dot += (double)x[d] * (double)y[d];
    return dot;
}

static double intra_list_diversity_at(const rec_list_set *lists, size_t list, size_t k)
{
    const uint32_t *items = lists->items + list * lists->stride;
    size_t n = rec_cut(lists->n_ranked[list], k);
    if (n < 2 || lists->item_vectors == NULL)
        return NAN;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            sum += 1.0 - cosine(lists, items[i], items[j]);
    return sum / ((double)n * (double)(n - 1) / 2.0);
}

const rec_metric rec_metric_intra_list_diversity = {
    .name = "intra_list_diversity",
    .help = "mean distance of the pairs inside a list",
    .formula = "2/(k(k-1)) sum_{i<j<=k} 1 - cos(vector i, vector j)",
    .citation = "Improving recommendation lists through topic diversification, WWW 2005",
    .has_cutoff = true,
    .higher_is_better = true,
    .needs_vectors = true,
    .list_value = intra_list_diversity_at,
};
