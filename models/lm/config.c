#include "models/lm/config.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"

static const struct {
    const char *type; /* model_type */
    rec_lm_arch arch;
} arch_names[] = {{"llama", REC_ARCH_LLAMA},
                  {"mistral", REC_ARCH_MISTRAL},
                  {"qwen2", REC_ARCH_QWEN2},
                  {"qwen3", REC_ARCH_QWEN3},
                  {"gemma3_text", REC_ARCH_GEMMA3},
                  {"bert", REC_ARCH_BERT},
                  {"xlm-roberta", REC_ARCH_XLM_ROBERTA}};

enum { N_ARCHS = sizeof arch_names / sizeof *arch_names };

const char *rec_lm_arch_name(rec_lm_arch arch)
{
    return arch_names[arch].type; /* the table is in the order of the enumeration */
}

/* ---- typed reads: absent or null keeps the default ---- */

typedef struct reader {
    const cJSON *json;
    const char *name;
    rec_error *err;
} reader;

static const cJSON *get(const reader *r, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->json, key);
    return cJSON_IsNull(item) ? NULL : item;
}

static rec_status wrong(const reader *r, const char *key, const char *wanted)
{
    return rec_fail(r->err, REC_ERR_MODEL, "%s: %s: %s", r->name, key, wanted);
}

static rec_status read_real(double *out, const reader *r, const char *key)
{
    const cJSON *item = get(r, key);
    if (item == NULL)
        return REC_OK;
    if (!cJSON_IsNumber(item))
        return wrong(r, key, "not a number");
    *out = item->valuedouble;
    return REC_OK;
}

static rec_status read_size(size_t *out, const reader *r, const char *key)
{
    double value = (double)*out;
    rec_status status = read_real(&value, r, key);
    if (status != REC_OK)
        return status;
    if (!(value >= 0 && value <= 4294967295.0) || value != floor(value))
        return wrong(r, key, "not an integer from 0 to 2^32 - 1");
    *out = (size_t)value;
    return REC_OK;
}

static rec_status read_required_size(size_t *out, const reader *r, const char *key)
{
    if (get(r, key) == NULL)
        return wrong(r, key, "missing");
    return read_size(out, r, key);
}

static rec_status read_bool(bool *out, const reader *r, const char *key)
{
    const cJSON *item = get(r, key);
    if (item == NULL)
        return REC_OK;
    if (!cJSON_IsBool(item))
        return wrong(r, key, "not true or false");
    *out = cJSON_IsTrue(item);
    return REC_OK;
}

static rec_status read_token(uint32_t *out, const reader *r, const char *key)
{
    size_t value = *out;
    rec_status status = read_size(&value, r, key);
    *out = (uint32_t)value;
    return status;
}

/* A token id or a list of them. */
static rec_status read_eos(rec_lm_config *c, const reader *r)
{
    const cJSON *item = get(r, "eos_token_id");
    if (item == NULL)
        return REC_OK;
    c->n_eos = 0;
    for (const cJSON *id = cJSON_IsArray(item) ? item->child : item; id != NULL; id = id->next) {
        if (!cJSON_IsNumber(id) || id->valuedouble < 0 || id->valuedouble > 4294967294.0)
            return wrong(r, "eos_token_id", "not a token id or a list of them");
        if (c->n_eos == REC_LM_MAX_EOS)
            return wrong(r, "eos_token_id", "more than 8 ids");
        c->eos[c->n_eos++] = (uint32_t)id->valuedouble;
        if (!cJSON_IsArray(item))
            break; /* its siblings are other keys */
    }
    return REC_OK;
}

/* ---- options that would change the numbers ---- */

static bool is_plain(const cJSON *item, const char *allowed)
{
    if (item == NULL || cJSON_IsNull(item) || cJSON_IsFalse(item))
        return true;
    if (cJSON_IsNumber(item))
        return allowed != NULL && strtod(allowed, NULL) == item->valuedouble;
    return allowed != NULL && cJSON_IsString(item) && strcmp(item->valuestring, allowed) == 0;
}

