#include "models/random_walk.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "models/neighbours.h"

/* Values of each row become (x / row sum)^alpha. */
static void to_transitions(rec_sparse *a, double alpha)
{
    for (size_t r = 0; r < a->n_rows; r++) {
        double sum = 0.0;
        for (size_t i = a->start[r]; i < a->start[r + 1]; i++)
            sum += fabs((double)a->value[i]);
        for (size_t i = a->start[r]; i < a->start[r + 1]; i++)
            a->value[i] = sum > 0.0 ? (float)pow((double)a->value[i] / sum, alpha) : 0.0f;
    }
}

static void make_rows_sum_to_one(rec_sparse *a)
{
    to_transitions(a, 1.0);
}

static double popularity_discounted(const void *context, size_t row, uint32_t column, double sum)
{
    const double *discount = context;
    (void)row;
    return sum * discount[column];
}

/* out (n_items): popularity^-beta, 0 for items nobody has. */
static void popularity_discount(double *out, const rec_sparse *items, double beta)
{
    for (size_t i = 0; i < items->n_rows; i++) {
        double popularity = (double)(items->start[i + 1] - items->start[i]);
        out[i] = popularity > 0.0 ? pow(popularity, -beta) : 0.0;
    }
}

/* Keep the k greatest of each column. */
static rec_status keep_top_per_column(rec_sparse *a, size_t k, rec_error *err)
{
    rec_sparse columns = {.n_rows = 0};
    rec_status status;
    REC_TRY(rec_sparse_transpose(&columns, a, err));
    REC_TRY(rec_sparse_keep_top(&columns, k, err));
    rec_sparse_deinit(a);
    REC_TRY(rec_sparse_transpose(a, &columns, err));
cleanup:
    rec_sparse_deinit(&columns);
    return status;
}

rec_status rec_random_walk_fit(rec_item_graph *out, const rec_random_walk *walk,
                               const rec_interactions *train, rec_error *err)
{
    rec_sparse users = {.n_rows = 0}, items = {.n_rows = 0};
    double *discount = NULL;
    rec_status status;
    REC_TRY(rec_sparse_from_interactions(&users, train, (rec_feedback)out->feedback, err));
    REC_TRY(rec_sparse_transpose(&items, &users, err));
    for (size_t i = 0; i < rec_sparse_n_values(&items); i++)
        items.value[i] = 1.0f; /* the step to a user does not look at values */
    REC_TRY_NEW(discount, items.n_rows, err);
    popularity_discount(discount, &items, walk->beta);
    to_transitions(&users, walk->alpha);
    to_transitions(&items, walk->alpha);
    REC_TRY(rec_neighbours(&out->weights, &items, &users, (size_t)walk->k, popularity_discounted,
                           discount, err));
    if (walk->normalize)
        make_rows_sum_to_one(&out->weights);
    REC_TRY(keep_top_per_column(&out->weights, (size_t)walk->k, err));
cleanup:
    free(discount);
    rec_sparse_deinit(&items);
    rec_sparse_deinit(&users);
    return status;
}
