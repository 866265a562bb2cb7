#include "models/nn/norm.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* What forward and backward tiles of all three forms need. Gradients of gain and bias go to one
 * partial row per tile; the partials are summed in order afterwards. */
typedef struct norm_rows {
    const rec_kernels *kernels;
    const float *x, *gain, *bias;
    float gain_offset, eps;
    size_t cols, tile;
    float *y, *stats; /* stats: mean and inverse deviation (2), or inverse rms (1) per row */
    const float *dy;
    float *dx;
    bool keep;
    float *gain_partial, *bias_partial; /* (n_tiles, cols), zeroed; or NULL */
} norm_rows;

typedef struct norm_node {
    rec_node node;
    rec_tensor *x, *gain, *bias;
    float gain_offset;
    size_t rows, cols; /* of what is normalised: heads count as rows */
    float *stats;
} norm_node;

static void layer_norm_tile(void *context, size_t start, size_t n)
{
    const norm_rows *c = context;
    size_t first = start * c->cols;
    c->kernels->layer_norm(c->y + first, c->stats + 2 * start, c->x + first, c->gain, c->bias, n,
                           c->cols, c->eps);
}

static void rms_norm_tile(void *context, size_t start, size_t n)
{
    const norm_rows *c = context;
    size_t first = start * c->cols;
    c->kernels->rms_norm(c->y + first, c->stats + start, c->x + first, c->gain, c->gain_offset, n,
                         c->cols, c->eps);
}

static float *partial_of(float *partials, const norm_rows *c, size_t start)
{
    return partials != NULL ? partials + start / c->tile * c->cols : NULL;
}

static void layer_norm_back_tile(void *context, size_t start, size_t n)
{
    const norm_rows *c = context;
    size_t first = start * c->cols;
    c->kernels->layer_norm_back(c->dx != NULL ? c->dx + first : NULL, c->keep,
                                partial_of(c->gain_partial, c, start),
                                partial_of(c->bias_partial, c, start), c->dy + first, c->x + first,
                                c->stats + 2 * start, c->gain, n, c->cols);
}

static void rms_norm_back_tile(void *context, size_t start, size_t n)
{
    const norm_rows *c = context;
    size_t first = start * c->cols;
    c->kernels->rms_norm_back(c->dx != NULL ? c->dx + first : NULL, c->keep,
                              partial_of(c->gain_partial, c, start), c->dy + first, c->x + first,
                              c->stats + start, c->gain, c->gain_offset, n, c->cols);
}

static float *zeroed_partials(rec_tape *t, const rec_tensor *param, size_t n_tiles, size_t cols)
{
    if (param == NULL || !param->needs_grad)
        return NULL;
    float *partials = rec_tape_alloc(t, n_tiles * cols, sizeof *partials);
    if (partials != NULL)
        memset(partials, 0, n_tiles * cols * sizeof *partials);
    return partials;
}

static void sum_partials(rec_tape *t, rec_tensor *param, const float *partials, size_t n_tiles)
{
    bool keep;
    float *grad = partials != NULL ? rec_tape_gradient(t, param, &keep) : NULL;
    for (size_t tile = 0; grad != NULL && tile < n_tiles; tile++)
        t->kernels->add_scaled(grad, partials + tile * param->cols, 1.0f, param->cols,
                               keep || tile > 0);
}

static rec_status norm_back(rec_tape *t, const norm_node *n, rec_rows_fn fn, rec_error *err)
{
    norm_rows c = {.kernels = t->kernels, .x = n->x->value, .gain_offset = n->gain_offset};
    c.gain = n->gain != NULL ? n->gain->value : NULL;
    c.cols = n->cols;
    c.tile = rec_tape_tile(n->cols);
    c.stats = n->stats;
    c.dy = n->node.out->grad;
    size_t n_tiles = (n->rows + c.tile - 1) / c.tile;
    if (n->x->needs_grad)
        c.dx = rec_tape_gradient(t, n->x, &c.keep);
    c.gain_partial = zeroed_partials(t, n->gain, n_tiles, n->cols);
    c.bias_partial = zeroed_partials(t, n->bias, n_tiles, n->cols);
    rec_status status = rec_tape_status(t, err);
    if (status == REC_OK)
        status = rec_tape_for_rows(n->rows, c.tile, fn, &c, err);
    if (status == REC_OK) {
        sum_partials(t, n->gain, c.gain_partial, n_tiles);
        sum_partials(t, n->bias, c.bias_partial, n_tiles);
        status = rec_tape_status(t, err);
    }
    return status;
}

