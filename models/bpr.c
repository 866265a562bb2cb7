#include "models/bpr.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/interrupt.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/permutation.h"
#include "core/rng.h"
#include "core/simd.h"

enum {
    ROUND = 1 << 16, /* samples drawn at once */
    DRAWS_PER_TILE = 4096,
    SAMPLES_PER_TILE = 1024,
    BLOCKS_PER_SAMPLE = 16,    /* of the random stream: 64 draws, of which few are used */
    ROWS_PER_SAMPLE = 8,       /* rows read or written for a sample */
    PARALLEL_FLOATS = 1 << 22, /* a batch that moves fewer is not worth waking threads for */
};

const char *const rec_step_rule_names[] = {"sgd", "adagrad", "adam", NULL};
const char *const rec_bpr_sampling_names[] = {"pairs", "users", NULL};

static const float adagrad_epsilon = 1e-10f, adam_epsilon = 1e-8f, beta1 = 0.9f, beta2 = 0.999f;

static rec_status moments_init(rec_bpr *b, rec_error *err)
{
    size_t n_users = b->users->n_rows, n_items = b->items->n_rows, dim = b->items->dim;
    rec_status status;
    REC_TRY(rec_factors_init(&b->user_grad, n_users, dim, err));
    REC_TRY(rec_factors_init(&b->item_grad, n_items, dim, err));
    if (b->options.rule != REC_STEP_SGD) {
        REC_TRY(rec_factors_init(&b->user_first, n_users, dim, err));
        REC_TRY(rec_factors_init(&b->item_first, n_items, dim, err));
    }
    if (b->options.rule == REC_STEP_ADAM) {
        REC_TRY(rec_factors_init(&b->user_second, n_users, dim, err));
        REC_TRY(rec_factors_init(&b->item_second, n_items, dim, err));
    }
cleanup:
    return status;
}

/* A user who has every item has no negatives: their pairs are left out. */
static void fill_pairs(rec_bpr *b, const rec_sparse *positives)
{
    for (uint32_t u = 0; u < positives->n_rows; u++) {
        size_t start = positives->start[u], end = positives->start[u + 1];
        if (end - start == positives->n_columns)
            continue;
        for (size_t i = start; i < end; i++) {
            b->pair_user[b->n_pairs] = u;
            b->pair_item[b->n_pairs++] = positives->column[i];
        }
        if (end > start)
            b->first_pair[++b->n_active] = b->n_pairs;
    }
    b->n_samples = b->options.sampling == REC_SAMPLE_USERS ? b->n_active : b->n_pairs;
}

rec_status rec_bpr_init(rec_bpr *out, rec_factors *users, rec_factors *items,
                        const rec_sparse *positives, const rec_bpr_options *options, rec_error *err)
{
    rec_bpr *b = out;
    size_t n = rec_sparse_n_values(positives);
    rec_status status;
    assert(positives->n_rows == users->n_rows && positives->n_columns == items->n_rows);
    *b = (rec_bpr){.options = *options, .users = users, .items = items};
    REC_TRY(moments_init(b, err));
    REC_TRY(rec_item_sets_init(&b->sets, positives, err));
    REC_TRY_NEW(b->pair_user, n, err);
    REC_TRY_NEW(b->pair_item, n, err);
    REC_TRY_NEW(b->first_pair, positives->n_rows + 1, err);
    b->n_round = options->batch > ROUND ? options->batch : ROUND / options->batch * options->batch;
    REC_TRY_NEW(b->sample_user, b->n_round, err);
    REC_TRY_NEW(b->sample_item, b->n_round, err);
    REC_TRY_NEW(b->sample_other, b->n_round, err);
    REC_TRY_NEW(b->weight, options->batch, err);
    fill_pairs(b, positives);
cleanup:
    if (status != REC_OK)
        rec_bpr_deinit(b);
    return status;
}

void rec_bpr_deinit(rec_bpr *b)
{
    rec_factors *all[] = {&b->user_grad,  &b->item_grad,   &b->user_first,
                          &b->item_first, &b->user_second, &b->item_second};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        rec_factors_deinit(all[i]);
    rec_item_sets_deinit(&b->sets);
    free(b->pair_user);
    free(b->pair_item);
    free(b->first_pair);
    free(b->sample_user);
    free(b->sample_item);
    free(b->sample_other);
    free(b->weight);
    *b = (rec_bpr){.n_pairs = 0};
}

