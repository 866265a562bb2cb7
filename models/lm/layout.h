/**
 * The tensors of a model: roles, names (Hugging Face and GGUF), shapes. One table per family; loading,
 * export, training parameters and the forward pass all walk it, so that a missing or extra tensor
 * cannot slip through anywhere.
 */
#ifndef REC_MODELS_LM_LAYOUT_H
#define REC_MODELS_LM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "models/lm/config.h"

typedef enum rec_lm_role {
    /* once */
    REC_LM_EMBED,           /* (vocab, d_model) */
    REC_LM_POSITIONS,       /* encoders: (offset + positions, d_model) */
    REC_LM_TOKEN_TYPES,     /* encoders: (types, d_model) */
    REC_LM_EMBED_NORM,      /* encoders: layer norm of the sum of embeddings */
    REC_LM_EMBED_NORM_BIAS, /* biases follow their weight */
    REC_LM_FINAL_NORM,      /* decoders */
    REC_LM_HEAD,            /* decoders that are not tied: (vocab, d_model) */
    /* per layer */
    REC_LM_Q, /* (n_heads * head_dim, d_model) */
    REC_LM_Q_BIAS,
    REC_LM_K, /* (n_kv_heads * head_dim, d_model) */
    REC_LM_K_BIAS,
    REC_LM_V,
    REC_LM_V_BIAS,
    REC_LM_Q_NORM, /* (head_dim) */
    REC_LM_K_NORM,
    REC_LM_O, /* (d_model, n_heads * head_dim) */
    REC_LM_O_BIAS,
    REC_LM_ATTENTION_NORM, /* decoders: before attention; encoders: behind its residual sum */
    REC_LM_ATTENTION_NORM_BIAS,
    REC_LM_ATTENTION_POST_NORM, /* Gemma 3: of the attention's output */
    REC_LM_GATE,                /* decoders: (d_ff, d_model) */
    REC_LM_UP,                  /* (d_ff, d_model) */
    REC_LM_UP_BIAS,
    REC_LM_DOWN, /* (d_model, d_ff) */
    REC_LM_DOWN_BIAS,
    REC_LM_MLP_NORM, /* decoders: before the MLP; encoders: behind its residual sum */
    REC_LM_MLP_NORM_BIAS,
    REC_LM_MLP_POST_NORM, /* Gemma 3 */
} rec_lm_role;

enum { REC_LM_N_ROLES = REC_LM_MLP_POST_NORM + 1 };
#define REC_LM_FIRST_LAYER_ROLE REC_LM_Q

typedef struct rec_lm_tensor {
    rec_lm_role role;
    size_t layer;      /* of roles per layer, else 0 */
    char name[112];    /* as Hugging Face files have it, without a prefix like "bert." */
    char gguf[64];     /* as GGUF files have it */
    size_t rows, cols; /* vectors: rows = 1, and the files give one dimension */
    bool vector;
} rec_lm_tensor;

/** Does a model of this config have such a tensor? */
bool rec_lm_has(const rec_lm_config *c, rec_lm_role role);

/** Describe one; it must exist. */
void rec_lm_describe(rec_lm_tensor *out, const rec_lm_config *c, rec_lm_role role, size_t layer);

typedef rec_status (*rec_lm_tensor_fn)(void *context, const rec_lm_tensor *tensor, rec_error *err);

/** Every tensor once, in a fixed order; stops at the first failure. */
rec_status rec_lm_each_tensor(const rec_lm_config *c, rec_lm_tensor_fn fn, void *context,
                              rec_error *err);

#endif
