#include "models/two_tower.h"

#include <math.h>
#include <stdlib.h>

#include "core/blas.h"
#include "core/memory.h"
#include "models/top_k.h"

void rec_two_tower_score(float *scores, const float *vectors, size_t n, const rec_item_table *table)
{
    rec_gemm_nt(scores, table->n_items, vectors, table->dim, table->rows, table->dim, n,
                table->n_items, table->dim, 1.0f, 0.0f);
    for (size_t q = 0; table->bias != NULL && q < n; q++)
        rec_add(scores + q * table->n_items, table->bias, table->n_items);
}

static double cosine(const float *a, const float *b, size_t dim)
{
    double product = 0.0, norm_a = 0.0, norm_b = 0.0;
    for (size_t d = 0; d < dim; d++) {
        product += (double)a[d] * (double)b[d];
        norm_a += (double)a[d] * (double)a[d];
        norm_b += (double)b[d] * (double)b[d];
    }
    return norm_a > 0.0 && norm_b > 0.0 ? product / sqrt(norm_a * norm_b) : 0.0;
}

rec_status rec_two_tower_similar(uint32_t *items, float *similarities, size_t *n_found,
                                 const rec_item_table *table, uint32_t item, size_t k,
                                 rec_error *err)
{
    float *row = rec_alloc(table->n_items, sizeof *row, err);
    if (row == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < table->n_items; i++)
        row[i] = (float)cosine(table->rows + item * table->dim, table->rows + i * table->dim,
                               table->dim);
    row[item] = -INFINITY; /* not itself, and nothing that is never ranked */
    for (size_t i = 0; table->bias != NULL && i < table->n_items; i++)
        if (table->bias[i] == -INFINITY)
            row[i] = -INFINITY;
    *n_found = rec_top_k(items, similarities, row, table->n_items, k);
    free(row);
    return REC_OK;
}
