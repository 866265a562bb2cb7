/* models/recommenders/gru4rec.c: a GRU over the items of a history; score(h, i) = dense(state after the
 * last item) . embedding of i. "Session-based recommendations with recurrent neural networks", ICLR
 * 2016; losses of "Recurrent neural networks with top-k gains for session-based recommendations", CIKM
 * 2018. Input and output share one item table and no bias, as in RecBole's GRU4Rec, whose initial
 * values (Xavier) and dropout of the embedding we take over.
 *
 * Ranking losses see the other targets of their group of rows as negatives, as in the original's mini
 * batches, and n_negatives further items for all rows, drawn with probability ~ count^sample_alpha. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "models/nn/gru.h"
#include "models/nn/linear.h"
#include "models/nn/score_loss.h"
#include "models/nn/softmax_loss.h"
#include "models/sequence_model.h"
#include "models/two_tower.h"

enum { LOSS_SOFTMAX, LOSS_BPR_MAX, LOSS_TOP1, LOSS_TOP1_MAX, LOSS_BPR };

typedef struct layer {
    size_t input, hidden; /* places in the parameter table */
} layer;

typedef struct gru4rec {
    int64_t d_model, d_hidden, n_layers, n_negatives;
    double dropout, sample_alpha, bpr_max_decay;
    int loss;
    rec_sequence_options sequence;
    /* made by fit or load */
    rec_params params;
    size_t n_items, items, dense, dense_bias;
    layer *layers; /* (n_layers) owned */
    /* fit only */
    double *cumulative; /* (n_items) sums of count^alpha, owned */
    uint64_t seed;
} gru4rec;

static const char *const losses[] = {"softmax", "bpr_max", "top1", "top1_max", "bpr", NULL};

#define FIELD(name) offsetof(gru4rec, name)
static const rec_option gru4rec_options[] = {
    {"d_model", "size of item vectors", FIELD(d_model), REC_OPT_INT, .value = 64, .min = 1,
     .max = 8192},
    {"d_hidden", "size of the recurrent state", FIELD(d_hidden), REC_OPT_INT, .value = 128,
     .min = 1, .max = 8192},
    {"n_layers", "recurrent layers", FIELD(n_layers), REC_OPT_INT, .value = 1, .min = 1, .max = 16},
    {"dropout", "of item vectors on the way in", FIELD(dropout), REC_OPT_REAL, .value = 0.3,
     .min = 0, .max = 0.99},
    {"loss", "training objective", FIELD(loss), REC_OPT_ENUM, .choices = losses},
    {"n_negatives", "sampled items beside the other targets (all losses but softmax)",
     FIELD(n_negatives), REC_OPT_INT, .value = 2048, .min = 0, .max = 100000},
    {"sample_alpha", "negatives are drawn ~ count^alpha; 0: uniformly", FIELD(sample_alpha),
     REC_OPT_REAL, .value = 0.75, .min = 0, .max = 1},
    {"bpr_max_decay", "weight of bpr_max's score regularisation", FIELD(bpr_max_decay),
     REC_OPT_REAL, .value = 1, .min = 0, .max = 1e6},
    REC_SEQUENCE_OPTIONS(gru4rec),
    {.key = NULL},
};
#undef FIELD

/* ---- parameters ---- */

static rec_status add_layer(gru4rec *m, size_t i, rec_error *err)
{
    char name[64];
    size_t h = (size_t)m->d_hidden, in = i == 0 ? (size_t)m->d_model : h;
    snprintf(name, sizeof name, "layer.%zu.input.weight", i);
    rec_status status =
        rec_params_add_matrix(&m->layers[i].input, &m->params, name, 3 * h, in, err);
    if (status != REC_OK)
        return status;
    snprintf(name, sizeof name, "layer.%zu.hidden.weight", i);
    return rec_params_add_matrix(&m->layers[i].hidden, &m->params, name, 3 * h, h, err);
}

static rec_status build(gru4rec *m, size_t n_items, rec_error *err)
{
    rec_status status = REC_OK;
    size_t d = (size_t)m->d_model, h = (size_t)m->d_hidden;
    m->n_items = n_items;
    REC_TRY_NEW(m->layers, (size_t)m->n_layers, err);
    REC_TRY(rec_params_add_matrix(&m->items, &m->params, "items", n_items, d, err));
    for (size_t i = 0; i < (size_t)m->n_layers; i++)
        REC_TRY(add_layer(m, i, err));
    REC_TRY(rec_params_add_matrix(&m->dense, &m->params, "dense.weight", d, h, err));
    REC_TRY(rec_params_add_matrix(&m->dense_bias, &m->params, "dense.bias", 0, d, err));
    REC_TRY(rec_params_allocate(&m->params, err));
cleanup:
    return status;
}

/* Items: Xavier normal; recurrent weights: Xavier uniform ("Understanding the difficulty of training
 * deep feedforward neural networks", AISTATS 2010, eq. (16)); dense: U(-1, 1) / sqrt(h) as PyTorch's
 * Linear. */
