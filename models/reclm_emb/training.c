#include "models/reclm_emb/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/permutation.h"
#include "core/progress.h"

/* ---- rows as pairs ---- */

/* A training at work. Text t < n_items is item t; behind them stand the queries. */
typedef struct tuner {
    rec_emb_model *model;
    const rec_emb_corpus *corpus;
    const rec_emb_training_options *options;
    const rec_fit_data *data;
    uint32_t *rows; /* owned: rows of the corpus by pair, those of a task together */
    size_t n_pairs;
    size_t task_start[REC_EMB_N_TASKS + 1]; /* pairs of each task */
    rec_lm_pairs pairs;
    uint32_t *count; /* owned (REC_EMB_N_TASKS, n_items): pairs of the task with this answer */
    size_t n_per_epoch;
} tuner;

bool rec_emb_is_trained(const rec_emb_training_options *o, size_t task)
{
    bool is_named =
        o->tasks.n == 0 ? !rec_emb_tasks[task]->is_extra : rec_emb_names_task(&o->tasks, task);
    return is_named && o->weights[task] > 0.0;
}

static rec_status choose_rows(tuner *u, rec_error *err)
{
    const rec_emb_rows *x = &u->corpus->rows;
    u->rows = rec_alloc(x->n, sizeof *u->rows, err);
    if (u->rows == NULL)
        return REC_ERR_RESOURCE;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++) {
        u->task_start[t] = u->n_pairs;
        if (!rec_emb_is_trained(u->options, t))
            continue;
        for (size_t i = 0; i < x->n; i++)
            if (x->rows[i].task == t && x->rows[i].part == REC_EMB_TRAIN)
                u->rows[u->n_pairs++] = (uint32_t)i;
    }
    u->task_start[REC_EMB_N_TASKS] = u->n_pairs;
    return u->n_pairs > 0 ? REC_OK
                          : rec_fail(err, REC_ERR_DATA,
                                     "no row to train on: the data lack what the "
                                     "tasks ask for");
}

static rec_status add_text(tuner *u, rec_token_list *ids, rec_emb_side side, const char *text,
                           rec_error *err)
{
    ids->n = 0;
    rec_status status = rec_emb_model_tokenize(ids, u->model, side, text, err);
    return status == REC_OK ? rec_lm_examples_add(&u->pairs.texts, ids->ids, NULL, ids->n, err)
                            : status;
}

/* Items without a text are never shown; they keep their number. */
static rec_status add_texts(tuner *u, rec_error *err)
{
    const rec_emb_items *items = &u->corpus->items;
    rec_token_list ids = {.ids = NULL};
    rec_status status = REC_OK;
    for (size_t i = 0; i < items->n && status == REC_OK; i++)
        status = add_text(u, &ids, REC_EMB_PASSAGE,
                          items->texts[i][0] != '\0' ? items->texts[i] : "-", err);
    for (size_t p = 0; p < u->n_pairs && status == REC_OK; p++)
        status = add_text(u, &ids, REC_EMB_QUERY, u->corpus->rows.rows[u->rows[p]].query, err);
    rec_token_list_deinit(&ids);
    return status;
}

/* The answer and the given negatives of one pair: mined ones (at most `stride`) first, then drawn ones. */
static void fill_pair(tuner *u, size_t p, const uint32_t *mined, size_t stride)
{
    const rec_emb_row *row = &u->corpus->rows.rows[u->rows[p]];
    size_t wanted = rec_emb_group(u->options, row->task) - 1, n = 0;
    rec_rng rng = rec_rng_keyed(u->data->seed, "emb/pair", u->rows[p]);
    uint32_t *negatives = u->pairs.negative + u->pairs.negative_start[p];
    u->pairs.query[p] = (uint32_t)(u->corpus->items.n + p);
    u->pairs.positive[p] = row->positives[rec_rng_below(&rng, (uint32_t)row->n_positives)];
    for (size_t i = 0; mined != NULL && i < wanted && mined[p * stride + i] != REC_NO_ITEM; i++)
        negatives[n++] = mined[p * stride + i];
    for (size_t i = 0; i < row->n_negatives && n < wanted; i++)
        negatives[n++] = row->negatives[i];
    u->pairs.negative_start[p + 1] = u->pairs.negative_start[p] + n;
}

