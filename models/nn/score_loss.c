#include "models/nn/score_loss.h"

#include <assert.h>
#include <math.h>

#include "core/parallel.h"
#include "models/nn/linear.h"
#include "models/nn/norm.h"

/* One example: the target's score and the negatives', gathered; their gradients. */
typedef struct example {
    const rec_kernels *kernels;
    const rec_score_loss *options;
    float positive;
    const float *negative; /* n */
    size_t n;
    float positive_grad;
    float *negative_grad;          /* n, to be written */
    float *first, *second, *third; /* scratch of n */
} example;

static double total(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += (double)x[j];
    return sum;
}

static double softplus(double x)
{
    return fmax(x, 0.0) + log1p(exp(-fabs(x)));
}

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* first = s_j - p */
static void differences(example *e)
{
    for (size_t j = 0; j < e->n; j++)
        e->first[j] = e->negative[j] - e->positive;
}

/* out = softmax of the negatives' scores */
static void negative_weights(float *out, const example *e)
{
    float shift = e->kernels->greatest(e->negative, e->n);
    float sum = e->kernels->exp_shifted(out, e->negative, 1.0f, shift, e->n);
    e->kernels->add_scaled(out, out, 1.0f / sum, e->n, false);
}

static double bce(example *e)
{
    bool generalized = e->options->kind == REC_LOSS_GBCE;
    double beta = generalized ? (double)e->options->beta : 1.0;
    double share = generalized ? 1.0 / ((double)e->n + 1.0) : 1.0;
    e->kernels->softplus(e->first, e->negative_grad, e->negative, e->n);
    double loss = beta * softplus(-(double)e->positive) + total(e->first, e->n);
    e->positive_grad = (float)(-share * beta * logistic(-(double)e->positive));
    e->kernels->add_scaled(e->negative_grad, e->negative_grad, (float)share, e->n, false);
    return share * loss;
}

static double bpr(example *e)
{
    float share = 1.0f / (float)e->n;
    differences(e);
    e->kernels->softplus(e->second, e->negative_grad, e->first, e->n);
    e->kernels->add_scaled(e->negative_grad, e->negative_grad, share, e->n, false);
    e->positive_grad = (float)-total(e->negative_grad, e->n);
    return total(e->second, e->n) / (double)e->n;
}

/* A = sum_j w_j S(p - s_j); d(-log A)/ds_k = -w_k (S_k - A - S'_k) / A. */
static double bpr_max(example *e)
{
    const double tiny = 1e-24;
    double lambda = (double)e->options->regularization, hit = tiny, decay = 0.0, slopes = 0.0;
    float *weight = e->third, *value = e->second, *slope = e->negative_grad;
    for (size_t j = 0; j < e->n; j++)
        e->first[j] = e->positive - e->negative[j];
    e->kernels->sigmoid(value, slope, e->first, e->n);
    negative_weights(weight, e);
    for (size_t j = 0; j < e->n; j++) {
        double w = (double)weight[j], s = (double)e->negative[j];
        hit += w * (double)value[j];
        slopes += w * (double)slope[j];
        decay += w * s * s;
    }
    for (size_t j = 0; j < e->n; j++) {
        double w = (double)weight[j], s = (double)e->negative[j];
        double through_hit = -((double)value[j] - hit - (double)slope[j]) / hit;
        slope[j] = (float)(w * (through_hit + lambda * (s * s - decay + 2.0 * s)));
    }
    e->positive_grad = (float)(-slopes / hit);
    return -log(hit) + lambda * decay;
}

