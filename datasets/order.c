#include "datasets/order.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static const char *const key_names[] = {"time", "item", "file"};

const char *rec_order_key_name(rec_order_key key)
{
    return key_names[key];
}

rec_status rec_order_parse(rec_order *out, const rec_string_list *names, rec_error *err)
{
    *out = (rec_order){.n = 0};
    for (size_t i = 0; i < names->n; i++) {
        size_t key = 0;
        while (key < REC_MAX_ORDER_KEYS && strcmp(names->items[i], key_names[key]) != 0)
            key++;
        if (key == REC_MAX_ORDER_KEYS)
            return rec_fail(err, REC_ERR_CONFIG, "order: unknown key \"%s\" (time, item, file)",
                            names->items[i]);
        for (size_t j = 0; j < out->n; j++)
            if (out->keys[j] == (rec_order_key)key)
                return rec_fail(err, REC_ERR_CONFIG, "order: \"%s\" twice", names->items[i]);
        out->keys[out->n++] = (rec_order_key)key;
    }
    return REC_OK;
}

typedef struct row_key {
    double time;
    uint32_t item;
    uint32_t position; /* in the user's rows as the file has them */
} row_key;

static int compare_by(const row_key *a, const row_key *b, rec_order_key key)
{
    switch (key) {
    case REC_ORDER_TIME:
        return (a->time > b->time) - (a->time < b->time);
    case REC_ORDER_ITEM:
        return (a->item > b->item) - (a->item < b->item);
    default:
        return (a->position > b->position) - (a->position < b->position);
    }
}

static int compare_rows(const void *x, const void *y, void *context)
{
    const rec_order *order = context;
    for (size_t k = 0; k < order->n; k++) {
        int by_key = compare_by(x, y, order->keys[k]);
        if (by_key != 0)
            return by_key;
    }
    return compare_by(x, y, REC_ORDER_FILE);
}

static void permute(void *values, void *scratch, const row_key *rows, size_t n, size_t size)
{
    if (values == NULL)
        return;
    memcpy(scratch, values, n * size);
    for (size_t i = 0; i < n; i++)
        memcpy((char *)values + i * size, (char *)scratch + rows[i].position * size, size);
}

/* Most files are sorted already: then this is one pass. */
static void order_user(rec_dataset *d, size_t user, const rec_order *order, row_key *rows,
                       void *scratch)
{
    rec_interactions *x = &d->interactions;
    size_t first = x->start[user], n = x->start[user + 1] - first;
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        rows[i] = (row_key){
            .time = x->time != NULL ? x->time[first + i] : 0.0,
            .item = x->item[first + i],
            .position = (uint32_t)i,
        };
        sorted = sorted && (i == 0 || compare_rows(&rows[i - 1], &rows[i], (void *)order) <= 0);
    }
    if (sorted)
        return;
    qsort_r(rows, n, sizeof *rows, compare_rows, (void *)order);
    permute(x->item + first, scratch, rows, n, sizeof *x->item);
    permute(x->value != NULL ? x->value + first : NULL, scratch, rows, n, sizeof *x->value);
    permute(x->time != NULL ? x->time + first : NULL, scratch, rows, n, sizeof *x->time);
    permute(d->part + first, scratch, rows, n, sizeof *d->part);
}

rec_status rec_dataset_order(rec_dataset *d, const rec_order *order, rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    rec_status status = REC_OK;
    double *scratch = NULL;
    row_key *rows = NULL;
    size_t longest = 0;
    for (size_t u = 0; u < x->n_users; u++)
        longest = x->start[u + 1] - x->start[u] > longest ? x->start[u + 1] - x->start[u] : longest;
    REC_TRY_NEW(rows, longest, err);
    REC_TRY_NEW(scratch, longest, err);
    for (size_t u = 0; u < x->n_users; u++)
        order_user(d, u, order, rows, scratch);
cleanup:
    free(scratch);
    free(rows);
    return status;
}
