/* models/recommenders/bpr_mf.c: matrix factorisation for ranking, x_ui = <user u, item i>, trained by
 * models/bpr.h. "BPR: Bayesian personalized ranking from implicit feedback", UAI 2009, section 4.3.1.
 * A history without a trained row gets a user vector by the same steps with item vectors held fixed
 * (Adagrad, from 0), drawn from a stream named by the history. Long trainings leave a checkpoint
 * between epochs; resumed ones give the same bits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"
#include "core/progress.h"
#include "models/bpr.h"
#include "models/early_stopping.h"
#include "models/fit_identity.h"
#include "models/nn/checkpoint.h"
#include "models/two_tower.h"

typedef enum init { INIT_NORMAL, INIT_XAVIER } init;
static const char *const init_names[] = {"normal", "xavier", NULL};

typedef struct bpr_mf {
    int64_t n_factors, n_epochs, batch, fold_in_epochs;
    double lr, l2, init_scale, fold_in_lr, checkpoint_seconds;
    int rule, sampling, init;
    rec_early_stopping early_stopping;
    rec_factors users, items; /* owned */
    uint64_t seed;            /* of the fit: histories draw from it */
} bpr_mf;

static const rec_option bpr_mf_options[] = {
    {.key = "factors",
     .help = "dimensions of the user and item vectors",
     .offset = offsetof(bpr_mf, n_factors),
     .type = REC_OPT_INT,
     .value = 64,
     .min = 1,
     .max = 4096},
    {.key = "epochs",
     .help = "passes over the training pairs (or what sampling says)",
     .offset = offsetof(bpr_mf, n_epochs),
     .type = REC_OPT_INT,
     .value = 100,
     .min = 1,
     .max = 100000},
    {.key = "optimizer",
     .help = "how gradients move parameters: sgd, adagrad or adam",
     .offset = offsetof(bpr_mf, rule),
     .type = REC_OPT_ENUM,
     .choices = rec_step_rule_names},
    {.key = "lr",
     .help = "learning rate per sample: gradients of a batch are summed, not averaged",
     .offset = offsetof(bpr_mf, lr),
     .type = REC_OPT_REAL,
     .value = 0.05,
     .min = 1e-9,
     .max = 1e3},
    {.key = "batch",
     .help = "samples whose gradients are summed before a step; 1: each by itself (fast)",
     .offset = offsetof(bpr_mf, batch),
     .type = REC_OPT_INT,
     .value = 1,
     .min = 1,
     .max = 1 << 24},
    {.key = "sampling",
     .help = "an epoch is all pairs in random order, or as many draws as users (user, then item)",
     .offset = offsetof(bpr_mf, sampling),
     .type = REC_OPT_ENUM,
     .choices = rec_bpr_sampling_names},
    {.key = "l2",
     .help = "L2 regularisation of the three vectors of a sample",
     .offset = offsetof(bpr_mf, l2),
     .type = REC_OPT_REAL,
     .value = 0.01,
     .min = 0,
     .max = 1e3},
    {.key = "init",
     .help = "normal (deviation init_scale) or xavier (deviation sqrt(2 / (rows + factors)))",
     .offset = offsetof(bpr_mf, init),
     .type = REC_OPT_ENUM,
     .choices = init_names},
    {.key = "init_scale",
     .help = "standard deviation of normal starting values",
     .offset = offsetof(bpr_mf, init_scale),
     .type = REC_OPT_REAL,
     .value = 0.1,
     .min = 1e-9,
     .max = 1e3},
    {.key = "early_stopping",
     .help = "stop on a validation metric and keep the best epoch",
     .offset = offsetof(bpr_mf, early_stopping),
     .type = REC_OPT_TABLE,
     .table = rec_early_stopping_table},
    {.key = "fold_in_epochs",
     .help = "passes over a history that has no trained row",
     .offset = offsetof(bpr_mf, fold_in_epochs),
     .type = REC_OPT_INT,
     .value = 20,
     .min = 1,
     .max = 10000},
    {.key = "fold_in_lr",
     .help = "Adagrad learning rate of those passes",
     .offset = offsetof(bpr_mf, fold_in_lr),
     .type = REC_OPT_REAL,
     .value = 0.1,
     .min = 1e-9,
     .max = 1e3},
    {.key = "checkpoint_seconds",
     .help = "least time between two checkpoints of a training",
     .offset = offsetof(bpr_mf, checkpoint_seconds),
     .type = REC_OPT_REAL,
     .value = 30,
     .min = 0,
     .max = 1e6},
    {.key = NULL},
};

