/**
 * Item-to-item models: score(h, i) = sum over items j of history h of x_j W[j, i] with a sparse W.
 * item_knn, p3alpha, rp3beta and slim_elastic_net differ in how they fit W and share the rest. Each
 * of their structs begins with a rec_item_graph, so that these functions serve as their entries.
 */
#ifndef REC_MODELS_ITEM_GRAPH_H
#define REC_MODELS_ITEM_GRAPH_H

#include "models/sparse.h"

typedef struct rec_item_graph {
    int feedback;       /* option: rec_feedback */
    rec_sparse weights; /* W (n_items, n_items), owned */
} rec_item_graph;

rec_status rec_item_graph_score(float *scores, const void *self, const rec_query *queries, size_t n,
                                rec_error *err);
rec_status rec_item_graph_save(const void *self, rec_tensor_writer *out, rec_error *err);
rec_status rec_item_graph_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                               rec_error *err);
/** The items that a history of this one item recommends: the greatest of row `item`. */
rec_status rec_item_graph_similar(uint32_t *items, float *similarities, size_t *n_found,
                                  const void *self, uint32_t item, size_t k, rec_error *err);
size_t rec_item_graph_n_parameters(const void *self);
/** Every pair of items that a user has in common is visited once. */
rec_fit_cost rec_item_graph_cost(const void *self, const rec_fit_size *size);
void rec_item_graph_deinit(void *self);

#endif
