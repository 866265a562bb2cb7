#include "models/lm/layout.h"

#include <assert.h>
#include <stdio.h>

typedef enum extent { ONE, D_MODEL, D_FF, Q_SIZE, KV_SIZE, HEAD, VOCAB, POSITIONS, TYPES } extent;

/* "%zu" stands for the layer. An encoder name of NULL: encoders have no such tensor. */
static const struct {
    const char *decoder, *encoder, *gguf, *gguf_encoder;
    extent rows, cols;
} table[REC_LM_N_ROLES] = {
    [REC_LM_EMBED] = {"model.embed_tokens.weight", "embeddings.word_embeddings.weight",
                      "token_embd.weight", "token_embd.weight", VOCAB, D_MODEL},
    [REC_LM_POSITIONS] = {NULL, "embeddings.position_embeddings.weight", NULL,
                          "position_embd.weight", POSITIONS, D_MODEL},
    [REC_LM_TOKEN_TYPES] = {NULL, "embeddings.token_type_embeddings.weight", NULL,
                            "token_types.weight", TYPES, D_MODEL},
    [REC_LM_EMBED_NORM] = {NULL, "embeddings.LayerNorm.weight", NULL, "token_embd_norm.weight", ONE,
                           D_MODEL},
    [REC_LM_EMBED_NORM_BIAS] = {NULL, "embeddings.LayerNorm.bias", NULL, "token_embd_norm.bias",
                                ONE, D_MODEL},
    [REC_LM_FINAL_NORM] = {"model.norm.weight", NULL, "output_norm.weight", NULL, ONE, D_MODEL},
    [REC_LM_HEAD] = {"lm_head.weight", NULL, "output.weight", NULL, VOCAB, D_MODEL},
    [REC_LM_Q] = {"model.layers.%zu.self_attn.q_proj.weight",
                  "encoder.layer.%zu.attention.self.query.weight", "blk.%zu.attn_q.weight",
                  "blk.%zu.attn_q.weight", Q_SIZE, D_MODEL},
    [REC_LM_Q_BIAS] = {"model.layers.%zu.self_attn.q_proj.bias",
                       "encoder.layer.%zu.attention.self.query.bias", "blk.%zu.attn_q.bias",
                       "blk.%zu.attn_q.bias", ONE, Q_SIZE},
    [REC_LM_K] = {"model.layers.%zu.self_attn.k_proj.weight",
                  "encoder.layer.%zu.attention.self.key.weight", "blk.%zu.attn_k.weight",
                  "blk.%zu.attn_k.weight", KV_SIZE, D_MODEL},
    [REC_LM_K_BIAS] = {"model.layers.%zu.self_attn.k_proj.bias",
                       "encoder.layer.%zu.attention.self.key.bias", "blk.%zu.attn_k.bias",
                       "blk.%zu.attn_k.bias", ONE, KV_SIZE},
    [REC_LM_V] = {"model.layers.%zu.self_attn.v_proj.weight",
                  "encoder.layer.%zu.attention.self.value.weight", "blk.%zu.attn_v.weight",
                  "blk.%zu.attn_v.weight", KV_SIZE, D_MODEL},
    [REC_LM_V_BIAS] = {"model.layers.%zu.self_attn.v_proj.bias",
                       "encoder.layer.%zu.attention.self.value.bias", "blk.%zu.attn_v.bias",
                       "blk.%zu.attn_v.bias", ONE, KV_SIZE},
    [REC_LM_Q_NORM] = {"model.layers.%zu.self_attn.q_norm.weight", NULL,
                       "blk.%zu.attn_q_norm.weight", NULL, ONE, HEAD},
    [REC_LM_K_NORM] = {"model.layers.%zu.self_attn.k_norm.weight", NULL,
                       "blk.%zu.attn_k_norm.weight", NULL, ONE, HEAD},
    [REC_LM_O] = {"model.layers.%zu.self_attn.o_proj.weight",
                  "encoder.layer.%zu.attention.output.dense.weight", "blk.%zu.attn_output.weight",
                  "blk.%zu.attn_output.weight", D_MODEL, Q_SIZE},
    [REC_LM_O_BIAS] = {"model.layers.%zu.self_attn.o_proj.bias",
                       "encoder.layer.%zu.attention.output.dense.bias", "blk.%zu.attn_output.bias",
                       "blk.%zu.attn_output.bias", ONE, D_MODEL},
    [REC_LM_ATTENTION_NORM] = {"model.layers.%zu.input_layernorm.weight",
                               "encoder.layer.%zu.attention.output.LayerNorm.weight",
                               "blk.%zu.attn_norm.weight", "blk.%zu.attn_output_norm.weight", ONE,
                               D_MODEL},
    [REC_LM_ATTENTION_NORM_BIAS] = {NULL, "encoder.layer.%zu.attention.output.LayerNorm.bias", NULL,
                                    "blk.%zu.attn_output_norm.bias", ONE, D_MODEL},
    /* Gemma 3 calls the norm before the MLP pre_feedforward_layernorm: see describe below */
    [REC_LM_ATTENTION_POST_NORM] = {"model.layers.%zu.post_attention_layernorm.weight", NULL,
                                    "blk.%zu.post_attention_norm.weight", NULL, ONE, D_MODEL},
    [REC_LM_GATE] = {"model.layers.%zu.mlp.gate_proj.weight", NULL, "blk.%zu.ffn_gate.weight", NULL,
                     D_FF, D_MODEL},
    [REC_LM_UP] = {"model.layers.%zu.mlp.up_proj.weight",
                   "encoder.layer.%zu.intermediate.dense.weight", "blk.%zu.ffn_up.weight",
                   "blk.%zu.ffn_up.weight", D_FF, D_MODEL},
    [REC_LM_UP_BIAS] = {NULL, "encoder.layer.%zu.intermediate.dense.bias", NULL,
                        "blk.%zu.ffn_up.bias", ONE, D_FF},
    [REC_LM_DOWN] = {"model.layers.%zu.mlp.down_proj.weight",
                     "encoder.layer.%zu.output.dense.weight", "blk.%zu.ffn_down.weight",
                     "blk.%zu.ffn_down.weight", D_MODEL, D_FF},
    [REC_LM_DOWN_BIAS] = {NULL, "encoder.layer.%zu.output.dense.bias", NULL,
                          "blk.%zu.ffn_down.bias", ONE, D_MODEL},
    [REC_LM_MLP_NORM] = {"model.layers.%zu.post_attention_layernorm.weight",
                         "encoder.layer.%zu.output.LayerNorm.weight", "blk.%zu.ffn_norm.weight",
                         "blk.%zu.layer_output_norm.weight", ONE, D_MODEL},
    [REC_LM_MLP_NORM_BIAS] = {NULL, "encoder.layer.%zu.output.LayerNorm.bias", NULL,
                              "blk.%zu.layer_output_norm.bias", ONE, D_MODEL},
    [REC_LM_MLP_POST_NORM] = {"model.layers.%zu.post_feedforward_layernorm.weight", NULL,
                              "blk.%zu.post_ffw_norm.weight", NULL, ONE, D_MODEL},
};

