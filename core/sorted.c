#include "core/sorted.h"

#include <stdlib.h>

enum { SMALL_SORT = 48 };

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Histories are mostly short: insertion sort beats qsort's calls there. */
void rec_sort_u32(uint32_t *x, size_t n)
{
    if (n > SMALL_SORT) {
        qsort(x, n, sizeof *x, compare);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        uint32_t value = x[i];
        size_t j = i;
        for (; j > 0 && x[j - 1] > value; j--)
            x[j] = x[j - 1];
        x[j] = value;
    }
}

size_t rec_sorted_distinct(uint32_t *sorted, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || sorted[kept - 1] != sorted[i])
            sorted[kept++] = sorted[i];
    return kept;
}

size_t rec_sort_distinct_u32(uint32_t *x, size_t n)
{
    rec_sort_u32(x, n);
    return rec_sorted_distinct(x, n);
}
