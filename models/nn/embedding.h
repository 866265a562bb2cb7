/** Rows of tables: token, item and position embeddings, hidden states at chosen places, foreign
 * vectors put into a sequence. Gradients are scattered in a fixed order: same bits for any number of
 * threads. */
#ifndef REC_MODELS_NN_EMBEDDING_H
#define REC_MODELS_NN_EMBEDDING_H

#include "models/nn/tape.h"

typedef struct rec_lookup {
    rec_tensor *table;   /* (n_rows, d): parameters, or a tensor of the tape */
    const uint32_t *ids; /* one per output row, < n_rows; borrowed until backward has run */
} rec_lookup;

enum { REC_MAX_LOOKUPS = 4 };

/** y (n, d) = scale * sum over lookups of table[ids[i]]: item + position, word + position + type.
 * With the output of a model as table: its states at chosen rows. */
rec_tensor *rec_nn_embed(rec_tape *t, const rec_lookup *lookups, size_t n_lookups, size_t n,
                         float scale);

/** x with row places[i] replaced by row i of `rows` (k, d); places distinct, borrowed until backward.
 * User and item vectors enter a language model this way. */
rec_tensor *rec_nn_replace_rows(rec_tape *t, rec_tensor *x, rec_tensor *rows,
                                const uint32_t *places);

/** out (n, n_candidates): hidden row i times table row ids[i * n_candidates + c]: scores of each
 * row's own candidates (positive and sampled negatives). bias (1, n_rows) may be NULL. */
rec_tensor *rec_nn_candidate_scores(rec_tape *t, rec_tensor *hidden, rec_tensor *table,
                                    rec_tensor *bias, const uint32_t *ids, size_t n_candidates);

/** table_grad rows ids[i] += scale * rows[i] for i = 0..n-1, summed in that order for each row; rows
 * are d wide. */
rec_status rec_nn_scatter_add(float *table_grad, const rec_kernels *kernels, const float *rows,
                              const uint32_t *ids, size_t n, size_t d, float scale, rec_error *err);

#endif
