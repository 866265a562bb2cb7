#include "models/lm/training/tuning.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/rng.h"
#include "models/lm/training/target_mask.h"
#include "models/nn/embedding.h"
#include "models/nn/score_loss.h"

#define FIELD(name) offsetof(rec_lm_tuning, name)
const rec_option rec_lm_tuning_options[] = {
    {"training", "epochs, early stopping, schedule", FIELD(training), REC_OPT_TABLE,
     .table = rec_training_options},
    {"optimizer", "and its rates", FIELD(optimizer), REC_OPT_TABLE,
     .table = rec_optimizer_option_table},
    {"batch_size", "sequences or pairs per batch", FIELD(batch_size), REC_OPT_INT, .value = 8,
     .min = 1, .max = 1e6},
    {"dropout", "of embeddings, attention weights and residual branches", FIELD(dropout),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 0.9},
    {"recompute", "compute activations again in backward: less memory, more time", FIELD(recompute),
     REC_OPT_BOOL, .value = 0},
    {"temperature", "contrastive: similarities are divided by it", FIELD(temperature), REC_OPT_REAL,
     .value = 0.05, .min = 1e-4, .max = 100},
    {"in_batch", "contrastive: passages of other pairs are negatives too", FIELD(in_batch),
     REC_OPT_BOOL, .value = 1},
    {"chunk", "contrastive: texts per pass, 0 = the whole batch", FIELD(chunk), REC_OPT_INT,
     .value = 0, .min = 0, .max = 1e6},
    {.key = NULL},
};
#undef FIELD

/* One training at work; storage of a batch comes from `batch_arena`. */
typedef struct tuner {
    const rec_lm_tuned *tuned;
    const rec_lm_tuning *options;
    const rec_lm_examples *texts; /* of the examples or the pairs */
    const rec_lm_pairs *pairs;    /* NULL: supervised */
    size_t n;                     /* examples or pairs */
    uint32_t *order;              /* (n), of this epoch; owned */
    rec_target_mask mask;         /* constrained tuning: of this batch */
    rec_tape tape;
    rec_arena tape_arena, batch_arena;
} tuner;

/* ---- batches ---- */

static rec_status start_epoch(void *context, size_t epoch, rec_error *err)
{
    tuner *u = context;
    if (u->tuned->arrange != NULL)
        return u->tuned->arrange(u->order, u->tuned->pairs_context, epoch, err);
    for (size_t i = 0; i < u->n; i++)
        u->order[i] = (uint32_t)i;
    rec_rng rng = rec_rng_keyed(u->tuned->seed, "lm/tuning/order", epoch);
    rec_rng_shuffle(&rng, u->order, u->n, sizeof *u->order);
    return REC_OK;
}

/* Texts packed one after the other. */
static rec_status pack(rec_lm_batch *batch, tuner *u, const uint32_t *texts, size_t n,
                       rec_error *err)
{
    const rec_lm_examples *x = u->texts;
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += x->start[texts[i] + 1] - x->start[texts[i]];
    uint32_t *start = rec_arena_alloc(&u->batch_arena, n + 1, sizeof *start, err);
    uint32_t *ids = rec_arena_alloc(&u->batch_arena, total, sizeof *ids, err);
    if (start == NULL || ids == NULL)
        return REC_ERR_RESOURCE;
    start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t first = x->start[texts[i]], length = x->start[texts[i] + 1] - first;
        memcpy(ids + start[i], x->ids + first, length * sizeof *ids);
        start[i + 1] = start[i] + (uint32_t)length;
    }
    *batch = (rec_lm_batch){.sequences = {.n = n, .start = start}, .ids = ids};
    return REC_OK;
}

static size_t batch_range(const tuner *u, size_t batch, size_t *first)
{
    size_t size = (size_t)u->options->batch_size;
    *first = batch * size;
    return u->n - *first < size ? u->n - *first : size;
}

static rec_forward_options forward_options(const tuner *u)
{
    return (rec_forward_options){.adapter = u->tuned->adapter,
                                 .dropout = u->options->dropout,
                                 .recompute = u->options->recompute};
}

/* Rows of the vocabulary that are not trained keep their values: they get no gradient. */
static rec_status backward(tuner *u, rec_error *err)
{
    rec_status status = rec_tape_backward(&u->tape, err);
    rec_transformer_clear_old_rows(u->tuned->model);
    return status;
}

/* ---- supervised ---- */

