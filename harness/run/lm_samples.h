/** The few samples that language models are asked where recommenders answer all of them. */
#ifndef REC_HARNESS_RUN_LM_SAMPLES_H
#define REC_HARNESS_RUN_LM_SAMPLES_H

#include "harness/tasks/task.h"

/**
 * n of the samples, in their order. Users are drawn as `samples:` of the ranking tasks draws them: n
 * is a subset of n + 1, and the same users are asked in every task.
 * @param out  empty storage; everything but its array of samples is borrowed from `all`
 * @param n    below all->n
 */
rec_status rec_lm_samples_init(rec_sample_set *out, const rec_sample_set *all, size_t n,
                               uint64_t seed, rec_error *err);

#endif