static rec_status refuse_unsupported(const reader *r)
{
    static const struct {
        const char *key, *allowed; /* besides absent, null and false */
    } options[] = {{"attn_logit_softcapping", NULL},
                   {"final_logit_softcapping", NULL},
                   {"use_bidirectional_attention", NULL},
                   {"partial_rotary_factor", "1"},
                   {"mlp_bias", NULL},
                   {"quantization_config", NULL},
                   {"position_embedding_type", "absolute"},
                   {"add_cross_attention", NULL},
                   {"is_decoder", NULL},
                   {"pretraining_tp", "1"},
                   {"logit_scale", "1"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->json, options[i].key);
        if (!is_plain(item, options[i].allowed))
            return wrong(r, options[i].key, "this setting is not supported");
    }
    return REC_OK;
}

static rec_status read_activation(rec_lm_config *c, const reader *r)
{
    static const struct {
        const char *name;
        rec_lm_activation activation;
    } known[] = {{"silu", REC_LM_SILU},
                 {"swish", REC_LM_SILU},
                 {"gelu", REC_LM_GELU},
                 {"gelu_pytorch_tanh", REC_LM_GELU_TANH},
                 {"gelu_new", REC_LM_GELU_TANH}};
    const char *key = get(r, "hidden_activation") != NULL ? "hidden_activation" : "hidden_act";
    const cJSON *item = get(r, key);
    if (item == NULL)
        return REC_OK;
    for (size_t i = 0; cJSON_IsString(item) && i < sizeof known / sizeof *known; i++) {
        if (strcmp(item->valuestring, known[i].name) == 0) {
            c->activation = known[i].activation;
            return REC_OK;
        }
    }
    return wrong(r, key, "unknown activation (silu, gelu, gelu_pytorch_tanh, gelu_new)");
}

/* ---- rotary positions: rope_parameters (transformers 5) or rope_theta and rope_scaling ---- */

static rec_status read_rope(rec_rope *rope, const cJSON *json, const char *name, rec_error *err)
{
    reader r = {.json = json, .name = name, .err = err};
    const cJSON *type = get(&r, "rope_type") != NULL ? get(&r, "rope_type") : get(&r, "type");
    const char *kind = cJSON_IsString(type) ? type->valuestring : "default";
    rec_status status = read_real(&rope->theta, &r, "rope_theta");
    if (status != REC_OK || strcmp(kind, "default") == 0)
        return status;
    rope->factor = 1.0;
    status = read_real(&rope->factor, &r, "factor");
    if (status != REC_OK)
        return status;
    if (!(rope->factor >= 1.0))
        return wrong(&r, "factor", "must be 1 or more");
    if (strcmp(kind, "linear") == 0) {
        rope->scaling = REC_ROPE_LINEAR;
        return REC_OK;
    }
    if (strcmp(kind, "llama3") != 0)
        return rec_fail(err, REC_ERR_MODEL,
                        "%s: rotary scaling \"%.40s\" is not supported (default, linear, llama3)",
                        name, kind);
    rope->scaling = REC_ROPE_LLAMA3;
    REC_TRY(read_real(&rope->low_factor, &r, "low_freq_factor"));
    REC_TRY(read_real(&rope->high_factor, &r, "high_freq_factor"));
    REC_TRY(read_real(&rope->original_positions, &r, "original_max_position_embeddings"));
    if (!(rope->original_positions > 0) || !(rope->high_factor > rope->low_factor) ||
        !(rope->low_factor > 0))
        status = wrong(&r, "rope_type llama3",
                       "needs low_freq_factor < high_freq_factor and "
                       "original_max_position_embeddings");
cleanup:
    return status;
}

