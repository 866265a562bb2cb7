#include "models/nn/optimizer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "models/nn/kernels.h"

enum { TILE = 16384 }; /* elements */

static const char *const kinds[] = {"adamw", "adam", "adagrad", "sgd", NULL};

#define FIELD(name) offsetof(rec_optimizer_options, name)
const rec_option rec_optimizer_option_table[] = {
    {"type", "update rule", FIELD(kind), REC_OPT_ENUM, .value = REC_ADAMW, .choices = kinds},
    {"lr", "learning rate", FIELD(lr), REC_OPT_REAL, .value = 1e-3, .min = 0, .max = 1e3},
    {"beta1", "decay of the first moment (adam)", FIELD(beta1), REC_OPT_REAL, .value = 0.9,
     .min = 0, .max = 0.999999},
    {"beta2", "decay of the second moment (adam)", FIELD(beta2), REC_OPT_REAL, .value = 0.999,
     .min = 0, .max = 0.999999},
    {"momentum", "of sgd", FIELD(momentum), REC_OPT_REAL, .min = 0, .max = 0.999999},
    {"epsilon", "added to the root of the second moment; 0: the rule's own default", FIELD(epsilon),
     REC_OPT_REAL, .min = 0, .max = 1},
    {"weight_decay", "decoupled for adamw, in the gradient otherwise", FIELD(weight_decay),
     REC_OPT_REAL, .min = 0, .max = 1e3},
    {"clip_norm", "largest global gradient norm; 0: none", FIELD(clip_norm), REC_OPT_REAL, .min = 0,
     .max = 1e9},
    {.key = NULL},
};
#undef FIELD

/* A run of elements of one tensor. */
typedef struct tile {
    size_t block, param, start, n; /* start: inside the block */
} tile;

struct rec_optimizer {
    rec_optimizer_options options;
    rec_params **blocks;        /* owned array of borrowed blocks */
    size_t n_blocks, n_moments; /* moments of each block */
    float **moments;            /* n_blocks * n_moments owned blocks */
    tile *tiles;                /* owned */
    size_t n_tiles;
    double *squares; /* one per tile, owned */
    uint64_t steps;
};

static size_t moments_of(int kind)
{
    return kind == REC_ADAMW || kind == REC_ADAM ? 2 : 1;
}

/* Cut every tensor that learns into tiles; out NULL: only count. */
static size_t cut_tiles(tile *out, const rec_optimizer *o)
{
    size_t n = 0;
    for (size_t b = 0; b < o->n_blocks; b++)
        for (size_t i = 0; i < o->blocks[b]->n; i++) {
            const rec_param *param = &o->blocks[b]->table[i];
            for (size_t at = 0; !param->frozen && at < param->size; at += TILE, n++)
                if (out != NULL)
                    out[n] = (tile){.block = b,
                                    .param = i,
                                    .start = param->offset + at,
                                    .n = param->size - at < TILE ? param->size - at : TILE};
        }
    return n;
}

rec_status rec_optimizer_new(rec_optimizer **out, const rec_optimizer_options *options,
                             rec_params *const *blocks, size_t n_blocks, rec_error *err)
{
    rec_status status = REC_OK;
    rec_optimizer *o;
    *out = NULL;
    REC_TRY_NEW(o, 1, err);
    o->options = *options;
    if (o->options.epsilon == 0.0)
        o->options.epsilon = options->kind == REC_ADAGRAD ? 1e-10 : 1e-8;
    o->n_moments = moments_of(options->kind);
    REC_TRY_NEW(o->blocks, n_blocks, err);
    REC_TRY_NEW(o->moments, n_blocks * o->n_moments, err);
    for (size_t b = 0; b < n_blocks; b++, o->n_blocks++) {
        assert(blocks[b]->grad != NULL);
        o->blocks[b] = blocks[b];
        for (size_t m = 0; m < o->n_moments; m++) {
            float *moment = rec_alloc_aligned(blocks[b]->size, sizeof *moment, err);
            o->moments[b * o->n_moments + m] = moment;
            if (moment == NULL) {
                o->n_blocks++;
                status = REC_ERR_RESOURCE;
                goto cleanup;
            }
        }
    }
    o->n_tiles = cut_tiles(NULL, o);
    REC_TRY_NEW(o->tiles, o->n_tiles, err);
    REC_TRY_NEW(o->squares, o->n_tiles, err);
    cut_tiles(o->tiles, o);
    *out = o;
    o = NULL;
cleanup:
    rec_optimizer_free(o);
    return status;
}

void rec_optimizer_free(rec_optimizer *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; o->moments != NULL && i < o->n_blocks * o->n_moments; i++)
        free(o->moments[i]);
    free(o->moments);
    free(o->blocks);
    free(o->tiles);
    free(o->squares);
    free(o);
}

