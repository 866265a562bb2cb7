#include "datasets/ids.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/number.h"

static const char *skip_zeros(const char *id)
{
    while (*id == '0' && id[1] != '\0')
        id++;
    return id;
}

/* Numbers of any length: the longer one is larger once leading zeros are gone. "7" and "007" are
 * different ids of equal value; byte order decides between them. */
static int compare_numbers(const char *a, const char *b)
{
    const char *x = skip_zeros(a), *y = skip_zeros(b);
    size_t length_x = strlen(x), length_y = strlen(y);
    if (length_x != length_y)
        return length_x < length_y ? -1 : 1;
    int order = strcmp(x, y);
    return order != 0 ? order : strcmp(a, b);
}

typedef struct id_order {
    char *const *ids;
    int (*compare)(const char *, const char *);
} id_order;

static int compare_positions(const void *a, const void *b, void *context)
{
    const id_order *order = context;
    return order->compare(order->ids[*(const uint32_t *)a], order->ids[*(const uint32_t *)b]);
}

static bool all_decimal(char *const *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!rec_number_is_decimal(ids[i], strlen(ids[i])))
            return false;
    return true;
}

rec_status rec_ids_order(uint32_t *new_of_old, char *const *ids, size_t n, rec_error *err)
{
    uint32_t *sorted = rec_alloc(n, sizeof *sorted, err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        sorted[i] = (uint32_t)i;
    id_order order = {.ids = ids, .compare = all_decimal(ids, n) ? compare_numbers : strcmp};
    qsort_r(sorted, n, sizeof *sorted, compare_positions, &order);
    for (size_t i = 0; i < n; i++)
        new_of_old[sorted[i]] = (uint32_t)i;
    free(sorted);
    return REC_OK;
}

static uint32_t search(char *const *ids, size_t n, const char *id,
                       int (*compare)(const char *, const char *))
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(ids[middle], id);
        if (order == 0)
            return (uint32_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT32_MAX;
}

/* Which of the two orders the ids are in is not written down: try the one that a decimal id allows
 * first, then the other. */
uint32_t rec_ids_find(char *const *ids, size_t n, const char *id)
{
    uint32_t found = UINT32_MAX;
    if (rec_number_is_decimal(id, strlen(id)))
        found = search(ids, n, id, compare_numbers);
    return found != UINT32_MAX ? found : search(ids, n, id, strcmp);
}