static rec_status read_rotary(rec_lm_config *c, const reader *r)
{
    const cJSON *parameters = get(r, "rope_parameters"), *scaling = get(r, "rope_scaling");
    rec_status status = read_real(&c->rope.theta, r, "rope_theta");
    if (status == REC_OK)
        status = read_real(&c->rope_sliding.theta, r, "rope_local_base_freq");
    if (status != REC_OK)
        return status;
    if (parameters == NULL)
        return scaling != NULL ? read_rope(&c->rope, scaling, r->name, r->err) : REC_OK;
    const cJSON *full = cJSON_GetObjectItemCaseSensitive(parameters, "full_attention");
    const cJSON *sliding = cJSON_GetObjectItemCaseSensitive(parameters, "sliding_attention");
    if (full == NULL)
        return read_rope(&c->rope, parameters, r->name, r->err);
    status = read_rope(&c->rope, full, r->name, r->err);
    return status == REC_OK && sliding != NULL
               ? read_rope(&c->rope_sliding, sliding, r->name, r->err)
               : status;
}

/* ---- sliding windows ---- */

static rec_status read_layer_types(rec_lm_config *c, const reader *r, const cJSON *types)
{
    size_t layer = 0;
    const cJSON *type;
    if (cJSON_GetArraySize(types) != (int)c->n_layers)
        return wrong(r, "layer_types", "not one per layer");
    cJSON_ArrayForEach(type, types)
    {
        const char *kind = cJSON_GetStringValue(type);
        if (kind == NULL ||
            (strcmp(kind, "full_attention") != 0 && strcmp(kind, "sliding_attention") != 0))
            return wrong(r, "layer_types", "unknown type (full_attention, sliding_attention)");
        c->sliding[layer++] = kind[0] == 's';
    }
    return REC_OK;
}

/* Mistral: all layers. Qwen: none unless use_sliding_window, then from max_window_layers on. Gemma 3:
 * all but every sixth (or what layer_types says). */
static rec_status read_windows(rec_lm_config *c, const reader *r)
{
    bool use = c->arch == REC_ARCH_MISTRAL || c->arch == REC_ARCH_GEMMA3;
    size_t first = 0, pattern = c->arch == REC_ARCH_GEMMA3 ? 6 : 0;
    const cJSON *types = get(r, "layer_types");
    rec_status status = REC_OK;
    REC_TRY(read_size(&c->window, r, "sliding_window"));
    REC_TRY(read_size(&pattern, r, "sliding_window_pattern"));
    REC_TRY(read_size(&pattern, r, "_sliding_window_pattern"));
    if (c->arch == REC_ARCH_QWEN2 || c->arch == REC_ARCH_QWEN3) {
        REC_TRY(read_bool(&use, r, "use_sliding_window"));
        REC_TRY(read_size(&first, r, "max_window_layers"));
    }
    if (!use || c->window == 0) {
        c->window = 0;
        return REC_OK;
    }
    if (types != NULL)
        return read_layer_types(c, r, types);
    for (size_t l = first; l < c->n_layers; l++)
        c->sliding[l] = pattern == 0 || (l + 1) % pattern != 0;
cleanup:
    return status;
}

/* ---- the whole ---- */

/* What transformers takes for absent keys. */
static void set_defaults(rec_lm_config *c)
{
    bool encoder = c->arch == REC_ARCH_BERT || c->arch == REC_ARCH_XLM_ROBERTA;
    bool gemma = c->arch == REC_ARCH_GEMMA3;
    c->encoder = encoder;
    c->has_head = !encoder;
    c->tied = encoder || gemma;
    c->norm_eps = encoder ? 1e-12 : 1e-6;
    c->activation = encoder ? REC_LM_GELU : gemma ? REC_LM_GELU_TANH : REC_LM_SILU;
    c->qkv_bias = encoder || c->arch == REC_ARCH_QWEN2;
    c->o_bias = encoder;
    c->qk_norm = gemma || c->arch == REC_ARCH_QWEN3;
    c->sandwich_norms = gemma;
    c->norm_offset = gemma ? 1.0 : 0.0;
    c->embed_scale = 1.0;
    c->rope = c->rope_sliding = (rec_rope){.theta = 10000.0};
    if (gemma)
        c->rope.theta = 1e6;
    c->n_token_types = encoder ? 2 : 0;
    c->pooling = encoder ? REC_POOL_MEAN : REC_POOL_LAST;
    c->normalise = true;
    c->bos = c->pad = UINT32_MAX;
}

