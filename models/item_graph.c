#include "models/item_graph.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/neighbours.h"

rec_status rec_item_graph_score(float *scores, const void *self, const rec_query *queries, size_t n,
                                rec_error *err)
{
    const rec_item_graph *g = self;
    rec_sparse histories;
    rec_status status = rec_sparse_from_queries(&histories, queries, n, g->weights.n_rows,
                                                (rec_feedback)g->feedback, err);
    if (status == REC_OK)
        status = rec_sparse_product(scores, &histories, &g->weights, err);
    rec_sparse_deinit(&histories);
    return status;
}

rec_status rec_item_graph_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const rec_item_graph *g = self;
    return rec_sparse_save(&g->weights, "weights", out, err);
}

rec_status rec_item_graph_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                               rec_error *err)
{
    rec_item_graph *g = self;
    size_t n_items = dataset->catalogue.n_items;
    return rec_sparse_load(&g->weights, in, "weights", n_items, n_items, err);
}

rec_status rec_item_graph_similar(uint32_t *items, float *similarities, size_t *n_found,
                                  const void *self, uint32_t item, size_t k, rec_error *err)
{
    const rec_sparse *w = &((const rec_item_graph *)self)->weights;
    size_t first = w->start[item];
    return rec_best_items(items, similarities, n_found, w->column + first, w->value + first,
                          w->start[item + 1] - first, item, k, err);
}

size_t rec_item_graph_n_parameters(const void *self)
{
    return rec_sparse_n_values(&((const rec_item_graph *)self)->weights);
}

rec_fit_cost rec_item_graph_cost(const void *self, const rec_fit_size *size)
{
    (void)self;
    double n = size->n_items, pairs = size->user_pairs < n * n ? size->user_pairs : n * n;
    return (rec_fit_cost){0.0, size->user_pairs, 8.0 * pairs};
}

void rec_item_graph_deinit(void *self)
{
    rec_item_graph *g = self;
    rec_sparse_deinit(&g->weights);
}