extern const rec_recommender rec_recommender_bpr_mf;

/* Integers of a checkpoint. */
enum { COUNT_EPOCH, COUNT_BATCHES, COUNT_BEST, N_COUNTS };

/* Raise it when the same options and seed give other bits. */
enum { TRAINING_VERSION = 1 };

/* A fit under way. */
typedef struct training {
    bpr_mf *m;
    const rec_fit_data *data;
    rec_sparse positives;
    rec_bpr bpr;
    rec_factors best_users, best_items; /* of best.epoch; empty without early stopping */
    rec_best_epoch best;
    int64_t epoch;  /* the next one */
    double written; /* when the last checkpoint was */
    int64_t counts[N_COUNTS];
    char identity[REC_SHA256_HEX]; /* whose checkpoint it is */
} training;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fill(rec_factors *f, const bpr_mf *m, const char *purpose)
{
    double deviation =
        m->init == INIT_XAVIER ? sqrt(2.0 / (double)(f->n_rows + f->dim)) : m->init_scale;
    rec_factors_fill_normal(f, deviation, m->seed, purpose);
}

static rec_status best_init(training *t, rec_error *err)
{
    rec_status status = REC_OK;
    if (t->m->early_stopping.metric == NULL)
        return REC_OK;
    REC_TRY(rec_factors_init(&t->best_users, t->m->users.n_rows, t->m->users.dim, err));
    REC_TRY(rec_factors_init(&t->best_items, t->m->items.n_rows, t->m->items.dim, err));
cleanup:
    return status;
}

static rec_status training_init(training *t, bpr_mf *m, const rec_fit_data *data, rec_error *err)
{
    size_t dim = (size_t)m->n_factors;
    rec_bpr_options options = {.lr = m->lr,
                               .l2 = m->l2,
                               .batch = (size_t)m->batch,
                               .rule = m->rule,
                               .sampling = m->sampling,
                               .seed = data->seed};
    rec_status status;
    *t = (training){.m = m, .data = data, .best = {.epoch = -1}, .written = now()};
    m->seed = data->seed;
    REC_TRY(rec_early_stopping_check(&m->early_stopping, data, "bpr_mf", err));
    REC_TRY(rec_sparse_from_interactions(&t->positives, data->train, REC_FEEDBACK_BINARY, err));
    REC_TRY(rec_factors_init(&m->users, data->train->n_users, dim, err));
    REC_TRY(rec_factors_init(&m->items, data->train->n_items, dim, err));
    fill(&m->users, m, "bpr_mf/users");
    fill(&m->items, m, "bpr_mf/items");
    REC_TRY(rec_bpr_init(&t->bpr, &m->users, &m->items, &t->positives, &options, err));
    REC_TRY(best_init(t, err));
    REC_TRY(rec_fit_identity(t->identity, &rec_recommender_bpr_mf, m, data, TRAINING_VERSION, err));
cleanup:
    return status;
}

static void training_deinit(training *t)
{
    rec_bpr_deinit(&t->bpr);
    rec_sparse_deinit(&t->positives);
    rec_factors_deinit(&t->best_users);
    rec_factors_deinit(&t->best_items);
}

/* Everything a checkpoint holds: counters, parameters, moments of the step rule, the best epoch's
 * parameters. What this training does not have has no data and is left out. */
enum { MAX_STATES = 10 };

static size_t list_state(rec_checkpoint_array states[MAX_STATES], training *t)
{
    const struct {
        const char *name;
        rec_factors *factors;
    } all[] = {
        {"users", &t->m->users},
        {"items", &t->m->items},
        {"user_first", &t->bpr.user_first},
        {"item_first", &t->bpr.item_first},
        {"user_second", &t->bpr.user_second},
        {"item_second", &t->bpr.item_second},
        {"best_users", &t->best_users},
        {"best_items", &t->best_items},
    };
    size_t n = 0;
    states[n++] = (rec_checkpoint_array){"counts", REC_I64, N_COUNTS, t->counts};
    states[n++] = (rec_checkpoint_array){"best_value", REC_F64, 1, &t->best.value};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const rec_factors *f = all[i].factors;
        if (f->data == NULL)
            continue;
        states[n] = (rec_checkpoint_array){.dtype = REC_F32, .n = f->n_rows * f->stride};
        snprintf(states[n].name, sizeof states[n].name, "%s", all[i].name);
        states[n++].data = f->data;
    }
    return n;
}

