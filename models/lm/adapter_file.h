/**
 * A low-rank adapter as PEFT writes it: adapter_config.json and adapter_model.safetensors in one
 * folder. Read and checked against the model it is to change; training and loading both read it here.
 * "LoRA", ICLR 2022, equation (3): W + scale * B A, scale = alpha / r.
 */
#ifndef REC_MODELS_LM_ADAPTER_FILE_H
#define REC_MODELS_LM_ADAPTER_FILE_H

#include "core/option.h"
#include "core/status.h"
#include "models/lm/config.h"
#include "models/lm/layout.h"

/** The two factors of one linear map. */
typedef struct rec_adapter_pair {
    const float *a; /* (rank, in); NULL: the adapter leaves this map as it is */
    const float *b; /* (out, rank) */
} rec_adapter_pair;

typedef struct rec_adapter_file {
    size_t rank, n_pairs;
    double alpha, dropout;
    rec_string_list
        targets; /* as listed; a pattern is written out as the names it matched; owned */
    rec_adapter_pair (*pairs)[REC_LM_N_ROLES]; /* owned (n_layers) */
    float *values;                             /* owned: all factors */
} rec_adapter_file;

/**
 * Everything is checked before it is returned: tensors of maps the model does not have, factors of
 * another rank or shape, half a pair, numbers that are not finite, and options beyond plain LoRA (DoRA,
 * trained biases, saved modules, ranks by pattern) are REC_ERR_MODEL naming file and tensor.
 */
rec_status rec_adapter_file_open(rec_adapter_file **out, const rec_lm_config *config,
                                 const char *folder, rec_error *err);
void rec_adapter_file_free(rec_adapter_file *f);

/** alpha / rank. */
double rec_adapter_file_scale(const rec_adapter_file *f);

/** row (in) += scale * B[i, :] A: row i of the changed map. */
void rec_adapter_pair_add_row(float *row, const rec_adapter_pair *pair, size_t i, size_t rank,
                              size_t n_in, double scale);

/** Roles of linear maps, which adapters may target. */
bool rec_lm_role_is_linear(rec_lm_role role);

/** "model.layers.0.self_attn.q_proj.weight" without ".weight". */
void rec_lm_module_name(char out[128], const rec_lm_tensor *tensor);

/** A target names a module or its last parts: "q_proj", "attention.self.query"; "all-linear" = any. */
bool rec_adapter_targets(const char *target, const char *module);

#endif
