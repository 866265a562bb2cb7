/* y = x W^T + b + scale * (dropout(x) A^T) B^T.
 * Forward runs over tiles of rows. Backward: dx over tiles of rows; dW over blocks of W, each a product
 * over all rows of the batch, so that nothing is left to be reduced. */
#include "models/nn/linear.h"

#include <assert.h>

#include "core/blas.h"
#include "core/parallel.h"
#include "models/nn/activation.h"
#include "models/nn/dropout.h"

enum { ROW_TILE = 256, COLUMN_TILE = 64 };

/* Blocks of a weight's gradient. Each reads its columns of x and of dy for the whole batch, which costs
 * as much as 1 / rows + 1 / columns of the product: blocks near squares, but small enough for the cache,
 * since sums come back once per block of rows of the batch. */
enum { BLOCK_ROWS_MIN = 32, BLOCK_ROWS = 256, BLOCK_COLUMNS_MIN = 48, BLOCK_COLUMNS = 384 };

typedef struct linear_node {
    rec_node node;
    rec_tensor *x, *adapted; /* adapted: dropout(x) A^T, (n, r); NULL without LoRA */
    rec_tensor *weight, *bias, *lora_b;
    float lora_scale;
    float *slope; /* (n, out) of the activation, or NULL */
} linear_node;

/* ---- forward ---- */

typedef struct forward_rows {
    const rec_kernels *kernels;
    const rec_tensor *x, *adapted;
    rec_linear w;
    rec_activation f;
    float *y, *slope;
} forward_rows;

static void forward_tile(void *context, size_t start, size_t n)
{
    const forward_rows *c = context;
    size_t in = c->x->cols, out = c->w.weight->rows;
    float *y = c->y + start * out;
    rec_gemm_nt(y, out, c->x->value + start * in, in, c->w.weight->value, in, n, out, in, 1.0f,
                0.0f);
    if (c->adapted != NULL) {
        size_t r = c->adapted->cols;
        rec_gemm_nt(y, out, c->adapted->value + start * r, r, c->w.lora->b->value, r, n, out, r,
                    c->w.lora->scale, 1.0f);
    }
    if (c->w.bias != NULL)
        c->kernels->add_bias(y, c->w.bias->value, n, out);
    if (c->f != REC_ACT_NONE)
        rec_activation_kernel(c->kernels, c->f)(y, c->slope != NULL ? c->slope + start * out : NULL,
                                                y, n * out);
}

/* ---- backward ---- */

typedef struct product {
    float *out;
    const float *a, *b;
    size_t m, n, k; /* out (m, n), k: the summed dimension */
    float alpha;
    bool keep;
} product;

/* out (m, n) (+)= alpha * a (m, k) b (k, n), tiles of rows of out */
static void rows_by_matrix(void *context, size_t start, size_t n_rows)
{
    const product *p = context;
    rec_gemm_nn(p->out + start * p->n, p->n, p->a + start * p->k, p->k, p->b, p->n, n_rows, p->n,
                p->k, p->alpha, p->keep ? 1.0f : 0.0f);
}

/* out (m, n) (+)= alpha * a^T b for a (k, m), b (k, n), in blocks of out. */
typedef struct blocks {
    product p;
    size_t rows, cols; /* of a block */
    size_t n_across;
} blocks;

static size_t block_edge(size_t n, size_t parts, size_t unit, size_t least, size_t most)
{
    size_t edge = (n + parts - 1) / parts;
    edge = (edge + unit - 1) / unit * unit;
    return edge < least ? least : edge > most ? most : edge;
}

/* At least eight blocks where the weight is large enough: four by two along its longer side. */
static blocks cut_blocks(const product *p)
{
    bool wide = p->n >= p->m;
    blocks b = {.p = *p};
    b.rows = block_edge(p->m, wide ? 2 : 4, 16, BLOCK_ROWS_MIN, BLOCK_ROWS);
    b.cols = block_edge(p->n, wide ? 4 : 2, 48, BLOCK_COLUMNS_MIN, BLOCK_COLUMNS);
    b.n_across = (p->n + b.cols - 1) / b.cols;
    return b;
}

