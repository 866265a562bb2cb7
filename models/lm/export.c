#include "models/lm/export.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/tensor_file.h"
#include "models/lm/checkpoint.h"

/* Copies that the writers borrow until the file is there. */
typedef struct kept {
    void **blocks; /* owned */
    size_t n;
} kept;

static void *keep(kept *k, size_t bytes, rec_error *err)
{
    void **blocks = rec_realloc(k->blocks, k->n + 1, sizeof *blocks, err);
    if (blocks == NULL)
        return NULL;
    k->blocks = blocks;
    void *block = rec_alloc(bytes, 1, err);
    if (block != NULL)
        k->blocks[k->n++] = block;
    return block;
}

static void kept_deinit(kept *k)
{
    for (size_t i = 0; i < k->n; i++)
        free(k->blocks[i]);
    free(k->blocks);
}

typedef struct exporting {
    const rec_lm_weights *weights;
    rec_tensor_writer *tensors; /* one of the two */
    rec_gguf_writer *gguf;
    kept kept;
} exporting;

/* ---- Hugging Face ---- */

static rec_status add_to_folder(void *context, const rec_lm_tensor *t, rec_error *err)
{
    exporting *e = context;
    const rec_weight *w = rec_lm_weight(e->weights, t->role, t->layer);
    size_t shape[2] = {t->rows, t->cols};
    rec_dtype dtype = REC_F32;
    if (w->format == REC_FORMAT_F16)
        dtype = REC_F16;
    else if (w->format == REC_FORMAT_BF16)
        dtype = REC_BF16;
    else if (w->format != REC_FORMAT_F32)
        return rec_fail(
            err, REC_ERR_CONFIG,
            "tensor %s is %s, which safetensors cannot hold: --weights f32 or f16, or a "
            ".gguf file",
            t->name, rec_weight_format_name(w->format));
    return rec_tensor_writer_add(e->tensors, t->name, dtype, t->vector ? 1 : 2,
                                 t->vector ? shape + 1 : shape, w->data, err);
}

/* What a checkpoint's folder says besides config and weights. */
static rec_status copy_companions(const char *from, const char *to, rec_error *err)
{
    static const char *const names[] = {"tokenizer.json",
                                        "tokenizer_config.json",
                                        "special_tokens_map.json",
                                        "vocab.txt",
                                        "chat_template.jinja",
                                        "generation_config.json",
                                        "modules.json",
                                        "sentence_bert_config.json",
                                        "config_sentence_transformers.json",
                                        "1_Pooling/config.json"};
    rec_status status = REC_OK;
    bool is_there;
    for (size_t i = 0; status == REC_OK && i < sizeof names / sizeof *names; i++)
        status = rec_file_copy(&is_there, from, to, names[i], err);
    return status;
}

static const char *piece_of(const rec_gguf *f, uint32_t id, size_t *n)
{
    const rec_gguf_value *tokens = rec_gguf_find(f, "tokenizer.ggml.tokens");
    if (tokens == NULL || tokens->strings == NULL || id >= tokens->n)
        return NULL;
    *n = tokens->lengths[id];
    return tokens->strings[id];
}

static rec_status put_token(cJSON *config, const char *key, const rec_gguf *f, uint32_t id,
                            rec_error *err)
{
    size_t n;
    const char *piece = piece_of(f, id, &n);
    if (piece == NULL)
        return REC_OK;
    char *text = rec_format(err, "%.*s", (int)(n < 1024 ? n : 1024), piece);
    bool good = text != NULL && cJSON_AddStringToObject(config, key, text) != NULL;
    free(text);
    return good ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "out of memory (tokenizer_config.json)");
}