static void initialise(gru4rec *m, uint64_t seed)
{
    rec_params *p = &m->params;
    const rec_tensor *items = rec_params_tensor(p, m->items);
    rec_params_fill_normal(p, m->items, sqrtf(2.0f / (float)(items->rows + items->cols)), seed);
    for (size_t i = 0; i < (size_t)m->n_layers; i++)
        for (int hidden = 0; hidden < 2; hidden++) {
            size_t place = hidden ? m->layers[i].hidden : m->layers[i].input;
            const rec_tensor *w = rec_params_tensor(p, place);
            rec_params_fill_uniform(p, place, sqrtf(6.0f / (float)(w->rows + w->cols)), seed);
        }
    float bound = 1.0f / sqrtf((float)m->d_hidden);
    rec_params_fill_uniform(p, m->dense, bound, seed);
    rec_params_fill_uniform(p, m->dense_bias, bound, seed);
    rec_params_scale_decay(p, "*bias", 0.0f);
}

/* ---- forward ---- */

static rec_tensor *states(rec_tape *t, void *self, const rec_packed_batch *b)
{
    gru4rec *m = self;
    rec_sequences sequences = {b->n_sequences, b->start};
    rec_lookup lookup = {rec_params_tensor(&m->params, m->items), b->inputs};
    rec_tensor *x = rec_nn_embed(t, &lookup, 1, b->n_rows, 1.0f);
    x = rec_nn_dropout(t, x, (float)m->dropout);
    for (size_t i = 0; i < (size_t)m->n_layers; i++) {
        rec_gru w = {.input = rec_params_tensor(&m->params, m->layers[i].input),
                     .hidden = rec_params_tensor(&m->params, m->layers[i].hidden)};
        x = rec_nn_gru(t, x, &w, &sequences);
    }
    return x;
}

static rec_tensor *head(rec_tape *t, void *self, rec_tensor *x)
{
    gru4rec *m = self;
    rec_linear dense = {.weight = rec_params_tensor(&m->params, m->dense),
                        .bias = rec_params_tensor(&m->params, m->dense_bias)};
    return rec_nn_linear(t, x, &dense);
}

/* ---- losses with shared negatives ---- */

static rec_status count_items(gru4rec *m, const rec_interactions *train, rec_error *err)
{
    double *sums = rec_alloc(m->n_items, sizeof *sums, err);
    if (sums == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < train->n; i++)
        sums[train->item[i]] += 1.0;
    for (size_t i = 0; i < m->n_items; i++)
        sums[i] =
            (sums[i] > 0.0 ? pow(sums[i], m->sample_alpha) : 0.0) + (i > 0 ? sums[i - 1] : 0.0);
    m->cumulative = sums;
    return REC_OK;
}

/* First item whose cumulative sum exceeds a uniform draw; items that never occurred are not drawn. */
static uint32_t draw_item(const gru4rec *m, rec_rng *rng)
{
    double x = rec_rng_uniform(rng) * m->cumulative[m->n_items - 1];
    size_t low = 0, high = m->n_items - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->cumulative[middle] > x)
            high = middle;
        else
            low = middle + 1;
    }
    return (uint32_t)low;
}

/* A group of rows that share their negatives: bounds the score matrix. */
enum { GROUP = 1024 };

typedef struct group {
    size_t first, n, n_candidates;
    uint32_t *rows;       /* (n) rows of the states */
    uint32_t *candidates; /* (n_candidates) the group's targets, then drawn items */
    uint32_t *columns;    /* (n) column of each row's target */
    bool *ignored;        /* (n, n_candidates) other columns with the row's own target */
} group;

static bool fill_group(group *g, rec_tape *t, const gru4rec *m, const rec_packed_batch *b,
                       rec_rng *rng)
{
    g->n_candidates = g->n + (size_t)m->n_negatives;
    g->rows = rec_tape_alloc(t, g->n, sizeof *g->rows);
    g->candidates = rec_tape_alloc(t, g->n_candidates, sizeof *g->candidates);
    g->columns = rec_tape_alloc(t, g->n, sizeof *g->columns);
    g->ignored = rec_tape_alloc(t, g->n * g->n_candidates, sizeof *g->ignored);
    if (g->rows == NULL || g->candidates == NULL || g->columns == NULL || g->ignored == NULL)
        return false;
    for (size_t i = 0; i < g->n; i++) {
        g->rows[i] = (uint32_t)(g->first + i);
        g->columns[i] = (uint32_t)i;
        g->candidates[i] = b->targets[g->first + i];
    }
    for (size_t j = g->n; j < g->n_candidates; j++)
        g->candidates[j] = draw_item(m, rng);
    for (size_t i = 0; i < g->n; i++)
        for (size_t j = 0; j < g->n_candidates; j++)
            g->ignored[i * g->n_candidates + j] = g->candidates[j] == g->candidates[i];
    return true;
}

