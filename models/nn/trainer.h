/**
 * The training loop every model here shares: epochs of steps, gradient accumulation, schedule, early
 * stopping on a validation value, resumable checkpoints. What is drawn at random depends on (seed,
 * epoch, step) alone, so a checkpoint needs no generator state.
 */
#ifndef REC_MODELS_NN_TRAINER_H
#define REC_MODELS_NN_TRAINER_H

#include "core/option.h"
#include "models/nn/optimizer.h"
#include "models/nn/schedule.h"

typedef struct rec_training {
    int64_t epochs;   /* at most */
    int64_t patience; /* validations without a better value before stopping; 0: never stop early */
    int64_t accumulate; /* batches per optimiser step */
    double checkpoint_seconds;
    rec_schedule schedule;
} rec_training;

/** Keys epochs, patience, accumulate, checkpoint_seconds, schedule. */
extern const rec_option rec_training_options[];

/** What is trained. Every function gets `context`. */
typedef struct rec_training_task {
    void *context;
    const char *label; /* for progress: "sasrec" */
    size_t n_batches;  /* per epoch, > 0 */
    /** Before the first batch of an epoch, and when an epoch is resumed: shuffle. May be NULL. */
    rec_status (*start_epoch)(void *context, size_t epoch, rec_error *err);
    /** Forward and backward of one batch: gradients are added to the blocks. step: batches before
     * this one since the start of training (names dropout masks and negatives). */
    rec_status (*batch)(double *loss, void *context, size_t epoch, size_t batch, uint64_t step,
                        rec_error *err);
    /** Value of the model as it stands, larger is better. NULL: no validation, the last model counts. */
    rec_status (*validate)(double *value, void *context, rec_error *err);
} rec_training_task;

/** What happened, per epoch; also the state that a checkpoint holds. */
typedef struct rec_training_report {
    size_t n_epochs;     /* done */
    double *loss_train;  /* (n_epochs) mean over batches, owned */
    double *value_valid; /* (n_epochs) NaN where there was no validation, owned */
    size_t best_epoch;   /* index of the epoch whose parameters were kept; n_epochs - 1 without */
    double best_value;
} rec_training_report;
void rec_training_report_deinit(rec_training_report *r);

/**
 * Train the blocks; they hold the best epoch's parameters afterwards.
 * @param checkpoint  path of the resumable state, or NULL. Removed by the caller when the model's
 *                    own artifact is safe
 * @param identity    rec_checkpoint_write's
 * @return REC_ERR_MODEL when a loss or gradient is not finite: the message names the step and tensor,
 *         the last checkpoint stays; REC_ERR_INTERRUPTED after a signal
 */
rec_status rec_train(rec_training_report *report, const rec_training *options,
                     const rec_optimizer_options *optimizer, rec_params *const *blocks,
                     size_t n_blocks, const rec_training_task *task, const char *checkpoint,
                     const char *identity, rec_error *err);

#endif