/* From GGUF metadata: tokenizer.json, and what transformers reads of tokenizer_config.json. */
static rec_status write_tokenizer(const exporting *e, const rec_lm_files *source,
                                  const char *folder, rec_error *err)
{
    const rec_gguf *f = rec_lm_weights_gguf(e->weights);
    const rec_lm_config *c = &e->weights->config;
    const rec_gguf_value *template = rec_gguf_find(f, "tokenizer.chat_template");
    rec_tokenizer *tokenizer = NULL;
    cJSON *config = cJSON_CreateObject();
    char *path = rec_path_join(err, folder, "tokenizer.json"), *jinja = NULL;
    rec_status status = path != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_lm_open_tokenizer(&tokenizer, source, err);
    if (status == REC_OK)
        status = rec_tokenizer_write(tokenizer, path, err);
    if (status == REC_OK && template != NULL)
        status = rec_gguf_string(&jinja, template, 0, err);
    if (status == REC_OK && jinja != NULL)
        cJSON_AddStringToObject(config, "chat_template", jinja);
    if (status == REC_OK) {
        cJSON_AddStringToObject(config, "tokenizer_class", "PreTrainedTokenizerFast");
        cJSON_AddBoolToObject(config, "clean_up_tokenization_spaces", false);
        status = put_token(config, "bos_token", f, c->bos, err);
    }
    if (status == REC_OK && c->n_eos > 0)
        status = put_token(config, "eos_token", f, c->eos[0], err);
    if (status == REC_OK)
        status = put_token(config, "pad_token", f, c->pad, err);
    if (status == REC_OK)
        status = rec_json_write(config, folder, "tokenizer_config.json", err);
    free(jinja);
    free(path);
    cJSON_Delete(config);
    rec_tokenizer_free(tokenizer);
    return status;
}

static rec_status export_folder(exporting *e, const rec_lm_files *source, const char *folder,
                                rec_error *err)
{
    cJSON *config = NULL;
    char *path = NULL;
    rec_status status = REC_OK;
    REC_TRY(rec_tensor_writer_new(&e->tensors, err));
    REC_TRY(rec_tensor_writer_metadata(e->tensors, "format", "pt", err));
    REC_TRY(rec_lm_each_tensor(&e->weights->config, add_to_folder, e, err));
    REC_TRY(rec_make_folders(folder, err));
    path = rec_path_join(err, folder, "model.safetensors");
    config = rec_lm_config_to_json(&e->weights->config, err);
    if (path == NULL || config == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_tensor_writer_write(e->tensors, path, err));
    REC_TRY(rec_json_write(config, folder, "config.json", err));
    REC_TRY(source->gguf != NULL ? write_tokenizer(e, source, folder, err)
                                 : copy_companions(source->folder, folder, err));
cleanup:
    free(path);
    cJSON_Delete(config);
    rec_tensor_writer_free(e->tensors);
    return status;
}

/* ---- GGUF ---- */

