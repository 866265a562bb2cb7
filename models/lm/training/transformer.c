#include "models/lm/training/transformer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "models/lm/training/internal.h"
#include "models/nn/activation.h"
#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "models/nn/norm.h"
#include "models/nn/pooling.h"

/* ---- parameters ---- */

static size_t n_index_rows(const rec_lm_config *c)
{
    return c->n_layers > 0 ? c->n_layers : 1;
}

static rec_status add_parameter(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    rec_transformer *m = context;
    size_t index;
    rec_status status = rec_params_add_matrix(&index, &m->params, tensor->name,
                                              tensor->vector ? 0 : tensor->rows, tensor->cols, err);
    m->index[tensor->layer][tensor->role] = (int)index;
    return status;
}

/* Positions are encoded by rotation in decoders: one table for full, one for sliding layers. */
static rec_status make_rotary(rec_rotary_table *table, const rec_lm_config *c, const rec_rope *rope,
                              rec_error *err)
{
    double *frequencies = rec_alloc(c->head_dim / 2, sizeof *frequencies, err);
    if (frequencies == NULL)
        return REC_ERR_RESOURCE;
    rec_rope_frequencies(frequencies, rope, c->head_dim);
    rec_status status =
        rec_rotary_table_init(table, frequencies, c->head_dim / 2, c->max_positions, err);
    free(frequencies);
    return status;
}

static bool has_sliding_layers(const rec_lm_config *c)
{
    for (size_t i = 0; i < c->n_layers; i++)
        if (c->sliding[i])
            return true;
    return false;
}

static rec_status transformer_alloc(rec_transformer **out, const rec_lm_config *config,
                                    rec_error *err)
{
    rec_status status = REC_OK;
    rec_transformer *m = NULL;
    REC_TRY_NEW(m, 1, err);
    m->config = *config;
    REC_TRY_NEW(m->index, n_index_rows(config), err);
    for (size_t l = 0; l < n_index_rows(config); l++)
        for (size_t r = 0; r < REC_LM_N_ROLES; r++)
            m->index[l][r] = REC_ABSENT;
    REC_TRY(rec_lm_each_tensor(config, add_parameter, m, err));
    REC_TRY(rec_params_allocate(&m->params, err));
    if (!config->encoder)
        REC_TRY(make_rotary(&m->rotary, config, &config->rope, err));
    if (!config->encoder && has_sliding_layers(config))
        REC_TRY(make_rotary(&m->rotary_sliding, config, &config->rope_sliding, err));
    *out = m;
    m = NULL;
cleanup:
    rec_transformer_free(m);
    return status;
}

void rec_transformer_free(rec_transformer *m)
{
    if (m == NULL)
        return;
    rec_params_deinit(&m->params);
    rec_rotary_table_deinit(&m->rotary);
    rec_rotary_table_deinit(&m->rotary_sliding);
    free(m->index);
    free(m);
}

const rec_lm_config *rec_transformer_config(const rec_transformer *m)
{
    return &m->config;
}

rec_params *rec_transformer_params(rec_transformer *m)
{
    return &m->params;
}

rec_tensor *rec_transformer_tensor(rec_transformer *m, rec_lm_role role, size_t layer)
{
    int index = m->index[layer][role];
    return index != REC_ABSENT ? rec_params_tensor(&m->params, (size_t)index) : NULL;
}

rec_tensor *rec_transformer_output_table(rec_transformer *m)
{
    if (!m->config.has_head)
        return NULL;
    return rec_transformer_tensor(m, m->config.tied ? REC_LM_EMBED : REC_LM_HEAD, 0);
}

typedef struct filling {
    rec_transformer *m;
    const rec_lm_weights *weights; /* NULL: random */
    uint64_t seed;
} filling;

static bool is_norm_gain(rec_lm_role role)
{
    switch (role) {
    case REC_LM_EMBED_NORM:
    case REC_LM_FINAL_NORM:
    case REC_LM_Q_NORM:
    case REC_LM_K_NORM:
    case REC_LM_ATTENTION_NORM:
    case REC_LM_ATTENTION_POST_NORM:
    case REC_LM_MLP_NORM:
    case REC_LM_MLP_POST_NORM:
        return true;
    default:
        return false;
    }
}