static rec_status read_sizes(rec_lm_config *c, const reader *r)
{
    rec_status status = REC_OK;
    REC_TRY(read_required_size(&c->vocab_size, r, "vocab_size"));
    REC_TRY(read_required_size(&c->d_model, r, "hidden_size"));
    REC_TRY(read_required_size(&c->d_ff, r, "intermediate_size"));
    REC_TRY(read_required_size(&c->n_layers, r, "num_hidden_layers"));
    REC_TRY(read_required_size(&c->n_heads, r, "num_attention_heads"));
    REC_TRY(read_required_size(&c->max_positions, r, "max_position_embeddings"));
    c->n_kv_heads = c->n_heads;
    REC_TRY(read_size(&c->n_kv_heads, r, "num_key_value_heads"));
    if (c->n_layers > REC_LM_MAX_LAYERS)
        return wrong(r, "num_hidden_layers", "more than 256");
    if (c->n_heads == 0)
        return wrong(r, "num_attention_heads", "must be 1 or more");
    c->head_dim = c->d_model / c->n_heads;
    REC_TRY(read_size(&c->head_dim, r, "head_dim"));
cleanup:
    return status;
}

/* XLM-R counts positions from the padding id + 1 (fairseq's convention). */
static rec_status read_encoder(rec_lm_config *c, const reader *r)
{
    rec_status status = read_size(&c->n_token_types, r, "type_vocab_size");
    if (status != REC_OK || c->arch != REC_ARCH_XLM_ROBERTA)
        return status;
    size_t pad = c->pad == UINT32_MAX ? 1 : c->pad;
    if (c->max_positions <= pad + 1)
        return wrong(r, "max_position_embeddings", "leaves no position");
    c->position_offset = pad + 1;
    c->max_positions -= c->position_offset;
    return REC_OK;
}

static rec_status read_decoder(rec_lm_config *c, const reader *r)
{
    double query_scalar = (double)c->head_dim;
    bool bias = c->qkv_bias;
    rec_status status = REC_OK;
    const cJSON *architectures = get(r, "architectures");
    const char *class_name =
        cJSON_GetStringValue(architectures != NULL ? architectures->child : NULL);
    if (class_name != NULL)
        c->has_head = strstr(class_name, "ForCausalLM") != NULL;
    REC_TRY(read_bool(&c->tied, r, "tie_word_embeddings"));
    REC_TRY(read_real(&c->norm_eps, r, "rms_norm_eps"));
    REC_TRY(read_bool(&bias, r, "attention_bias"));
    if (c->arch != REC_ARCH_QWEN2) { /* which has biases on q, k and v whatever the file says */
        c->qkv_bias = bias;
        c->o_bias = bias;
    }
    REC_TRY(read_real(&query_scalar, r, "query_pre_attn_scalar"));
    c->attention_scale = 1.0 / sqrt(query_scalar);
    if (c->arch == REC_ARCH_GEMMA3)
        c->embed_scale = sqrt((double)c->d_model);
    REC_TRY(read_rotary(c, r));
    if (c->arch != REC_ARCH_GEMMA3) /* which alone turns sliding layers by their own theta */
        c->rope_sliding = c->rope;
    REC_TRY(read_windows(c, r));
cleanup:
    return status;
}

