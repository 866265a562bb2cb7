#include "harness/replies/errors.h"

#include <math.h>
#include <stdlib.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "datasets/dataset.h"
#include "datasets/strings.h"
#include "harness/replies/subsequence.h"

enum { NOT_SHOWN = -1 };

static ptrdiff_t place_of(uint32_t item, const uint32_t *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (items[i] == item)
            return (ptrdiff_t)i;
    return NOT_SHOWN;
}

/* Which titles were named before: the same item, or the same text of no item. */
static rec_status find_repeats(bool *repeats, const rec_title_list *list, const uint32_t *items,
                               rec_error *err)
{
    rec_interner seen = {0};
    rec_buffer key = {0};
    rec_status status = rec_strings_new(&seen.pool, err);
    for (size_t i = 0; i < list->n && status == REC_OK; i++) {
        uint32_t number;
        size_t n_seen = seen.n;
        rec_buffer_clear(&key);
        REC_TRY(items[i] != REC_NO_ITEM
                    ? rec_buffer_printf(&key, err, "item %u", (unsigned)items[i])
                    : rec_buffer_printf(&key, err, "text %s", list->titles[i]));
        REC_TRY(rec_interner_add(&number, &seen, key.data, key.length, err));
        repeats[i] = number < n_seen;
    }
cleanup:
    rec_buffer_deinit(&key);
    rec_strings_free(seen.pool);
    rec_interner_deinit(&seen);
    return status;
}

/* Pairs of the list's candidates in the shown order, minus the others, over all pairs
 * ("A new measure of rank correlation", Biometrika 30, 1938). */
static double kendall(const ptrdiff_t *place, size_t n)
{
    ptrdiff_t sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            sum += place[i] < place[j] ? 1 : -1;
    return n > 1 ? 2.0 * (double)sum / ((double)n * (double)(n - 1)) : NAN;
}

static rec_status compare_order(rec_list_errors *out, const rec_title_list *list,
                                const uint32_t *items, const bool *repeats,
                                const rec_shown_items *shown, rec_error *err)
{
    ptrdiff_t *place = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(place, list->n, err);
    for (size_t i = 0; i < list->n; i++) {
        ptrdiff_t at = items[i] == REC_NO_ITEM
                           ? NOT_SHOWN
                           : place_of(items[i], shown->candidates, shown->n_candidates);
        if (at != NOT_SHOWN && !repeats[i])
            place[out->n_offered++] = at;
    }
    out->order = kendall(place, out->n_offered);
cleanup:
    free(place);
    return status;
}

static rec_status count_copied(rec_list_errors *out, const rec_title_list *list,
                               const uint32_t *items, const rec_shown_items *shown, rec_error *err)
{
    uint32_t *all = NULL;
    rec_status status = REC_OK;
    size_t n = shown->n_history + shown->n_candidates;
    REC_TRY_NEW(all, n, err);
    for (size_t i = 0; i < n; i++)
        all[i] = i < shown->n_history ? shown->history[i] : shown->candidates[i - shown->n_history];
    REC_TRY(rec_subsequence_items(&out->n_copied, items, list->n, all, n, err));
cleanup:
    free(all);
    return status;
}

static void count_items(rec_list_errors *out, const rec_grounded_list *grounded,
                        const bool *repeats, const rec_shown_items *shown)
{
    for (size_t i = 0; i < out->n; i++) {
        uint32_t item = grounded->items[i];
        bool exists = item != REC_NO_ITEM;
        out->n_unknown += !exists;
        out->n_duplicate += repeats[i];
        out->n_history += exists && place_of(item, shown->history, shown->n_history) != NOT_SHOWN;
        out->n_foreign +=
            out->has_candidates &&
            (!exists || place_of(item, shown->candidates, shown->n_candidates) == NOT_SHOWN);
        out->n_similar += grounded->groundings[i].step == REC_GROUNDED_SIMILAR;
        out->n_ambiguous += grounded->groundings[i].ambiguous;
    }
    out->n_near_threshold = grounded->n_near_threshold;
}

/* Do targets that are shown early come early? The product of a target's distances from the middle, in
 * the order shown and in the list (behind its end where it is missing), over its greatest mean: its
 * expectation is 0 if the answer does not depend on the place, 1 for a copy of the order. */
static double target_place_bias(const uint32_t *items, size_t n_listed,
                                const rec_shown_items *shown)
{
    double sum = 0.0, n = (double)shown->n_candidates;
    size_t n_targets = 0;
    for (size_t t = 0; t < shown->n_targets; t++) {
        ptrdiff_t at = place_of(shown->targets[t], shown->candidates, shown->n_candidates);
        if (at == NOT_SHOWN)
            continue;
        ptrdiff_t listed = place_of(shown->targets[t], items, n_listed);
        double rank = listed != NOT_SHOWN && (double)listed < n ? (double)listed + 1.0 : n + 1.0;
        sum += ((double)at + 1.0 - (n + 1.0) / 2.0) * (rank - (n + 1.0) / 2.0);
        n_targets++;
    }
    if (n_targets == 0 || shown->n_candidates < 2)
        return NAN;
    return 12.0 * sum / (double)n_targets / (n * n - 1.0);
}

rec_status rec_list_errors_find(rec_list_errors *out, const rec_title_list *list,
                                const rec_grounded_list *grounded, const rec_shown_items *shown,
                                rec_error *err)
{
    const uint32_t *items = grounded->items;
    bool *repeats = NULL;
    rec_status status = REC_OK;
    *out = (rec_list_errors){.mode = list->mode,
                             .n = list->n,
                             .n_wanted = shown->n_wanted,
                             .has_candidates = shown->candidates != NULL,
                             .order = NAN,
                             .place_bias = target_place_bias(items, list->n, shown)};
    REC_TRY_NEW(repeats, list->n, err);
    REC_TRY(find_repeats(repeats, list, items, err));
    count_items(out, grounded, repeats, shown);
    REC_TRY(compare_order(out, list, items, repeats, shown, err));
    REC_TRY(count_copied(out, list, items, shown, err));
cleanup:
    free(repeats);
    return status;
}
