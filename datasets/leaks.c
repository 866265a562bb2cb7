#include "datasets/leaks.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/memory.h"

static double first_test_time(const rec_dataset *d, size_t first, size_t end)
{
    double earliest = INFINITY;
    for (size_t i = first; i < end; i++)
        if (d->part[i] == REC_PART_TEST && d->interactions.time[i] < earliest)
            earliest = d->interactions.time[i];
    return earliest;
}

/* Where the user's items stand: bits of the parts they occur in. `parts_of` is all zero before and
 * after. */
static void compare_pairs(rec_leaks *out, const rec_dataset *d, size_t user, uint8_t *parts_of)
{
    const rec_interactions *x = &d->interactions;
    for (size_t i = x->start[user]; i < x->start[user + 1]; i++)
        parts_of[x->item[i]] |= d->part[i];
    for (size_t i = x->start[user]; i < x->start[user + 1]; i++) {
        if (d->part[i] != REC_PART_TEST)
            continue;
        out->test_pairs_in_train += (parts_of[x->item[i]] & REC_PART_TRAIN) != 0;
        out->test_pairs_in_valid += (parts_of[x->item[i]] & REC_PART_VALID) != 0;
    }
    for (size_t i = x->start[user]; i < x->start[user + 1]; i++)
        parts_of[x->item[i]] = 0;
}

static void compare_times(rec_leaks *out, const rec_dataset *d, size_t user, double first_of_all)
{
    const rec_interactions *x = &d->interactions;
    double own = first_test_time(d, x->start[user], x->start[user + 1]);
    double latest = -INFINITY;
    for (size_t i = x->start[user]; i < x->start[user + 1]; i++) {
        if (d->part[i] == REC_PART_TEST)
            continue;
        latest = fmax(latest, x->time[i]);
        if (d->part[i] == REC_PART_TRAIN) {
            out->train_after_own_test += x->time[i] > own;
            out->train_after_first_test += x->time[i] > first_of_all;
        }
    }
    out->tied_at_boundary += own == latest;
}

static void count_unseen(rec_leaks *out, const rec_dataset *d, const size_t *train_rows)
{
    const rec_interactions *x = &d->interactions;
    for (size_t u = 0; u < x->n_users; u++) {
        bool test = false, train = false;
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++) {
            train = train || d->part[i] == REC_PART_TRAIN;
            test = test || d->part[i] == REC_PART_TEST;
            out->test_rows_unseen += d->part[i] == REC_PART_TEST && train_rows[x->item[i]] == 0;
        }
        out->test_users_unseen += test && !train;
    }
}

rec_status rec_dataset_leaks(rec_leaks *out, const rec_dataset *d, rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    rec_status status = REC_OK;
    size_t *train_rows = NULL;
    uint8_t *parts_of = NULL;
    *out = (rec_leaks){.test_pairs_in_train = 0};
    REC_TRY_NEW(train_rows, x->n_items, err);
    REC_TRY_NEW(parts_of, x->n_items, err);
    for (size_t i = 0; i < x->n; i++)
        train_rows[x->item[i]] += d->part[i] == REC_PART_TRAIN;
    double first_of_all = x->time != NULL ? first_test_time(d, 0, x->n) : INFINITY;
    for (size_t u = 0; u < x->n_users; u++) {
        compare_pairs(out, d, u, parts_of);
        if (x->time != NULL)
            compare_times(out, d, u, first_of_all);
    }
    count_unseen(out, d, train_rows);
    for (size_t i = 0; i < x->n; i++)
        parts_of[x->item[i]] |= d->part[i] == REC_PART_TEST;
    for (size_t item = 0; item < x->n_items; item++)
        out->test_items_unseen += parts_of[item] && train_rows[item] == 0;
cleanup:
    free(parts_of);
    free(train_rows);
    return status;
}
