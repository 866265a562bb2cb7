/** Item vectors and the matrix of their scores: small whole numbers, so that products are exact and ties are
 * many; every 97th item has no score. */
#ifndef REC_TESTS_MODELS_FAKE_TOWERS_WORLD_H
#define REC_TESTS_MODELS_FAKE_TOWERS_WORLD_H

#include <math.h>

#include "core/rng.h"
#include "models/ranking.h"
#include "tests/suite.h"

static inline void draw_small(float *out, size_t n, rec_rng *r)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)rec_rng_below(r, 5) - 2.0f;
}

/** users (n_users, dim), items (n_items, dim), bias (n_items), scores (n_users, n_items) */
static inline void draw_towers(float *users, float *items, float *bias, float *scores,
                               size_t n_users, size_t n_items, size_t dim, rec_rng *r)
{
    draw_small(users, n_users * dim, r);
    draw_small(items, n_items * dim, r);
    for (size_t i = 0; i < n_items; i++)
        bias[i] = i % 97 == 0 ? -INFINITY : (float)(i % 3);
    for (size_t u = 0; u < n_users; u++)
        for (size_t i = 0; i < n_items; i++) {
            float sum = bias[i];
            for (size_t d = 0; d < dim; d++)
                sum += users[u * dim + d] * items[i * dim + d];
            scores[u * n_items + i] = sum;
        }
}

/** The same lists, places of targets and counts, bit for bit. */
static inline void assert_same(const rec_ranked *a, const rec_ranked *b)
{
    size_t n_targets = a->target_start[a->n];
    ck_assert_mem_eq(a->n_ranked, b->n_ranked, a->n * sizeof *a->n_ranked);
    ck_assert_mem_eq(a->n_pool, b->n_pool, a->n * sizeof *a->n_pool);
    if (a->k > 0)
        ck_assert_mem_eq(a->items, b->items, a->n * a->k * sizeof *a->items);
    for (size_t i = 0; i < a->n; i++)
        ck_assert_mem_eq(a->scores + i * a->k, b->scores + i * a->k,
                         a->n_ranked[i] * sizeof *a->scores);
    ck_assert_uint_eq(n_targets, b->target_start[b->n]);
    if (n_targets > 0)
        ck_assert_mem_eq(a->target_ranks, b->target_ranks, n_targets * sizeof *a->target_ranks);
}

#endif
