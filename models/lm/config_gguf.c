/* rec_lm_config out of GGUF metadata (ggml, docs/gguf.md, "Standardized
 * key-value pairs"): keys are "<architecture>.<name>". */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/config.h"

typedef struct reader {
    const rec_gguf *file;
    const char *arch, *name;
    rec_error *err;
} reader;

static const rec_gguf_value *find(const reader *r, const char *suffix)
{
    char key[160];
    snprintf(key, sizeof key, "%s.%s", r->arch, suffix);
    return rec_gguf_find(r->file, key);
}

/* Absent keeps the default. */
static rec_status read_size(size_t *out, const reader *r, const char *suffix)
{
    uint64_t value = *out;
    const rec_gguf_value *v = find(r, suffix);
    rec_status status = v != NULL ? rec_gguf_u64(&value, v, 0, r->err) : REC_OK;
    *out = (size_t)value;
    return status;
}

static rec_status read_required_size(size_t *out, const reader *r, const char *suffix)
{
    if (find(r, suffix) == NULL)
        return rec_fail(r->err, REC_ERR_MODEL, "%s: metadata %s.%s is missing", r->name, r->arch,
                        suffix);
    return read_size(out, r, suffix);
}

static rec_status read_real(double *out, const reader *r, const char *suffix)
{
    const rec_gguf_value *v = find(r, suffix);
    return v != NULL ? rec_gguf_f64(out, v, 0, r->err) : REC_OK;
}

static rec_status read_token(uint32_t *out, const reader *r, const char *key)
{
    uint64_t value = *out;
    const rec_gguf_value *v = rec_gguf_find(r->file, key);
    rec_status status = v != NULL ? rec_gguf_u64(&value, v, 0, r->err) : REC_OK;
    *out = (uint32_t)value;
    return status;
}

static bool has_tensor(const reader *r, const char *name)
{
    return rec_gguf_tensor_find(r->file, name) != NULL;
}

static rec_status read_rope(rec_lm_config *c, const reader *r)
{
    char *type = NULL;
    const rec_gguf_value *v = find(r, "rope.scaling.type");
    size_t rotated = c->head_dim;
    rec_status status = REC_OK;
    REC_TRY(read_real(&c->rope.theta, r, "rope.freq_base"));
    REC_TRY(read_size(&rotated, r, "rope.dimension_count"));
    if (rotated != c->head_dim)
        return rec_fail(r->err, REC_ERR_MODEL,
                        "%s: %s.rope.dimension_count %zu: partial rotation is "
                        "not supported",
                        r->name, r->arch, rotated);
    if (v != NULL)
        REC_TRY(rec_gguf_string(&type, v, 0, r->err));
    if (type != NULL && strcmp(type, "linear") == 0) {
        c->rope.scaling = REC_ROPE_LINEAR;
        c->rope.factor = 1.0;
        status = read_real(&c->rope.factor, r, "rope.scaling.factor");
    } else if (type != NULL && strcmp(type, "none") != 0) {
        status =
            rec_fail(r->err, REC_ERR_MODEL,
                     "%s: rotary scaling \"%s\" is not supported (none, linear)", r->name, type);
    }
cleanup:
    free(type);
    return status;
}

/* The file lists head_dim / 2 divisors of the plain frequencies. Published models have low and high
 * factor 1 and 4; the largest divisor is the factor, and a pair between the two ends tells the
 * original positions: keep = (turns - 1) / 3 of its frequency is kept, 1 - keep of it slowed down. */
static rec_rope rope_of_divisors(const rec_rope *plain, const float *divisors, size_t half,
                                 const double *frequencies)
{
    const double two_pi = 6.283185307179586;
    rec_rope rope = {.theta = plain->theta,
                     .scaling = REC_ROPE_LLAMA3,
                     .factor = (double)divisors[half - 1],
                     .low_factor = 1.0,
                     .high_factor = 4.0,
                     .original_positions = 8192.0};
    double kept = 1.0; /* the slowest frequency that stays */
    for (size_t i = 0; i < half; i++) {
        double divisor = (double)divisors[i], positions;
        if (divisor <= 1.0 + 1e-3) {
            kept = frequencies[i];
            continue;
        }
        if (divisor < rope.factor - 1e-3) {
            double keep = (1.0 / divisor - 1.0 / rope.factor) / (1.0 - 1.0 / rope.factor);
            positions = round((1.0 + 3.0 * keep) * two_pi / frequencies[i]);
        } else { /* no pair between: any number that separates the two ends is as good */
            positions = 2.0 * two_pi / sqrt(kept * frequencies[i]);
        }
        rope.original_positions = positions;
        break;
    }
    return rope;
}

