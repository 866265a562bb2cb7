#include "models/lm/beam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* A continuation: beam `parent` with token `id`. */
typedef struct candidate {
    double sum;
    size_t parent;
    uint32_t id;
} candidate;

void rec_hypotheses_deinit(rec_hypotheses *h)
{
    for (size_t i = 0; i < h->n; i++)
        rec_sequence_deinit(&h->items[i]);
    free(h->items);
    free(h->scores);
    *h = (rec_hypotheses){.items = NULL};
}

rec_status rec_hypotheses_take(rec_generation_result *result, rec_hypotheses *h,
                               const rec_generation *request, const rec_tokenizer *tokenizer,
                               rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < h->n && i < request->n_best && status == REC_OK; i++) {
        status = rec_sequence_result(&result->best[i], &h->items[i], request, tokenizer, err);
        if (status != REC_OK)
            break;
        result->best[i].score = h->scores[i];
        result->n_best = i + 1;
    }
    return status;
}

static double normalised(double sum, size_t n_tokens, double penalty)
{
    return sum / pow(n_tokens > 0 ? (double)n_tokens : 1.0, penalty);
}

/* Insert by score; beyond n_beams the worst falls out. The sequence moves over, or is gone. */
static rec_status add_hypothesis(rec_hypotheses *h, rec_sequence *s, const rec_generation *r,
                                 rec_kv_pool *pool, rec_error *err)
{
    rec_status status = REC_OK;
    if (h->items == NULL) {
        REC_TRY_NEW(h->items, r->n_beams + 1, err);
        REC_TRY_NEW(h->scores, r->n_beams + 1, err);
    }
    double score = normalised(s->sum, rec_sequence_n_generated(s), r->length_penalty);
    size_t at = h->n;
    for (; at > 0 && h->scores[at - 1] < score; at--) {
        h->items[at] = h->items[at - 1];
        h->scores[at] = h->scores[at - 1];
    }
    rec_kv_clear(&s->cache, pool);
    h->items[at] = *s;
    h->scores[at] = score;
    *s = (rec_sequence){.n_prompt = 0};
    if (++h->n > r->n_beams)
        rec_sequence_deinit(&h->items[--h->n]);
    return REC_OK;
cleanup:
    rec_kv_clear(&s->cache, pool);
    rec_sequence_deinit(s);
    return status;
}

static int by_sum(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->sum != y->sum)
        return x->sum > y->sum ? -1 : 1;
    if (x->parent != y->parent)
        return x->parent < y->parent ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The `room` best continuations of one beam, in any order: a heap whose root is the worst kept. */
static size_t keep_best(candidate *kept, size_t n_kept, size_t room, candidate c)
{
    size_t at, child;
    if (n_kept < room) { /* sift up */
        for (at = n_kept++; at > 0 && by_sum(&c, &kept[(at - 1) / 2]) > 0; at = (at - 1) / 2)
            kept[at] = kept[(at - 1) / 2];
        kept[at] = c;
        return n_kept;
    }
    if (by_sum(&c, &kept[0]) > 0)
        return n_kept;
    for (at = 0; (child = 2 * at + 1) < n_kept; at = child) { /* sift down */
        if (child + 1 < n_kept && by_sum(&kept[child + 1], &kept[child]) > 0)
            child++;
        if (by_sum(&kept[child], &c) <= 0)
            break;
        kept[at] = kept[child];
    }
    kept[at] = c;
    return n_kept;
}

/* Every ending continuation takes a place from a live one, so twice n_beams are enough wherever at
 * most one token in two ends; more end tokens, more places. */
static size_t places(const rec_generation *r, const rec_lm_config *config)
{
    return r->n_beams * (1 + config->n_eos + r->n_stop_ids) + r->n_beams;
}

static size_t collect(candidate *out, size_t room, const rec_sequence *beams, size_t n_beams,
                      const rec_beam_choice *choices)
{
    size_t n = 0;
    for (size_t b = 0; b < n_beams; b++) {
        const rec_beam_choice *c = &choices[b];
        double base = beams[b].sum - rec_log_sum_exp(c->logits, c->n);
        for (size_t i = 0; i < c->n; i++) {
            candidate next = {base + (double)c->logits[i], b,
                              c->ids != NULL ? c->ids[i] : (uint32_t)i};
            n = keep_best(out, n, room, next);
        }
    }
    qsort(out, n, sizeof *out, by_sum);
    return n;
}

/* Turn the best candidates into new beams and hypotheses. */
static rec_status extend(rec_sequence *next, size_t *n_next, rec_hypotheses *h,
                         const rec_sequence *beams, const candidate *candidates, size_t n,
                         const rec_generation *r, const rec_lm_config *config, rec_kv_pool *pool,
                         rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && *n_next < r->n_beams && status == REC_OK; i++) {
        const rec_sequence *parent = &beams[candidates[i].parent];
        rec_sequence *s = &next[*n_next];
        status = rec_sequence_fork(s, parent, pool, err);
        if (status != REC_OK)
            break;
        ++*n_next;
        status = rec_sequence_accept(s, r, config, candidates[i].id,
                                     candidates[i].sum - parent->sum, NULL, err);
        if (status == REC_OK && s->finished) {
            --*n_next;
            status = add_hypothesis(h, s, r, pool, err);
        }
    }
    return status;
}

/* No live beam can reach the worst of enough hypotheses: sums only fall, so the best a beam can hope
 * for is its sum at the length that the penalty favours most. */
static bool is_decided(const rec_hypotheses *h, const rec_sequence *beams, size_t n_beams,
                       const rec_generation *r)
{
    if (h->n < r->n_beams)
        return n_beams == 0;
    for (size_t b = 0; b < n_beams; b++) {
        size_t n = r->length_penalty > 0.0 ? r->max_tokens : rec_sequence_n_generated(&beams[b]);
        if (normalised(beams[b].sum, n, r->length_penalty) > h->scores[h->n - 1])
            return false;
    }
    return true;
}

rec_status rec_beam_step(bool *ended, rec_sequence *beams, size_t *n_beams, rec_hypotheses *h,
                         const rec_beam_choice *choices, const rec_generation *r,
                         const rec_lm_config *config, rec_kv_pool *pool, rec_error *err)
{
    size_t room = places(r, config), n_next = 0, n;
    rec_sequence *next = NULL;
    candidate *candidates = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(candidates, room, err);
    REC_TRY_NEW(next, r->n_beams, err);
    n = collect(candidates, room, beams, *n_beams, choices);
    status = extend(next, &n_next, h, beams, candidates, n, r, config, pool, err);
    for (size_t b = 0; b < *n_beams; b++) {
        rec_kv_clear(&beams[b].cache, pool);
        rec_sequence_deinit(&beams[b]);
    }
    memcpy(beams, next, n_next * sizeof *next);
    *n_beams = n_next;
    *ended = is_decided(h, beams, n_next, r);
cleanup:
    free(next);
    free(candidates);
    return status;
}
