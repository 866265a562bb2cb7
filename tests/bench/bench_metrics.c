/* 100,000 rankings of 100 items through ten metrics, one thread: prints
 * "what | ours | limit | ratio | peak MB" for scripts/bench. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "core/memory.h"
#include "core/rng.h"
#include "harness/metrics/metric.h"

enum { QUERIES = 100000, ITEMS = 100, RELEVANT = 10 };
static const double limit_seconds = 1.0;

static const char *const labels[] = {"ndcg@10",     "recall@10",   "hit@10", "precision@10",
                                     "f1@10",       "map@100",     "mrr@10", "recip_rank",
                                     "r_precision", "ndcg_exp@100"};
enum { N_METRICS = sizeof labels / sizeof *labels };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

/* Ten relevant items of levels 1 to 5 at random places of each list. */
static void fill(float *gains)
{
    for (size_t q = 0; q < QUERIES; q++) {
        rec_rng rng = rec_rng_keyed(1, "bench/metrics", q);
        uint32_t places[RELEVANT];
        rec_rng_sample(places, &rng, ITEMS, RELEVANT);
        for (size_t i = 0; i < RELEVANT; i++)
            gains[q * ITEMS + places[i]] = (float)(1 + i / 2);
    }
}

int main(void)
{
    static const float ideal[RELEVANT] = {5, 5, 4, 4, 3, 3, 2, 2, 1, 1};
    const rec_metric *metrics[N_METRICS];
    size_t k[N_METRICS];
    double sums[N_METRICS] = {0};
    float *gains = rec_alloc((size_t)QUERIES * ITEMS, sizeof *gains, NULL);
    if (gains == NULL)
        return REC_ERR_RESOURCE;
    for (size_t m = 0; m < N_METRICS; m++)
        if (rec_metric_parse(&metrics[m], &k[m], labels[m], NULL) != REC_OK)
            return REC_ERR_INTERNAL;
    fill(gains);
    double start = seconds();
    for (size_t q = 0; q < QUERIES; q++) {
        rec_ranking r = {.gains = gains + q * ITEMS,
                         .n_ranked = ITEMS,
                         .ideal_gains = ideal,
                         .n_relevant = RELEVANT};
        for (size_t m = 0; m < N_METRICS; m++)
            sums[m] += metrics[m]->value_at(&r, k[m]);
    }
    double used = seconds() - start;
    printf(
        "metrics: 100,000 lists x 100 items x 10 metrics | %.2f s | at most %.0f s | %.2f | %.0f\n",
        used, limit_seconds, used / limit_seconds, peak_mb());
    free(gains);
    return sums[0] > 0.0 ? 0 : REC_ERR_INTERNAL;
}