static rec_status fill_parameter(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    const filling *f = context;
    (void)err;
    size_t index = (size_t)f->m->index[tensor->layer][tensor->role];
    rec_tensor *target = rec_params_tensor(&f->m->params, index);
    if (f->weights != NULL) {
        const rec_weight *w = rec_lm_weight(f->weights, tensor->role, tensor->layer);
        rec_dequantise(target->value, w->format, w->data, w->rows * w->cols);
    } else if (!tensor->vector) {
        rec_params_fill_normal(&f->m->params, index, 0.02f, f->seed);
    } else if (is_norm_gain(tensor->role)) {
        rec_params_fill(&f->m->params, index, (float)(1.0 - f->m->config.norm_offset));
    }
    return REC_OK;
}

rec_status rec_transformer_new(rec_transformer **out, const rec_lm_config *config, uint64_t seed,
                               rec_error *err)
{
    rec_status status = transformer_alloc(out, config, err);
    if (status != REC_OK)
        return status;
    filling f = {.m = *out, .seed = seed};
    return rec_lm_each_tensor(config, fill_parameter, &f, err);
}

rec_status rec_transformer_from_weights(rec_transformer **out, const rec_lm_weights *weights,
                                        rec_error *err)
{
    rec_status status = transformer_alloc(out, &weights->config, err);
    if (status != REC_OK)
        return status;
    filling f = {.m = *out, .weights = weights};
    return rec_lm_each_tensor(&weights->config, fill_parameter, &f, err);
}

/* ---- growing the vocabulary ---- */

/* New rows: the mean of the old ones with a tenth of their spread, so that they begin as unlikely
 * tokens without being equal. */
static void fill_new_rows(rec_tensor *table, size_t n_old, uint64_t seed, const char *purpose)
{
    size_t d = table->cols;
    for (size_t j = 0; j < d; j++) {
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < n_old; i++) {
            double x = (double)table->value[i * d + j];
            sum += x;
            squares += x * x;
        }
        double mean = sum / (double)n_old;
        double sd = sqrt(fmax(squares / (double)n_old - mean * mean, 0.0));
        rec_rng rng = rec_rng_keyed(seed, purpose, j);
        for (size_t i = n_old; i < table->rows; i++)
            table->value[i * d + j] = (float)(mean + 0.1 * sd * rec_rng_normal(&rng));
    }
}

static rec_status copy_parameter(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    rec_transformer *const *pair = context; /* from, to */
    (void)err;
    rec_tensor *from = rec_transformer_tensor(pair[0], tensor->role, tensor->layer);
    rec_tensor *to = rec_transformer_tensor(pair[1], tensor->role, tensor->layer);
    memcpy(to->value, from->value, from->rows * from->cols * sizeof *to->value);
    return REC_OK;
}

rec_status rec_transformer_grow_vocabulary(rec_transformer *m, size_t n_new, uint64_t seed,
                                           rec_error *err)
{
    rec_lm_config config = m->config;
    rec_transformer *grown = NULL;
    size_t n_old = config.vocab_size;
    config.vocab_size += n_new;
    rec_status status = transformer_alloc(&grown, &config, err);
    if (status != REC_OK)
        return status;
    rec_transformer *pair[] = {m, grown};
    status = rec_lm_each_tensor(&m->config, copy_parameter, pair, err);
    fill_new_rows(rec_transformer_tensor(grown, REC_LM_EMBED, 0), n_old, seed, "lm/new_tokens");
    if (config.has_head && !config.tied)
        fill_new_rows(rec_transformer_tensor(grown, REC_LM_HEAD, 0), n_old, seed, "lm/new_outputs");
    rec_transformer swap = *m;
    *m = *grown;
    *grown = swap;
    rec_transformer_free(grown);
    return status;
}

static size_t parameter_index(const rec_transformer *m, rec_lm_role role)
{
    return (size_t)m->index[0][role];
}

/* The tensors whose rows are tokens. Returns how many. */
static size_t vocabulary_tensors(size_t indices[2], const rec_transformer *m)
{
    size_t n = 0;
    indices[n++] = parameter_index(m, REC_LM_EMBED);
    if (m->index[0][REC_LM_HEAD] != REC_ABSENT)
        indices[n++] = parameter_index(m, REC_LM_HEAD);
    return n;
}

void rec_transformer_train_new_rows(rec_transformer *m, size_t first)
{
    size_t indices[2], n = vocabulary_tensors(indices, m);
    rec_params_freeze(&m->params, "*", true);
    for (size_t i = 0; i < n; i++) {
        m->params.table[indices[i]].frozen = false;
        m->params.table[indices[i]].decay_scale = 0.0f;
    }
    m->first_new_row = first;
}

bool rec_transformer_trains_new_rows(const rec_transformer *m)
{
    return m->first_new_row > 0;
}

