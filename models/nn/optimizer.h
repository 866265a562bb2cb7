/**
 * AdamW, Adam, Adagrad and SGD over one or more parameter blocks, with clipping by the global norm.
 * Frozen tensors are skipped; each tensor's decay_scale and lr_scale apply (params.h).
 */
#ifndef REC_MODELS_NN_OPTIMIZER_H
#define REC_MODELS_NN_OPTIMIZER_H

#include "core/option.h"
#include "models/nn/params.h"

typedef enum rec_optimizer_kind {
    REC_ADAMW,   /* "Decoupled weight decay regularization", ICLR 2019, algorithm 2 */
    REC_ADAM,    /* "Adam", ICLR 2015, algorithm 1; weight decay is added to the gradient */
    REC_ADAGRAD, /* "Adaptive subgradient methods", JMLR 12, 2011, diagonal form */
    REC_SGD      /* momentum as in PyTorch: v = mu v + g, p -= lr v */
} rec_optimizer_kind;

typedef struct rec_optimizer_options {
    int kind; /* rec_optimizer_kind */
    double lr;
    double beta1, beta2; /* Adam's */
    double momentum;     /* SGD's */
    double epsilon;      /* 0: 1e-8, Adagrad 1e-10 */
    double weight_decay;
    double clip_norm; /* largest global gradient norm; 0: no clipping */
} rec_optimizer_options;

/** Keys type, lr, beta1, beta2, momentum, epsilon, weight_decay, clip_norm. */
extern const rec_option rec_optimizer_option_table[];

typedef struct rec_optimizer rec_optimizer;

/** @param blocks  n borrowed blocks that want gradients, alive as long as the optimizer */
rec_status rec_optimizer_new(rec_optimizer **out, const rec_optimizer_options *options,
                             rec_params *const *blocks, size_t n_blocks, rec_error *err);
void rec_optimizer_free(rec_optimizer *o);

/**
 * One step from the gradients in the blocks, which are cleared. A gradient that is not finite stops
 * the step before anything changed: REC_ERR_MODEL naming the tensor.
 * @param lr_factor       of the schedule
 * @param gradient_scale  1 / accumulated batches where the losses were means of each
 * @param norm            receives the global norm before clipping, or NULL
 */
rec_status rec_optimizer_step(double *norm, rec_optimizer *o, double lr_factor,
                              double gradient_scale, rec_error *err);

uint64_t rec_optimizer_steps(const rec_optimizer *o); /* done so far */
void rec_optimizer_set_steps(rec_optimizer *o, uint64_t steps);

/** Moment blocks in a fixed order, for checkpoints: n of them, each as long as its parameter block.
 * *size receives the number of floats. */
size_t rec_optimizer_n_moments(const rec_optimizer *o);
float *rec_optimizer_moment(rec_optimizer *o, size_t i, size_t *size);

#endif
