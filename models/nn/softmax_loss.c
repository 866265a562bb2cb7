/* Per block of rows, over tiles of classes:
 *   1. logits of a tile, at once turned into e^(x - greatest of the row in this tile) while they are in
 *      the cache;
 *   2. rows: the tiles' sums give log p and, per tile, the factor that turns an exponential into the
 *      gradient of its logit;
 *   3. a tile's part of the table's gradient and of the hidden rows' gradient, read together;
 *   4. rows: the parts of the hidden gradient, summed in the order of tiles.
 * The target's "- 1" is added apart: its exponential may have vanished. Three matrix products, one
 * writer per element. */
#include "models/nn/softmax_loss.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/blas.h"
#include "core/sorted.h"

enum { MIN_CLASS_TILE = 512, MAX_CLASS_TILES = 24, ROWS_PER_TILE = 32 };

size_t rec_nn_softmax_block_rows(size_t n_classes)
{
    size_t rows = ((size_t)1 << 22) / (n_classes > 0 ? n_classes : 1); /* 16 MiB of logits */
    rows = rows > 1024 ? 1024 : rows;
    return rows < 256 ? 256 : rows / 64 * 64;
}

/* Small enough for the cache; not so many that the hidden gradient's parts outgrow the logits. */
static size_t class_tile(size_t n_classes)
{
    size_t tile = (n_classes / MAX_CLASS_TILES + 63) / 64 * 64;
    return tile < MIN_CLASS_TILE ? MIN_CLASS_TILE : tile;
}

typedef struct block {
    const rec_kernels *kernels;
    rec_softmax softmax;
    const float *hidden; /* of the whole batch, (n, d) */
    const uint32_t *targets;
    const float *row_weight; /* gradient of -log p of each row, or NULL: no gradient is wanted */
    float *log_prob;         /* (n) */
    float *hidden_grad, *table_grad, *bias_grad; /* or NULL */
    bool keep_hidden, keep_table;                /* keep_table: of this block */
    size_t start, n_rows, n_classes, d, tile, n_tiles;
    float *exponentials;    /* tiles one after the other, each (n_rows, its classes) */
    float *greatest, *sums; /* (n_tiles, n_rows) of the scaled logits; of the exponentials */
    float *factors; /* (n_tiles, n_rows): exponential * factor = gradient, but for the target */
    float *score;   /* (n_rows) scaled logit of the target */
    float *parts;   /* (n_tiles, n_rows, d) */
} block;

/* ---- 1: exponentials ---- */

static void exponentials_of_row(float *x, float *greatest, float *sum, const block *b, size_t n)
{
    float scale = b->softmax.scale;
    *greatest = n > 0 ? b->kernels->greatest(x, n) * scale : -INFINITY;
    *sum = n > 0 ? b->kernels->exp_shifted(x, x, scale, *greatest, n) : 0.0f;
}

/* The same over the allowed classes of a tile: they move to the front and back; others become 0. */
static void exponentials_of_allowed(float *x, float *greatest, float *sum, const block *b,
                                    size_t class, size_t n_tile, const uint32_t *ids, size_t n_ids)
{
    size_t from = rec_sorted_at(ids, n_ids, class);
    size_t n = rec_sorted_at(ids, n_ids, class + n_tile) - from;
    ids += from;
    for (size_t j = 0; j < n; j++)
        x[j] = x[ids[j] - class]; /* ids ascend: none is overwritten before it is read */
    exponentials_of_row(x, greatest, sum, b, n);
    memset(x + n, 0, (n_tile - n) * sizeof *x);
    for (size_t j = n; j-- > 0;) {
        float e = x[j];
        x[j] = 0.0f;
        x[ids[j] - class] = e;
    }
}