/* llama.cpp's order of q and k rows (weights.c undoes it), and 1 + weight for Gemma's norms. */
static rec_status as_gguf_has_it(const void **out, exporting *e, const rec_lm_tensor *t,
                                 const rec_weight *w, rec_error *err)
{
    const rec_lm_config *c = &e->weights->config;
    bool llama = c->arch == REC_ARCH_LLAMA || c->arch == REC_ARCH_MISTRAL;
    bool rotated = (t->role == REC_LM_Q || t->role == REC_LM_K) && llama;
    bool norm = t->vector && c->norm_offset != 0.0;
    size_t row_bytes = rec_weight_format_bytes(w->format, w->cols), half = c->head_dim / 2;
    *out = w->data;
    if (!rotated && !norm)
        return REC_OK;
    unsigned char *copy = keep(&e->kept, w->rows * row_bytes, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    *out = copy;
    for (size_t r = 0; rotated && r < w->rows; r++) {
        size_t within = r % c->head_dim, from = r - within + within / 2 + within % 2 * half;
        memcpy(copy + r * row_bytes, (const unsigned char *)w->data + from * row_bytes, row_bytes);
    }
    for (size_t i = 0; norm && i < w->cols; i++)
        ((float *)(void *)copy)[i] = ((const float *)w->data)[i] + (float)c->norm_offset;
    return REC_OK;
}

static rec_status add_to_gguf(void *context, const rec_lm_tensor *t, rec_error *err)
{
    exporting *e = context;
    const rec_weight *w = rec_lm_weight(e->weights, t->role, t->layer);
    size_t shape[2] = {t->rows, t->cols};
    const void *data;
    rec_status status = as_gguf_has_it(&data, e, t, w, err);
    if (status != REC_OK)
        return status;
    return rec_gguf_add_tensor(e->gguf, t->gguf, w->format, t->vector ? 1 : 2,
                               t->vector ? shape + 1 : shape, data, err);
}

static const char *gguf_arch(const rec_lm_config *c)
{
    static const char *const names[] = {"llama",  "llama", "qwen2", "qwen3",
                                        "gemma3", "bert",  "bert"};
    return names[c->arch];
}

/* Keys "<architecture>.<name>". */
typedef struct metadata {
    rec_gguf_writer *w;
    const char *arch;
    rec_status status;
    rec_error *err;
} metadata;

static const char *key_of(const metadata *m, char out[160], const char *name)
{
    snprintf(out, 160, "%s.%s", m->arch, name);
    return out;
}

static void put_size(metadata *m, const char *name, size_t value)
{
    char key[160];
    if (m->status == REC_OK)
        m->status = rec_gguf_put_u32(m->w, key_of(m, key, name), (uint32_t)value, m->err);
}

static void put_real(metadata *m, const char *name, double value)
{
    char key[160];
    if (m->status == REC_OK)
        m->status = rec_gguf_put_f32(m->w, key_of(m, key, name), (float)value, m->err);
}

static void put_config(metadata *m, const rec_lm_config *c)
{
    put_size(m, "block_count", c->n_layers);
    put_size(m, "context_length", c->max_positions);
    put_size(m, "embedding_length", c->d_model);
    put_size(m, "feed_forward_length", c->d_ff);
    put_size(m, "attention.head_count", c->n_heads);
    if (c->encoder) {
        put_real(m, "attention.layer_norm_epsilon", c->norm_eps);
        put_size(m, "pooling_type",
                 c->pooling == REC_POOL_MEAN  ? 1
                 : c->pooling == REC_POOL_CLS ? 2
                                              : 3);
        return;
    }
    put_size(m, "vocab_size", c->vocab_size);
    put_size(m, "attention.head_count_kv", c->n_kv_heads);
    put_size(m, "attention.key_length", c->head_dim);
    put_size(m, "attention.value_length", c->head_dim);
    put_size(m, "rope.dimension_count", c->head_dim);
    put_real(m, "rope.freq_base", c->rope.theta);
    put_real(m, "attention.layer_norm_rms_epsilon", c->norm_eps);
    if (c->window > 0)
        put_size(m, "attention.sliding_window", c->window);
}

static rec_status put_rope_scaling(exporting *e, metadata *m, rec_error *err)
{
    const rec_lm_config *c = &e->weights->config;
    rec_rope plain = {.theta = c->rope.theta};
    size_t half = c->head_dim / 2;
    char key[160];
    if (c->encoder || c->rope.scaling == REC_ROPE_PLAIN)
        return REC_OK;
    if (c->rope.scaling == REC_ROPE_LINEAR) {
        put_real(m, "rope.scaling.factor", c->rope.factor);
        return m->status == REC_OK
                   ? rec_gguf_put_string(m->w, key_of(m, key, "rope.scaling.type"), "linear", err)
                   : m->status;
    }
    double *scaled = keep(&e->kept, half * sizeof *scaled, err);
    double *unscaled = keep(&e->kept, half * sizeof *unscaled, err);
    float *divisors = keep(&e->kept, half * sizeof *divisors, err);
    if (scaled == NULL || unscaled == NULL || divisors == NULL)
        return REC_ERR_RESOURCE;
    rec_rope_frequencies(scaled, &c->rope, c->head_dim);
    rec_rope_frequencies(unscaled, &plain, c->head_dim);
    for (size_t i = 0; i < half; i++)
        divisors[i] = (float)(unscaled[i] / scaled[i]);
    return rec_gguf_add_tensor(e->gguf, "rope_freqs.weight", REC_FORMAT_F32, 1, &half, divisors,
                               err);
}

/* A GGUF source has the tokenizer in the right words already. */
static rec_status put_tokenizer(exporting *e, const rec_lm_files *source, rec_error *err)
{
    const rec_gguf *from = rec_lm_weights_gguf(e->weights);
    rec_status status = REC_OK;
    for (size_t i = 0; from != NULL && i < rec_gguf_n_values(from) && status == REC_OK; i++) {
        const rec_gguf_value *v = rec_gguf_value_at(from, i);
        if (strncmp(v->key, "tokenizer.", 10) == 0)
            status = rec_gguf_put_copy(e->gguf, v, err);
    }
    if (from != NULL || status != REC_OK)
        return status;
    char *path = rec_path_join(err, source->folder, "tokenizer.json"), *jinja = NULL;
    if (path == NULL)
        return REC_ERR_RESOURCE;
    status = rec_gguf_put_tokenizer(e->gguf, path, &e->weights->config, err);
    if (status == REC_OK)
        status = rec_lm_read_chat_template(&jinja, source, err);
    if (status == REC_OK && jinja != NULL)
        status = rec_gguf_put_string(e->gguf, "tokenizer.chat_template", jinja, err);
    free(jinja);
    free(path);
    return status;
}

/* general.file_type: what most matrices are (llama.h, llama_ftype). */
static uint32_t file_type(const rec_lm_weights *w)
{
    switch (rec_lm_weight(w, REC_LM_UP, 0)->format) {
    case REC_FORMAT_F16:
        return 1;
    case REC_FORMAT_Q4_1:
        return 3;
    case REC_FORMAT_Q8_0:
        return 7;
    case REC_FORMAT_BF16:
        return 32;
    default:
        return 0;
    }
}

/* What GGUF files cannot say would be read as something else. */
static rec_status check_for_gguf(const rec_lm_config *c, rec_error *err)
{
    if (c->arch == REC_ARCH_XLM_ROBERTA)
        return rec_fail(err, REC_ERR_CONFIG, "XLM-R models are written as folders, not as GGUF");
    for (size_t l = 0; l < c->n_layers; l++) {
        bool slides = c->window > 0 && (c->arch != REC_ARCH_GEMMA3 || (l + 1) % 6 != 0);
        if (c->sliding[l] != slides)
            return rec_fail(err, REC_ERR_CONFIG,
                            "layer %zu: GGUF knows sliding windows on all layers, or on all but "
                            "every sixth (Gemma 3)",
                            l);
    }
    return REC_OK;
}

static rec_status export_gguf(exporting *e, const rec_lm_files *source, const char *path,
                              rec_error *err)
{
    const rec_lm_config *c = &e->weights->config;
    rec_status status = REC_OK;
    REC_TRY(check_for_gguf(c, err));
    REC_TRY(rec_gguf_writer_new(&e->gguf, err));
    metadata m = {.w = e->gguf, .arch = gguf_arch(c), .err = err};
    REC_TRY(rec_gguf_put_string(e->gguf, "general.architecture", m.arch, err));
    REC_TRY(rec_gguf_put_u32(e->gguf, "general.file_type", file_type(e->weights), err));
    REC_TRY(rec_gguf_put_u32(e->gguf, "general.quantization_version", 2, err));
    put_config(&m, c);
    REC_TRY(m.status);
    REC_TRY(put_tokenizer(e, source, err));
    REC_TRY(put_rope_scaling(e, &m, err));
    REC_TRY(rec_lm_each_tensor(c, add_to_gguf, e, err));
    status = rec_gguf_write(e->gguf, path, err);
cleanup:
    rec_gguf_writer_free(e->gguf);
    return status;
}

rec_status rec_lm_export(const rec_lm_weights *weights, const rec_lm_files *source,
                         const char *path, rec_error *err)
{
    exporting e = {.weights = weights};
    size_t n = strlen(path);
    rec_status status = n > 5 && strcmp(path + n - 5, ".gguf") == 0
                            ? export_gguf(&e, source, path, err)
                            : export_folder(&e, source, path, err);
    kept_deinit(&e.kept);
    return status;
}
