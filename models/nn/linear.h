/** Linear maps: with bias and low-rank adapters, and products of two activations. */
#ifndef REC_MODELS_NN_LINEAR_H
#define REC_MODELS_NN_LINEAR_H

#include "models/nn/tape.h"

typedef enum rec_activation {
    REC_ACT_NONE,
    REC_ACT_GELU,      /* x Phi(x) */
    REC_ACT_GELU_TANH, /* its tanh form */
    REC_ACT_SILU,
    REC_ACT_RELU,
    REC_ACT_TANH,
    REC_ACT_SIGMOID
} rec_activation;

/** "LoRA: low-rank adaptation of large language models", ICLR 2022, equation (3): adds
 * scale * B A dropout(x), with scale = alpha / r. */
typedef struct rec_lora {
    rec_tensor *a; /* (r, in) */
    rec_tensor *b; /* (out, r) */
    float scale;
    float dropout; /* of x on the way into A */
} rec_lora;

typedef struct rec_linear {
    rec_tensor *weight;   /* (out, in), as PyTorch stores it */
    rec_tensor *bias;     /* (1, out), or NULL */
    const rec_lora *lora; /* or NULL: the adapter of this call */
} rec_linear;

/** y (n, out) = x W^T + b (+ LoRA). w is read now and its tensors in backward. */
rec_tensor *rec_nn_linear(rec_tape *t, rec_tensor *x, const rec_linear *w);

/** f(x W^T + b (+ LoRA)); keeps one slope per output instead of the sum before f. */
rec_tensor *rec_nn_linear_act(rec_tape *t, rec_tensor *x, const rec_linear *w, rec_activation f);

/** scale * a b^T for a (n, d), b (m, d): similarities of two sets of vectors, logits of rows. */
rec_tensor *rec_nn_similarity(rec_tape *t, rec_tensor *a, rec_tensor *b, float scale);

/* ---- for other ops that contain a linear map ---- */

/** Gradient of W in y (n, out) = alpha x W^T: dW += alpha dy^T x. */
rec_status rec_nn_weight_gradient(rec_tape *t, rec_tensor *w, const float *x, const float *dy,
                                  size_t n, float alpha, rec_error *err);
/** Gradient of a bias (NULL: nothing): column sums of dy (n, out). */
rec_status rec_nn_bias_gradient(rec_tape *t, rec_tensor *bias, const float *dy, size_t n,
                                rec_error *err);

#endif