static rec_status checkpoint_write(training *t, rec_error *err)
{
    rec_checkpoint_array states[MAX_STATES];
    t->counts[COUNT_EPOCH] = t->epoch;
    t->counts[COUNT_BATCHES] = (int64_t)t->bpr.n_batches;
    t->counts[COUNT_BEST] = t->best.epoch;
    size_t n = list_state(states, t);
    rec_status status = rec_checkpoint_write(t->data->checkpoint, t->identity, states, n, err);
    t->written = now();
    return status;
}

static rec_status checkpoint_read(training *t, rec_error *err)
{
    rec_checkpoint_array states[MAX_STATES];
    bool found = false;
    rec_status status = REC_OK;
    size_t n = list_state(states, t);
    if (t->data->checkpoint != NULL)
        status = rec_checkpoint_read(&found, t->data->checkpoint, t->identity, states, n, err);
    if (status != REC_OK || !found)
        return status;
    t->epoch = t->counts[COUNT_EPOCH];
    t->bpr.n_batches = (uint64_t)t->counts[COUNT_BATCHES];
    t->best.epoch = t->counts[COUNT_BEST];
    return REC_OK;
}

static void copy_factors(rec_factors *to, const rec_factors *from)
{
    memcpy(to->data, from->data, from->n_rows * from->stride * sizeof *to->data);
}

static rec_status train_epoch(training *t, bool *stop, rec_progress *progress, rec_error *err)
{
    bool improved;
    double accuracy;
    rec_status status;
    REC_TRY(rec_bpr_epoch(&accuracy, &t->bpr, (uint64_t)t->epoch, err));
    REC_TRY(rec_early_stopping_look(&improved, stop, &t->best, &t->m->early_stopping, t->data,
                                    &rec_recommender_bpr_mf, t->m, t->epoch, err));
    if (improved) {
        copy_factors(&t->best_users, &t->m->users);
        copy_factors(&t->best_items, &t->m->items);
    }
    t->epoch++;
    rec_progress_add(progress, 1);
    rec_progress_note(progress, "pairs in order %.3f", accuracy);
    if (t->data->checkpoint != NULL && now() - t->written >= t->m->checkpoint_seconds)
        REC_TRY(checkpoint_write(t, err));
cleanup:
    return status;
}

/* A checkpoint after the last epoch of a stopped training: its patience is already over. */
static bool is_over(const training *t)
{
    const rec_early_stopping *o = &t->m->early_stopping;
    return t->epoch >= t->m->n_epochs ||
           (o->metric != NULL && t->best.epoch >= 0 && t->epoch % o->every == 0 &&
            t->epoch - 1 - t->best.epoch >= o->patience);
}

static rec_status bpr_mf_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    bpr_mf *m = self;
    training t;
    rec_progress *progress = NULL;
    bool stop = false;
    rec_status status;
    REC_TRY(training_init(&t, m, data, err));
    REC_TRY(checkpoint_read(&t, err));
    progress = rec_progress_start("bpr_mf", "epochs", (size_t)m->n_epochs);
    rec_progress_add(progress, (size_t)t.epoch);
    while (!stop && !is_over(&t))
        REC_TRY(train_epoch(&t, &stop, progress, err));
    if (t.best.epoch >= 0) {
        copy_factors(&m->users, &t.best_users);
        copy_factors(&m->items, &t.best_items);
    }
cleanup:
    rec_progress_end(progress);
    training_deinit(&t);
    return status;
}

static bool has_row(const bpr_mf *m, const rec_query *q)
{
    return q->user != REC_NO_USER && q->user < m->users.n_rows;
}