static void exponentials_tile(void *context, size_t class, size_t n)
{
    const block *b = context;
    const rec_allowed *allowed = b->softmax.allowed;
    float *tile = b->exponentials + class * b->n_rows;
    size_t at = class / b->tile * b->n_rows;
    rec_gemm_nt(tile, n, b->hidden + b->start * b->d, b->d, b->softmax.table->value + class * b->d,
                b->d, b->n_rows, n, b->d, 1.0f, 0.0f);
    if (b->softmax.bias != NULL)
        b->kernels->add_bias(tile, b->softmax.bias->value + class, b->n_rows, n);
    for (size_t i = 0; i < b->n_rows; i++, at++) {
        size_t row = b->start + i, target = b->targets[row];
        float *x = tile + i * n;
        if (target >= class && target < class + n)
            b->score[i] = x[target - class] * b->softmax.scale;
        size_t n_ids = allowed != NULL ? allowed->start[row + 1] - allowed->start[row] : 0;
        if (n_ids > 0)
            exponentials_of_allowed(x, &b->greatest[at], &b->sums[at], b, class, n,
                                    allowed->ids + allowed->start[row], n_ids);
        else
            exponentials_of_row(x, &b->greatest[at], &b->sums[at], b, n);
    }
}

/* ---- 2: probabilities ---- */

/* Gradient of the loss by a target's logit is row_gradient * (p - 1), by others row_gradient * p. */
static float row_gradient(const block *b, size_t i)
{
    return b->row_weight[b->start + i] * b->softmax.scale;
}

static void combine_rows(void *context, size_t start, size_t n)
{
    const block *b = context;
    for (size_t i = start; i < start + n; i++) {
        double greatest = -INFINITY, sum = 0.0;
        for (size_t t = 0; t < b->n_tiles; t++)
            greatest = fmax(greatest, (double)b->greatest[t * b->n_rows + i]);
        for (size_t t = 0; t < b->n_tiles; t++)
            sum += (double)b->sums[t * b->n_rows + i] *
                   exp((double)b->greatest[t * b->n_rows + i] - greatest);
        double log_sum = greatest + log(sum);
        b->log_prob[b->start + i] = (float)((double)b->score[i] - log_sum);
        for (size_t t = 0; b->row_weight != NULL && t < b->n_tiles; t++)
            b->factors[t * b->n_rows + i] =
                row_gradient(b, i) * (float)exp((double)b->greatest[t * b->n_rows + i] - log_sum);
    }
}

/* ---- 3: a tile's share of the gradients ---- */

/* scratch (n_rows, d) receives the hidden rows times their factors. */
static void table_gradient(float *scratch, const block *b, const float *tile, const float *factors,
                           size_t class, size_t n)
{
    const float *hidden = b->hidden + b->start * b->d;
    for (size_t i = 0; i < b->n_rows; i++)
        b->kernels->add_scaled(scratch + i * b->d, hidden + i * b->d, factors[i], b->d, false);
    rec_gemm_tn(b->table_grad + class * b->d, b->d, tile, n, scratch, b->d, n, b->d, b->n_rows,
                1.0f, b->keep_table ? 1.0f : 0.0f);
    for (size_t i = 0; i < b->n_rows; i++) {
        size_t target = b->targets[b->start + i];
        if (target >= class && target < class + n)
            b->kernels->add_scaled(b->table_grad + target * b->d, hidden + i * b->d,
                                   -row_gradient(b, i), b->d, true);
    }
}

static void bias_gradient(const block *b, const float *tile, const float *factors, size_t class,
                          size_t n)
{
    for (size_t i = 0; i < b->n_rows; i++) {
        size_t target = b->targets[b->start + i];
        b->kernels->add_scaled(b->bias_grad + class, tile + i * n, factors[i], n, true);
        if (target >= class && target < class + n)
            b->bias_grad[target] -= row_gradient(b, i);
    }
}

static void gradients_tile(void *context, size_t class, size_t n)
{
    const block *b = context;
    const float *tile = b->exponentials + class * b->n_rows;
    const float *factors = b->factors + class / b->tile * b->n_rows;
    float *part = b->parts + class / b->tile * b->n_rows * b->d;
    if (b->table_grad != NULL)
        table_gradient(part, b, tile, factors, class, n);
    if (b->bias_grad != NULL)
        bias_gradient(b, tile, factors, class, n);
    if (b->hidden_grad != NULL)
        rec_gemm_nn(part, b->d, tile, n, b->softmax.table->value + class * b->d, b->d, b->n_rows,
                    b->d, n, 1.0f, 0.0f);
}

/* ---- 4: the hidden rows' gradient ---- */