static double group_loss(rec_tape *t, gru4rec *m, rec_tensor *x, const group *g, double divisor)
{
    static const rec_score_loss_kind kinds[] = {
        [LOSS_BPR_MAX] = REC_LOSS_BPR_MAX,
        [LOSS_TOP1] = REC_LOSS_TOP1,
        [LOSS_TOP1_MAX] = REC_LOSS_TOP1_MAX,
        [LOSS_BPR] = REC_LOSS_BPR,
    };
    rec_score_loss options = {.kind = kinds[m->loss], .targets = g->columns, .ignored = g->ignored};
    options.divisor = divisor;
    options.regularization = (float)m->bpr_max_decay;
    rec_lookup items = {rec_params_tensor(&m->params, m->items), g->candidates};
    rec_tensor *own = rec_nn_embed(t, &(rec_lookup){x, g->rows}, 1, g->n, 1.0f);
    rec_tensor *candidates = rec_nn_embed(t, &items, 1, g->n_candidates, 1.0f);
    return rec_nn_score_loss(t, rec_nn_similarity(t, own, candidates, 1.0f), &options, NULL);
}

static double loss(rec_tape *t, void *self, rec_tensor *x, const rec_packed_batch *b, uint64_t step)
{
    gru4rec *m = self;
    if (m->loss == LOSS_SOFTMAX) {
        rec_softmax softmax = {.table = rec_params_tensor(&m->params, m->items)};
        return rec_nn_cross_entropy(t, x, &softmax, b->targets, NULL, 0.0, NULL);
    }
    double sum = 0.0;
    rec_rng rng = rec_rng_keyed(m->seed, "gru4rec/negative", step);
    for (size_t first = 0; first < b->n_targets; first += GROUP) {
        group g = {.first = first};
        g.n = b->n_targets - first < GROUP ? b->n_targets - first : GROUP;
        if (!fill_group(&g, t, m, b, &rng))
            return 0.0;
        sum += group_loss(t, m, x, &g, (double)b->n_targets);
    }
    return sum;
}

/* ---- plug-in ---- */

extern const rec_recommender rec_recommender_gru4rec;

static rec_sequence_model sequence_model(gru4rec *m)
{
    return (rec_sequence_model){
        .type = &rec_recommender_gru4rec,
        .self = m,
        .options = &m->sequence,
        .params = &m->params,
        .d_model = (size_t)m->d_model,
        .version = 2,
        .states = states,
        .head = head,
        .loss = loss,
    };
}

static rec_status gru4rec_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    gru4rec *m = self;
    rec_status status = REC_OK;
    REC_TRY(build(m, data->train->n_items, err));
    REC_TRY(count_items(m, data->train, err));
    initialise(m, data->seed);
    m->seed = data->seed;
    rec_sequence_model model = sequence_model(m);
    REC_TRY(rec_sequence_model_fit(&model, data, err));
cleanup:
    free(m->cumulative);
    m->cumulative = NULL;
    return status;
}

static rec_status gru4rec_encode(float *out, const void *self, const rec_query *queries, size_t n,
                                 rec_error *err)
{
    /* The tape takes tensors it could train; evaluating only reads them. */
    rec_sequence_model model = sequence_model((gru4rec *)self);
    return rec_sequence_model_encode(out, &model, queries, n, err);
}

static rec_item_table gru4rec_item_table(const void *self)
{
    const gru4rec *m = self;
    return (rec_item_table){.rows = m->params.value + m->params.table[m->items].offset,
                            .n_items = m->n_items,
                            .dim = (size_t)m->d_model};
}

static rec_status gru4rec_similar(uint32_t *items, float *similarities, size_t *n_found,
                                  const void *self, uint32_t item, size_t k, rec_error *err)
{
    rec_item_table table = gru4rec_item_table(self);
    return rec_two_tower_similar(items, similarities, n_found, &table, item, k, err);
}

static rec_status gru4rec_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    return rec_params_save(&((const gru4rec *)self)->params, out, err);
}

static rec_status gru4rec_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                               rec_error *err)
{
    gru4rec *m = self;
    rec_status status = build(m, dataset->catalogue.n_items, err);
    return status == REC_OK ? rec_params_load(&m->params, in, err) : status;
}

static size_t gru4rec_n_parameters(const void *self)
{
    return rec_params_count(&((const gru4rec *)self)->params);
}

static void gru4rec_deinit(void *self)
{
    gru4rec *m = self;
    rec_params_deinit(&m->params);
    free(m->layers);
    m->layers = NULL;
}

const rec_recommender rec_recommender_gru4rec = {
    .name = "gru4rec",
    .help = "gated recurrent units over the history",
    .citation =
        "Session-based recommendations with recurrent neural networks, ICLR 2016, section 3",
    .size = sizeof(gru4rec),
    .options = gru4rec_options,
    .is_random = true,
    .fit = gru4rec_fit,
    .save = gru4rec_save,
    .load = gru4rec_load,
    .encode = gru4rec_encode,
    .item_table = gru4rec_item_table,
    .similar = gru4rec_similar,
    .n_parameters = gru4rec_n_parameters,
    .deinit = gru4rec_deinit,
};
