/** Element-wise functions as ops of their own; rec_nn_linear_act fuses them with a linear map. */
#ifndef REC_MODELS_NN_ACTIVATION_H
#define REC_MODELS_NN_ACTIVATION_H

#include "models/nn/linear.h"
#include "models/nn/tape.h"

/** y = f(x). GELU: "Gaussian error linear units", arXiv 1606.08415. */
rec_tensor *rec_nn_activation(rec_tape *t, rec_tensor *x, rec_activation f);

/** silu(gate) * up: "GLU variants improve transformer", arXiv 2002.05202, equation (6), without its
 * linear maps; f other than SILU gives the other variants (Gemma: GELU_TANH). */
rec_tensor *rec_nn_gated(rec_tape *t, rec_tensor *gate, rec_tensor *up, rec_activation f);

/** The kernel of an activation (not NONE). */
typedef void (*rec_activation_fn)(float *y, float *slope, const float *x, size_t n);
rec_activation_fn rec_activation_kernel(const rec_kernels *kernels, rec_activation f);

#endif
