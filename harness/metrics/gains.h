/** Small walks over a rec_ranking that several metrics share. */
#ifndef REC_HARNESS_METRICS_GAINS_H
#define REC_HARNESS_METRICS_GAINS_H

#include <math.h>
#include <stdbool.h>

#include "harness/metrics/metric.h"

/** NaN (unjudged), 0 and negative levels are not relevant. */
static inline bool rec_is_relevant(float gain)
{
    return gain > 0.0f;
}

/** Positions that a cut at k leaves of a list of n. */
static inline size_t rec_cut(size_t n, size_t k)
{
    return n < k ? n : k;
}

/** Level of the i-th best relevant item, from 0. */
static inline float rec_ideal_gain(const rec_ranking *r, size_t i)
{
    return r->ideal_gains != NULL ? r->ideal_gains[i] : 1.0f;
}

/** Discount of index i, which is rank i + 1: 1 / log2(rank + 1). */
static inline double rec_discount(size_t i)
{
    return 1.0 / log2((double)i + 2.0);
}

/** Places of the full order. */
static inline size_t rec_pool_size(const rec_ranking *r)
{
    return r->n_pool > 0 ? r->n_pool : r->n_ranked;
}

/** Relevant items among the first k. */
static inline size_t rec_hits_at(const rec_ranking *r, size_t k)
{
    size_t hits = 0;
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        hits += rec_is_relevant(r->gains[i]);
    return hits;
}

/** Rank of the first relevant item among the first k, 0 = none. */
static inline size_t rec_first_hit(const rec_ranking *r, size_t k)
{
    for (size_t i = 0; i < rec_cut(r->n_ranked, k); i++)
        if (rec_is_relevant(r->gains[i]))
            return i + 1;
    return 0;
}

#endif