static rec_status layer_norm_back(rec_tape *t, rec_node *node, rec_error *err)
{
    return norm_back(t, (const norm_node *)node, layer_norm_back_tile, err);
}

static rec_status rms_norm_back(rec_tape *t, rec_node *node, rec_error *err)
{
    return norm_back(t, (const norm_node *)node, rms_norm_back_tile, err);
}

/* The common forward: `like` holds x, gain, bias, gain_offset, rows and cols. */
static rec_tensor *norm(rec_tape *t, const norm_node *like, const char *name, float eps,
                        size_t stats_per_row, rec_rows_fn fn,
                        rec_status (*back)(rec_tape *, rec_node *, rec_error *))
{
    bool records =
        rec_tape_records(t, like->x, like->gain) || rec_tape_records(t, like->bias, NULL);
    rec_tensor *y = rec_tape_tensor(t, like->x->rows, like->x->cols, records);
    float *stats = rec_tape_alloc(t, stats_per_row * like->rows, sizeof *stats);
    if (y == NULL || stats == NULL)
        return NULL;
    if (records) {
        norm_node *node = rec_tape_record(t, sizeof *node, name, y, back);
        if (node == NULL)
            return NULL;
        rec_node head = node->node;
        *node = *like;
        node->node = head;
        node->stats = stats;
    }
    norm_rows c = {.kernels = t->kernels, .x = like->x->value, .y = y->value, .stats = stats};
    c.gain = like->gain != NULL ? like->gain->value : NULL;
    c.bias = like->bias != NULL ? like->bias->value : NULL;
    c.gain_offset = like->gain_offset;
    c.eps = eps;
    c.cols = like->cols;
    rec_error error = {.status = REC_OK};
    if (rec_tape_for_rows(like->rows, rec_tape_tile(like->cols), fn, &c, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}

rec_tensor *rec_nn_layer_norm(rec_tape *t, rec_tensor *x, rec_tensor *gain, rec_tensor *bias,
                              float eps)
{
    if (x == NULL)
        return NULL;
    assert(gain->cols == x->cols && bias->cols == x->cols);
    norm_node like = {.x = x, .gain = gain, .bias = bias, .rows = x->rows, .cols = x->cols};
    return norm(t, &like, "layer_norm", eps, 2, layer_norm_tile, layer_norm_back);
}

rec_tensor *rec_nn_rms_norm(rec_tape *t, rec_tensor *x, rec_tensor *gain, float gain_offset,
                            float eps)
{
    if (x == NULL)
        return NULL;
    assert(gain->cols > 0 && x->cols % gain->cols == 0);
    norm_node like = {.x = x, .gain = gain, .gain_offset = gain_offset, .cols = gain->cols};
    like.rows = x->rows * (x->cols / gain->cols);
    return norm(t, &like, "rms_norm", eps, 1, rms_norm_tile, rms_norm_back);
}

/* x / |x| = x / rms(x) / sqrt(cols). The smallest normal number as eps keeps a zero row zero. */
rec_tensor *rec_nn_l2_normalize(rec_tape *t, rec_tensor *x)
{
    if (x == NULL)
        return NULL;
    norm_node like = {.x = x, .gain_offset = 1.0f / sqrtf((float)x->cols)};
    like.rows = x->rows;
    like.cols = x->cols;
    return norm(t, &like, "l2_normalize", 1e-30f, 1, rms_norm_tile, rms_norm_back);
}