static rec_status transposed_block(void *context, size_t index, rec_error *err)
{
    const blocks *b = context;
    const product *p = &b->p;
    size_t row = index / b->n_across * b->rows, col = index % b->n_across * b->cols;
    size_t n_rows = p->m - row < b->rows ? p->m - row : b->rows;
    size_t n_cols = p->n - col < b->cols ? p->n - col : b->cols;
    (void)err;
    rec_gemm_tn(p->out + row * p->n + col, p->n, p->a + row, p->m, p->b + col, p->n, n_rows, n_cols,
                p->k, p->alpha, p->keep ? 1.0f : 0.0f);
    return REC_OK;
}

static rec_status transposed_product(const product *p, rec_error *err)
{
    blocks b = cut_blocks(p);
    return rec_parallel_tiles((p->m + b.rows - 1) / b.rows * b.n_across, transposed_block, &b, err);
}

/* Gradient of x in y = alpha x W^T: dx (+)= alpha dy W */
static rec_status input_gradient(rec_tape *t, rec_tensor *x, const rec_tensor *w, const float *dy,
                                 float alpha, rec_error *err)
{
    product p = {.a = dy, .b = w->value, .m = x->rows, .n = x->cols, .k = w->rows, .alpha = alpha};
    if (!x->needs_grad)
        return REC_OK;
    p.out = rec_tape_gradient(t, x, &p.keep);
    return p.out == NULL ? rec_tape_status(t, err)
                         : rec_tape_for_rows(p.m, ROW_TILE, rows_by_matrix, &p, err);
}

rec_status rec_nn_weight_gradient(rec_tape *t, rec_tensor *w, const float *x, const float *dy,
                                  size_t n, float alpha, rec_error *err)
{
    product p = {.a = dy, .b = x, .m = w->rows, .n = w->cols, .k = n, .alpha = alpha};
    if (!w->needs_grad)
        return REC_OK;
    p.out = rec_tape_gradient(t, w, &p.keep);
    return p.out == NULL ? rec_tape_status(t, err) : transposed_product(&p, err);
}

typedef struct column_sums {
    const rec_kernels *kernels;
    float *out;
    const float *x;
    size_t rows, cols;
} column_sums;

static void sum_columns_tile(void *context, size_t start, size_t n)
{
    const column_sums *c = context;
    c->kernels->add_column_sums(c->out + start, c->x + start, c->cols, c->rows, n);
}

rec_status rec_nn_bias_gradient(rec_tape *t, rec_tensor *bias, const float *dy, size_t rows,
                                rec_error *err)
{
    if (bias == NULL || !bias->needs_grad)
        return REC_OK;
    bool keep;
    column_sums c = {.kernels = t->kernels, .x = dy, .rows = rows, .cols = bias->cols};
    c.out = rec_tape_gradient(t, bias, &keep);
    if (c.out == NULL)
        return rec_tape_status(t, err);
    for (size_t i = 0; !keep && i < c.cols; i++)
        c.out[i] = 0.0f;
    return rec_tape_for_rows(c.cols, COLUMN_TILE, sum_columns_tile, &c, err);
}

typedef struct slope_rows {
    const rec_kernels *kernels;
    float *dy;
    const float *slope;
} slope_rows;

static void slope_tile(void *context, size_t start, size_t n)
{
    const slope_rows *c = context;
    c->kernels->add_product(c->dy + start, c->dy + start, c->slope + start, n, false);
}

/* LoRA: y += scale * u B^T with u = dropout(x) A^T, itself a node that hands du on. */
static rec_status lora_gradient(rec_tape *t, const linear_node *n, const float *dy, rec_error *err)
{
    if (n->adapted == NULL)
        return REC_OK;
    rec_status status = rec_nn_weight_gradient(t, n->lora_b, n->adapted->value, dy,
                                               n->adapted->rows, n->lora_scale, err);
    return status == REC_OK ? input_gradient(t, n->adapted, n->lora_b, dy, n->lora_scale, err)
                            : status;
}

static rec_status linear_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const linear_node *n = (const linear_node *)node;
    float *dy = node->out->grad;
    rec_status status = REC_OK;
    if (n->slope != NULL) {
        slope_rows c = {.kernels = t->kernels, .dy = dy, .slope = n->slope};
        REC_TRY(rec_tape_for_rows(node->out->rows * node->out->cols, 16384, slope_tile, &c, err));
    }
    REC_TRY(rec_nn_bias_gradient(t, n->bias, dy, node->out->rows, err));
    REC_TRY(rec_nn_weight_gradient(t, n->weight, n->x->value, dy, n->x->rows, 1.0f, err));
    REC_TRY(lora_gradient(t, n, dy, err));
    REC_TRY(input_gradient(t, n->x, n->weight, dy, 1.0f, err));