/* A round of an epoch, and the batch of it in work. */
typedef struct round_job {
    rec_bpr *b;
    const rec_permutation *order;
    rec_rng stream;        /* of the epoch */
    size_t drawn, n_drawn; /* the round: samples drawn .. drawn + n_drawn - 1 of the epoch */
    size_t first, n;       /* the batch: samples first .. first + n - 1 of the round */
    uint32_t *n_in_order;  /* one per tile of the batch */
    float scale1, scale2;  /* Adam: 1 / (1 - beta^t) of both moments */
} round_job;

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The pair of a sample of the epoch. */
static size_t draw_pair(const round_job *job, size_t sample, rec_rng *rng)
{
    const rec_bpr *b = job->b;
    if (b->options.sampling == REC_SAMPLE_PAIRS)
        return (size_t)rec_permutation_at(job->order, sample);
    size_t user = rec_rng_below(rng, (uint32_t)b->n_active);
    size_t first = b->first_pair[user], n = b->first_pair[user + 1] - first;
    return first + rec_rng_below(rng, (uint32_t)n);
}

static void draw_sample(const round_job *job, size_t at)
{
    rec_bpr *b = job->b;
    size_t sample = job->drawn + at;
    rec_rng rng = job->stream;
    rec_rng_seek(&rng, (uint64_t)sample * BLOCKS_PER_SAMPLE);
    size_t pair = draw_pair(job, sample, &rng);
    uint32_t user = b->pair_user[pair], other;
    do {
        other = rec_rng_below(&rng, (uint32_t)b->items->n_rows);
    } while (rec_item_sets_contain(&b->sets, user, other));
    b->sample_user[at] = user;
    b->sample_item[at] = b->pair_item[pair];
    b->sample_other[at] = other;
}

static rec_status draw_tile(void *context, size_t tile, rec_error *err)
{
    const round_job *job = context;
    (void)err;
    for (size_t s = tile * DRAWS_PER_TILE; s < smaller((tile + 1) * DRAWS_PER_TILE, job->n_drawn);
         s++)
        draw_sample(job, s);
    return REC_OK;
}

/* <user, item - other> of four samples of the batch. */
static REC_INLINE void margins_of_4(float out[16], const round_job *job, const size_t at[4])
{
    const rec_bpr *b = job->b;
    const rec_v16 *u[4], *i[4], *j[4];
    for (size_t s = 0; s < 4; s++) {
        u[s] = (const rec_v16 *)rec_factors_row(b->users, b->sample_user[job->first + at[s]]);
        i[s] = (const rec_v16 *)rec_factors_row(b->items, b->sample_item[job->first + at[s]]);
        j[s] = (const rec_v16 *)rec_factors_row(b->items, b->sample_other[job->first + at[s]]);
    }
    rec_v16 sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0};
    for (size_t v = 0; v < b->users->stride / REC_V16_LANES; v++) {
        sum0 += u[0][v] * (i[0][v] - j[0][v]);
        sum1 += u[1][v] * (i[1][v] - j[1][v]);
        sum2 += u[2][v] * (i[2][v] - j[2][v]);
        sum3 += u[3][v] * (i[3][v] - j[3][v]);
    }
    rec_lane_sums(out, &sum0, &sum1, &sum2, &sum3);
}

/* Margins of samples from .. to - 1 of the batch, into weight. */
static REC_INLINE void margins_body(const round_job *job, size_t from, size_t to)
{
    for (size_t k = from; k < to; k += 4) {
        float out[16];
        size_t at[4];
        for (size_t s = 0; s < 4; s++)
            at[s] = k + s < to ? k + s : k;
        margins_of_4(out, job, at);
        for (size_t s = 0; s < 4 && k + s < to; s++)
            job->b->weight[k + s] = out[4 * s];
    }
}
REC_SIMD(static, margins, (const round_job *job, size_t from, size_t to), (job, from, to))

static rec_status weigh_tile(void *context, size_t tile, rec_error *err)
{
    const round_job *job = context;
    float *weight = job->b->weight;
    size_t from = tile * SAMPLES_PER_TILE, to = smaller(from + SAMPLES_PER_TILE, job->n);
    uint32_t n_in_order = 0;
    (void)err;
    margins(job, from, to);
    for (size_t s = from; s < to; s++) {
        n_in_order += weight[s] > 0.0f;
        weight[s] = 1.0f / (1.0f + expf(weight[s]));
    }
    job->n_in_order[tile] = n_in_order;
    return REC_OK;
}

static REC_INLINE rec_v16 *slice_of(const rec_factors *f, size_t row, size_t slice)
{
    return (rec_v16 *)(f->data + row * f->stride + slice * REC_V16_LANES);
}

