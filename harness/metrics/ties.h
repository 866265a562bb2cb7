/**
 * Expected values where scores are equal. A block is a run of places whose items have one score;
 * all orders inside it are equally likely, so that
 *   - each place holds a given item with probability 1 / size,
 *   - how many relevant items stand on t of its places is hypergeometric.
 * Chance level is the case of one block that holds the whole pool.
 */
#ifndef REC_HARNESS_METRICS_TIES_H
#define REC_HARNESS_METRICS_TIES_H

#include "harness/metrics/metric.h"

/** Blocks come in rank order; places that belong to no block hold no relevant item. */
typedef struct rec_tie_block {
    size_t start, size; /* places start .. start + size - 1, counted from 0 */
    size_t n_relevant;
    size_t n_nonrelevant_judged, n_nonrelevant_above; /* judged, in the block and above it */
    double sum_gain;                                  /* of the relevant items' levels */
    double sum_exp_gain;                              /* of 2^level - 1 */
} rec_tie_block;

/** Places of the block above the cut-off k. */
size_t rec_block_places(const rec_tie_block *block, size_t k);

/** Expected number of relevant items among the first k. */
double rec_expected_hits(const rec_tie_block *blocks, size_t n_blocks, size_t k);

/** Probability that none of n_relevant items stands on `places` of `size` places:
 * C(size - n_relevant, places) / C(size, places). */
double rec_probability_none(size_t size, size_t n_relevant, size_t places);

/** Probability that a relevant item is among the first k. */
double rec_probability_hit(const rec_tie_block *blocks, size_t n_blocks, size_t k);

/** Probability that exactly n_hits of them do. */
double rec_hypergeometric(size_t n_hits, size_t size, size_t n_relevant, size_t places);

/** Expected 1 / rank of the first relevant item, 0 past k. */
double rec_expected_reciprocal_rank(const rec_tie_block *blocks, size_t n_blocks, size_t k);

/** Expected sum over relevant places i <= k of (hits among the first i) / i: R times average
 * precision. With `hits` the relevant items on the `places` considered of a block of `size`. */
double rec_expected_precision_sum(const rec_tie_block *blocks, size_t n_blocks, size_t k);

/** One block's part of that sum: `n_relevant` items spread at random over `size` places from
 * `start`, the first `places` of which count, with n_before relevant items above the block. */
double rec_block_precision_sum(size_t start, size_t size, size_t places, size_t n_relevant,
                               size_t n_before);

/** What is expected of the blocks above the cut, given as blocks that all lie above k. */
typedef double (*rec_blocks_above_fn)(const rec_tie_block *blocks, size_t n_blocks, size_t k);
/** Value of the metric when `hits` relevant items stand on the first `places` places of the block
 * that k cuts, n_above in the blocks above it. */
typedef double (*rec_given_hits_fn)(double above, size_t n_above, const rec_tie_block *cut,
                                    size_t places, size_t hits);

/** Expected value of a metric that divides by the number of hits: conditioned on the hits in the
 * one block that k cuts, whose distribution is hypergeometric. */
double rec_expected_over_hits(const rec_tie_block *blocks, size_t n_blocks, size_t k,
                              rec_blocks_above_fn above, rec_given_hits_fn given_hits);

/** Sum of 1 / log2(rank + 1) over `places` places from place `start`. */
double rec_discount_sum(size_t start, size_t places);

#endif