void rec_transformer_clear_old_rows(rec_transformer *m)
{
    size_t indices[2], n = vocabulary_tensors(indices, m);
    for (size_t i = 0; i < n && m->first_new_row > 0 && m->params.grad != NULL; i++) {
        const rec_param *p = &m->params.table[indices[i]];
        memset(m->params.grad + p->offset, 0,
               m->first_new_row * p->tensor.cols * sizeof *m->params.grad);
    }
}

/* ---- forward ---- */

#define NO_BIAS ((rec_lm_role)REC_LM_N_ROLES)

/* What one pass needs everywhere. */
typedef struct pass {
    rec_transformer *m;
    rec_lm_batch batch; /* copies: segments read them again in backward */
    rec_forward_options options;
    uint32_t *positions; /* (T), in the arena */
} pass;

/* A layer of a pass: the context of a recomputed segment. */
typedef struct layer_call {
    const pass *pass;
    size_t layer;
} layer_call;

static rec_linear linear_of(const pass *p, size_t layer, rec_lm_role weight, rec_lm_role bias)
{
    rec_adapter *a = p->options.adapter;
    const rec_lora *lora = a != NULL ? &a->lora[layer][weight] : NULL;
    return (rec_linear){
        .weight = rec_transformer_tensor(p->m, weight, layer),
        .bias = bias != NO_BIAS ? rec_transformer_tensor(p->m, bias, layer) : NULL,
        .lora = lora != NULL && lora->a != NULL ? lora : NULL,
    };
}

static rec_tensor *apply_linear(rec_tape *t, const pass *p, size_t layer, rec_tensor *x,
                                rec_lm_role weight, rec_lm_role bias)
{
    rec_linear w = linear_of(p, layer, weight, bias);
    return rec_nn_linear(t, x, &w);
}

static rec_activation activation_of(const rec_lm_config *c)
{
    return c->activation == REC_LM_SILU        ? REC_ACT_SILU
           : c->activation == REC_LM_GELU_TANH ? REC_ACT_GELU_TANH
                                               : REC_ACT_GELU;
}

/* RMS norm where the model has this one, else x as it is. */
static rec_tensor *rms_norm(rec_tape *t, const pass *p, size_t layer, rec_tensor *x,
                            rec_lm_role role)
{
    const rec_lm_config *c = &p->m->config;
    rec_tensor *gain = rec_transformer_tensor(p->m, role, layer);
    if (gain == NULL)
        return x;
    return rec_nn_rms_norm(t, x, gain, (float)c->norm_offset, (float)c->norm_eps);
}

static rec_tensor *layer_norm(rec_tape *t, const pass *p, size_t layer, rec_tensor *x,
                              rec_lm_role gain, rec_lm_role bias)
{
    return rec_nn_layer_norm(t, x, rec_transformer_tensor(p->m, gain, layer),
                             rec_transformer_tensor(p->m, bias, layer),
                             (float)p->m->config.norm_eps);
}

static rec_tensor *attend(rec_tape *t, const pass *p, size_t layer, rec_tensor *x)
{
    const rec_lm_config *c = &p->m->config;
    rec_tensor *q = apply_linear(t, p, layer, x, REC_LM_Q, REC_LM_Q_BIAS);
    rec_tensor *k = apply_linear(t, p, layer, x, REC_LM_K, REC_LM_K_BIAS);
    rec_tensor *v = apply_linear(t, p, layer, x, REC_LM_V, REC_LM_V_BIAS);
    bool slides = c->sliding[layer];
    if (!c->encoder) {
        const rec_rotary_table *table =
            slides && p->m->rotary_sliding.cosine != NULL ? &p->m->rotary_sliding : &p->m->rotary;
        q = rec_nn_rotary(t, rms_norm(t, p, layer, q, REC_LM_Q_NORM), table, p->positions);
        k = rec_nn_rotary(t, rms_norm(t, p, layer, k, REC_LM_K_NORM), table, p->positions);
    }
    const rec_attention options = {
        .n_heads = c->n_heads,
        .n_kv_heads = c->n_kv_heads,
        .head_dim = c->head_dim,
        .causal = !c->encoder,
        .window = slides ? c->window : 0,
        .scale = (float)c->attention_scale,
        .dropout = (float)p->options.dropout,
    };
    rec_tensor *y = rec_nn_attention(t, q, k, v, &p->batch.sequences, &options);
    return apply_linear(t, p, layer, y, REC_LM_O, REC_LM_O_BIAS);
}