/* Rows whose next token is learnt, and that token. Returns how many. */
static size_t find_targets(uint32_t *rows, uint32_t *targets, const tuner *u, const uint32_t *texts,
                           const rec_lm_batch *batch)
{
    size_t n = 0;
    for (size_t s = 0; s < batch->sequences.n; s++) {
        const uint8_t *learnt = u->texts->learnt + u->texts->start[texts[s]];
        uint32_t first = batch->sequences.start[s], end = batch->sequences.start[s + 1];
        for (uint32_t i = first; i + 1 < end; i++)
            if (learnt[i + 1 - first] != 0) {
                rows[n] = i;
                targets[n++] = batch->ids[i + 1];
            }
    }
    return n;
}

/* The rows of one run of learnt tokens of an example. */
static rec_status mask_run(tuner *u, size_t example, const uint32_t *targets, size_t n,
                           rec_error *err)
{
    rec_constraint *state = NULL;
    size_t vocab_size = rec_transformer_config(u->tuned->model)->vocab_size;
    rec_status status = u->tuned->constrain(&state, u->tuned->constrain_context, example, err);
    if (status == REC_OK)
        status = rec_target_mask_follow(&u->mask, state, targets, n, vocab_size, err);
    rec_constraint_free(state);
    if (status != REC_OK)
        rec_error_prefix(err, "example %zu", example);
    return status;
}

/* What could have stood in the place of each target, in the order of find_targets. The first token of
 * a sequence is never a target. */
static rec_status mask_targets(tuner *u, const uint32_t *texts, size_t n, rec_error *err)
{
    const rec_lm_examples *x = u->texts;
    rec_status status = REC_OK;
    rec_target_mask_clear(&u->mask);
    for (size_t s = 0; s < n; s++) {
        size_t end = x->start[texts[s] + 1];
        for (size_t i = x->start[texts[s]] + 1; i < end && status == REC_OK; i++) {
            size_t first = i;
            while (i < end && x->learnt[i] != 0)
                i++;
            if (i > first)
                status = mask_run(u, texts[s], x->ids + first, i - first, err);
        }
    }
    return status;
}

static rec_status supervised_batch(double *loss, void *context, size_t epoch, size_t batch_index,
                                   uint64_t step, rec_error *err)
{
    tuner *u = context;
    (void)epoch;
    size_t first, n = batch_range(u, batch_index, &first);
    rec_lm_batch batch;
    rec_arena_rewind(&u->batch_arena, (rec_arena_mark){.block = NULL});
    rec_status status = pack(&batch, u, u->order + first, n, err);
    if (status != REC_OK)
        return status;
    size_t total = batch.sequences.start[n];
    uint32_t *rows = rec_arena_alloc(&u->batch_arena, total, sizeof *rows, err);
    uint32_t *targets = rec_arena_alloc(&u->batch_arena, total, sizeof *targets, err);
    if (rows == NULL || targets == NULL)
        return REC_ERR_RESOURCE;
    size_t n_targets = find_targets(rows, targets, u, u->order + first, &batch);
    if (u->tuned->constrain != NULL) {
        status = mask_targets(u, u->order + first, n, err);
        if (status != REC_OK)
            return status;
    }
    rec_tape_begin(&u->tape, REC_TAPE_TRAIN, rec_tape_step_seed(u->tuned->seed, step));
    rec_forward_options forward = forward_options(u);
    rec_tensor *hidden = rec_transformer_forward(&u->tape, u->tuned->model, &batch, &forward);
    rec_lookup lookup = {.table = hidden, .ids = rows};
    hidden = hidden != NULL ? rec_nn_embed(&u->tape, &lookup, 1, n_targets, 1.0f) : NULL;
    rec_softmax softmax = rec_transformer_softmax(u->tuned->model);
    rec_allowed allowed = rec_target_mask_allowed(&u->mask);
    if (u->tuned->constrain != NULL)
        softmax.allowed = &allowed;
    *loss = rec_nn_cross_entropy(&u->tape, hidden, &softmax, targets, NULL, 0, NULL);
    return backward(u, err);
}

/* ---- contrastive ---- */

/* A batch of pairs: its passages, and which query may see which of them. */
typedef struct contrast {
    size_t n, n_passages;
    uint32_t *texts; /* (n + n_passages): queries, positives, negatives */
    bool *ignored;   /* (n, n_passages) */
    float *log_q;    /* (n, n_passages), or NULL */
} contrast;

