/**
 * What a language model is, apart from its numbers: read from a Hugging Face folder (config.json and
 * what lies beside it) or from GGUF metadata, used by inference, training and export alike. An option
 * that would change the numbers and is not supported is a named REC_ERR_MODEL, never ignored.
 */
#ifndef REC_MODELS_LM_CONFIG_H
#define REC_MODELS_LM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/gguf.h"

struct cJSON;

typedef enum rec_lm_arch {
    REC_ARCH_LLAMA, /* also SmolLM2 */
    REC_ARCH_MISTRAL,
    REC_ARCH_QWEN2,
    REC_ARCH_QWEN3,
    REC_ARCH_GEMMA3, /* text only */
    REC_ARCH_BERT,   /* also MiniLM, BGE, E5 */
    REC_ARCH_XLM_ROBERTA,
} rec_lm_arch;

typedef enum rec_lm_activation { REC_LM_SILU, REC_LM_GELU, REC_LM_GELU_TANH } rec_lm_activation;

typedef enum rec_pooling { REC_POOL_MEAN, REC_POOL_CLS, REC_POOL_LAST } rec_pooling;

/** Rotary positions ("RoFormer", Neurocomputing 2024, eq. 34): pair i of a head turns by
 * position * theta^(-2i / head_dim), slowed down by one of the published scalings. */
typedef enum rec_rope_scaling { REC_ROPE_PLAIN, REC_ROPE_LINEAR, REC_ROPE_LLAMA3 } rec_rope_scaling;

typedef struct rec_rope {
    double theta;
    rec_rope_scaling scaling;
    double factor;                  /* LINEAR, LLAMA3 */
    double low_factor, high_factor; /* LLAMA3 */
    double original_positions;      /* LLAMA3 */
} rec_rope;

enum { REC_LM_MAX_LAYERS = 256, REC_LM_MAX_EOS = 8 };

typedef struct rec_lm_config {
    rec_lm_arch arch;
    bool encoder;  /* BERT type: bidirectional, post-norm, learnt positions, biases everywhere */
    bool has_head; /* logits can be computed; false for encoders and headless checkpoints */
    bool tied;     /* the output matrix is the embedding matrix */
    size_t n_layers, d_model, d_ff, n_heads, n_kv_heads, head_dim, vocab_size;
    size_t max_positions; /* longest sequence */
    double norm_eps;
    rec_lm_activation activation;
    bool qkv_bias, o_bias; /* decoders */
    bool qk_norm;          /* RMS norm of every head of q and k (Qwen 3, Gemma 3) */
    bool sandwich_norms;   /* RMS norms also behind attention and MLP (Gemma 3) */
    double norm_offset;    /* gain = offset + weight: 1 for Gemma 3, else 0 */
    double embed_scale;    /* embeddings are multiplied by it: sqrt(d_model) for Gemma 3, else 1 */
    double attention_scale;
    size_t window;                   /* sliding layers see this many positions, self included */
    bool sliding[REC_LM_MAX_LAYERS]; /* which layers slide */
    rec_rope rope, rope_sliding;     /* of full and of sliding layers */
    size_t n_token_types, position_offset; /* BERT type; first position of XLM-R is pad + 1 */
    rec_pooling pooling;
    bool normalise;    /* embeddings are L2-normalised */
    size_t max_pooled; /* embedded texts are cut at this many tokens; 0 = max_positions */
    uint32_t bos, pad; /* UINT32_MAX = none */
    uint32_t eos[REC_LM_MAX_EOS];
    size_t n_eos;
} rec_lm_config;

const char *rec_lm_arch_name(rec_lm_arch arch); /* as in config.json: "llama", "xlm-roberta" */

/** @param name  of the file, for messages */
rec_status rec_lm_config_from_json(rec_lm_config *out, const struct cJSON *config, const char *name,
                                   rec_error *err);

/** config.json of a folder, with generation_config.json, modules.json and
 * sentence_bert_config.json where they exist. */
rec_status rec_lm_config_read(rec_lm_config *out, const char *folder, rec_error *err);

rec_status rec_lm_config_from_gguf(rec_lm_config *out, const rec_gguf *file, const char *name,
                                   rec_error *err);

/** Sizes that fit each other and this program. Also for configs made by hand. */
rec_status rec_lm_config_check(const rec_lm_config *c, const char *name, rec_error *err);

/** The angle per position of every rotary pair: out (head_dim / 2). */
void rec_rope_frequencies(double *out, const rec_rope *rope, size_t head_dim);

/** Weights in all tensors, tied ones counted once. */
size_t rec_lm_config_n_parameters(const rec_lm_config *c);

/** config.json as transformers reads it: new object of the caller (cJSON_Delete). */
struct cJSON *rec_lm_config_to_json(const rec_lm_config *c, rec_error *err);

#endif