static void hidden_gradient_rows(void *context, size_t start, size_t n)
{
    const block *b = context;
    for (size_t i = start; i < start + n; i++) {
        float *out = b->hidden_grad + (b->start + i) * b->d;
        const float *target = b->softmax.table->value + b->targets[b->start + i] * b->d;
        b->kernels->add_scaled(out, target, -row_gradient(b, i), b->d, b->keep_hidden);
        for (size_t t = 0; t < b->n_tiles; t++)
            b->kernels->add_scaled(out, b->parts + (t * b->n_rows + i) * b->d,
                                   b->factors[t * b->n_rows + i], b->d, true);
    }
}

/* ---- all blocks of a batch ---- */

static rec_status allocate(rec_tape *t, block *b, size_t rows, rec_error *err)
{
    b->tile = class_tile(b->n_classes);
    b->n_tiles = (b->n_classes + b->tile - 1) / b->tile;
    b->exponentials = rec_tape_alloc(t, rows * b->n_classes, sizeof(float));
    b->greatest = rec_tape_alloc(t, rows * b->n_tiles, sizeof(float));
    b->sums = rec_tape_alloc(t, rows * b->n_tiles, sizeof(float));
    b->score = rec_tape_alloc(t, rows, sizeof(float));
    if (b->row_weight != NULL) {
        b->factors = rec_tape_alloc(t, rows * b->n_tiles, sizeof(float));
        b->parts = rec_tape_alloc(t, rows * b->n_tiles * b->d, sizeof(float));
    }
    return rec_tape_status(t, err);
}

size_t rec_nn_softmax_scratch(size_t n_classes, size_t d, size_t n)
{
    size_t block_rows = rec_nn_softmax_block_rows(n_classes),
           rows = n < block_rows ? n : block_rows;
    size_t n_tiles = (n_classes + class_tile(n_classes) - 1) / class_tile(n_classes);
    return rows * (n_classes + n_tiles * (d + 3) + 1);
}

static rec_status run_block(block *b, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY(rec_tape_for_rows(b->n_classes, b->tile, exponentials_tile, b, err));
    REC_TRY(rec_tape_for_rows(b->n_rows, ROWS_PER_TILE, combine_rows, b, err));
    if (b->row_weight != NULL)
        REC_TRY(rec_tape_for_rows(b->n_classes, b->tile, gradients_tile, b, err));
    if (b->hidden_grad != NULL)
        REC_TRY(rec_tape_for_rows(b->n_rows, ROWS_PER_TILE, hidden_gradient_rows, b, err));
cleanup:
    return status;
}

static rec_status run_blocks(rec_tape *t, block *b, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    size_t step = rec_nn_softmax_block_rows(b->n_classes);
    rec_arena_mark mark = rec_arena_get_mark(t->arena);
    for (size_t i = 0; i < n; i++)
        assert(b->targets[i] < b->n_classes);
    REC_TRY(allocate(t, b, n < step ? n : step, err));
    for (b->start = 0; b->start < n; b->start += step) {
        b->n_rows = n - b->start < step ? n - b->start : step;
        REC_TRY(run_block(b, err));
        b->keep_table = true;
    }
cleanup:
    rec_arena_rewind(t->arena, mark);
    return status;
}

static block block_of(const rec_tape *t, const rec_tensor *hidden, const rec_softmax *softmax,
                      const uint32_t *targets)
{
    assert(hidden->cols == softmax->table->cols);
    assert(softmax->bias == NULL || softmax->bias->cols == softmax->table->rows);
    block b = {.kernels = t->kernels, .softmax = *softmax, .hidden = hidden->value};
    b.softmax.scale = softmax->scale == 0.0f ? 1.0f : softmax->scale;
    b.targets = targets;
    b.n_classes = softmax->table->rows;
    b.d = hidden->cols;
    return b;
}