/* Sum the batch's gradients of slices from .. to - 1. Parameters stand still meanwhile. */
static REC_INLINE void add_gradients_body(const round_job *job, size_t from, size_t to)
{
    rec_bpr *b = job->b;
    const float l2 = (float)b->options.l2;
    for (size_t s = 0; s < job->n; s++) {
        uint32_t user = b->sample_user[job->first + s], item = b->sample_item[job->first + s];
        uint32_t other = b->sample_other[job->first + s];
        float weight = b->weight[s];
        for (size_t slice = from; slice < to; slice++) {
            rec_v16 u = *slice_of(b->users, user, slice);
            rec_v16 i = *slice_of(b->items, item, slice);
            rec_v16 j = *slice_of(b->items, other, slice);
            *slice_of(&b->user_grad, user, slice) += weight * (i - j) - l2 * u;
            *slice_of(&b->item_grad, item, slice) += weight * u - l2 * i;
            *slice_of(&b->item_grad, other, slice) -= weight * u + l2 * j;
        }
    }
}
REC_SIMD(static, add_gradients, (const round_job *job, size_t from, size_t to), (job, from, to))

static REC_INLINE void sgd_slice(const rec_factors *p, const rec_factors *grad, size_t row,
                                 size_t slice, float lr)
{
    rec_v16 *g = slice_of(grad, row, slice);
    *slice_of(p, row, slice) += lr * *g;
    *g = (rec_v16){0};
}

static REC_INLINE void adagrad_slice(const rec_factors *p, const rec_factors *grad,
                                     const rec_factors *first, size_t row, size_t slice, float lr)
{
    float *x = (float *)slice_of(p, row, slice), *g = (float *)slice_of(grad, row, slice);
    float *h = (float *)slice_of(first, row, slice);
    for (size_t l = 0; l < REC_V16_LANES; l++) {
        h[l] += g[l] * g[l];
        x[l] += lr * g[l] / (sqrtf(h[l]) + adagrad_epsilon);
        g[l] = 0.0f;
    }
}

/* A row may stand in a batch several times: its gradient is 0 after the first, and 0 moves nothing
 * under these rules. */
static REC_INLINE void step_touched_body(const round_job *job, size_t from, size_t to)
{
    rec_bpr *b = job->b;
    float lr = (float)b->options.lr;
    bool adagrad = b->options.rule == REC_STEP_ADAGRAD;
    for (size_t s = 0; s < job->n; s++) {
        size_t user = b->sample_user[job->first + s], item = b->sample_item[job->first + s];
        size_t other = b->sample_other[job->first + s];
        for (size_t slice = from; slice < to; slice++) {
            if (adagrad) {
                adagrad_slice(b->users, &b->user_grad, &b->user_first, user, slice, lr);
                adagrad_slice(b->items, &b->item_grad, &b->item_first, item, slice, lr);
                adagrad_slice(b->items, &b->item_grad, &b->item_first, other, slice, lr);
            } else {
                sgd_slice(b->users, &b->user_grad, user, slice, lr);
                sgd_slice(b->items, &b->item_grad, item, slice, lr);
                sgd_slice(b->items, &b->item_grad, other, slice, lr);
            }
        }
    }
}
REC_SIMD(static, step_touched, (const round_job *job, size_t from, size_t to), (job, from, to))

/* Adam moves rows without a gradient too, by what is left of their first moment. */
static REC_INLINE void step_adam_body(const round_job *job, const rec_factors *p,
                                      const rec_factors *grad, const rec_factors *first,
                                      const rec_factors *second, size_t from, size_t to)
{
    float lr = (float)job->b->options.lr, scale1 = job->scale1, scale2 = job->scale2;
    for (size_t row = 0; row < p->n_rows; row++) {
        float *x = rec_factors_row(p, row), *g = rec_factors_row(grad, row);
        float *m = rec_factors_row(first, row), *v = rec_factors_row(second, row);
        for (size_t d = from * REC_V16_LANES; d < to * REC_V16_LANES; d++) {
            m[d] = beta1 * m[d] + (1.0f - beta1) * g[d];
            v[d] = beta2 * v[d] + (1.0f - beta2) * g[d] * g[d];
            x[d] += lr * (scale1 * m[d]) / (sqrtf(scale2 * v[d]) + adam_epsilon);
            g[d] = 0.0f;
        }
    }
}
REC_SIMD(static, step_adam,
         (const round_job *job, const rec_factors *p, const rec_factors *grad,
          const rec_factors *first, const rec_factors *second, size_t from, size_t to),
         (job, p, grad, first, second, from, to))