rec_status rec_lm_config_from_json(rec_lm_config *out, const cJSON *config, const char *name,
                                   rec_error *err)
{
    rec_lm_config c = {.arch = REC_ARCH_LLAMA};
    reader r = {.json = config, .name = name, .err = err};
    const char *type = cJSON_GetStringValue(get(&r, "model_type"));
    int arch = 0;
    while (arch < N_ARCHS && (type == NULL || strcmp(type, arch_names[arch].type) != 0))
        arch++;
    if (arch == N_ARCHS)
        return rec_fail(err, REC_ERR_MODEL,
                        "%s: model_type \"%.60s\" is not supported (llama, mistral, qwen2, qwen3, "
                        "gemma3_text, bert, xlm-roberta)",
                        name, type != NULL ? type : "");
    rec_status status = REC_OK;
    c.arch = arch_names[arch].arch;
    set_defaults(&c);
    REC_TRY(refuse_unsupported(&r));
    REC_TRY(read_sizes(&c, &r));
    REC_TRY(read_activation(&c, &r));
    REC_TRY(read_token(&c.bos, &r, "bos_token_id"));
    REC_TRY(read_token(&c.pad, &r, "pad_token_id"));
    REC_TRY(read_eos(&c, &r));
    c.attention_scale = 1.0 / sqrt((double)c.head_dim);
    REC_TRY(read_real(&c.norm_eps, &r, "layer_norm_eps"));
    REC_TRY(c.encoder ? read_encoder(&c, &r) : read_decoder(&c, &r));
    REC_TRY(rec_lm_config_check(&c, name, err));
    *out = c;
cleanup:
    return status;
}

/* ---- the files beside config.json ---- */

/* *json = NULL when there is no such file. */
static rec_status read_beside(cJSON **json, char **path, const char *folder, const char *name,
                              rec_error *err)
{
    *json = NULL;
    *path = rec_path_join(err, folder, name);
    if (*path == NULL)
        return REC_ERR_RESOURCE;
    return rec_path_exists(*path) ? rec_json_read(json, *path, err) : REC_OK;
}

static rec_status read_generation(rec_lm_config *c, const char *folder, rec_error *err)
{
    cJSON *json = NULL;
    char *path = NULL;
    rec_status status = read_beside(&json, &path, folder, "generation_config.json", err);
    reader r = {.json = json, .name = path, .err = err};
    if (status == REC_OK)
        status = read_eos(c, &r);
    cJSON_Delete(json);
    free(path);
    return status;
}

/* sentence-transformers writes one flag per mode, and from version 6 on the mode's name. */
static const struct {
    const char *flag, *name;
    rec_pooling pooling;
} pooling_modes[] = {{"pooling_mode_mean_tokens", "mean", REC_POOL_MEAN},
                     {"pooling_mode_cls_token", "cls", REC_POOL_CLS},
                     {"pooling_mode_lasttoken", "lasttoken", REC_POOL_LAST}};
enum { N_POOLING_MODES = sizeof pooling_modes / sizeof *pooling_modes };

static rec_status read_pooling_name(rec_lm_config *c, const reader *r)
{
    const char *name = cJSON_GetStringValue(get(r, "pooling_mode"));
    for (size_t i = 0; name != NULL && i < N_POOLING_MODES; i++)
        if (strcmp(name, pooling_modes[i].name) == 0) {
            c->pooling = pooling_modes[i].pooling;
            return REC_OK;
        }
    return wrong(r, "pooling_mode", "not supported (mean, cls, lasttoken)");
}

static rec_status read_pooling_flags(rec_lm_config *c, const reader *r)
{
    static const char *const unsupported[] = {"pooling_mode_max_tokens",
                                              "pooling_mode_mean_sqrt_len_tokens",
                                              "pooling_mode_weightedmean_tokens"};
    rec_status status = REC_OK;
    int n_modes = 0;
    for (size_t i = 0; i < N_POOLING_MODES; i++) {
        bool on = false, bad = false;
        REC_TRY(read_bool(&on, r, pooling_modes[i].flag));
        REC_TRY(read_bool(&bad, r, unsupported[i]));
        if (on)
            c->pooling = pooling_modes[i].pooling;
        n_modes += on;
        if (bad)
            REC_TRY(wrong(r, unsupported[i], "not supported (mean, cls, last token)"));
    }
    if (n_modes != 1)
        status = wrong(r, "pooling_mode", "exactly one of mean, cls and last token must be on");
cleanup:
    return status;
}