/* x + attention(norm x), then x + W_down (f(W_gate x) * W_up x) of the norm. "LLaMA", arXiv
 * 2302.13971, section 2.2; Gemma 3 normalises both branches' outputs as well. */
static rec_tensor *decoder_layer(rec_tape *t, void *context, rec_tensor *x)
{
    const layer_call *call = context;
    const pass *p = call->pass;
    size_t l = call->layer;
    rec_tensor *a = attend(t, p, l, rms_norm(t, p, l, x, REC_LM_ATTENTION_NORM));
    a = rms_norm(t, p, l, a, REC_LM_ATTENTION_POST_NORM);
    x = rec_nn_residual(t, x, a, (float)p->options.dropout);
    rec_tensor *h = rms_norm(t, p, l, x, REC_LM_MLP_NORM);
    rec_tensor *gate = apply_linear(t, p, l, h, REC_LM_GATE, NO_BIAS);
    rec_tensor *up = apply_linear(t, p, l, h, REC_LM_UP, REC_LM_UP_BIAS);
    h = rec_nn_gated(t, gate, up, activation_of(&p->m->config));
    h = apply_linear(t, p, l, h, REC_LM_DOWN, REC_LM_DOWN_BIAS);
    h = rms_norm(t, p, l, h, REC_LM_MLP_POST_NORM);
    return rec_nn_residual(t, x, h, (float)p->options.dropout);
}

/* norm(x + attention x), then norm(x + W_down f(W_up x)). "BERT", NAACL 2019; the post-norm layer of
 * "Attention is all you need", NIPS 2017, section 3.1. */
static rec_tensor *encoder_layer(rec_tape *t, void *context, rec_tensor *x)
{
    const layer_call *call = context;
    const pass *p = call->pass;
    size_t l = call->layer;
    x = rec_nn_residual(t, x, attend(t, p, l, x), (float)p->options.dropout);
    x = layer_norm(t, p, l, x, REC_LM_ATTENTION_NORM, REC_LM_ATTENTION_NORM_BIAS);
    rec_linear up = linear_of(p, l, REC_LM_UP, REC_LM_UP_BIAS);
    rec_tensor *h = rec_nn_linear_act(t, x, &up, activation_of(&p->m->config));
    h = apply_linear(t, p, l, h, REC_LM_DOWN, REC_LM_DOWN_BIAS);
    x = rec_nn_residual(t, x, h, (float)p->options.dropout);
    return layer_norm(t, p, l, x, REC_LM_MLP_NORM, REC_LM_MLP_NORM_BIAS);
}

static rec_tensor *fail(rec_tape *t, rec_status status, const char *message)
{
    rec_error error = {.status = REC_OK};
    rec_fail(&error, status, "%s", message);
    return rec_tape_failed(t, &error);
}

/* Position of each row in its sequence, from the model's first. */
static uint32_t *make_positions(rec_tape *t, const rec_transformer *m, const rec_sequences *s)
{
    const rec_lm_config *c = &m->config;
    uint32_t *positions = rec_tape_alloc(t, s->start[s->n], sizeof *positions);
    for (size_t k = 0; positions != NULL && k < s->n; k++) {
        size_t length = s->start[k + 1] - s->start[k];
        if (length > c->max_positions) {
            char message[96];
            snprintf(message, sizeof message,
                     "a sequence of %zu tokens is longer than the model's %zu", length,
                     c->max_positions);
            fail(t, REC_ERR_DATA, message);
            return NULL;
        }
        for (size_t i = 0; i < length; i++)
            positions[s->start[k] + i] = (uint32_t)(i + c->position_offset);
    }
    return positions;
}

static bool ids_fit(const rec_lm_batch *batch, size_t vocab_size)
{
    for (size_t i = 0; i < batch->sequences.start[batch->sequences.n]; i++)
        if (batch->ids[i] >= vocab_size)
            return false;
    return true;
}

static rec_tensor *embed(rec_tape *t, const pass *p)
{
    rec_transformer *m = p->m;
    const rec_lm_config *c = &m->config;
    size_t n = p->batch.sequences.start[p->batch.sequences.n], n_lookups = 1;
    rec_lookup lookups[3] = {{rec_transformer_tensor(m, REC_LM_EMBED, 0), p->batch.ids}};
    if (c->encoder) {
        uint32_t *types = rec_tape_alloc(t, n, sizeof *types);
        if (types == NULL)
            return NULL;
        memset(types, 0, n * sizeof *types);
        lookups[n_lookups++] =
            (rec_lookup){rec_transformer_tensor(m, REC_LM_POSITIONS, 0), p->positions};
        lookups[n_lookups++] =
            (rec_lookup){rec_transformer_tensor(m, REC_LM_TOKEN_TYPES, 0), types};
    }
    rec_tensor *x = rec_nn_embed(t, lookups, n_lookups, n, (float)c->embed_scale);
    if (p->batch.vectors != NULL)
        x = rec_nn_replace_rows(t, x, p->batch.vectors, p->batch.places);
    if (c->encoder)
        x = layer_norm(t, p, 0, x, REC_LM_EMBED_NORM, REC_LM_EMBED_NORM_BIAS);
    return rec_nn_dropout(t, x, (float)p->options.dropout);
}

