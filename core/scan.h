/**
 * Scans over a row of scores: which elements beat a threshold, how many are above and equal to a
 * value. AVX2 and AVX-512 variants (core/cpu.h) give the same results as plain C: there is no
 * arithmetic on the scores.
 */
#ifndef REC_CORE_SCAN_H
#define REC_CORE_SCAN_H

#include <stddef.h>
#include <stdint.h>

/**
 * Indices, ascending, of the elements that are not <= threshold: the larger ones and every NaN.
 * @param hits   room for n indices
 * @param n_never  raised by the number of elements that are -INFINITY; or NULL
 * @return the number of indices written
 */
size_t rec_scan_above(uint32_t *hits, size_t *n_never, const float *row, size_t n, float threshold);

/** Numbers of elements > value and == value (0.0 == -0.0; NaN is neither). */
void rec_scan_count(size_t *n_above, size_t *n_equal, const float *row, size_t n, float value);

#endif