static size_t largest_group(const tuner *u)
{
    size_t most = 1;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        if (u->task_start[t + 1] > u->task_start[t] && rec_emb_group(u->options, t) > most)
            most = rec_emb_group(u->options, t);
    return most;
}

static rec_status make_pairs(tuner *u, rec_error *err)
{
    size_t n = u->n_pairs, most = largest_group(u) - 1;
    uint32_t *mined = NULL;
    rec_status status = REC_OK;
    REC_TRY(add_texts(u, err));
    REC_TRY_NEW(u->pairs.query, n, err);
    REC_TRY_NEW(u->pairs.positive, n, err);
    REC_TRY_NEW(u->pairs.negative_start, n + 1, err);
    REC_TRY_NEW(u->pairs.negative, n * most, err);
    if (most > 0 && u->options->hard != REC_EMB_HARD_RANDOM) {
        REC_TRY_NEW(mined, n * most, err);
        REC_TRY(rec_emb_mine(mined, most, u->corpus, u->rows, n, (rec_emb_hard)u->options->hard,
                             u->model, u->data, err));
    }
    u->pairs.n = n;
    for (size_t p = 0; p < n; p++)
        fill_pair(u, p, mined, most);
cleanup:
    free(mined);
    return status;
}

/* ---- what tuning asks back ---- */

static bool pair_accepts(void *context, uint32_t pair, uint32_t text)
{
    const tuner *u = context;
    return rec_emb_row_accepts(&u->corpus->rows.rows[u->rows[pair]], &u->corpus->items, text);
}

static bool pair_sees_own_group(void *context, uint32_t pair)
{
    const tuner *u = context;
    return rec_emb_names_task(&u->options->own_group, u->corpus->rows.rows[u->rows[pair]].task);
}

/* Passages of a batch are one answer and group - 1 drawn items per query. */
static double passage_log_q(void *context, uint32_t pair, uint32_t text)
{
    const tuner *u = context;
    size_t task = u->corpus->rows.rows[u->rows[pair]].task, n_items = u->corpus->items.n;
    double n_pairs = (double)(u->task_start[task + 1] - u->task_start[task]);
    double group = (double)rec_emb_group(u->options, task);
    return log((u->count[task * n_items + text] / n_pairs + (group - 1.0) / (double)n_items) /
               group);
}