static rec_status read_rope_divisors(rec_lm_config *c, const reader *r)
{
    enum { MAX_HALF = 512 };
    const rec_gguf_tensor *t = rec_gguf_tensor_find(r->file, "rope_freqs.weight");
    double scaled[MAX_HALF], plain[MAX_HALF];
    size_t half = c->head_dim / 2;
    if (t == NULL)
        return REC_OK;
    if (t->format != REC_FORMAT_F32 || t->n_elements != half || half > MAX_HALF || half == 0)
        return rec_fail(r->err, REC_ERR_MODEL, "%s: rope_freqs.weight is not F32 of head size / 2",
                        r->name);
    const float *divisors = t->data;
    rec_rope_frequencies(plain, &(rec_rope){.theta = c->rope.theta}, c->head_dim);
    c->rope = rope_of_divisors(&c->rope, divisors, half, plain);
    rec_rope_frequencies(scaled, &c->rope, c->head_dim);
    for (size_t i = 0; i < half; i++) {
        if (!(fabs(plain[i] / scaled[i] / (double)divisors[i] - 1.0) <= 1e-3))
            return rec_fail(r->err, REC_ERR_MODEL,
                            "%s: rope_freqs.weight is not Llama 3's scaling: not supported",
                            r->name);
    }
    return REC_OK;
}

static rec_status read_decoder(rec_lm_config *c, const reader *r)
{
    double softcap = 0.0;
    rec_status status = REC_OK;
    c->has_head = true;
    c->tied = !has_tensor(r, "output.weight");
    c->activation = c->arch == REC_ARCH_GEMMA3 ? REC_LM_GELU_TANH : REC_LM_SILU;
    c->qkv_bias = has_tensor(r, "blk.0.attn_q.bias");
    c->o_bias = has_tensor(r, "blk.0.attn_output.bias");
    c->qk_norm = has_tensor(r, "blk.0.attn_q_norm.weight");
    c->sandwich_norms = has_tensor(r, "blk.0.post_attention_norm.weight");
    c->pooling = REC_POOL_LAST;
    REC_TRY(read_real(&c->norm_eps, r, "attention.layer_norm_rms_epsilon"));
    REC_TRY(read_real(&softcap, r, "final_logit_softcapping"));
    if (softcap != 0.0)
        return rec_fail(r->err, REC_ERR_MODEL, "%s: logit soft-capping is not supported", r->name);
    REC_TRY(read_rope(c, r));
    REC_TRY(read_rope_divisors(c, r));
    REC_TRY(read_size(&c->window, r, "attention.sliding_window"));
    for (size_t l = 0; c->window > 0 && l < c->n_layers; l++)
        c->sliding[l] = c->arch != REC_ARCH_GEMMA3 || (l + 1) % 6 != 0;
    if (c->arch == REC_ARCH_GEMMA3) {
        c->norm_offset = 1.0;
        c->embed_scale = sqrt((double)c->d_model);
        if (c->n_layers == 62) /* the 27B model divides by d_model / n_heads instead */
            c->attention_scale = 1.0 / sqrt((double)(c->d_model / c->n_heads));
    }
cleanup:
    return status;
}

static rec_status read_encoder(rec_lm_config *c, const reader *r)
{
    static const rec_pooling kinds[] = {REC_POOL_MEAN, REC_POOL_MEAN, REC_POOL_CLS, REC_POOL_LAST};
    size_t pooling = 1;
    const rec_gguf_tensor *types = rec_gguf_tensor_find(r->file, "token_types.weight");
    rec_status status = REC_OK;
    c->encoder = c->tied = c->qkv_bias = c->o_bias = true;
    c->activation = REC_LM_GELU;
    c->n_token_types = types != NULL ? types->shape[0] : 0;
    REC_TRY(read_real(&c->norm_eps, r, "attention.layer_norm_epsilon"));
    REC_TRY(read_size(&pooling, r, "pooling_type"));
    if (pooling > 3)
        return rec_fail(r->err, REC_ERR_MODEL, "%s: pooling type %zu is not supported", r->name,
                        pooling);
    c->pooling = kinds[pooling];
cleanup:
    return status;
}