static rec_status square_tile(void *context, size_t index, rec_error *err)
{
    rec_optimizer *o = context;
    const tile *t = &o->tiles[index];
    (void)err;
    o->squares[index] = rec_kernels_get()->sum_squares(o->blocks[t->block]->grad + t->start, t->n);
    return REC_OK;
}

/* sqrt of the sum of squares of all gradients; not finite: say where. */
static rec_status global_norm(double *norm, rec_optimizer *o, rec_error *err)
{
    rec_status status = rec_parallel_tiles(o->n_tiles, square_tile, o, err);
    double sum = 0.0;
    for (size_t i = 0; status == REC_OK && i < o->n_tiles; i++) {
        const tile *t = &o->tiles[i];
        if (!isfinite(o->squares[i]))
            return rec_fail(err, REC_ERR_MODEL, "the gradient of %s is not finite at step %llu",
                            o->blocks[t->block]->table[t->param].name,
                            (unsigned long long)o->steps + 1);
        sum += o->squares[i];
    }
    *norm = sqrt(sum);
    return status;
}

typedef struct update_loop {
    rec_optimizer *o;
    const rec_kernels *kernels;
    rec_update common; /* decay still to be set for each tensor */
    double lr;         /* as the schedule has it, without bias correction */
} update_loop;

static rec_status update_tile(void *context, size_t index, rec_error *err)
{
    const update_loop *c = context;
    const rec_optimizer *o = c->o;
    const tile *t = &o->tiles[index];
    rec_params *block = o->blocks[t->block];
    const rec_param *param = &block->table[t->param];
    float *p = block->value + t->start, *g = block->grad + t->start;
    float *const *moments = o->moments + t->block * o->n_moments;
    double decay = o->options.weight_decay * (double)param->decay_scale;
    rec_update u = c->common;
    (void)err;
    u.lr *= param->lr_scale;
    if (o->options.kind == REC_ADAMW)
        u.shrink = (float)(1.0 - c->lr * (double)param->lr_scale * decay);
    else
        u.l2 = (float)decay;
    if (o->options.kind == REC_ADAGRAD)
        c->kernels->adagrad(p, g, moments[0] + t->start, t->n, &u);
    else if (o->options.kind == REC_SGD)
        c->kernels->sgd(p, g, moments[0] + t->start, t->n, &u);
    else
        c->kernels->adam(p, g, moments[0] + t->start, moments[1] + t->start, t->n, &u);
    return REC_OK;
}

/* Adam (ICLR 2015, algorithm 1): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
 * p -= lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps). */
static rec_update update_of(const rec_optimizer *o, double lr, double gradient_scale)
{
    const rec_optimizer_options *a = &o->options;
    rec_update u = {.lr = (float)lr, .epsilon = (float)a->epsilon, .shrink = 1.0f};
    u.gradient_scale = (float)gradient_scale;
    u.beta1 = (float)(a->kind == REC_SGD ? a->momentum : a->beta1);
    u.beta2 = (float)a->beta2;
    if (a->kind == REC_ADAMW || a->kind == REC_ADAM) {
        u.lr = (float)(lr / (1.0 - pow(a->beta1, (double)o->steps)));
        u.root_correction = (float)(1.0 / sqrt(1.0 - pow(a->beta2, (double)o->steps)));
    }
    return u;
}

rec_status rec_optimizer_step(double *norm, rec_optimizer *o, double lr_factor,
                              double gradient_scale, rec_error *err)
{
    double raw = 0.0;
    rec_status status = global_norm(&raw, o, err);
    if (status != REC_OK)
        return status;
    raw *= fabs(gradient_scale);
    if (norm != NULL)
        *norm = raw;
    if (o->options.clip_norm > 0.0 && raw > o->options.clip_norm)
        gradient_scale *= o->options.clip_norm / raw;
    o->steps++;
    double lr = o->options.lr * lr_factor;
    update_loop c = {.o = o, .kernels = rec_kernels_get(), .lr = lr};
    c.common = update_of(o, lr, gradient_scale);
    return rec_parallel_tiles(o->n_tiles, update_tile, &c, err);
}

uint64_t rec_optimizer_steps(const rec_optimizer *o)
{
    return o->steps;
}

void rec_optimizer_set_steps(rec_optimizer *o, uint64_t steps)
{
    o->steps = steps;
}

size_t rec_optimizer_n_moments(const rec_optimizer *o)
{
    return o->n_blocks * o->n_moments;
}

float *rec_optimizer_moment(rec_optimizer *o, size_t i, size_t *size)
{
    assert(i < rec_optimizer_n_moments(o));
    *size = o->blocks[i / o->n_moments]->size;
    return o->moments[i];
}
