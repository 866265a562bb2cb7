/**
 * A language model that can be trained: the same checkpoints as inference, as float32 parameters and
 * a forward pass on a tape. Components train through it: packed batches that mix token ids with
 * given vectors, low-rank adapters that are switched per call (none = the base as reference model),
 * hidden states for value heads, log-probabilities for policy gradients.
 *
 * Decoders: Llama type (Llama, SmolLM2, Mistral, Qwen 2 and 3, Gemma 3 text). Encoders: BERT type.
 * The wiring follows the checkpoints' config (models/lm/config.h); formulas stand above each op.
 */
#ifndef REC_MODELS_LM_TRAINING_TRANSFORMER_H
#define REC_MODELS_LM_TRAINING_TRANSFORMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "models/lm/config.h"
#include "models/lm/layout.h"
#include "models/lm/weights.h"
#include "models/nn/attention.h"
#include "models/nn/params.h"
#include "models/nn/softmax_loss.h"
#include "models/nn/tape.h"

typedef struct rec_transformer rec_transformer;
typedef struct rec_adapter rec_adapter;

/** Random weights: N(0, 0.02), norms 1, biases 0. */
rec_status rec_transformer_new(rec_transformer **out, const rec_lm_config *config, uint64_t seed,
                               rec_error *err);
/** The weights of an open model, as float32 copies: `weights` may be closed afterwards. */
rec_status rec_transformer_from_weights(rec_transformer **out, const rec_lm_weights *weights,
                                        rec_error *err);
void rec_transformer_free(rec_transformer *m);

const rec_lm_config *rec_transformer_config(const rec_transformer *m);
/** The base's parameters under their Hugging Face names: freeze, count, optimise, save. */
rec_params *rec_transformer_params(rec_transformer *m);
rec_tensor *rec_transformer_tensor(rec_transformer *m, rec_lm_role role, size_t layer);
/** Rows of logits: the head, or the embeddings when tied. NULL for encoders. */
rec_tensor *rec_transformer_output_table(rec_transformer *m);

/**
 * n_new rows at the end of the vocabulary (and of an untied head), each the mean of the old rows plus
 * N(0, sd of the old rows / 10) noise. Parameters move: optimisers and adapters are made afterwards.
 */
rec_status rec_transformer_grow_vocabulary(rec_transformer *m, size_t n_new, uint64_t seed,
                                           rec_error *err);

/**
 * New tokens alone: of the base, only the rows from `first` on of the embeddings (and of an untied head)
 * are trained, without weight decay; everything else is frozen. Behind each backward pass the gradients
 * of the older rows are cleared (rec_tune_* do): no optimiser moves what never had a gradient.
 */
void rec_transformer_train_new_rows(rec_transformer *m, size_t first);
bool rec_transformer_trains_new_rows(const rec_transformer *m);
void rec_transformer_clear_old_rows(rec_transformer *m); /* nothing unless asked for above */

/* ---- adapters ---- */

typedef struct rec_adapter_options {
    int64_t rank;
    double alpha;   /* scale = alpha / rank */
    double dropout; /* of the input of A, while training */
    rec_string_list
        targets; /* last parts of module names: "q_proj", "v_proj"; "all-linear" = all */
} rec_adapter_options;

/** Keys rank, alpha, dropout, targets. */
extern const rec_option rec_adapter_option_table[];

/** "LoRA", ICLR 2022: A uniform as in PEFT (Kaiming, a = sqrt 5: bound 1 / sqrt(in)), B zero.
 * Several adapters may live on one base. The adapter is freed by its owner, before the base. */
rec_status rec_adapter_new(rec_adapter **out, const rec_transformer *base,
                           const rec_adapter_options *options, uint64_t seed, rec_error *err);
void rec_adapter_free(rec_adapter *a);
/** Tensors "MODULE.lora_A.weight" (r, in) and "MODULE.lora_B.weight" (out, r). */
rec_params *rec_adapter_params(rec_adapter *a);

/** PEFT's folder: adapter_model.safetensors and adapter_config.json. base_name goes into the latter. */
rec_status rec_adapter_save(const rec_adapter *a, const rec_transformer *base, const char *folder,
                            const char *base_name, rec_error *err);
/** An adapter that does not fit the base, or of another kind than LoRA, is REC_ERR_MODEL. */
rec_status rec_adapter_load(rec_adapter **out, const rec_transformer *base, const char *folder,
                            rec_error *err);
/** W += scale * B A for every target: the base answers as base and adapter did. */
rec_status rec_adapter_merge(const rec_adapter *a, rec_transformer *base, rec_error *err);

/* ---- forward ---- */

/** A packed batch. The arrays are borrowed until backward has run, the struct is not. */
typedef struct rec_lm_batch {
    rec_sequences sequences;
    const uint32_t *ids;    /* (T); rows that `places` replaces may hold any valid id */
    rec_tensor *vectors;    /* (n_places, d_model) put in as embeddings, or NULL */
    const uint32_t *places; /* rows of the vectors */
} rec_lm_batch;

typedef struct rec_forward_options {
    rec_adapter *adapter; /* NULL: the base alone */
    double dropout;       /* of embeddings, attention weights and both residual branches */
    bool recompute;       /* keep one activation per layer, compute the others again in backward */
} rec_forward_options;

/**
 * Hidden states (T, d_model) after the final norm. NULL when something failed (rec_tape_status).
 * Sequences longer than the model's positions are REC_ERR_DATA.
 */
rec_tensor *rec_transformer_forward(rec_tape *t, rec_transformer *m, const rec_lm_batch *batch,
                                    const rec_forward_options *options);

/** One vector per sequence as the config pools and normalises: (n sequences, d_model). */
rec_tensor *rec_transformer_pool(rec_tape *t, rec_transformer *m, rec_tensor *hidden,
                                 const rec_sequences *sequences);

/** The softmax of this model over its vocabulary, for rec_nn_cross_entropy and rec_nn_log_probs. */
rec_softmax rec_transformer_softmax(rec_transformer *m);

/** Logits (rows of hidden, n) of chosen vocabulary rows; gradients reach hidden states and rows. ids are
 * borrowed until backward has run. */
rec_tensor *rec_transformer_logits_of(rec_tape *t, rec_transformer *m, rec_tensor *hidden,
                                      const uint32_t *ids, size_t n);

/** A Hugging Face folder: config.json and model.safetensors (float32). Tokenizer files are the
 * caller's. */
rec_status rec_transformer_save(const rec_transformer *m, const char *folder, rec_error *err);

#endif
