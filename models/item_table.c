#include "models/item_table.h"

#include <math.h>
#include <stdlib.h>

#include "core/blas.h"
#include "core/memory.h"
#include "models/neighbours.h"

static float cosine(rec_item_table t, size_t a, size_t b)
{
    const float *x = t.rows + a * t.dim, *y = t.rows + b * t.dim;
    double squares = (double)rec_dot(x, x, t.dim) * (double)rec_dot(y, y, t.dim);
    return squares > 0.0 ? (float)((double)rec_dot(x, y, t.dim) / sqrt(squares)) : 0.0f;
}

rec_status rec_item_table_similar(uint32_t *items, float *similarities, size_t *n_found,
                                  rec_item_table table, uint32_t item, size_t k, rec_error *err)
{
    float *cosines = rec_alloc(table.n_items, sizeof *cosines, err);
    if (cosines == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < table.n_items; i++)
        cosines[i] = cosine(table, item, i);
    rec_status status =
        rec_best_items(items, similarities, n_found, NULL, cosines, table.n_items, item, k, err);
    free(cosines);
    return status;
}