static const char pre_mlp_norm[] = "model.layers.%zu.pre_feedforward_layernorm.weight";

bool rec_lm_has(const rec_lm_config *c, rec_lm_role role)
{
    switch (role) {
    case REC_LM_TOKEN_TYPES:
        return c->n_token_types > 0;
    case REC_LM_HEAD:
        return !c->encoder && c->has_head && !c->tied;
    case REC_LM_Q_BIAS:
    case REC_LM_K_BIAS:
    case REC_LM_V_BIAS:
        return c->qkv_bias;
    case REC_LM_O_BIAS:
        return c->o_bias;
    case REC_LM_Q_NORM:
    case REC_LM_K_NORM:
        return !c->encoder && c->qk_norm;
    case REC_LM_ATTENTION_POST_NORM:
    case REC_LM_MLP_POST_NORM:
        return !c->encoder && c->sandwich_norms;
    default:
        return (c->encoder ? table[role].encoder : table[role].decoder) != NULL;
    }
}

static size_t size_of(const rec_lm_config *c, extent e)
{
    switch (e) {
    case D_MODEL:
        return c->d_model;
    case D_FF:
        return c->d_ff;
    case Q_SIZE:
        return c->n_heads * c->head_dim;
    case KV_SIZE:
        return c->n_kv_heads * c->head_dim;
    case HEAD:
        return c->head_dim;
    case VOCAB:
        return c->vocab_size;
    case POSITIONS:
        return c->position_offset + c->max_positions;
    case TYPES:
        return c->n_token_types;
    default:
        return 1;
    }
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void print_name(char *out, size_t size, const char *pattern, size_t layer)
{
    snprintf(out, size, pattern, layer); /* our own patterns: at most one %zu */
}
#pragma GCC diagnostic pop

void rec_lm_describe(rec_lm_tensor *out, const rec_lm_config *c, rec_lm_role role, size_t layer)
{
    assert(rec_lm_has(c, role) && layer < c->n_layers);
    const char *name = c->encoder ? table[role].encoder : table[role].decoder;
    if (role == REC_LM_MLP_NORM && c->sandwich_norms)
        name = pre_mlp_norm;
    *out = (rec_lm_tensor){.role = role,
                           .layer = layer,
                           .rows = size_of(c, table[role].rows),
                           .cols = size_of(c, table[role].cols),
                           .vector = table[role].rows == ONE};
    print_name(out->name, sizeof out->name, name, layer);
    print_name(out->gguf, sizeof out->gguf,
               c->encoder ? table[role].gguf_encoder : table[role].gguf, layer);
}

rec_status rec_lm_each_tensor(const rec_lm_config *c, rec_lm_tensor_fn fn, void *context,
                              rec_error *err)
{
    rec_lm_tensor tensor;
    rec_status status = REC_OK;
    for (int role = 0; role < REC_LM_FIRST_LAYER_ROLE && status == REC_OK; role++) {
        if (!rec_lm_has(c, (rec_lm_role)role))
            continue;
        rec_lm_describe(&tensor, c, (rec_lm_role)role, 0);
        status = fn(context, &tensor, err);
    }
    for (size_t layer = 0; layer < c->n_layers; layer++) {
        for (int role = REC_LM_FIRST_LAYER_ROLE; role < REC_LM_N_ROLES && status == REC_OK;
             role++) {
            if (!rec_lm_has(c, (rec_lm_role)role))
                continue;
            rec_lm_describe(&tensor, c, (rec_lm_role)role, layer);
            status = fn(context, &tensor, err);
        }
    }
    return status;
}

static rec_status add_size(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    (void)err;
    *(size_t *)context += tensor->rows * tensor->cols;
    return REC_OK;
}

size_t rec_lm_config_n_parameters(const rec_lm_config *c)
{
    size_t n = 0;
    rec_lm_each_tensor(c, add_size, &n, NULL);
    return n;
}
