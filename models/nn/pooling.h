/** One vector per sequence of a packed batch. The first or last row of each is a lookup
 * (rec_nn_embed with the hidden states as table). */
#ifndef REC_MODELS_NN_POOLING_H
#define REC_MODELS_NN_POOLING_H

#include "models/nn/attention.h"

/** y (n sequences, d): mean over each sequence's rows ("Sentence-BERT", EMNLP 2019, section 3).
 * sequences is borrowed until backward has run; an empty sequence gives zeros. */
rec_tensor *rec_nn_mean_pool(rec_tape *t, rec_tensor *x, const rec_sequences *sequences);

#endif
