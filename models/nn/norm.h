/** Normalisation of rows. */
#ifndef REC_MODELS_NN_NORM_H
#define REC_MODELS_NN_NORM_H

#include "models/nn/tape.h"

/** y = (x - mean) / sqrt(var + eps) * gain + bias over each row, var with 1 / n. "Layer
 * normalization", arXiv 1607.06450, equations (3) and (4). gain, bias (1, cols). */
rec_tensor *rec_nn_layer_norm(rec_tape *t, rec_tensor *x, rec_tensor *gain, rec_tensor *bias,
                              float eps);

/** y = x / sqrt(mean x^2 + eps) * (gain + gain_offset). "Root mean square layer normalization",
 * NeurIPS 2019, equation (4). Each run of gain->cols columns is normalised on its own: heads of a row
 * share a gain of head_dim (Qwen3, Gemma 3). gain_offset is 1 for Gemma's weights, else 0. */
rec_tensor *rec_nn_rms_norm(rec_tape *t, rec_tensor *x, rec_tensor *gain, float gain_offset,
                            float eps);

/** y = x / |x| (rows); a zero row stays zero. */
rec_tensor *rec_nn_l2_normalize(rec_tape *t, rec_tensor *x);

#endif