/* Slices share no parameter, so a slice waits for no other between gradient and step. */
static void step_slices(const round_job *job, size_t from, size_t to)
{
    rec_bpr *b = job->b;
    add_gradients(job, from, to);
    if (b->options.rule == REC_STEP_ADAM) {
        step_adam(job, b->users, &b->user_grad, &b->user_first, &b->user_second, from, to);
        step_adam(job, b->items, &b->item_grad, &b->item_first, &b->item_second, from, to);
    } else {
        step_touched(job, from, to);
    }
}

static rec_status step_tile(void *context, size_t slice, rec_error *err)
{
    (void)err;
    step_slices(context, slice, slice + 1);
    return REC_OK;
}

/* The sum of a vector's lanes, by halves. */
static REC_INLINE float lane_sum(const rec_v16 *x)
{
    rec_v16 a = *x + REC_SHUFFLE(*x, *x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    a += REC_SHUFFLE(a, a, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    a += REC_SHUFFLE(a, a, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    a += REC_SHUFFLE(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    return a[0];
}

/* Move a parameter vector along its gradient: lr g, or Adagrad's share of it. */
static REC_INLINE void move(rec_v16 *x, const rec_v16 *gradient, rec_v16 *h, float lr)
{
    if (h == NULL) {
        *x += lr * *gradient;
        return;
    }
    *h += *gradient * *gradient;
    for (size_t l = 0; l < REC_V16_LANES; l++)
        (*x)[l] += lr * (*gradient)[l] / (sqrtf((*h)[l]) + adagrad_epsilon);
}

/* Batches of one: each sample is weighed and applied before the next, without gradient sums in
 * between, which is faster than any number of threads that have to wait for each other. */
static REC_INLINE void one_by_one_body(const round_job *job, uint64_t *n_in_order)
{
    rec_bpr *b = job->b;
    const float lr = (float)b->options.lr, l2 = (float)b->options.l2;
    const size_t n_slices = b->users->stride / REC_V16_LANES;
    const bool adagrad = b->options.rule == REC_STEP_ADAGRAD;
    for (size_t s = 0; s < job->n_drawn; s++) {
        size_t user = b->sample_user[s], item = b->sample_item[s], other = b->sample_other[s];
        rec_v16 *u = slice_of(b->users, user, 0), *i = slice_of(b->items, item, 0);
        rec_v16 *j = slice_of(b->items, other, 0), sum = {0};
        rec_v16 *hu = adagrad ? slice_of(&b->user_first, user, 0) : NULL;
        rec_v16 *hi = adagrad ? slice_of(&b->item_first, item, 0) : NULL;
        rec_v16 *hj = adagrad ? slice_of(&b->item_first, other, 0) : NULL;
        for (size_t v = 0; v < n_slices; v++)
            sum += u[v] * (i[v] - j[v]);
        float margin = lane_sum(&sum), weight = 1.0f / (1.0f + expf(margin));
        *n_in_order += margin > 0.0f;
        for (size_t v = 0; v < n_slices; v++) {
            rec_v16 gu = weight * (i[v] - j[v]) - l2 * u[v];
            rec_v16 gi = weight * u[v] - l2 * i[v], gj = -weight * u[v] - l2 * j[v];
            move(&u[v], &gu, adagrad ? &hu[v] : NULL, lr);
            move(&i[v], &gi, adagrad ? &hi[v] : NULL, lr);
            move(&j[v], &gj, adagrad ? &hj[v] : NULL, lr);
        }
    }
}
REC_SIMD(static, one_by_one, (const round_job *job, uint64_t *n_in_order), (job, n_in_order))

static bool worth_threads(const round_job *job)
{
    const rec_bpr *b = job->b;
    size_t rows = job->n * ROWS_PER_SAMPLE;
    if (b->options.rule == REC_STEP_ADAM)
        rows += b->users->n_rows + b->items->n_rows;
    return rows * b->users->stride >= PARALLEL_FLOATS;
}

static rec_status run_batch(round_job *job, uint64_t *n_in_order, rec_error *err)
{
    rec_bpr *b = job->b;
    size_t n_tiles = (job->n + SAMPLES_PER_TILE - 1) / SAMPLES_PER_TILE;
    size_t n_slices = b->users->stride / REC_V16_LANES;
    double t = (double)++b->n_batches;
    rec_status status;
    job->scale1 = (float)(1.0 / (1.0 - pow((double)beta1, t)));
    job->scale2 = (float)(1.0 / (1.0 - pow((double)beta2, t)));
    if (worth_threads(job)) {
        REC_TRY(rec_parallel_tiles(n_tiles, weigh_tile, job, err));
        REC_TRY(rec_parallel_tiles(n_slices, step_tile, job, err));
    } else {
        REC_TRY(rec_interrupt_check(err));
        for (size_t tile = 0; tile < n_tiles; tile++)
            weigh_tile(job, tile, err); /* cannot fail */
        step_slices(job, 0, n_slices);
    }
    for (size_t tile = 0; tile < n_tiles; tile++)
        *n_in_order += job->n_in_order[tile];
cleanup:
    return status;
}

static rec_status run_round(round_job *job, uint64_t *n_in_order, rec_error *err)
{
    rec_bpr *b = job->b;
    size_t n_tiles;
    rec_status status;
    job->n_drawn = smaller(b->n_round, b->n_samples - job->drawn);
    n_tiles = (job->n_drawn + DRAWS_PER_TILE - 1) / DRAWS_PER_TILE;
    REC_TRY(rec_parallel_tiles(n_tiles, draw_tile, job, err));
    if (b->options.batch == 1 && b->options.rule != REC_STEP_ADAM) {
        one_by_one(job, n_in_order);
        return REC_OK;
    }
    for (job->first = 0; job->first < job->n_drawn; job->first += job->n) {
        job->n = smaller(b->options.batch, job->n_drawn - job->first);
        REC_TRY(run_batch(job, n_in_order, err));
    }
cleanup:
    return status;
}

rec_status rec_bpr_epoch(double *accuracy, rec_bpr *b, uint64_t epoch, rec_error *err)
{
    rec_permutation order = rec_permutation_keyed(b->options.seed, "bpr/order", epoch, b->n_pairs);
    round_job job = {
        .b = b, .order = &order, .stream = rec_rng_keyed(b->options.seed, "bpr/samples", epoch)};
    uint64_t n_in_order = 0;
    rec_status status = REC_OK;
    REC_TRY_NEW(job.n_in_order, (b->options.batch + SAMPLES_PER_TILE - 1) / SAMPLES_PER_TILE, err);
    for (; job.drawn < b->n_samples; job.drawn += job.n_drawn)
        REC_TRY(run_round(&job, &n_in_order, err));
    *accuracy = b->n_samples > 0 ? (double)n_in_order / (double)b->n_samples : NAN;
cleanup:
    free(job.n_in_order);
    return status;
}

/* One step for a user vector alone, with Adagrad. */
static REC_INLINE void fold_in_step_body(float *user, float *squares, const float *item,
                                         const float *other, size_t stride, float lr, float l2)
{
    rec_v16 *u = (rec_v16 *)user, *h = (rec_v16 *)squares, sum = {0};
    const rec_v16 *i = (const rec_v16 *)item, *j = (const rec_v16 *)other;
    for (size_t v = 0; v < stride / REC_V16_LANES; v++)
        sum += u[v] * (i[v] - j[v]);
    float weight = 1.0f / (1.0f + expf(lane_sum(&sum)));
    for (size_t v = 0; v < stride / REC_V16_LANES; v++) {
        rec_v16 gradient = weight * (i[v] - j[v]) - l2 * u[v];
        move(&u[v], &gradient, &h[v], lr);
    }
}
REC_SIMD(static, fold_in_step,
         (float *user, float *squares, const float *item, const float *other, size_t stride,
          float lr, float l2),
         (user, squares, item, other, stride, lr, l2))

void rec_bpr_fold_in(float *user, float *squares, const rec_factors *items,
                     const rec_item_sets *sets, uint32_t row, size_t n_epochs, double lr, double l2,
                     uint64_t seed)
{
    const rec_sparse *histories = sets->rows;
    const uint32_t *history = histories->column + histories->start[row];
    size_t n = histories->start[row + 1] - histories->start[row];
    memset(user, 0, items->stride * sizeof *user);
    memset(squares, 0, items->stride * sizeof *squares);
    if (n == 0 || n == items->n_rows)
        return;
    rec_rng rng = rec_rng_keyed(seed, "bpr/fold_in", rec_fnv1a(history, n * sizeof *history));
    for (size_t step = 0; step < n_epochs * n; step++) {
        uint32_t other;
        do {
            other = rec_rng_below(&rng, (uint32_t)items->n_rows);
        } while (rec_item_sets_contain(sets, row, other));
        fold_in_step(user, squares, rec_factors_row(items, history[step % n]),
                     rec_factors_row(items, other), items->stride, (float)lr, (float)l2);
    }
}