static rec_status bpr_mf_encode(float *out, const void *self, const rec_query *queries, size_t n,
                                rec_error *err)
{
    const bpr_mf *m = self;
    size_t stride = m->items.stride;
    rec_sparse histories = {.n_rows = 0};
    rec_item_sets sets = {.rows = NULL};
    rec_factors scratch = {.n_rows = 0}; /* row 0: the vector, row 1: squared gradients */
    rec_status status;
    REC_TRY(
        rec_sparse_from_queries(&histories, queries, n, m->items.n_rows, REC_FEEDBACK_BINARY, err));
    REC_TRY(rec_item_sets_init(&sets, &histories, err));
    REC_TRY(rec_factors_init(&scratch, 2, m->items.dim, err));
    for (uint32_t q = 0; q < n; q++) {
        const float *vector = rec_factors_row(&scratch, 0);
        if (has_row(m, &queries[q]))
            vector = rec_factors_row(&m->users, queries[q].user);
        else
            rec_bpr_fold_in(rec_factors_row(&scratch, 0), rec_factors_row(&scratch, 1), &m->items,
                            &sets, q, (size_t)m->fold_in_epochs, m->fold_in_lr, m->l2, m->seed);
        memcpy(out + q * stride, vector, stride * sizeof *out);
    }
cleanup:
    rec_factors_deinit(&scratch);
    rec_item_sets_deinit(&sets);
    rec_sparse_deinit(&histories);
    return status;
}

static rec_item_table bpr_mf_item_table(const void *self)
{
    const bpr_mf *m = self;
    return (rec_item_table){
        .rows = m->items.data, .n_items = m->items.n_rows, .dim = m->items.stride};
}

static rec_status bpr_mf_similar(uint32_t *items, float *similarities, size_t *n_found,
                                 const void *self, uint32_t item, size_t k, rec_error *err)
{
    rec_item_table table = bpr_mf_item_table(self);
    return rec_two_tower_similar(items, similarities, n_found, &table, item, k, err);
}

static rec_status bpr_mf_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const bpr_mf *m = self;
    size_t one = 1;
    rec_status status;
    REC_TRY(rec_tensor_writer_add(out, "seed", REC_U64, 1, &one, &m->seed, err));
    REC_TRY(rec_factors_save(&m->users, "users", out, err));
    REC_TRY(rec_factors_save(&m->items, "items", out, err));
cleanup:
    return status;
}

static rec_status bpr_mf_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                              rec_error *err)
{
    bpr_mf *m = self;
    const rec_tensor_view *seed;
    size_t one = 1, dim = (size_t)m->n_factors;
    rec_status status;
    REC_TRY(rec_tensor_file_require(&seed, in, "seed", REC_U64, 1, &one, err));
    memcpy(&m->seed, seed->data, sizeof m->seed);
    REC_TRY(rec_factors_load(&m->users, in, "users", dataset->n_users, dim, err));
    REC_TRY(rec_factors_load(&m->items, in, "items", dataset->catalogue.n_items, dim, err));
cleanup:
    return status;
}

static size_t bpr_mf_n_parameters(const void *self)
{
    const bpr_mf *m = self;
    return (m->users.n_rows + m->items.n_rows) * m->items.dim;
}

static void bpr_mf_deinit(void *self)
{
    bpr_mf *m = self;
    rec_factors_deinit(&m->users);
    rec_factors_deinit(&m->items);
}

/* Three vectors are read and written per draw. */
static rec_fit_cost bpr_mf_cost(const void *self, const rec_fit_size *size)
{
    const bpr_mf *m = self;
    double f = (double)m->n_factors;
    double draws = m->sampling == REC_SAMPLE_USERS ? size->n_users : size->n_interactions;
    return (rec_fit_cost){0.0, (double)m->n_epochs * draws * f,
                          8.0 * f * (size->n_users + size->n_items)};
}

const rec_recommender rec_recommender_bpr_mf = {
    .name = "bpr_mf",
    .help = "matrix factorisation trained to rank a user's items above others",
    .citation = "BPR: Bayesian personalized ranking from implicit feedback, UAI 2009, eq. (5)",
    .size = sizeof(bpr_mf),
    .options = bpr_mf_options,
    .is_random = true,
    .has_user_rows = true,
    .fit = bpr_mf_fit,
    .save = bpr_mf_save,
    .load = bpr_mf_load,
    .encode = bpr_mf_encode,
    .item_table = bpr_mf_item_table,
    .similar = bpr_mf_similar,
    .n_parameters = bpr_mf_n_parameters,
    .cost = bpr_mf_cost,
    .deinit = bpr_mf_deinit,
};