rec_tensor *rec_transformer_forward(rec_tape *t, rec_transformer *m, const rec_lm_batch *batch,
                                    const rec_forward_options *options)
{
    const rec_lm_config *c = &m->config;
    if (!ids_fit(batch, c->vocab_size))
        return fail(t, REC_ERR_DATA, "a token id is not in the model's vocabulary");
    pass *p = rec_tape_alloc(t, 1, sizeof *p);
    layer_call *calls = rec_tape_alloc(t, c->n_layers, sizeof *calls);
    if (p == NULL || calls == NULL)
        return NULL;
    *p = (pass){.m = m, .batch = *batch};
    if (options != NULL)
        p->options = *options;
    p->positions = make_positions(t, m, &batch->sequences);
    if (p->positions == NULL)
        return NULL;
    rec_segment_fn layer = c->encoder ? encoder_layer : decoder_layer;
    rec_tensor *x = embed(t, p);
    for (size_t l = 0; l < c->n_layers; l++) {
        calls[l] = (layer_call){.pass = p, .layer = l};
        x = x == NULL              ? NULL
            : p->options.recompute ? rec_tape_recompute(t, layer, &calls[l], x)
                                   : layer(t, &calls[l], x);
    }
    return c->encoder ? x : rms_norm(t, p, 0, x, REC_LM_FINAL_NORM);
}

rec_tensor *rec_transformer_pool(rec_tape *t, rec_transformer *m, rec_tensor *hidden,
                                 const rec_sequences *sequences)
{
    rec_tensor *y;
    if (m->config.pooling == REC_POOL_MEAN) {
        y = rec_nn_mean_pool(t, hidden, sequences);
    } else {
        uint32_t *rows = rec_tape_alloc(t, sequences->n, sizeof *rows);
        if (rows == NULL)
            return NULL;
        for (size_t s = 0; s < sequences->n; s++)
            rows[s] = m->config.pooling == REC_POOL_CLS ? sequences->start[s]
                                                        : sequences->start[s + 1] - 1;
        const rec_lookup lookup = {hidden, rows};
        y = rec_nn_embed(t, &lookup, 1, sequences->n, 1.0f);
    }
    return m->config.normalise ? rec_nn_l2_normalize(t, y) : y;
}

rec_softmax rec_transformer_softmax(rec_transformer *m)
{
    return (rec_softmax){.table = rec_transformer_output_table(m)};
}

rec_tensor *rec_transformer_logits_of(rec_tape *t, rec_transformer *m, rec_tensor *hidden,
                                      const uint32_t *ids, size_t n)
{
    const rec_lookup lookup = {rec_transformer_output_table(m), ids};
    return rec_nn_similarity(t, hidden, rec_nn_embed(t, &lookup, 1, n, 1.0f), 1.0f);
}

/* ---- export ---- */

static rec_status save_config(const rec_transformer *m, const char *folder, rec_error *err)
{
    cJSON *json = rec_lm_config_to_json(&m->config, err);
    rec_status status =
        json != NULL ? rec_json_write(json, folder, "config.json", err) : REC_ERR_RESOURCE;
    cJSON_Delete(json);
    return status;
}

rec_status rec_transformer_save(const rec_transformer *m, const char *folder, rec_error *err)
{
    rec_status status = REC_OK;
    rec_tensor_writer *writer = NULL;
    char *path = NULL;
    REC_TRY(rec_make_folders(folder, err));
    REC_TRY(rec_tensor_writer_new(&writer, err));
    REC_TRY(rec_tensor_writer_metadata(writer, "format", "pt", err));
    REC_TRY(rec_params_save(&m->params, writer, err));
    path = rec_path_join(err, folder, "model.safetensors");
    if (path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_tensor_writer_write(writer, path, err));
    status = save_config(m, folder, err);
cleanup:
    free(path);
    rec_tensor_writer_free(writer);
    return status;
}