/* u_j = S(s_j - p) + S(s_j^2); its mean, or its mean weighted with w. */
static double top1(example *e)
{
    bool weighted = e->options->kind == REC_LOSS_TOP1_MAX;
    float *value = e->second, *slope = e->negative_grad, *weight = e->third;
    double loss = 0.0, to_positive = 0.0;
    differences(e);
    e->kernels->sigmoid(value, slope, e->first, e->n);
    if (weighted)
        negative_weights(weight, e);
    for (size_t j = 0; j < e->n; j++) {
        double s = (double)e->negative[j], square = logistic(s * s);
        double w = weighted ? (double)weight[j] : 1.0 / (double)e->n;
        value[j] += (float)square;
        loss += w * (double)value[j];
        to_positive -= w * (double)slope[j];
        slope[j] = (float)(w * ((double)slope[j] + 2.0 * s * square * (1.0 - square)));
    }
    for (size_t j = 0; weighted && j < e->n; j++)
        slope[j] += (float)((double)weight[j] * ((double)value[j] - loss));
    e->positive_grad = (float)to_positive;
    return loss;
}

/* log(1 + sum_j e^(s_j - p)) by way of the greatest difference. */
static double softmax(example *e)
{
    differences(e);
    float shift = fmaxf(e->kernels->greatest(e->first, e->n), 0.0f);
    float sum = e->kernels->exp_shifted(e->negative_grad, e->first, 1.0f, shift, e->n);
    double whole = (double)sum + exp(-(double)shift);
    e->kernels->add_scaled(e->negative_grad, e->negative_grad, (float)(1.0 / whole), e->n, false);
    e->positive_grad = (float)(-(double)sum / whole);
    return (double)shift + log(whole);
}

static double example_loss(example *e)
{
    e->positive_grad = 0.0f;
    bool lonely = e->options->kind == REC_LOSS_BCE || e->options->kind == REC_LOSS_GBCE;
    if (e->n == 0 && !lonely)
        return 0.0;
    switch (e->options->kind) {
    case REC_LOSS_BCE:
    case REC_LOSS_GBCE:
        return bce(e);
    case REC_LOSS_SOFTMAX:
        return softmax(e);
    case REC_LOSS_BPR:
        return bpr(e);
    case REC_LOSS_BPR_MAX:
        return bpr_max(e);
    case REC_LOSS_TOP1:
    case REC_LOSS_TOP1_MAX:
        return top1(e);
    }
    return 0.0;
}

/* ---- rows ---- */

typedef struct loss_rows {
    const rec_kernels *kernels;
    const rec_score_loss *options;
    const float *scores;
    const float *row_weight; /* weights / divisor */
    float *grad;             /* (n, n_candidates), or NULL */
    bool keep;
    double *loss; /* (n) unweighted */
    size_t n_candidates;
    float *scratch; /* 5 n_candidates per thread */
} loss_rows;

static float adjusted(const loss_rows *c, size_t at)
{
    bool corrects = c->options->kind == REC_LOSS_SOFTMAX && c->options->log_q != NULL;
    return c->scores[at] - (corrects ? c->options->log_q[at] : 0.0f);
}

static bool is_negative(const loss_rows *c, size_t at, size_t target_at)
{
    return at != target_at && (c->options->ignored == NULL || !c->options->ignored[at]);
}

static size_t gather_negatives(float *out, const loss_rows *c, size_t first, size_t target_at)
{
    size_t n = 0;
    for (size_t at = first; at < first + c->n_candidates; at++)
        if (is_negative(c, at, target_at))
            out[n++] = adjusted(c, at);
    return n;
}

static void spread_gradient(const loss_rows *c, const example *e, size_t first, size_t target_at,
                            float weight)
{
    size_t n = 0;
    for (size_t at = first; at < first + c->n_candidates; at++) {
        float g = at == target_at                 ? e->positive_grad
                  : is_negative(c, at, target_at) ? e->negative_grad[n++]
                                                  : 0.0f;
        c->grad[at] = (c->keep ? c->grad[at] : 0.0f) + weight * g;
    }
}