static bool same_text(const rec_lm_examples *x, uint32_t a, uint32_t b)
{
    size_t n = x->start[a + 1] - x->start[a];
    return n == x->start[b + 1] - x->start[b] &&
           memcmp(x->ids + x->start[a], x->ids + x->start[b], n * sizeof *x->ids) == 0;
}

/* Does the pair's query see its own passages alone? */
static bool sees_own_group(const tuner *u, uint32_t pair)
{
    const rec_lm_tuned *t = u->tuned;
    return !u->options->in_batch || (t->own_group != NULL && t->own_group(t->pairs_context, pair));
}

/* Query i never sees, as a negative, what equals its positive or is known to answer it; without in-batch
 * negatives it sees only its own. */
static void mark_ignored(contrast *c, const tuner *u, const uint32_t *pairs, const uint32_t *owner)
{
    const uint32_t *passages = c->texts + c->n;
    const rec_lm_tuned *t = u->tuned;
    for (size_t i = 0; i < c->n; i++) {
        bool own_group = sees_own_group(u, pairs[i]);
        for (size_t p = 0; p < c->n_passages; p++) {
            bool foreign = owner[p] != i && own_group;
            bool equal = same_text(u->texts, passages[i], passages[p]);
            bool answers =
                t->answers != NULL && t->answers(t->pairs_context, pairs[i], passages[p]);
            c->ignored[i * c->n_passages + p] = p != i && (foreign || equal || answers);
        }
    }
}