static rec_status count_answers(tuner *u, rec_error *err)
{
    size_t n_items = u->corpus->items.n;
    u->count = rec_alloc(REC_EMB_N_TASKS * n_items, sizeof *u->count, err);
    for (size_t p = 0; u->count != NULL && p < u->n_pairs; p++)
        u->count[u->corpus->rows.rows[u->rows[p]].task * n_items + u->pairs.positive[p]]++;
    return u->count != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* Batches of one task each; a task's rows come in a drawn order, again from the start at its end. */
static rec_status arrange(uint32_t *order, void *context, size_t epoch, rec_error *err)
{
    const tuner *u = context;
    size_t batch = (size_t)u->options->tuning.batch_size, at[REC_EMB_N_TASKS] = {0};
    size_t n_rows[REC_EMB_N_TASKS];
    (void)err;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        n_rows[t] = u->task_start[t + 1] - u->task_start[t];
    for (size_t first = 0; first < u->n_per_epoch; first += batch) {
        rec_rng rng = rec_rng_keyed(u->data->seed, "emb/mixing", (uint64_t)epoch << 32 | first);
        size_t t = rec_emb_mixing_draw(u->options, n_rows, &rng);
        rec_permutation rows =
            rec_permutation_keyed(u->data->seed, "emb/rows", epoch << 8 | t, n_rows[t]);
        for (size_t i = first; i < first + batch && i < u->n_per_epoch; i++)
            order[i] =
                (uint32_t)(u->task_start[t] + rec_permutation_at(&rows, at[t]++ % n_rows[t]));
    }
    return REC_OK;
}

static rec_status validate(double *value, void *context, rec_error *err)
{
    const tuner *u = context;
    return rec_emb_dev_value(value, u->model, u->corpus, (size_t)u->options->dev_candidates,
                             u->data->seed, err);
}

static bool has_dev_rows(const rec_emb_corpus *c)
{
    for (size_t i = 0; i < c->rows.n; i++)
        if (c->rows.rows[i].part == REC_EMB_DEV)
            return true;
    return false;
}

/* ---- the training ---- */

static void freeze_words(rec_transformer *m, bool frozen)
{
    const rec_tensor *words = rec_transformer_tensor(m, REC_LM_EMBED, 0);
    rec_params *p = rec_transformer_params(m);
    for (size_t i = 0; i < p->n; i++)
        if (p->table[i].tensor.value == words->value)
            p->table[i].frozen = frozen;
}

static rec_status tune(rec_training_report *report, tuner *u, rec_adapter *adapter,
                       const char *identity, rec_error *err)
{
    bool watched = u->options->tuning.training.patience > 0 && has_dev_rows(u->corpus);
    const rec_lm_tuned tuned = {
        .model = u->model->transformer,
        .adapter = adapter,
        .validate = watched ? validate : NULL,
        .validate_context = u,
        .arrange = arrange,
        .answers = u->options->mask ? pair_accepts : NULL,
        .own_group = u->options->own_group.n > 0 ? pair_sees_own_group : NULL,
        .log_q = u->options->correct ? passage_log_q : NULL,
        .pairs_context = u,
        .n_per_epoch = u->n_per_epoch,
        .checkpoint = u->data->checkpoint,
        .identity = identity,
        .seed = u->data->seed,
    };
    size_t bytes = rec_lm_tuning_bytes(
        rec_transformer_config(u->model->transformer),
        rec_params_count_trainable(adapter != NULL ? rec_adapter_params(adapter)
                                                   : rec_transformer_params(u->model->transformer)),
        &u->options->tuning,
        u->pairs.texts.n_tokens / u->pairs.texts.n * (size_t)u->options->tuning.batch_size *
            (largest_group(u) + 1));
    rec_info("tuning on %zu rows, %zu pairs per epoch, %.0f tokens a text; about %zu MB beside the "
             "weights",
             u->n_pairs, u->n_per_epoch, (double)u->pairs.texts.n_tokens / (double)u->pairs.texts.n,
             bytes >> 20);
    return rec_tune_contrastive(report, &tuned, &u->pairs, &u->options->tuning, err);
}

rec_status rec_emb_train(rec_training_report *report, rec_emb_model *model,
                         const rec_emb_corpus *corpus, const rec_emb_training_options *options,
                         const rec_fit_data *data, const char *identity, rec_error *err)
{
    tuner u = {.model = model, .corpus = corpus, .options = options, .data = data};
    rec_adapter *adapter = NULL;
    rec_status status;
    REC_TRY(choose_rows(&u, err));
    REC_TRY(make_pairs(&u, err));
    REC_TRY(count_answers(&u, err));
    u.n_per_epoch = options->pairs > 0 ? (size_t)options->pairs : u.n_pairs;
    freeze_words(model->transformer, options->freeze_words);
    if (!options->full)
        REC_TRY(rec_adapter_new(&adapter, model->transformer, &options->lora, data->seed, err));
    REC_TRY(tune(report, &u, adapter, identity, err));
    if (adapter != NULL)
        REC_TRY(rec_adapter_merge(adapter, model->transformer, err));
    for (size_t side = 0; side < 2 && options->forget_prefixes; side++)
        model->prefix[side][0] = '\0';
    status = REC_OK;
cleanup:
    rec_adapter_free(adapter);
    rec_lm_pairs_deinit(&u.pairs);
    free(u.count);
    free(u.rows);
    return status;
}