static rec_status read_pooling(rec_lm_config *c, const char *folder, const char *module,
                               rec_error *err)
{
    cJSON *json = NULL;
    char *path = NULL, *file = rec_path_join(err, module, "config.json");
    rec_status status = REC_OK;
    if (file == NULL)
        return REC_ERR_RESOURCE;
    REC_TRY(read_beside(&json, &path, folder, file, err));
    const reader r = {.json = json, .name = path, .err = err};
    status = get(&r, "pooling_mode") != NULL ? read_pooling_name(c, &r) : read_pooling_flags(c, &r);
cleanup:
    cJSON_Delete(json);
    free(path);
    free(file);
    return status;
}

/* sentence-transformers: a list of modules, the transformer itself, pooling, normalisation. */
static rec_status read_modules(rec_lm_config *c, const char *folder, rec_error *err)
{
    cJSON *json = NULL;
    char *path = NULL;
    const cJSON *module;
    rec_status status = read_beside(&json, &path, folder, "modules.json", err);
    if (status == REC_OK && json != NULL)
        c->normalise = false;
    cJSON_ArrayForEach(module, json)
    {
        const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(module, "type"));
        const char *where = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(module, "path"));
        const char *last = type != NULL ? strrchr(type, '.') : NULL;
        last = last != NULL ? last + 1 : type;
        if (status != REC_OK)
            break;
        if (last == NULL || where == NULL)
            status = rec_fail(err, REC_ERR_MODEL, "%s: a module without type or path", path);
        else if (strcmp(last, "Pooling") == 0)
            status = read_pooling(c, folder, where, err);
        else if (strcmp(last, "Normalize") == 0)
            c->normalise = true;
        else if (strcmp(last, "Transformer") != 0)
            status = rec_fail(err, REC_ERR_MODEL,
                              "%s: module %.60s is not supported (Transformer, Pooling, Normalize)",
                              path, type);
    }
    cJSON_Delete(json);
    free(path);
    return status;
}

/* Texts to embed are cut here: max_seq_length of sentence-transformers; from version 6 on it is left
 * to the tokenizer's model_max_length, which is 1e30 where there is none. */
static rec_status read_max_pooled(rec_lm_config *c, const char *folder, rec_error *err)
{
    cJSON *json = NULL, *tokenizer = NULL;
    char *path = NULL, *tokenizer_path = NULL;
    rec_status status = REC_OK;
    double longest = 0;
    REC_TRY(read_beside(&json, &path, folder, "sentence_bert_config.json", err));
    const reader r = {.json = json, .name = path, .err = err};
    REC_TRY(read_size(&c->max_pooled, &r, "max_seq_length"));
    if (json == NULL || c->max_pooled > 0)
        goto cleanup;
    REC_TRY(read_beside(&tokenizer, &tokenizer_path, folder, "tokenizer_config.json", err));
    const reader beside = {.json = tokenizer, .name = tokenizer_path, .err = err};
    REC_TRY(read_real(&longest, &beside, "model_max_length"));
    if (longest >= 1 && longest <= (double)c->max_positions)
        c->max_pooled = (size_t)longest;
cleanup:
    cJSON_Delete(tokenizer);
    cJSON_Delete(json);
    free(tokenizer_path);
    free(path);
    return status;
}

