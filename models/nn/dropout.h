/** Dropout and residual sums. Masks come from counters (core/rng.h) and are made again in backward:
 * nothing is stored, and the same step gives the same mask for any number of threads. */
#ifndef REC_MODELS_NN_DROPOUT_H
#define REC_MODELS_NN_DROPOUT_H

#include "models/nn/tape.h"

/** "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014, in the
 * inverted form: kept elements are scaled by 1 / (1 - p). p is rounded to a multiple of 2^-16.
 * x itself where p is 0 or the tape does not train. */
rec_tensor *rec_nn_dropout(rec_tape *t, rec_tensor *x, float p);

/** x + dropout(branch): the residual connection in one pass. */
rec_tensor *rec_nn_residual(rec_tape *t, rec_tensor *x, rec_tensor *branch, float p);

#endif
