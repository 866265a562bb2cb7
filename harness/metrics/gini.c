/* harness/metrics/gini.c: Gini index of how often each item of the catalogue is shown among the
 * first k: 0 when all are shown equally often, (n - 1) / n when all lists show one item. Items
 * never shown count. With the n counts x ascending, sum_i (2 i - n - 1) x_i / (n sum x). */
#include "harness/metrics/exposure.h"

#include <math.h>
#include <stdlib.h>

static int compare_counts(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Sorts counts. */
static double gini_index(uint64_t *counts, size_t n_items)
{
    double n = (double)n_items, total = 0.0, weighted = 0.0;
    qsort(counts, n_items, sizeof *counts, compare_counts);
    for (size_t i = 0; i < n_items; i++) {
        total += (double)counts[i];
        weighted += (2.0 * (double)i + 1.0 - n) * (double)counts[i]; /* index i is rank i + 1 */
    }
    return total > 0.0 ? weighted / (n * total) : NAN;
}

static rec_status gini_value(double *out, const rec_list_set *lists, size_t k, rec_error *err)
{
    uint64_t *counts = NULL;
    rec_status status = rec_exposure_counts(&counts, lists, k, err);
    if (status != REC_OK)
        return status;
    *out = gini_index(counts, lists->n_items);
    free(counts);
    return REC_OK;
}

const rec_metric rec_metric_gini = {
    .name = "gini",
    .help = "inequality of how often items are recommended, 0 = equal",
    .formula = "sum_{i=1..n} (2i - n - 1) x_i / (n sum x), x = times each item is shown, ascending",
    .citation = "Blockbuster culture's next rise or fall: the impact of recommender systems on "
                "sales diversity, Management Science 55(5), 2009",
    .has_cutoff = true,
    .run_value = gini_value,
};
