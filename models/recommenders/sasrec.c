/* models/recommenders/sasrec.c: a causal transformer over the items of a history; score(h, i) = state
 * after the last item . embedding of i. "Self-attentive sequential recommendation", ICDM 2018; layers
 * and defaults as in S3-Rec's SASRec (CIKM 2020): post-norm, GELU, inner size 4 d, LayerNorm over item
 * + position, N(0, .02) weights, Adam.
 *
 * Positions are counted from the end of the history: the latest item always has the same one (padding
 * on the left does that in the original). Sequences are packed, so nothing is padded. Losses: BCE with
 * negatives sampled per position, gBCE ("gSASRec", RecSys 2023), softmax over sampled items or over
 * the whole catalogue. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/fit_identity.h"
#include "models/next_item.h"
#include "models/nn/attention.h"
#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "models/nn/linear.h"
#include "models/nn/norm.h"
#include "models/nn/score_loss.h"
#include "models/nn/softmax_loss.h"
#include "models/nn/trainer.h"
#include "models/recommender.h"
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
    int64_t d_model, n_layers, n_heads, d_inner, max_length, batch_size, n_negatives;
    double dropout, attention_dropout, init_sd, gbce_t;
    int loss, norm, activation, samples;
    char *metric;
    rec_optimizer_options optimizer; /* default: adamw without decay, which is adam */
    rec_training training;
    /* made by fit or load */
    rec_params params;
    size_t n_items, items, positions, norm_gain, norm_bias, final_gain, final_bias;
    layer *layers; /* (n_layers) owned */
} sasrec;

static const char *const losses[] = {"bce", "gbce", "sampled_softmax", "softmax", NULL};
static const char *const norms[] = {"post", "pre", NULL};
static const char *const activations[] = {"gelu", "relu", NULL};
static const char *const sample_kinds[] = {"sequences", "prefixes", NULL};

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
    {"max_length", "latest items of a history that are read", FIELD(max_length), REC_OPT_INT,
     .value = 50, .min = 1, .max = 4096},
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
    {"samples", "one sequence per user, or every prefix with one target", FIELD(samples),
     REC_OPT_ENUM, .choices = sample_kinds},
    {"batch_size", "sequences per batch", FIELD(batch_size), REC_OPT_INT, .value = 256, .min = 1,
     .max = 65536},
    {"metric", "validation metric that stops training", FIELD(metric), REC_OPT_STRING,
     .text = "ndcg@10"},
    {"optimizer", "update rule", FIELD(optimizer), REC_OPT_TABLE,
     .table = rec_optimizer_option_table},
    {"training", "epochs, patience, schedule", FIELD(training), REC_OPT_TABLE,
     .table = rec_training_options},
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
    REC_TRY(rec_params_add_matrix(&m->positions, &m->params, "positions", (size_t)m->max_length, d,
                                  err));
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

