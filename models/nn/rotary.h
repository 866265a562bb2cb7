/** Rotary positions: each pair of a head's columns is turned by an angle that grows with the row's
 * position. "RoFormer: enhanced transformer with rotary position embedding", Neurocomputing 568,
 * 2024, equation (34); pairs are (i, i + head_dim / 2) as in Llama's checkpoints. */
#ifndef REC_MODELS_NN_ROTARY_H
#define REC_MODELS_NN_ROTARY_H

#include "models/nn/tape.h"

/** Cosines and sines of position * frequency, made once for all positions of a model. */
typedef struct rec_rotary_table {
    size_t n_positions, half; /* half = head_dim / 2 */
    float *cosine, *sine;     /* (n_positions, half), owned */
} rec_rotary_table;

/** @param frequencies  (half) angle per position, radians */
rec_status rec_rotary_table_init(rec_rotary_table *table, const double *frequencies, size_t half,
                                 size_t n_positions, rec_error *err);
void rec_rotary_table_deinit(rec_rotary_table *table);

/** y (T, n_heads * 2 half): every head of row i turned for position positions[i] < n_positions.
 * table and positions are borrowed until backward has run. */
rec_tensor *rec_nn_rotary(rec_tape *t, rec_tensor *x, const rec_rotary_table *table,
                          const uint32_t *positions);

#endif
