/* Per block of rows: logits over tiles of classes, then each row's softmax in place, then the
 * gradient of the table over tiles of classes and of the hidden rows over tiles of rows: three matrix
 * products, each with one writer per element. */
#include "models/nn/softmax_loss.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/blas.h"

enum { CLASS_TILE = 1024, ROW_TILE = 64 };

size_t rec_nn_softmax_block_rows(size_t n_classes)
{
    size_t rows = ((size_t)1 << 22) / (n_classes > 0 ? n_classes : 1); /* 16 MiB of logits */
    rows = rows > 1024 ? 1024 : rows;
    return rows < 256 ? 256 : rows / 64 * 64;
}

typedef struct block {
    const rec_kernels *kernels;
    rec_softmax softmax;
    const float *hidden; /* of the whole batch, (n, d) */
    const uint32_t *targets;
    const float *row_weight; /* gradient of -log p of each row, or NULL: no gradient is wanted */
    float *logits;           /* (n_rows, n_classes) */
    float *log_prob;         /* (n) */
    float *hidden_grad, *table_grad, *bias_grad; /* or NULL */
    bool keep_hidden, keep_table;                /* keep_table: of this block */
    size_t start, n_rows, n_classes, d;
} block;

static void logits_tile(void *context, size_t class, size_t n)
{
    const block *b = context;
    float *out = b->logits + class;
    rec_gemm_nt(out, b->n_classes, b->hidden + b->start * b->d, b->d,
                b->softmax.table->value + class * b->d, b->d, b->n_rows, n, b->d, 1.0f, 0.0f);
    for (size_t i = 0; b->softmax.bias != NULL && i < b->n_rows; i++)
        b->kernels->add_scaled(out + i * b->n_classes, b->softmax.bias->value + class, 1.0f, n,
                               true);
}

/* softmax(scale x) of n logits in place; returns the log of the sum of exponentials. */
static double softmax_row(float *x, const block *b, size_t n)
{
    float scale = b->softmax.scale, shift = b->kernels->greatest(x, n) * scale;
    float sum = b->kernels->exp_shifted(x, x, scale, shift, n);
    b->kernels->add_scaled(x, x, 1.0f / sum, n, false);
    return (double)shift + log((double)sum);
}

/* The same over the allowed classes only: they move to the front, others get probability 0. */
static double softmax_allowed(float *x, const block *b, const uint32_t *ids, size_t n)
{
    for (size_t j = 0; j < n; j++)
        x[j] = x[ids[j]]; /* ids ascend, so ids[j] >= j has not been overwritten */
    double log_sum = softmax_row(x, b, n);
    memset(x + n, 0, (b->n_classes - n) * sizeof *x);
    for (size_t j = n; j-- > 0;) {
        float p = x[j];
        x[j] = 0.0f;
        x[ids[j]] = p;
    }
    return log_sum;
}

static void softmax_rows(void *context, size_t start, size_t n)
{
    const block *b = context;
    for (size_t i = start; i < start + n; i++) {
        size_t row = b->start + i;
        float *x = b->logits + i * b->n_classes;
        uint32_t target = b->targets[row];
        assert(target < b->n_classes);
        double score = (double)(x[target] * b->softmax.scale);
        const rec_allowed *allowed = b->softmax.allowed;
        size_t n_allowed = allowed != NULL ? allowed->start[row + 1] - allowed->start[row] : 0;
        double log_sum = n_allowed > 0
                             ? softmax_allowed(x, b, allowed->ids + allowed->start[row], n_allowed)
                             : softmax_row(x, b, b->n_classes);
        b->log_prob[row] = (float)(score - log_sum);
        if (b->row_weight == NULL)
            continue;
        x[target] -= 1.0f;
        b->kernels->add_scaled(x, x, b->row_weight[row] * b->softmax.scale, b->n_classes, false);
    }
}

static void table_gradient_tile(void *context, size_t class, size_t n)
{
    const block *b = context;
    if (b->table_grad != NULL)
        rec_gemm_tn(b->table_grad + class * b->d, b->d, b->logits + class, b->n_classes,
                    b->hidden + b->start * b->d, b->d, n, b->d, b->n_rows, 1.0f,
                    b->keep_table ? 1.0f : 0.0f);
    if (b->bias_grad != NULL)
        b->kernels->add_column_sums(b->bias_grad + class, b->logits + class, b->n_classes,
                                    b->n_rows, n);
}

static void hidden_gradient_tile(void *context, size_t start, size_t n)
{
    const block *b = context;
    rec_gemm_nn(b->hidden_grad + (b->start + start) * b->d, b->d, b->logits + start * b->n_classes,
                b->n_classes, b->softmax.table->value, b->d, n, b->d, b->n_classes, 1.0f,
                b->keep_hidden ? 1.0f : 0.0f);
}

/* All blocks of a batch of n rows. */
static rec_status run_blocks(rec_tape *t, block *b, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    size_t step = rec_nn_softmax_block_rows(b->n_classes);
    rec_arena_mark mark = rec_arena_get_mark(t->arena);
    b->logits = rec_tape_alloc(t, (n < step ? n : step) * b->n_classes, sizeof(float));
    REC_TRY(rec_tape_status(t, err));
    for (b->start = 0; b->start < n; b->start += step) {
        b->n_rows = n - b->start < step ? n - b->start : step;
        REC_TRY(rec_tape_for_rows(b->n_classes, CLASS_TILE, logits_tile, b, err));
        REC_TRY(rec_tape_for_rows(b->n_rows, 16, softmax_rows, b, err));
        if (b->table_grad != NULL || b->bias_grad != NULL)
            REC_TRY(rec_tape_for_rows(b->n_classes, CLASS_TILE, table_gradient_tile, b, err));
        if (b->hidden_grad != NULL)
            REC_TRY(rec_tape_for_rows(b->n_rows, ROW_TILE, hidden_gradient_tile, b, err));
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
