/** How much of an order was copied: longest common subsequences and what chance gives. */
#ifndef REC_HARNESS_REPLIES_SUBSEQUENCE_H
#define REC_HARNESS_REPLIES_SUBSEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/**
 * Length of the longest common subsequence of two sequences of which only is known what equals what.
 * Time n m, room for m.
 * @param equal  (n, m) row-major: whether element i of the first equals element j of the second; need
 *               not be transitive
 */
rec_status rec_subsequence(size_t *out, const bool *equal, size_t n, size_t m, rec_error *err);

/** The same of items; REC_NO_ITEM equals nothing. */
rec_status rec_subsequence_items(size_t *out, const uint32_t *a, size_t n, const uint32_t *b,
                                 size_t m, rec_error *err);

/**
 * Expected length of the longest increasing subsequence of n distinct values in random order: what is
 * common to a shown and a random order. Exact for n <= 40 (sum over partitions of n of the first row
 * times f^2 / n!, f by the hook length formula: "Longest increasing and decreasing subsequences",
 * Canadian J. Math. 13, 1961); above, 2 sqrt n - 1.7710868074 n^(1/6) + 1/2 + c1 n^(-1/6) + c2 n^(-1/2)
 * (leading terms: "On the distribution of the length of the longest increasing subsequence of random
 * permutations", J. Amer. Math. Soc. 12, 1999; the last two fitted to n = 24 .. 40), good to 0.001.
 */
double rec_increasing_by_chance(size_t n);

#endif
