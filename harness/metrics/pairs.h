/** Pairs of a relevant and a not relevant item of one full order: what auc and gauc share. */
#ifndef REC_HARNESS_METRICS_PAIRS_H
#define REC_HARNESS_METRICS_PAIRS_H

#include "harness/metrics/ties.h"

/** Share of the pairs in the right order. A relevant item that is not ranked stands below all that
 * are. NaN without a pair. */
double rec_auc(const rec_ranking *r);

/** Its expected value: a pair inside a block is in the right order with probability 1/2. */
double rec_expected_auc(const rec_ranking *r, const rec_tie_block *blocks, size_t n_blocks);

#endif
