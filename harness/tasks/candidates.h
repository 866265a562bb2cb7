/** Negatives for ranking a few candidates: items a user never touched, drawn per user and purpose. */
#ifndef REC_HARNESS_TASKS_CANDIDATES_H
#define REC_HARNESS_TASKS_CANDIDATES_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/rng.h"
#include "core/status.h"

/**
 * n distinct items of 0..n_items-1 outside `taken` (ascending, distinct), each set equally likely.
 * @return REC_ERR_DATA when fewer than n are left
 */
rec_status rec_draw_uniform(uint32_t *out, size_t n, size_t n_items, const uint32_t *taken,
                            size_t n_taken, rec_rng *rng, rec_error *err);

/** Items drawn with probability proportional to their popularity. */
typedef struct rec_popularity_draw {
    uint64_t *cumulative; /* owned, (n_items + 1): interactions of items before i */
    size_t n_items;
} rec_popularity_draw;

rec_status rec_popularity_draw_init(rec_popularity_draw *d, const uint32_t *popularity,
                                    size_t n_items, rec_error *err);
void rec_popularity_draw_deinit(rec_popularity_draw *d);

/**
 * As rec_draw_uniform, one after the other without replacement, in proportion to popularity. Items
 * without interactions are never drawn.
 */
rec_status rec_draw_popular(uint32_t *out, size_t n, const rec_popularity_draw *d,
                            const uint32_t *taken, size_t n_taken, rec_rng *rng, rec_arena *scratch,
                            rec_error *err);

#endif
