/* rec_lm_config as the config.json that transformers writes. Rotary options are written in the older
 * form (rope_theta, rope_scaling), which its releases 4 and 5 both read. */
#include <cjson/cJSON.h>
#include <math.h>

#include "models/lm/config.h"

/* A JSON object under construction; `failed` once memory has run out. */
typedef struct builder {
    cJSON *json;
    bool failed;
} builder;

static void put(builder *b, const char *key, cJSON *item)
{
    if (item != NULL && !b->failed && cJSON_AddItemToObject(b->json, key, item))
        return;
    cJSON_Delete(item);
    b->failed = true;
}

static void put_number(builder *b, const char *key, double value)
{
    put(b, key, cJSON_CreateNumber(value));
}

static void put_bool(builder *b, const char *key, bool value)
{
    put(b, key, cJSON_CreateBool(value));
}

static void put_string(builder *b, const char *key, const char *text)
{
    put(b, key, cJSON_CreateString(text));
}

static void put_list(builder *b, const char *key, const char *const *items, size_t n)
{
    put(b, key, cJSON_CreateStringArray(items, (int)n));
}

static void put_token(builder *b, const char *key, uint32_t id)
{
    if (id != UINT32_MAX)
        put_number(b, key, (double)id);
}

static void put_eos(builder *b, const rec_lm_config *c)
{
    double ids[REC_LM_MAX_EOS];
    for (size_t i = 0; i < c->n_eos; i++)
        ids[i] = (double)c->eos[i];
    if (c->n_eos == 1)
        put_number(b, "eos_token_id", ids[0]);
    else if (c->n_eos > 1)
        put(b, "eos_token_id", cJSON_CreateDoubleArray(ids, (int)c->n_eos));
}

static const char *class_name(const rec_lm_config *c)
{
    static const char *const with_head[] = {"LlamaForCausalLM", "MistralForCausalLM",
                                            "Qwen2ForCausalLM", "Qwen3ForCausalLM",
                                            "Gemma3ForCausalLM"};
    static const char *const bare[] = {"LlamaModel",     "MistralModel",    "Qwen2Model",
                                       "Qwen3Model",     "Gemma3TextModel", "BertModel",
                                       "XLMRobertaModel"};
    return c->encoder || !c->has_head ? bare[c->arch] : with_head[c->arch];
}

static void put_encoder(builder *b, const rec_lm_config *c)
{
    put_number(b, "layer_norm_eps", c->norm_eps);
    put_number(b, "max_position_embeddings", (double)(c->max_positions + c->position_offset));
    put_number(b, "type_vocab_size", (double)c->n_token_types);
    put_string(b, "position_embedding_type", "absolute");
    put_number(b, "hidden_dropout_prob", 0.1);
    put_number(b, "attention_probs_dropout_prob", 0.1);
}

static void put_rope(builder *b, const rec_lm_config *c)
{
    builder scaling = {.json = NULL};
    put_number(b, "rope_theta", c->rope.theta);
    if (c->arch == REC_ARCH_GEMMA3)
        put_number(b, "rope_local_base_freq", c->rope_sliding.theta);
    if (c->rope.scaling == REC_ROPE_PLAIN)
        return;
    scaling.json = cJSON_CreateObject();
    scaling.failed = scaling.json == NULL;
    put_string(&scaling, "rope_type", c->rope.scaling == REC_ROPE_LINEAR ? "linear" : "llama3");
    put_number(&scaling, "factor", c->rope.factor);
    if (c->rope.scaling == REC_ROPE_LLAMA3) {
        put_number(&scaling, "low_freq_factor", c->rope.low_factor);
        put_number(&scaling, "high_freq_factor", c->rope.high_factor);
        put_number(&scaling, "original_max_position_embeddings", c->rope.original_positions);
    }
    b->failed |= scaling.failed;
    put(b, "rope_scaling", scaling.json);
}

static void put_windows(builder *b, const rec_lm_config *c)
{
    static const char full[] = "full_attention", sliding[] = "sliding_attention";
    const char *types[REC_LM_MAX_LAYERS];
    bool qwen = c->arch == REC_ARCH_QWEN2 || c->arch == REC_ARCH_QWEN3;
    for (size_t l = 0; l < c->n_layers; l++)
        types[l] = c->sliding[l] ? sliding : full;
    if (qwen)
        put_bool(b, "use_sliding_window", c->window > 0);
    if (c->window > 0)
        put_number(b, "sliding_window", (double)c->window);
    else if (c->arch == REC_ARCH_MISTRAL) /* whose default is a window */
        put(b, "sliding_window", cJSON_CreateNull());
    if (qwen || c->arch == REC_ARCH_GEMMA3)
        put_list(b, "layer_types", types, c->n_layers);
}

static void put_decoder(builder *b, const rec_lm_config *c)
{
    put_number(b, "rms_norm_eps", c->norm_eps);
    put_number(b, "max_position_embeddings", (double)c->max_positions);
    put_number(b, "num_key_value_heads", (double)c->n_kv_heads);
    put_number(b, "head_dim", (double)c->head_dim);
    put_bool(b, "tie_word_embeddings", c->tied);
    if (c->arch != REC_ARCH_QWEN2)
        put_bool(b, "attention_bias", c->qkv_bias);
    if (c->arch == REC_ARCH_GEMMA3)
        put_number(b, "query_pre_attn_scalar",
                   round(1.0 / (c->attention_scale * c->attention_scale)));
    put_rope(b, c);
    put_windows(b, c);
}

cJSON *rec_lm_config_to_json(const rec_lm_config *c, rec_error *err)
{
    static const char *const activations[] = {"silu", "gelu", "gelu_pytorch_tanh"};
    const char *class = class_name(c);
    builder b = {.json = cJSON_CreateObject()};
    b.failed = b.json == NULL;
    put_list(&b, "architectures", &class, 1);
    put_string(&b, "model_type", rec_lm_arch_name(c->arch));
    put_number(&b, "vocab_size", (double)c->vocab_size);
    put_number(&b, "hidden_size", (double)c->d_model);
    put_number(&b, "intermediate_size", (double)c->d_ff);
    put_number(&b, "num_hidden_layers", (double)c->n_layers);
    put_number(&b, "num_attention_heads", (double)c->n_heads);
    put_string(&b, c->arch == REC_ARCH_GEMMA3 ? "hidden_activation" : "hidden_act",
               activations[c->activation]);
    put_token(&b, "bos_token_id", c->bos);
    put_token(&b, "pad_token_id", c->pad);
    put_eos(&b, c);
    if (c->encoder)
        put_encoder(&b, c);
    else
        put_decoder(&b, c);
    put_string(&b, "torch_dtype", "float32");
    if (!b.failed)
        return b.json;
    cJSON_Delete(b.json);
    rec_fail(err, REC_ERR_RESOURCE, "out of memory (config.json)");
    return NULL;
}
