/** Gated recurrent units over packed sequences. */
#ifndef REC_MODELS_NN_GRU_H
#define REC_MODELS_NN_GRU_H

#include "models/nn/attention.h"

/** Weights as PyTorch's GRU stores them: gates in the order reset, update, candidate. */
typedef struct rec_gru {
    rec_tensor *input;       /* (3 h, d) */
    rec_tensor *hidden;      /* (3 h, h) */
    rec_tensor *input_bias;  /* (1, 3 h), or NULL */
    rec_tensor *hidden_bias; /* (1, 3 h), or NULL */
} rec_gru;

/**
 * States (n, h) after every row of every sequence, starting from 0. "Learning phrase representations
 * using RNN encoder-decoder", EMNLP 2014, equations (5) to (8), with the reset gate after the matrix
 * product as in cuDNN and PyTorch:
 *     r = S(W_r x + U_r h), z = S(W_z x + U_z h), c = tanh(W_c x + r (U_c h)), h' = (1 - z) c + z h.
 */
rec_tensor *rec_nn_gru(rec_tape *t, rec_tensor *x, const rec_gru *weights,
                       const rec_sequences *sequences);

#endif
