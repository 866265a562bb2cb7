/* harness/metrics/tail_share.c: share of the first k items that belong to the long tail, the
 * items up to popularity rec_tail_popularity. "Managing popularity bias in recommender systems
 * with personalized re-ranking", FLAIRS 2019 (APLT). RecBole's TailPercentage takes the least
 * popular tenth of the items instead, Elliot's APLT the items outside the most popular fifth.
 * Undefined for an empty list. */
#include "harness/metrics/gains.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static double tail_share_at(const rec_list_set *lists, size_t list, size_t k)
{
    const uint32_t *items = lists->items + list * lists->stride;
    size_t n = rec_cut(lists->n_ranked[list], k);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += lists->popularity[items[i]] <= lists->tail_popularity ? 1.0 : 0.0;
    return n > 0 ? sum / (double)n : NAN;
}

static int compare_popularity(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* The last popularity, in ascending order, at which the items so far hold at most a fifth. */
static uint32_t tail_threshold(const uint32_t *ascending, size_t n_items)
{
    uint64_t total = 0, held = 0;
    for (size_t i = 0; i < n_items; i++)
        total += ascending[i];
    uint32_t threshold = 0;
    for (size_t i = 0; i < n_items; i++) {
        held += ascending[i];
        if (i + 1 < n_items && ascending[i + 1] == ascending[i])
            continue;
        if (held > total / 5)
            break;
        threshold = ascending[i];
    }
    return threshold;
}

rec_status rec_tail_popularity(uint32_t *out, const uint32_t *popularity, size_t n_items,
                               rec_error *err)
{
    rec_status status = REC_OK;
    uint32_t *ascending = NULL;
    REC_TRY_NEW(ascending, n_items, err);
    if (n_items > 0)
        memcpy(ascending, popularity, n_items * sizeof *ascending);
    qsort(ascending, n_items, sizeof *ascending, compare_popularity);
    *out = tail_threshold(ascending, n_items);
cleanup:
    free(ascending);
    return status;
}

const rec_metric rec_metric_tail_share = {
    .name = "tail_share",
    .help = "share of the recommended items that are long tail",
    .formula = "(1/k) sum_{i<=k} [popularity of item i <= the tail threshold]",
    .citation =
        "Managing popularity bias in recommender systems with personalized re-ranking, FLAIRS 2019",
    .has_cutoff = true,
    .higher_is_better = true,
    .list_value = tail_share_at,
};
