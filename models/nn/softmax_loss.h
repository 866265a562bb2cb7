/**
 * Softmax over a whole table (catalogue, vocabulary) fused with its projection. Logits exist for one
 * block of rows at a time: memory is rec_nn_softmax_block_rows(table rows) x table rows floats,
 * never batch x vocabulary.
 */
#ifndef REC_MODELS_NN_SOFTMAX_LOSS_H
#define REC_MODELS_NN_SOFTMAX_LOSS_H

#include "models/nn/tape.h"

/** Row i may only choose among ids[start[i]] .. ids[start[i + 1] - 1] (ascending, distinct, with its
 * target among them); an empty range leaves it free. */
typedef struct rec_allowed {
    const size_t *start; /* n + 1 */
    const uint32_t *ids;
} rec_allowed;

typedef struct rec_softmax {
    rec_tensor *table;          /* (n_classes, d) */
    rec_tensor *bias;           /* (1, n_classes), or NULL */
    float scale;                /* of the logits (1 / temperature); 0: 1 */
    const rec_allowed *allowed; /* or NULL: every row is free */
} rec_softmax;

/**
 * Root: sum over rows of weights[i] * -log softmax(scale (h_i table^T + bias))[targets[i]] / divisor.
 * Rows without weight cost as much as others: select rows first (rec_nn_embed).
 * @param hidden   (n, d)
 * @param weights  (n), or NULL: all 1
 * @param divisor  0: the sum of the weights; with gradient accumulation the sum over all parts
 * @param row_loss (n) receives -log p unless NULL
 * @return the loss; 0 when n is 0 or an earlier op failed
 */
double rec_nn_cross_entropy(rec_tape *t, rec_tensor *hidden, const rec_softmax *softmax,
                            const uint32_t *targets, const float *weights, double divisor,
                            float *row_loss);

/**
 * log p of the targets, (n, 1), as a differentiable op for objectives that use it further (policy
 * gradients, ratios to a reference model). Backward computes the logits again. targets and
 * softmax->allowed are borrowed until then.
 */
rec_tensor *rec_nn_log_probs(rec_tape *t, rec_tensor *hidden, const rec_softmax *softmax,
                             const uint32_t *targets);

/** Rows of logits that exist at one time; a function of the table alone, so that results are too. */
size_t rec_nn_softmax_block_rows(size_t n_classes);

/** Floats of scratch that a loss over n rows of d takes, and gives back when it is done. */
size_t rec_nn_softmax_scratch(size_t n_classes, size_t d, size_t n);

#endif