/* What sampling did to the odds of each passage. */
static rec_status correct(contrast *c, tuner *u, const uint32_t *pairs, rec_error *err)
{
    const rec_lm_tuned *t = u->tuned;
    if (t->log_q == NULL)
        return REC_OK;
    c->log_q = rec_arena_alloc(&u->batch_arena, c->n * c->n_passages, sizeof *c->log_q, err);
    for (size_t i = 0; c->log_q != NULL && i < c->n; i++)
        for (size_t p = 0; p < c->n_passages; p++)
            c->log_q[i * c->n_passages + p] =
                (float)t->log_q(t->pairs_context, pairs[i], c->texts[c->n + p]);
    return c->log_q != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status gather_pairs(contrast *c, tuner *u, const uint32_t *pairs, size_t n,
                               rec_error *err)
{
    const rec_lm_pairs *p = u->pairs;
    *c = (contrast){.n = n, .n_passages = n};
    for (size_t i = 0; i < n; i++)
        c->n_passages += p->negative_start[pairs[i] + 1] - p->negative_start[pairs[i]];
    c->texts = rec_arena_alloc(&u->batch_arena, n + c->n_passages, sizeof *c->texts, err);
    c->ignored = rec_arena_alloc(&u->batch_arena, n * c->n_passages, sizeof *c->ignored, err);
    uint32_t *owner = rec_arena_alloc(&u->batch_arena, c->n_passages, sizeof *owner, err);
    if (c->texts == NULL || c->ignored == NULL || owner == NULL)
        return REC_ERR_RESOURCE;
    size_t next = n;
    for (size_t i = 0; i < n; i++) {
        c->texts[i] = p->query[pairs[i]];
        c->texts[n + i] = p->positive[pairs[i]];
        owner[i] = (uint32_t)i;
        for (size_t k = p->negative_start[pairs[i]]; k < p->negative_start[pairs[i] + 1]; k++) {
            owner[next] = (uint32_t)i;
            c->texts[n + next++] = p->negative[k];
        }
    }
    mark_ignored(c, u, pairs, owner);
    return correct(c, u, pairs, err);
}

/* Embeddings of some texts on a fresh step of the tape. */
static rec_tensor *embed_texts(tuner *u, rec_tape_mode mode, uint64_t seed, const uint32_t *texts,
                               size_t n, rec_error *err)
{
    rec_lm_batch *batch = rec_arena_alloc(&u->batch_arena, 1, sizeof *batch, err);
    if (batch == NULL || pack(batch, u, texts, n, err) != REC_OK)
        return NULL;
    rec_tape_begin(&u->tape, mode, seed);
    rec_forward_options forward = forward_options(u);
    rec_tensor *hidden = rec_transformer_forward(&u->tape, u->tuned->model, batch, &forward);
    rec_tensor *pooled = rec_transformer_pool(&u->tape, u->tuned->model, hidden, &batch->sequences);
    return rec_tape_status(&u->tape, err) == REC_OK ? pooled : NULL;
}

static double contrast_loss(tuner *u, const contrast *c, rec_tensor *queries, rec_tensor *passages)
{
    return rec_nn_info_nce(&u->tape, queries, passages, NULL, c->ignored, c->log_q,
                           (float)u->options->temperature, 0);
}

static rec_tensor *select_rows(tuner *u, rec_tensor *x, size_t first, size_t n)
{
    uint32_t *rows = rec_tape_alloc(&u->tape, n, sizeof *rows);
    if (rows == NULL || x == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        rows[i] = (uint32_t)(first + i);
    rec_lookup lookup = {.table = x, .ids = rows};
    return rec_nn_embed(&u->tape, &lookup, 1, n, 1.0f);
}

static rec_status contrast_at_once(double *loss, tuner *u, const contrast *c, uint64_t seed,
                                   rec_error *err)
{
    rec_tensor *all = embed_texts(u, REC_TAPE_TRAIN, seed, c->texts, c->n + c->n_passages, err);
    if (all == NULL)
        return err != NULL && err->status != REC_OK ? err->status : REC_ERR_RESOURCE;
    *loss =
        contrast_loss(u, c, select_rows(u, all, 0, c->n), select_rows(u, all, c->n, c->n_passages));
    return backward(u, err);
}

/* Gradient of the loss with respect to every embedding: values in, gradients out, (n, d). */
static rec_status embedding_gradients(double *loss, float *gradients, tuner *u, const contrast *c,
                                      float *values, size_t d, rec_error *err)
{
    size_t n = c->n + c->n_passages;
    rec_tape_begin(&u->tape, REC_TAPE_TRAIN, 0);
    rec_tensor *all = rec_tape_input(&u->tape, values, n, d, true);
    *loss =
        contrast_loss(u, c, select_rows(u, all, 0, c->n), select_rows(u, all, c->n, c->n_passages));
    rec_status status = rec_tape_backward(&u->tape, err);
    if (status == REC_OK)
        memcpy(gradients, all->grad, n * d * sizeof *gradients);
    return status;
}

/* First pass: embeddings chunk by chunk without records; then their gradients; second pass: each
 * chunk again, with records and the same dropout, fed with its gradients. */
static rec_status contrast_in_chunks(double *loss, tuner *u, const contrast *c, uint64_t seed,
                                     rec_error *err)
{
    size_t n = c->n + c->n_passages, chunk = (size_t)u->options->chunk;
    size_t d = rec_transformer_config(u->tuned->model)->d_model;
    float *values = rec_arena_alloc(&u->batch_arena, n * d, sizeof *values, err);
    float *gradients = rec_arena_alloc(&u->batch_arena, n * d, sizeof *gradients, err);
    if (values == NULL || gradients == NULL)
        return REC_ERR_RESOURCE;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t first = 0; first < n; first += chunk) {
            size_t size = n - first < chunk ? n - first : chunk;
            rec_tensor *x = embed_texts(u, REC_TAPE_TRAIN, rec_tape_step_seed(seed, first),
                                        c->texts + first, size, err);
            if (x == NULL)
                return err != NULL && err->status != REC_OK ? err->status : REC_ERR_RESOURCE;
            if (pass == 0) {
                memcpy(values + first * d, x->value, size * d * sizeof *values);
                continue;
            }
            rec_tape_seed_gradient(&u->tape, x, gradients + first * d);
            rec_status status = backward(u, err);
            if (status != REC_OK)
                return status;
        }
        rec_status status =
            pass == 0 ? embedding_gradients(loss, gradients, u, c, values, d, err) : REC_OK;
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status contrastive_batch(double *loss, void *context, size_t epoch, size_t batch_index,
                                    uint64_t step, rec_error *err)
{
    tuner *u = context;
    (void)epoch;
    size_t first, n = batch_range(u, batch_index, &first);
    contrast c;
    rec_arena_rewind(&u->batch_arena, (rec_arena_mark){.block = NULL});
    rec_status status = gather_pairs(&c, u, u->order + first, n, err);
    if (status != REC_OK)
        return status;
    uint64_t seed = rec_tape_step_seed(u->tuned->seed, step);
    size_t chunk = (size_t)u->options->chunk;
    return chunk == 0 || chunk >= c.n + c.n_passages ? contrast_at_once(loss, u, &c, seed, err)
                                                     : contrast_in_chunks(loss, u, &c, seed, err);
}

/* ---- both ---- */

static rec_status validate(double *value, void *context, rec_error *err)
{
    tuner *u = context;
    return u->tuned->validate(value, u->tuned->validate_context, err);
}

static rec_status tune(rec_training_report *report, tuner *u, rec_error *err)
{
    rec_status status = REC_OK;
    size_t size = (size_t)u->options->batch_size;
    rec_params *blocks[2];
    size_t n_blocks = 0;
    if (u->tuned->adapter != NULL)
        blocks[n_blocks++] = rec_adapter_params(u->tuned->adapter);
    if (u->tuned->adapter == NULL || rec_transformer_trains_new_rows(u->tuned->model))
        blocks[n_blocks++] = rec_transformer_params(u->tuned->model);
    const rec_training_task task = {
        .context = u,
        .label = u->pairs != NULL ? "contrastive tuning" : "supervised tuning",
        .n_batches = (u->n + size - 1) / size,
        .start_epoch = start_epoch,
        .batch = u->pairs != NULL ? contrastive_batch : supervised_batch,
        .validate = u->tuned->validate != NULL ? validate : NULL,
    };
    rec_tape_init(&u->tape, &u->tape_arena);
    REC_TRY_NEW(u->order, u->n, err);
    for (size_t i = 0; i < n_blocks; i++)
        REC_TRY(rec_params_want_gradients(blocks[i], err));
    status = rec_train(report, &u->options->training, &u->options->optimizer, blocks, n_blocks,
                       &task, u->tuned->checkpoint, u->tuned->identity, err);
cleanup:
    rec_target_mask_deinit(&u->mask);
    free(u->order);
    rec_arena_deinit(&u->tape_arena);
    rec_arena_deinit(&u->batch_arena);
    return status;
}

rec_status rec_tune_supervised(rec_training_report *report, const rec_lm_tuned *tuned,
                               const rec_lm_examples *examples, const rec_lm_tuning *options,
                               rec_error *err)
{
    if (rec_transformer_output_table(tuned->model) == NULL)
        return rec_fail(err, REC_ERR_MODEL, "an encoder has no next token to learn");
    tuner u = {.tuned = tuned, .options = options, .texts = examples, .n = examples->n};
    return tune(report, &u, err);
}

rec_status rec_tune_contrastive(rec_training_report *report, const rec_lm_tuned *tuned,
                                const rec_lm_pairs *pairs, const rec_lm_tuning *options,
                                rec_error *err)
{
    tuner u = {.tuned = tuned, .options = options, .texts = &pairs->texts};
    u.pairs = pairs;
    u.n = tuned->n_per_epoch > 0 ? tuned->n_per_epoch : pairs->n;
    return tune(report, &u, err);
}

/* ---- memory ---- */

/* Floats per token that a layer leaves on the tape (transformer.c). Decoders: two norms, two branch
 * outputs and two sums of d; queries and keys before and behind the rotation, values, attention's output;
 * gate, up and their product. Encoders: the same of d, but two values of the MLP and no rotation. */
static size_t layer_floats(const rec_lm_config *c)
{
    size_t q = c->n_heads * c->head_dim, kv = c->n_kv_heads * c->head_dim;
    if (c->encoder)
        return 6 * c->d_model + 2 * q + 2 * kv + 2 * c->d_ff;
    return 6 * c->d_model + 3 * q + 3 * kv + 3 * c->d_ff + (c->qk_norm ? q + kv : 0) +
           (c->sandwich_norms ? 2 * c->d_model : 0);
}

/* The softmax's scratch is given back before backward begins, so it and what backward has in flight (the
 * gradients of activations, and with recomputation a layer's activations) are never there together. */
size_t rec_lm_tuning_bytes(const rec_lm_config *c, size_t n_trainable, const rec_lm_tuning *options,
                           size_t n_tokens)
{
    size_t layer = layer_floats(c), widest = c->d_ff > c->d_model ? c->d_ff : c->d_model;
    size_t kept = c->n_layers * (options->recompute ? c->d_model : layer) + 3 * c->d_model;
    size_t backward = n_tokens * (options->recompute ? 7 * widest + layer : 4 * widest);
    size_t softmax = c->has_head ? rec_nn_softmax_scratch(c->vocab_size, c->d_model, n_tokens) : 0;
    bool two = options->optimizer.kind == REC_ADAM || options->optimizer.kind == REC_ADAMW;
    return sizeof(float) * (n_trainable * (two ? 3 : 2) + n_tokens * kept +
                            (softmax > backward ? softmax : backward));
}