/* States (n_rows, d) after every item of a batch. */
static rec_tensor *states(rec_tape *t, sasrec *m, const rec_packed_batch *b)
{
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

/* ---- training ---- */

extern const rec_recommender rec_recommender_sasrec;

typedef struct fitting {
    sasrec *m;
    const rec_fit_data *data;
    rec_next_items samples;
    rec_packed_batch batch;
    rec_arena arena;
    rec_tape tape;
} fitting;

static double sampled_loss(fitting *f, rec_tensor *x)
{
    const sasrec *m = f->m;
    const rec_packed_batch *b = &f->batch;
    rec_score_loss options = {.kind = m->loss == LOSS_BCE    ? REC_LOSS_BCE
                                      : m->loss == LOSS_GBCE ? REC_LOSS_GBCE
                                                             : REC_LOSS_SOFTMAX};
    options.beta = rec_nn_gbce_beta((size_t)m->n_negatives, m->n_items, (float)m->gbce_t);
    rec_tensor *items = rec_params_tensor(&f->m->params, m->items);
    rec_tensor *scores =
        rec_nn_candidate_scores(&f->tape, x, items, NULL, b->candidates, b->n_candidates);
    return rec_nn_score_loss(&f->tape, scores, &options, NULL);
}

static double batch_loss(fitting *f)
{
    rec_packed_batch *b = &f->batch;
    rec_tensor *x = states(&f->tape, f->m, b);
    if (b->n_targets < b->n_rows)
        x = rec_nn_embed(&f->tape, &(rec_lookup){x, b->target_rows}, 1, b->n_targets, 1.0f);
    if (f->m->loss != LOSS_SOFTMAX)
        return sampled_loss(f, x);
    rec_softmax softmax = {.table = rec_params_tensor(&f->m->params, f->m->items)};
    return rec_nn_cross_entropy(&f->tape, x, &softmax, b->targets, NULL, 0.0, NULL);
}

static rec_status start_epoch(void *context, size_t epoch, rec_error *err)
{
    fitting *f = context;
    (void)err;
    rec_next_items_shuffle(&f->samples, f->data->seed, epoch);
    return REC_OK;
}

static rec_status run_batch(double *loss, void *context, size_t epoch, size_t batch, uint64_t step,
                            rec_error *err)
{
    fitting *f = context;
    rec_status status = REC_OK;
    size_t size = (size_t)f->m->batch_size, first = batch * size;
    size_t n = f->samples.n - first < size ? f->samples.n - first : size;
    (void)epoch;
    rec_packed_batch_fill(&f->batch, &f->samples, first, n);
    if (f->m->loss != LOSS_SOFTMAX)
        REC_TRY(rec_packed_batch_sample(&f->batch, &f->samples, f->data->seed, step, err));
    rec_tape_begin(&f->tape, REC_TAPE_TRAIN, rec_tape_step_seed(f->data->seed, step));
    *loss = batch_loss(f);
    REC_TRY(rec_tape_status(&f->tape, err));
    REC_TRY(rec_tape_check_loss(&f->tape, *loss, err));
    REC_TRY(rec_tape_backward(&f->tape, err));
cleanup:
    return status;
}

static rec_status validate(double *value, void *context, rec_error *err)
{
    fitting *f = context;
    const rec_validator *v = f->data->validator;
    return v->value(value, v->context, &rec_recommender_sasrec, f->m, f->m->metric, err);
}

static rec_status prepare(fitting *f, rec_error *err)
{
    sasrec *m = f->m;
    rec_status status = REC_OK;
    size_t n_negatives = m->loss == LOSS_SOFTMAX ? 0 : (size_t)m->n_negatives;
    REC_TRY(build(m, f->data->train->n_items, err));
    initialise(m, f->data->seed);
    REC_TRY(rec_params_want_gradients(&m->params, err));
    REC_TRY(rec_next_items_init(&f->samples, f->data->train, (rec_sample_kind)m->samples,
                                (size_t)m->max_length, err));
    REC_TRY(rec_packed_batch_init(&f->batch, (size_t)m->batch_size, (size_t)m->max_length,
                                  n_negatives, err));
    rec_tape_init(&f->tape, &f->arena);
cleanup:
    return status;
}

static rec_status sasrec_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    fitting f = {.m = self, .data = data};
    rec_training_report report = {.n_epochs = 0};
    char identity[REC_SHA256_HEX];
    rec_status status = REC_OK;
    REC_TRY(prepare(&f, err));
    REC_TRY(rec_fit_identity(identity, &rec_recommender_sasrec, self, data, 1, err));
    rec_training_task task = {.context = &f, .label = "sasrec", .batch = run_batch};
    task.start_epoch = start_epoch;
    task.n_batches = (f.samples.n + (size_t)f.m->batch_size - 1) / (size_t)f.m->batch_size;
    task.validate = data->validator != NULL ? validate : NULL;
    rec_params *block = &f.m->params;
    REC_TRY(rec_train(&report, &f.m->training, &f.m->optimizer, &block, 1, &task, data->checkpoint,
                      identity, err));
    rec_params_drop_gradients(&f.m->params);
cleanup:
    rec_training_report_deinit(&report);
    rec_packed_batch_deinit(&f.batch);
    rec_next_items_deinit(&f.samples);
    rec_arena_deinit(&f.arena);
    return status;
}

/* ---- use ---- */

enum { QUERIES_PER_BLOCK = 128 };

/* States of a block of queries; a query without history gets zeros, so that all items tie. */
static rec_status encode_block(float *out, sasrec *m, rec_packed_batch *b, rec_tape *t,
                               const rec_query *queries, size_t n, rec_error *err)
{
    size_t d = (size_t)m->d_model;
    rec_packed_batch_clear(b);
    for (size_t q = 0; q < n; q++)
        rec_packed_batch_append(b, queries[q].history, queries[q].n_history);
    rec_tape_begin(t, REC_TAPE_EVALUATE, 0);
    rec_tensor *x = states(t, m, b);
    if (x == NULL)
        return rec_tape_status(t, err);
    for (size_t q = 0; q < n; q++) {
        if (b->start[q + 1] > b->start[q])
            memcpy(out + q * d, x->value + (size_t)(b->start[q + 1] - 1) * d, d * sizeof *out);
        else
            memset(out + q * d, 0, d * sizeof *out);
    }
    return REC_OK;
}

static rec_status sasrec_encode(float *out, const void *self, const rec_query *queries, size_t n,
                                rec_error *err)
{
    sasrec *m = (sasrec *)self; /* the tape takes tensors it could train; here it only reads them */
    rec_packed_batch batch;
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    size_t block = n < QUERIES_PER_BLOCK ? n : QUERIES_PER_BLOCK;
    rec_status status = rec_packed_batch_init(&batch, block, (size_t)m->max_length, 0, err);
    rec_tape_init(&tape, &arena);
    for (size_t q = 0; status == REC_OK && q < n; q += block)
        status = encode_block(out + q * (size_t)m->d_model, m, &batch, &tape, queries + q,
                              n - q < block ? n - q : block, err);
    rec_packed_batch_deinit(&batch);
    rec_arena_deinit(&arena);
    return status;
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
