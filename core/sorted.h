/**
 * Ascending lists of numbers: item numbers, token ids. Sort them, keep one of each, find a value.
 * A list without elements may be NULL.
 */
#ifndef REC_CORE_SORTED_H
#define REC_CORE_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Ascending, in place. */
void rec_sort_u32(uint32_t *x, size_t n);

/** One of each value of an ascending list, moved to its front. Returns how many they are. */
size_t rec_sorted_distinct(uint32_t *sorted, size_t n);

/** Ascending, one of each value, in place. Returns how many are left. */
size_t rec_sort_distinct_u32(uint32_t *x, size_t n);

/**
 * Place of the first element that is not below a value, by bisection; n: all are below it. Inline,
 * since lists are asked for every item of a catalogue.
 * @param value  wider than an element, so that the end of a range may be asked for
 */
static inline size_t rec_sorted_at(const uint32_t *sorted, size_t n, uint64_t value)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** Is a value in an ascending list? */
static inline bool rec_sorted_has(const uint32_t *sorted, size_t n, uint32_t value)
{
    size_t at = rec_sorted_at(sorted, n, value);
    return at < n && sorted[at] == value;
}

#endif
