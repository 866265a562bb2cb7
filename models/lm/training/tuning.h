/**
 * Tuning a transformer: supervised (next token, the prompt masked) and contrastive (InfoNCE with
 * in-batch and given negatives). Full, or through an adapter while the base stays as it is. Sequences
 * of a batch are packed without padding. Resumable and deterministic (models/nn/trainer.h).
 */
#ifndef REC_MODELS_LM_TRAINING_TUNING_H
#define REC_MODELS_LM_TRAINING_TUNING_H

#include "models/lm/constraint.h"
#include "models/lm/training/examples.h"
#include "models/lm/training/transformer.h"
#include "models/nn/trainer.h"

typedef struct rec_lm_tuning {
    rec_training training;
    rec_optimizer_options optimizer;
    int64_t batch_size; /* sequences, or pairs */
    double dropout;
    bool recompute;     /* activations in backward: less memory, a third more time */
    double temperature; /* contrastive */
    bool in_batch;      /* contrastive: passages of other pairs are negatives too */
    int64_t chunk;      /* contrastive: texts per pass; 0 = the whole batch at once */
} rec_lm_tuning;

/** Keys training, optimizer, batch_size, dropout, recompute, temperature, in_batch, chunk. */
extern const rec_option rec_lm_tuning_options[];

/** What is tuned: the adapter where there is one, else the base; with an adapter also the base's new rows,
 * where rec_transformer_train_new_rows has asked for them. */
typedef struct rec_lm_tuned {
    rec_transformer *model;
    rec_adapter *adapter; /* or NULL */
    /** Value on held-out data, larger is better, for early stopping; NULL: none. */
    rec_status (*validate)(double *value, void *context, rec_error *err);
    void *validate_context;
    /** Supervised: *out is a new state at the start of a run of learnt tokens of an example, and the loss
     * is taken over the tokens it allows (target_mask.h); NULL in *out leaves the run free. Called again
     * for each run and each step. NULL: every token competes. */
    rec_status (*constrain)(rec_constraint **out, void *context, size_t example, rec_error *err);
    void *constrain_context;
    /** Contrastive: which pairs an epoch visits, batch after batch: order (n_per_epoch), pairs may come
     * again or not at all. Depends on the epoch alone. NULL: every pair once, shuffled. */
    rec_status (*arrange)(uint32_t *order, void *context, size_t epoch, rec_error *err);
    /** Contrastive: the text is no negative of the pair's query. NULL: only what equals its positive is
     * none. Called from one thread. */
    bool (*answers)(void *context, uint32_t pair, uint32_t text);
    /** Contrastive: the pair's query sees its own passages alone, whatever in_batch says. NULL: none does. */
    bool (*own_group)(void *context, uint32_t pair);
    /** Contrastive: log-probability of the text being a passage of the pair's batch, subtracted from the
     * logits: without it popular passages are held back ("Sampling-bias-corrected neural modeling for
     * large corpus item recommendations", RecSys 2019, section 3). NULL: no correction. */
    double (*log_q)(void *context, uint32_t pair, uint32_t text);
    void *pairs_context;    /* of these */
    size_t n_per_epoch;     /* pairs; 0 = all */
    const char *checkpoint; /* path of the resumable state, or NULL */
    const char *identity;   /* what the state belongs to */
    uint64_t seed;
} rec_lm_tuned;

/** Cross-entropy, mean over the learnt tokens of each batch. */
rec_status rec_tune_supervised(rec_training_report *report, const rec_lm_tuned *tuned,
                               const rec_lm_examples *examples, const rec_lm_tuning *options,
                               rec_error *err);

/**
 * InfoNCE, mean over the queries of each batch. A passage equal to a query's own positive is never
 * its negative. With `chunk`, embeddings of all texts are made first and their gradients carried
 * back chunk by chunk: the batch is not bounded by memory ("Scaling deep contrastive learning batch
 * size under memory limited setup", RepL4NLP 2021, section 3).
 */
rec_status rec_tune_contrastive(rec_training_report *report, const rec_lm_tuned *tuned,
                                const rec_lm_pairs *pairs, const rec_lm_tuning *options,
                                rec_error *err);

/** Bytes that tuning needs at its peak beside the weights: gradients and moments of n_trainable numbers,
 * activations and scratch of a pass over n_tokens. What `recai lm train` prints before it starts;
 * docs/lm.md holds it against measurements. */
size_t rec_lm_tuning_bytes(const rec_lm_config *config, size_t n_trainable,
                           const rec_lm_tuning *options, size_t n_tokens);

#endif