static rec_status read_sizes(rec_lm_config *c, const reader *r)
{
    const rec_gguf_tensor *embeddings = rec_gguf_tensor_find(r->file, "token_embd.weight");
    rec_status status = REC_OK;
    if (embeddings == NULL || embeddings->n_dims != 2)
        return rec_fail(r->err, REC_ERR_MODEL, "%s: tensor token_embd.weight is missing", r->name);
    c->vocab_size = embeddings->shape[0];
    REC_TRY(read_required_size(&c->n_layers, r, "block_count"));
    REC_TRY(read_required_size(&c->d_model, r, "embedding_length"));
    REC_TRY(read_required_size(&c->d_ff, r, "feed_forward_length"));
    REC_TRY(read_required_size(&c->n_heads, r, "attention.head_count"));
    REC_TRY(read_required_size(&c->max_positions, r, "context_length"));
    c->n_kv_heads = c->n_heads;
    REC_TRY(read_size(&c->n_kv_heads, r, "attention.head_count_kv"));
    if (c->n_heads == 0 || c->n_layers > REC_LM_MAX_LAYERS)
        return rec_fail(r->err, REC_ERR_MODEL, "%s: %zu layers of %zu heads", r->name, c->n_layers,
                        c->n_heads);
    c->head_dim = c->d_model / c->n_heads;
    REC_TRY(read_size(&c->head_dim, r, "attention.key_length"));
cleanup:
    return status;
}

static rec_status read_eos(rec_lm_config *c, const reader *r)
{
    static const char *const keys[] = {"tokenizer.ggml.eos_token_id",
                                       "tokenizer.ggml.eot_token_id"};
    rec_status status = REC_OK;
    for (size_t i = 0; i < 2 && status == REC_OK; i++) {
        uint32_t id = UINT32_MAX;
        status = read_token(&id, r, keys[i]);
        if (id != UINT32_MAX && (c->n_eos == 0 || c->eos[0] != id))
            c->eos[c->n_eos++] = id;
    }
    return status;
}

static rec_status read_arch(rec_lm_config *c, char **arch, const reader *r)
{
    static const struct {
        const char *name;
        rec_lm_arch arch;
    } known[] = {{"llama", REC_ARCH_LLAMA},
                 {"qwen2", REC_ARCH_QWEN2},
                 {"qwen3", REC_ARCH_QWEN3},
                 {"gemma3", REC_ARCH_GEMMA3},
                 {"bert", REC_ARCH_BERT}};
    const rec_gguf_value *v = rec_gguf_find(r->file, "general.architecture");
    if (v == NULL)
        return rec_fail(r->err, REC_ERR_MODEL, "%s: general.architecture is missing", r->name);
    rec_status status = rec_gguf_string(arch, v, 0, r->err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(*arch, known[i].name) == 0) {
            c->arch = known[i].arch;
            return REC_OK;
        }
    }
    return rec_fail(
        r->err, REC_ERR_MODEL,
        "%s: architecture \"%.60s\" is not supported (llama, qwen2, qwen3, gemma3, bert)", r->name,
        *arch);
}

rec_status rec_lm_config_from_gguf(rec_lm_config *out, const rec_gguf *file, const char *name,
                                   rec_error *err)
{
    rec_lm_config c = {.norm_eps = 1e-6,
                       .embed_scale = 1.0,
                       .normalise = true,
                       .rope = {.theta = 10000.0},
                       .rope_sliding = {.theta = 10000.0},
                       .bos = UINT32_MAX,
                       .pad = UINT32_MAX};
    reader r = {.file = file, .name = name, .err = err};
    char *arch = NULL;
    rec_status status = REC_OK;
    REC_TRY(read_arch(&c, &arch, &r));
    r.arch = arch;
    REC_TRY(read_sizes(&c, &r));
    c.attention_scale = 1.0 / sqrt((double)c.head_dim);
    REC_TRY(c.arch == REC_ARCH_BERT ? read_encoder(&c, &r) : read_decoder(&c, &r));
    REC_TRY(read_token(&c.bos, &r, "tokenizer.ggml.bos_token_id"));
    REC_TRY(read_token(&c.pad, &r, "tokenizer.ggml.padding_token_id"));
    REC_TRY(read_eos(&c, &r));
    if (c.arch == REC_ARCH_LLAMA && c.window > 0)
        c.arch = REC_ARCH_MISTRAL; /* the same network with a window */
    if (c.arch != REC_ARCH_GEMMA3)
        c.rope_sliding = c.rope;
    REC_TRY(rec_lm_config_check(&c, name, err));
    *out = c;
cleanup:
    free(arch);
    return status;
}