static void loss_tile(void *context, size_t start, size_t n)
{
    const loss_rows *c = context;
    float *scratch = c->scratch + rec_parallel_thread() * 5 * c->n_candidates;
    for (size_t i = start; i < start + n; i++) {
        size_t first = i * c->n_candidates;
        size_t target = c->options->targets != NULL ? c->options->targets[i] : 0;
        assert(target < c->n_candidates);
        example e = {.kernels = c->kernels, .options = c->options};
        e.positive = adjusted(c, first + target);
        e.n = gather_negatives(scratch, c, first, first + target);
        e.negative = scratch;
        e.negative_grad = scratch + c->n_candidates;
        e.first = scratch + 2 * c->n_candidates;
        e.second = scratch + 3 * c->n_candidates;
        e.third = scratch + 4 * c->n_candidates;
        c->loss[i] = example_loss(&e);
        if (c->grad != NULL)
            spread_gradient(c, &e, first, first + target, c->row_weight[i]);
    }
}

static float *scaled_weights(rec_tape *t, const rec_score_loss *o, size_t n)
{
    double divisor = o->divisor;
    if (divisor == 0.0)
        divisor = o->weights != NULL ? total(o->weights, n) : (double)n;
    float *scaled = divisor != 0.0 ? rec_tape_alloc(t, n, sizeof *scaled) : NULL;
    for (size_t i = 0; scaled != NULL && i < n; i++)
        scaled[i] = (float)((o->weights != NULL ? (double)o->weights[i] : 1.0) / divisor);
    return scaled;
}

double rec_nn_score_loss(rec_tape *t, rec_tensor *scores, const rec_score_loss *options,
                         float *row_loss)
{
    if (scores == NULL || scores->rows == 0)
        return 0.0;
    size_t n = scores->rows, width = scores->cols;
    loss_rows c = {.kernels = t->kernels, .options = options, .scores = scores->value};
    float *row_weight = scaled_weights(t, options, n);
    c.row_weight = row_weight;
    c.n_candidates = width;
    c.loss = rec_tape_alloc(t, n, sizeof *c.loss);
    c.scratch = rec_tape_alloc(t, rec_parallel_threads() * 5 * width, sizeof *c.scratch);
    if (row_weight == NULL || c.loss == NULL || c.scratch == NULL)
        return 0.0;
    if (rec_tape_records(t, scores, NULL))
        c.grad = rec_tape_gradient(t, scores, &c.keep);
    rec_error error = {.status = REC_OK};
    rec_status status = rec_tape_status(t, &error);
    if (status == REC_OK)
        status = rec_tape_for_rows(n, rec_tape_tile(width), loss_tile, &c, &error);
    if (status != REC_OK) {
        rec_tape_failed(t, &error);
        return 0.0;
    }
    double loss = 0.0;
    for (size_t i = 0; i < n; i++) {
        loss += (double)row_weight[i] * c.loss[i];
        if (row_loss != NULL)
            row_loss[i] = (float)c.loss[i];
    }
    return loss;
}

float rec_nn_gbce_beta(size_t n_negatives, size_t n_items, float t)
{
    assert(n_items > 1);
    float a = (float)n_negatives / (float)(n_items - 1);
    return t * (a - 1.0f) + 1.0f; /* the same, multiplied out */
}

double rec_nn_info_nce(rec_tape *t, rec_tensor *queries, rec_tensor *passages,
                       const uint32_t *targets, const bool *ignored, const float *log_q,
                       float temperature, double divisor)
{
    if (queries == NULL || passages == NULL)
        return 0.0;
    uint32_t *diagonal = NULL;
    if (targets == NULL) {
        assert(passages->rows >= queries->rows);
        diagonal = rec_tape_alloc(t, queries->rows, sizeof *diagonal);
        for (size_t i = 0; diagonal != NULL && i < queries->rows; i++)
            diagonal[i] = (uint32_t)i;
        targets = diagonal;
    }
    if (targets == NULL)
        return 0.0;
    rec_tensor *scores = rec_nn_similarity(t, rec_nn_l2_normalize(t, queries),
                                           rec_nn_l2_normalize(t, passages), 1.0f / temperature);
    rec_score_loss options = {
        .kind = REC_LOSS_SOFTMAX, .targets = targets, .ignored = ignored, .log_q = log_q};
    options.divisor = divisor;
    return rec_nn_score_loss(t, scores, &options, NULL);
}
