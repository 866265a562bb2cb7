/* models/recommenders/sasrec.c: a causal transformer over the items of a history; score(h, i) = state
 * after the last item . embedding of i. "Self-attentive sequential recommendation", ICDM 2018; layers
 * and defaults as in S3-Rec's SASRec (CIKM 2020): post-norm, GELU, inner size 4 d, LayerNorm over item
 * + position, N(0, .02) weights, Adam.
 *
 * Positions are counted from the end of the history: the latest item always has the same one (padding
 * on the left does that in the original). Sequences are packed, so nothing is padded. Losses: BCE with
 * negatives sampled per position, gBCE ("gSASRec", RecSys 2023), softmax over sampled items or over
 * the whole catalogue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/nn/attention.h"
#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "models/nn/linear.h"
#include "models/nn/norm.h"
#include "models/nn/score_loss.h"
#include "models/nn/softmax_loss.h"
#include "models/sequence_model.h"
#include "models/two_tower.h"

enum { LOSS_BCE, LOSS_GBCE, LOSS_SAMPLED_SOFTMAX, LOSS_SOFTMAX };
enum { NORM_POST, NORM_PRE };

/* Places in the parameter table. */
typedef struct layer {
    size_t q, k, v, out, inner, outer;                               /* weights */
    size_t q_bias, k_bias, v_bias, out_bias, inner_bias, outer_bias; /* their biases */
    size_t attention_gain, attention_bias, feed_gain, feed_bias;     /* norms */
} layer;

typedef struct sasrec {
    int64_t d_model, n_layers, n_heads, d_inner, n_negatives;
    double dropout, attention_dropout, init_sd, gbce_t;
    int loss, norm, activation;
    rec_sequence_options sequence;
    /* made by fit or load */
    rec_params params;
    size_t n_items, items, positions, norm_gain, norm_bias, final_gain, final_bias;
    layer *layers; /* (n_layers) owned */
} sasrec;

static const char *const losses[] = {"bce", "gbce", "sampled_softmax", "softmax", NULL};
static const char *const norms[] = {"post", "pre", NULL};
static const char *const activations[] = {"gelu", "relu", NULL};

#define FIELD(name) offsetof(sasrec, name)
static const rec_option sasrec_options[] = {
    {"d_model", "size of item vectors and states", FIELD(d_model), REC_OPT_INT, .value = 64,
     .min = 1, .max = 8192},
    {"n_layers", "transformer layers", FIELD(n_layers), REC_OPT_INT, .value = 2, .min = 1,
     .max = 64},
    {"n_heads", "attention heads; divides d_model", FIELD(n_heads), REC_OPT_INT, .value = 2,
     .min = 1, .max = 256},
    {"d_inner", "inner size of the feed-forward part; 0: 4 d_model", FIELD(d_inner), REC_OPT_INT,
     .min = 0, .max = 65536},
    {"norm", "layer norm after or before each part", FIELD(norm), REC_OPT_ENUM, .choices = norms},
    {"activation", "of the feed-forward part", FIELD(activation), REC_OPT_ENUM,
     .choices = activations},
    {"dropout", "of embeddings and of each part's output", FIELD(dropout), REC_OPT_REAL,
     .value = 0.5, .min = 0, .max = 0.99},
    {"attention_dropout", "of attention weights", FIELD(attention_dropout), REC_OPT_REAL,
     .value = 0.5, .min = 0, .max = 0.99},
    {"init_sd", "standard deviation of initial weights", FIELD(init_sd), REC_OPT_REAL,
     .value = 0.02, .min = 0, .max = 10},
    {"loss", "training objective", FIELD(loss), REC_OPT_ENUM, .choices = losses},
    {"n_negatives", "sampled items per target (all losses but softmax)", FIELD(n_negatives),
     REC_OPT_INT, .value = 1, .min = 1, .max = 100000},
    {"gbce_t", "calibration of gbce, 0 = bce, 1 = full", FIELD(gbce_t), REC_OPT_REAL, .value = 0.75,
     .min = 0, .max = 1},
    REC_SEQUENCE_OPTIONS(sasrec),
    {.key = NULL},
};
#undef FIELD