cleanup:
    return status;
}

/* u = dropout(x) A^T: an ordinary linear op on the tape. */
static rec_tensor *into_adapter(rec_tape *t, rec_tensor *x, const rec_lora *lora)
{
    return rec_nn_linear(t, rec_nn_dropout(t, x, lora->dropout), &(rec_linear){.weight = lora->a});
}

rec_tensor *rec_nn_linear_act(rec_tape *t, rec_tensor *x, const rec_linear *w, rec_activation f)
{
    if (x == NULL)
        return NULL;
    assert(x->cols == w->weight->cols);
    assert(w->bias == NULL || w->bias->cols == w->weight->rows);
    rec_tensor *adapted = w->lora != NULL ? into_adapter(t, x, w->lora) : NULL;
    if (w->lora != NULL && adapted == NULL)
        return NULL;
    bool records = rec_tape_records(t, x, w->weight) || rec_tape_records(t, adapted, w->bias);
    rec_tensor *y = rec_tape_tensor(t, x->rows, w->weight->rows, records);
    if (y == NULL)
        return NULL;
    forward_rows c = {
        .kernels = t->kernels, .x = x, .adapted = adapted, .w = *w, .f = f, .y = y->value};
    if (records) {
        linear_node *node = rec_tape_record(t, sizeof *node, "linear", y, linear_back);
        if (f != REC_ACT_NONE)
            c.slope = rec_tape_alloc(t, y->rows * y->cols, sizeof(float));
        if (node == NULL || (f != REC_ACT_NONE && c.slope == NULL))
            return NULL;
        node->x = x;
        node->adapted = adapted;
        node->weight = w->weight;
        node->bias = w->bias;
        node->lora_b = w->lora != NULL ? w->lora->b : NULL;
        node->lora_scale = w->lora != NULL ? w->lora->scale : 0.0f;
        node->slope = c.slope;
    }
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(x->rows, ROW_TILE, forward_tile, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}

rec_tensor *rec_nn_linear(rec_tape *t, rec_tensor *x, const rec_linear *w)
{
    return rec_nn_linear_act(t, x, w, REC_ACT_NONE);
}

/* ---- similarities ---- */

typedef struct similarity_node {
    rec_node node;
    rec_tensor *a, *b;
    float scale;
} similarity_node;

static rec_status similarity_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const similarity_node *n = (const similarity_node *)node;
    rec_status status =
        rec_nn_weight_gradient(t, n->b, n->a->value, node->out->grad, n->a->rows, n->scale, err);
    return status == REC_OK ? input_gradient(t, n->a, n->b, node->out->grad, n->scale, err)
                            : status;
}

typedef struct similarity_rows {
    float *out;
    const rec_tensor *a, *b;
    float scale;
} similarity_rows;

static void similarity_tile(void *context, size_t start, size_t n)
{
    const similarity_rows *c = context;
    size_t d = c->a->cols, m = c->b->rows;
    rec_gemm_nt(c->out + start * m, m, c->a->value + start * d, d, c->b->value, d, n, m, d,
                c->scale, 0.0f);
}

rec_tensor *rec_nn_similarity(rec_tape *t, rec_tensor *a, rec_tensor *b, float scale)
{
    if (a == NULL || b == NULL)
        return NULL;
    assert(a->cols == b->cols);
    bool records = rec_tape_records(t, a, b);
    rec_tensor *out = rec_tape_tensor(t, a->rows, b->rows, records);
    if (out == NULL)
        return NULL;
    if (records) {
        similarity_node *node =
            rec_tape_record(t, sizeof *node, "similarity", out, similarity_back);
        if (node == NULL)
            return NULL;
        node->a = a;
        node->b = b;
        node->scale = scale;
    }
    similarity_rows c = {.out = out->value, .a = a, .b = b, .scale = scale};
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(a->rows, ROW_TILE, similarity_tile, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return out;
}
