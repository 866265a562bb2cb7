#include "models/lm/sample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "models/nn/kernels.h"

rec_sampling rec_sampling_greedy(void)
{
    return (rec_sampling){.top_p = 1.0, .repetition_penalty = 1.0};
}

rec_status rec_sampling_check(const rec_sampling *s, rec_error *err)
{
    if (!(s->temperature >= 0.0) || !isfinite(s->temperature))
        return rec_fail(err, REC_ERR_CONFIG, "temperature %g is not 0 or more", s->temperature);
    if (!(s->top_p > 0.0 && s->top_p <= 1.0))
        return rec_fail(err, REC_ERR_CONFIG, "top_p %g is not in (0, 1]", s->top_p);
    if (!(s->min_p >= 0.0 && s->min_p <= 1.0))
        return rec_fail(err, REC_ERR_CONFIG, "min_p %g is not in [0, 1]", s->min_p);
    if (!(s->repetition_penalty > 0.0) || !isfinite(s->repetition_penalty))
        return rec_fail(err, REC_ERR_CONFIG, "repetition_penalty %g is not above 0",
                        s->repetition_penalty);
    return REC_OK;
}

void rec_penalise(float *logits, size_t n, const uint32_t *seen, size_t n_seen, double penalty)
{
    for (size_t i = 0; penalty != 1.0 && i < n_seen; i++) {
        if (seen[i] >= n) /* a stand-in for a vector is no token */
            continue;
        float *logit = &logits[seen[i]];
        *logit = *logit > 0.0f ? *logit / (float)penalty : *logit * (float)penalty;
    }
}

size_t rec_argmax(const float *values, size_t n)
{
    float greatest = rec_kernels_get()->greatest(values, n);
    size_t i = 0;
    while (i + 1 < n && values[i] != greatest)
        i++;
    return i;
}

/* ---- the most probable first ---- */

/* A heap of indices: larger logit first, then lower index. */
typedef struct heap {
    const float *logits;
    uint32_t *items;
    size_t n;
} heap;

static bool goes_before(const heap *h, uint32_t a, uint32_t b)
{
    if (h->logits[a] != h->logits[b])
        return h->logits[a] > h->logits[b];
    return a < b;
}

static void sift_down(heap *h, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= h->n)
            return;
        if (child + 1 < h->n && goes_before(h, h->items[child + 1], h->items[child]))
            child++;
        if (!goes_before(h, h->items[child], h->items[at]))
            return;
        uint32_t item = h->items[at];
        h->items[at] = h->items[child];
        h->items[child] = item;
        at = child;
    }
}

static uint32_t pop(heap *h)
{
    uint32_t first = h->items[0];
    h->items[0] = h->items[--h->n];
    sift_down(h, 0);
    return first;
}

/* Everything that is left, in index order, needs no heap. */
static size_t draw_from_all(const float *weights, size_t n, double sum, rec_rng *rng)
{
    double left = rec_rng_uniform(rng) * sum;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (weights[i] <= 0.0f)
            continue;
        last = i; /* rounding may leave a crumb: it belongs to the last one */
        left -= (double)weights[i];
        if (left < 0.0)
            break;
    }
    return last;
}

/* Weights e^(logit - greatest) in place; their sum. */
static double exponentiate(float *logits, size_t n, double temperature)
{
    const rec_kernels *nn = rec_kernels_get();
    enum { BLOCK = 1024 };
    float scale = (float)(1.0 / temperature), shift = nn->greatest(logits, n) * scale;
    double sum = 0.0;
    for (size_t i = 0; i < n; i += BLOCK)
        sum += (double)nn->exp_shifted(logits + i, logits + i, scale, shift,
                                       n - i < BLOCK ? n - i : BLOCK);
    return sum;
}

/* The most probable tokens within top_k, top_p and min_p; one of them is drawn. */
static size_t draw_from_top(const float *weights, size_t n, double sum, const rec_sampling *s,
                            uint32_t *items, float *kept_weights, rec_rng *rng)
{
    heap h = {.logits = weights, .items = items, .n = n};
    uint32_t *kept = items + n;
    size_t n_kept = 0, most = s->top_k > 0 && s->top_k < n ? s->top_k : n;
    double mass = 0.0, total = sum;
    for (size_t i = 0; i < n; i++)
        items[i] = (uint32_t)i;
    for (size_t i = n / 2; i-- > 0;)
        sift_down(&h, i);
    if (most < n) { /* top_p counts within the top_k */
        total = 0.0;
        for (size_t i = 0; i < most; i++) {
            kept[i] = pop(&h);
            total += (double)weights[kept[i]];
        }
    }
    for (size_t i = 0; i < most; i++) {
        if (most == n)
            kept[i] = pop(&h);
        double weight = (double)weights[kept[i]];
        if (i > 0 && (mass >= s->top_p * total || weight < s->min_p * (double)weights[kept[0]]))
            break;
        kept_weights[n_kept++] = weights[kept[i]];
        mass += weight;
    }
    return kept[draw_from_all(kept_weights, n_kept, mass, rng)];
}

rec_status rec_sample_token(size_t *index, float *logits, size_t n, const rec_sampling *s,
                            rec_rng *rng, rec_arena *arena, rec_error *err)
{
    if (s->temperature == 0.0 || n == 1) {
        *index = rec_argmax(logits, n);
        return REC_OK;
    }
    double sum = exponentiate(logits, n, s->temperature);
    if ((s->top_k == 0 || s->top_k >= n) && s->top_p >= 1.0 && s->min_p <= 0.0) {
        *index = draw_from_all(logits, n, sum, rng);
        return REC_OK;
    }
    rec_arena_mark mark = rec_arena_get_mark(arena);
    uint32_t *items = rec_arena_alloc(arena, 2 * n, sizeof *items, err);
    float *kept = items != NULL ? rec_arena_alloc(arena, n, sizeof *kept, err) : NULL;
    if (kept != NULL)
        *index = draw_from_top(logits, n, sum, s, items, kept, rng);
    rec_arena_rewind(arena, mark);
    return kept != NULL ? REC_OK : REC_ERR_RESOURCE;
}