rec_status rec_lm_config_read(rec_lm_config *out, const char *folder, rec_error *err)
{
    cJSON *json = NULL;
    rec_status status = REC_OK;
    char *path = rec_path_join(err, folder, "config.json");
    if (path == NULL)
        return REC_ERR_RESOURCE;
    REC_TRY(rec_json_read(&json, path, err));
    REC_TRY(rec_lm_config_from_json(out, json, path, err));
    REC_TRY(read_generation(out, folder, err));
    REC_TRY(read_modules(out, folder, err));
    REC_TRY(read_max_pooled(out, folder, err));
    if (out->max_pooled > out->max_positions)
        out->max_pooled = out->max_positions;
cleanup:
    cJSON_Delete(json);
    free(path);
    if (status == REC_ERR_DATA) /* a damaged model file is a model error */
        status = rec_fail(err, REC_ERR_MODEL, "%s", err != NULL ? err->message : "");
    return status;
}

/* ---- checks and derived numbers ---- */

rec_status rec_lm_config_check(const rec_lm_config *c, const char *name, rec_error *err)
{
    static const size_t most = (size_t)1 << 24;
    const struct {
        const char *what;
        size_t value;
    } sizes[] = {{"layers", c->n_layers},
                 {"hidden size", c->d_model},
                 {"inner size", c->d_ff},
                 {"heads", c->n_heads},
                 {"key-value heads", c->n_kv_heads},
                 {"head size", c->head_dim},
                 {"vocabulary", c->vocab_size},
                 {"positions", c->max_positions}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (sizes[i].value == 0 || sizes[i].value > most)
            return rec_fail(err, REC_ERR_MODEL, "%s: %s: %zu is not from 1 to 2^24", name,
                            sizes[i].what, sizes[i].value);
    }
    if (c->n_layers > REC_LM_MAX_LAYERS)
        return rec_fail(err, REC_ERR_MODEL, "%s: %zu layers, at most 256", name, c->n_layers);
    if (c->n_heads % c->n_kv_heads != 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: %zu heads are no multiple of %zu key-value heads",
                        name, c->n_heads, c->n_kv_heads);
    if (!c->encoder && c->head_dim % 2 != 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: rotary positions need an even head size, not %zu",
                        name, c->head_dim);
    if (c->encoder && c->n_heads * c->head_dim != c->d_model)
        return rec_fail(err, REC_ERR_MODEL, "%s: hidden size %zu is no multiple of %zu heads", name,
                        c->d_model, c->n_heads);
    if (!(c->norm_eps > 0) || !(c->rope.theta > 0) || !(c->rope_sliding.theta > 0) ||
        !isfinite(c->attention_scale))
        return rec_fail(err, REC_ERR_MODEL, "%s: norm epsilon and rope theta must be positive",
                        name);
    return REC_OK;
}

/* Llama 3's scaling ("The Llama 3 herd of models", 2024; transformers modeling_rope_utils.py): pairs
 * that turn more than high_factor times within the original context stay, those that turn less than
 * low_factor times are slowed down by factor, between them a linear mixture. */
static double llama3_frequency(double frequency, const rec_rope *rope)
{
    const double pi = 3.14159265358979323846;
    double turns = rope->original_positions * frequency / (2.0 * pi);
    if (turns > rope->high_factor)
        return frequency;
    if (turns < rope->low_factor)
        return frequency / rope->factor;
    double keep = (turns - rope->low_factor) / (rope->high_factor - rope->low_factor);
    return (1.0 - keep) * frequency / rope->factor + keep * frequency;
}

void rec_rope_frequencies(double *out, const rec_rope *rope, size_t head_dim)
{
    for (size_t i = 0; i < head_dim / 2; i++) {
        double frequency = pow(rope->theta, -2.0 * (double)i / (double)head_dim);
        if (rope->scaling == REC_ROPE_LINEAR)
            frequency /= rope->factor;
        else if (rope->scaling == REC_ROPE_LLAMA3)
            frequency = llama3_frequency(frequency, rope);
        out[i] = frequency;
    }
}
