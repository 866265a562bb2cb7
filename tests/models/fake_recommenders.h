/** Two recommenders for tests: a matrix of scores, and user and item vectors; query.user is the
 * row. */
#ifndef REC_TESTS_MODELS_FAKE_RECOMMENDERS_H
#define REC_TESTS_MODELS_FAKE_RECOMMENDERS_H

#include <string.h>

#include "core/blas.h"
#include "models/recommender.h"

typedef struct fake_matrix {
    const float *scores; /* (n_users, n_items) */
    size_t n_items;
} fake_matrix;

static inline rec_status fake_matrix_score(float *scores, const void *self,
                                           const rec_query *queries, size_t n, rec_error *err)
{
    const fake_matrix *m = self;
    for (size_t q = 0; q < n; q++) {
        if (queries[q].user == 1000)
            return rec_fail(err, REC_ERR_MODEL, "user 1000 breaks this model");
        memcpy(scores + q * m->n_items, m->scores + queries[q].user * m->n_items,
               m->n_items * sizeof *scores);
    }
    return REC_OK;
}

static const rec_recommender fake_matrix_type = {
    .name = "matrix", .size = sizeof(fake_matrix), .score = fake_matrix_score};

typedef struct fake_towers {
    const float *users; /* (n_users, dim) */
    rec_item_table items;
} fake_towers;

static inline rec_status fake_towers_encode(float *out, const void *self, const rec_query *queries,
                                            size_t n, rec_error *err)
{
    const fake_towers *m = self;
    (void)err;
    for (size_t q = 0; q < n; q++)
        memcpy(out + q * m->items.dim, m->users + queries[q].user * m->items.dim,
               m->items.dim * sizeof *out);
    return REC_OK;
}

static inline rec_item_table fake_towers_table(const void *self)
{
    return ((const fake_towers *)self)->items;
}

static const rec_recommender fake_towers_type = {.name = "towers",
                                                 .size = sizeof(fake_towers),
                                                 .encode = fake_towers_encode,
                                                 .item_table = fake_towers_table};

#endif