/* ---- parameters ---- */

static size_t inner_size(const sasrec *m)
{
    return (size_t)(m->d_inner > 0 ? m->d_inner : 4 * m->d_model);
}

/* A tensor named "layer.<index>.<what>"; rows 0: a vector. */
static rec_status add_layer_tensor(size_t *place, sasrec *m, size_t index, const char *what,
                                   size_t rows, size_t cols, rec_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "layer.%zu.%s", index, what);
    return rec_params_add_matrix(place, &m->params, name, rows, cols, err);
}

static rec_status add_layer(sasrec *m, size_t i, rec_error *err)
{
    layer *l = &m->layers[i];
    size_t d = (size_t)m->d_model, inner = inner_size(m);
    const struct {
        size_t *place;
        const char *what;
        size_t rows, cols;
    } tensors[] = {
        {&l->q, "query.weight", d, d},
        {&l->q_bias, "query.bias", 0, d},
        {&l->k, "key.weight", d, d},
        {&l->k_bias, "key.bias", 0, d},
        {&l->v, "value.weight", d, d},
        {&l->v_bias, "value.bias", 0, d},
        {&l->out, "attention_out.weight", d, d},
        {&l->out_bias, "attention_out.bias", 0, d},
        {&l->attention_gain, "attention_norm.weight", 0, d},
        {&l->attention_bias, "attention_norm.bias", 0, d},
        {&l->inner, "inner.weight", inner, d},
        {&l->inner_bias, "inner.bias", 0, inner},
        {&l->outer, "outer.weight", d, inner},
        {&l->outer_bias, "outer.bias", 0, d},
        {&l->feed_gain, "feed_norm.weight", 0, d},
        {&l->feed_bias, "feed_norm.bias", 0, d},
    };
    for (size_t t = 0; t < sizeof tensors / sizeof *tensors; t++) {
        rec_status status = add_layer_tensor(tensors[t].place, m, i, tensors[t].what,
                                             tensors[t].rows, tensors[t].cols, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status build(sasrec *m, size_t n_items, rec_error *err)
{
    rec_status status = REC_OK;
    size_t d = (size_t)m->d_model;
    if (m->d_model % m->n_heads != 0)
        return rec_fail(err, REC_ERR_CONFIG, "sasrec: n_heads %lld does not divide d_model %lld",
                        (long long)m->n_heads, (long long)m->d_model);
    m->n_items = n_items;
    REC_TRY_NEW(m->layers, (size_t)m->n_layers, err);
    REC_TRY(rec_params_add_matrix(&m->items, &m->params, "items", n_items, d, err));
    REC_TRY(rec_params_add_matrix(&m->positions, &m->params, "positions",
                                  (size_t)m->sequence.max_length, d, err));
    REC_TRY(rec_params_add_matrix(&m->norm_gain, &m->params, "norm.weight", 0, d, err));
    REC_TRY(rec_params_add_matrix(&m->norm_bias, &m->params, "norm.bias", 0, d, err));
    for (size_t i = 0; i < (size_t)m->n_layers; i++)
        REC_TRY(add_layer(m, i, err));
    if (m->norm == NORM_PRE) {
        REC_TRY(rec_params_add_matrix(&m->final_gain, &m->params, "final_norm.weight", 0, d, err));
        REC_TRY(rec_params_add_matrix(&m->final_bias, &m->params, "final_norm.bias", 0, d, err));
    }
    REC_TRY(rec_params_allocate(&m->params, err));
cleanup:
    return status;
}

/* Matrices N(0, init_sd), gains 1, biases 0; neither gains nor biases decay. */
static void initialise(sasrec *m, uint64_t seed)
{
    for (size_t i = 0; i < m->params.n; i++) {
        const rec_param *p = &m->params.table[i];
        if (p->n_dims == 2)
            rec_params_fill_normal(&m->params, i, (float)m->init_sd, seed);
        else if (strstr(p->name, "norm.weight") != NULL)
            rec_params_fill(&m->params, i, 1.0f);
    }
    rec_params_scale_decay(&m->params, "*bias", 0.0f);
    rec_params_scale_decay(&m->params, "*norm.weight", 0.0f);
}

/* ---- forward ---- */

/* A model at work on one batch. */
typedef struct pass {
    rec_tape *t;
    sasrec *m;
    rec_sequences sequences;
    float dropout;
} pass;

static rec_tensor *param(const pass *p, size_t place)
{
    return rec_params_tensor(&p->m->params, place);
}

static rec_tensor *linear(const pass *p, rec_tensor *x, size_t weight, size_t bias,
                          rec_activation f)
{
    rec_linear w = {.weight = param(p, weight), .bias = param(p, bias)};
    return rec_nn_linear_act(p->t, x, &w, f);
}

static rec_tensor *layer_norm(const pass *p, rec_tensor *x, size_t gain, size_t bias)
{
    return rec_nn_layer_norm(p->t, x, param(p, gain), param(p, bias), 1e-12f);
}

static rec_tensor *attend(const pass *p, const layer *l, rec_tensor *x)
{
    const sasrec *m = p->m;
    rec_attention options = {.n_heads = (size_t)m->n_heads, .n_kv_heads = (size_t)m->n_heads};
    options.head_dim = (size_t)(m->d_model / m->n_heads);
    options.causal = true;
    options.dropout = (float)m->attention_dropout;
    rec_tensor *y =
        rec_nn_attention(p->t, linear(p, x, l->q, l->q_bias, REC_ACT_NONE),
                         linear(p, x, l->k, l->k_bias, REC_ACT_NONE),
                         linear(p, x, l->v, l->v_bias, REC_ACT_NONE), &p->sequences, &options);
    return linear(p, y, l->out, l->out_bias, REC_ACT_NONE);
}

static rec_tensor *feed_forward(const pass *p, const layer *l, rec_tensor *x)
{
    rec_activation f = p->m->activation == 0 ? REC_ACT_GELU : REC_ACT_RELU;
    return linear(p, linear(p, x, l->inner, l->inner_bias, f), l->outer, l->outer_bias,
                  REC_ACT_NONE);
}

/* Post-norm: x = norm(x + part(x)). Pre-norm: x = x + part(norm(x)). */
static rec_tensor *run_layer(const pass *p, const layer *l, rec_tensor *x)
{
    if (p->m->norm == NORM_PRE) {
        rec_tensor *z = layer_norm(p, x, l->attention_gain, l->attention_bias);
        x = rec_nn_residual(p->t, x, attend(p, l, z), p->dropout);
        z = layer_norm(p, x, l->feed_gain, l->feed_bias);
        return rec_nn_residual(p->t, x, feed_forward(p, l, z), p->dropout);
    }
    x = rec_nn_residual(p->t, x, attend(p, l, x), p->dropout);
    x = layer_norm(p, x, l->attention_gain, l->attention_bias);
    x = rec_nn_residual(p->t, x, feed_forward(p, l, x), p->dropout);
    return layer_norm(p, x, l->feed_gain, l->feed_bias);
}

static rec_tensor *states(rec_tape *t, void *self, const rec_packed_batch *b)
{
    sasrec *m = self;
    pass p = {.t = t, .m = m, .sequences = {b->n_sequences, b->start}};
    p.dropout = (float)m->dropout;
    rec_lookup lookups[] = {{param(&p, m->items), b->inputs},
                            {param(&p, m->positions), b->positions}};
    rec_tensor *x = rec_nn_embed(t, lookups, 2, b->n_rows, 1.0f);
    x = rec_nn_dropout(t, layer_norm(&p, x, m->norm_gain, m->norm_bias), p.dropout);
    for (size_t i = 0; i < (size_t)m->n_layers; i++)
        x = run_layer(&p, &m->layers[i], x);
    return m->norm == NORM_PRE ? layer_norm(&p, x, m->final_gain, m->final_bias) : x;
}

/* ---- training and use ---- */

static double sampled_loss(rec_tape *t, sasrec *m, rec_tensor *x, const rec_packed_batch *b)
{
    static const rec_score_loss_kind kinds[] = {
        [LOSS_BCE] = REC_LOSS_BCE,
        [LOSS_GBCE] = REC_LOSS_GBCE,
        [LOSS_SAMPLED_SOFTMAX] = REC_LOSS_SOFTMAX,
    };
    rec_score_loss options = {.kind = kinds[m->loss]};
    options.beta = rec_nn_gbce_beta((size_t)m->n_negatives, m->n_items, (float)m->gbce_t);
    rec_tensor *items = rec_params_tensor(&m->params, m->items);
    rec_tensor *scores = rec_nn_candidate_scores(t, x, items, NULL, b->candidates, b->n_candidates);
    return rec_nn_score_loss(t, scores, &options, NULL);
}

static double loss(rec_tape *t, void *self, rec_tensor *x, const rec_packed_batch *b, uint64_t step)
{
    sasrec *m = self;
    (void)step;
    if (m->loss != LOSS_SOFTMAX)
        return sampled_loss(t, m, x, b);
    rec_softmax softmax = {.table = rec_params_tensor(&m->params, m->items)};
    return rec_nn_cross_entropy(t, x, &softmax, b->targets, NULL, 0.0, NULL);
}

extern const rec_recommender rec_recommender_sasrec;

static rec_sequence_model sequence_model(sasrec *m)
{
    return (rec_sequence_model){
        .type = &rec_recommender_sasrec,
        .self = m,
        .options = &m->sequence,
        .params = &m->params,
        .d_model = (size_t)m->d_model,
        .n_negatives = m->loss == LOSS_SOFTMAX ? 0 : (size_t)m->n_negatives,
        .version = 2,
        .states = states,
        .loss = loss,
    };
}

static rec_status sasrec_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    sasrec *m = self;
    rec_status status = build(m, data->train->n_items, err);
    if (status != REC_OK)
        return status;
    initialise(m, data->seed);
    rec_sequence_model model = sequence_model(m);
    return rec_sequence_model_fit(&model, data, err);
}

static rec_status sasrec_encode(float *out, const void *self, const rec_query *queries, size_t n,
                                rec_error *err)
{
    /* The tape takes tensors it could train; evaluating only reads them. */
    rec_sequence_model model = sequence_model((sasrec *)self);
    return rec_sequence_model_encode(out, &model, queries, n, err);
}

static rec_item_table sasrec_item_table(const void *self)
{
    const sasrec *m = self;
    return (rec_item_table){.rows = m->params.value + m->params.table[m->items].offset,
                            .n_items = m->n_items,
                            .dim = (size_t)m->d_model};
}

static rec_status sasrec_similar(uint32_t *items, float *similarities, size_t *n_found,
                                 const void *self, uint32_t item, size_t k, rec_error *err)
{
    rec_item_table table = sasrec_item_table(self);
    return rec_two_tower_similar(items, similarities, n_found, &table, item, k, err);
}

static rec_status sasrec_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    return rec_params_save(&((const sasrec *)self)->params, out, err);
}

static rec_status sasrec_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                              rec_error *err)
{
    sasrec *m = self;
    rec_status status = build(m, dataset->catalogue.n_items, err);
    return status == REC_OK ? rec_params_load(&m->params, in, err) : status;
}

static size_t sasrec_n_parameters(const void *self)
{
    return rec_params_count(&((const sasrec *)self)->params);
}

static void sasrec_deinit(void *self)
{
    sasrec *m = self;
    rec_params_deinit(&m->params);
    free(m->layers);
    m->layers = NULL;
}

const rec_recommender rec_recommender_sasrec = {
    .name = "sasrec",
    .help = "causal transformer over the history",
    .citation = "Self-attentive sequential recommendation, ICDM 2018, section III",
    .size = sizeof(sasrec),
    .options = sasrec_options,
    .is_random = true,
    .fit = sasrec_fit,
    .save = sasrec_save,
    .load = sasrec_load,
    .encode = sasrec_encode,
    .item_table = sasrec_item_table,
    .similar = sasrec_similar,
    .n_parameters = sasrec_n_parameters,
    .deinit = sasrec_deinit,
};