/* Where gradients go. */
static rec_status want_gradients(block *b, rec_tape *t, rec_tensor *hidden, rec_error *err)
{
    rec_tensor *bias = b->softmax.bias;
    bool keep;
    if (hidden->needs_grad)
        b->hidden_grad = rec_tape_gradient(t, hidden, &b->keep_hidden);
    if (b->softmax.table->needs_grad)
        b->table_grad = rec_tape_gradient(t, b->softmax.table, &b->keep_table);
    if (bias != NULL && bias->needs_grad) {
        b->bias_grad = rec_tape_gradient(t, bias, &keep);
        if (b->bias_grad != NULL && !keep)
            memset(b->bias_grad, 0, bias->cols * sizeof *b->bias_grad);
    }
    return rec_tape_status(t, err);
}

static double weight_sum(const float *weights, size_t n)
{
    if (weights == NULL)
        return (double)n;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)weights[i];
    return sum;
}

double rec_nn_cross_entropy(rec_tape *t, rec_tensor *hidden, const rec_softmax *softmax,
                            const uint32_t *targets, const float *weights, double divisor,
                            float *row_loss)
{
    if (hidden == NULL || hidden->rows == 0)
        return 0.0;
    size_t n = hidden->rows;
    block b = block_of(t, hidden, softmax, targets);
    divisor = divisor == 0.0 ? weight_sum(weights, n) : divisor;
    float *scaled = rec_tape_alloc(t, n, sizeof *scaled);
    b.log_prob = rec_tape_alloc(t, n, sizeof *b.log_prob);
    if (scaled == NULL || b.log_prob == NULL || divisor == 0.0)
        return 0.0;
    for (size_t i = 0; i < n; i++)
        scaled[i] = (float)((weights != NULL ? (double)weights[i] : 1.0) / divisor);
    rec_error error = {.status = REC_OK};
    rec_status status = REC_OK;
    if (rec_tape_records(t, hidden, softmax->table) || rec_tape_records(t, softmax->bias, NULL)) {
        b.row_weight = scaled;
        status = want_gradients(&b, t, hidden, &error);
    }
    if (status == REC_OK)
        status = run_blocks(t, &b, n, &error);
    if (status != REC_OK) {
        rec_tape_failed(t, &error);
        return 0.0;
    }
    double loss = 0.0;
    for (size_t i = 0; i < n; i++)
        loss -= (double)scaled[i] * (double)b.log_prob[i];
    for (size_t i = 0; row_loss != NULL && i < n; i++)
        row_loss[i] = -b.log_prob[i];
    return loss;
}

/* ---- log p as an op ---- */

typedef struct log_probs_node {
    rec_node node;
    rec_tensor *hidden;
    rec_softmax softmax;
    const uint32_t *targets;
} log_probs_node;

static rec_status log_probs_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const log_probs_node *n = (const log_probs_node *)node;
    rec_status status = REC_OK;
    size_t rows = n->hidden->rows;
    block b = block_of(t, n->hidden, &n->softmax, n->targets);
    float *row_weight = rec_tape_alloc(t, rows, sizeof *row_weight);
    b.log_prob = rec_tape_alloc(t, rows, sizeof *b.log_prob);
    REC_TRY(rec_tape_status(t, err));
    for (size_t i = 0; i < rows; i++)
        row_weight[i] = -node->out->grad[i]; /* of -log p */
    b.row_weight = row_weight;
    REC_TRY(want_gradients(&b, t, n->hidden, err));
    REC_TRY(run_blocks(t, &b, rows, err));
cleanup:
    return status;
}

rec_tensor *rec_nn_log_probs(rec_tape *t, rec_tensor *hidden, const rec_softmax *softmax,
                             const uint32_t *targets)
{
    if (hidden == NULL)
        return NULL;
    bool records =
        rec_tape_records(t, hidden, softmax->table) || rec_tape_records(t, softmax->bias, NULL);
    rec_tensor *out = rec_tape_tensor(t, hidden->rows, 1, records);
    if (out == NULL)
        return NULL;
    if (records) {
        log_probs_node *node = rec_tape_record(t, sizeof *node, "log_probs", out, log_probs_back);
        if (node == NULL)
            return NULL;
        node->hidden = hidden;
        node->softmax = *softmax;
        node->targets = targets;
    }
    block b = block_of(t, hidden, softmax, targets);
    b.log_prob = out->value;
    rec_error error = {.status = REC_OK};
    return run_blocks(t, &b, hidden->rows, &error) == REC_OK ? out : rec_tape_failed(t, &error);
}
