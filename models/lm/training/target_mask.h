/**
 * Constrained fine-tuning: the softmax of the loss runs over the tokens that a rec_constraint would have
 * allowed at each target, as it does in constrained generation. Without it a model spends its training on
 * what generation will never ask it: whether the next token keeps to the catalogue. RecLM-cgen (arXiv
 * 2505.03336, section 3.3: scope mask training).
 */
#ifndef REC_MODELS_LM_TRAINING_TARGET_MASK_H
#define REC_MODELS_LM_TRAINING_TARGET_MASK_H

#include "models/lm/constraint.h"
#include "models/nn/softmax_loss.h"

/** Allowed ids, target row by target row: grows, and is used again from batch to batch. */
typedef struct rec_target_mask {
    size_t n_rows;
    size_t *start; /* owned (n_rows + 1) */
    uint32_t *ids; /* owned */
    size_t row_capacity, id_capacity;
} rec_target_mask;

void rec_target_mask_deinit(rec_target_mask *m);
void rec_target_mask_clear(rec_target_mask *m); /* no rows; storage is kept */

/**
 * Append one row per target: what the state allows there; then the state moves on to the target. A state
 * of NULL leaves the rows free.
 * @param vocab_size  rows of the softmax's table
 * @return REC_ERR_DATA for a target that the constraint does not allow, REC_ERR_MODEL for allowed ids that
 *         the table does not have
 */
rec_status rec_target_mask_follow(rec_target_mask *m, rec_constraint *state,
                                  const uint32_t *targets, size_t n, size_t vocab_size,
                                  rec_error *err);

/** The rows for rec_softmax.allowed; borrowed until the mask changes. */
rec_allowed rec_target_mask_allowed(const rec_target_mask *m);

#endif
