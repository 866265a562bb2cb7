#include "harness/metrics/ties.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/metrics/gains.h"

size_t rec_block_places(const rec_tie_block *block, size_t k)
{
    return k > block->start ? rec_cut(block->size, k - block->start) : 0;
}

double rec_expected_hits(const rec_tie_block *blocks, size_t n_blocks, size_t k)
{
    double hits = 0.0;
    for (size_t b = 0; b < n_blocks; b++)
        hits += (double)blocks[b].n_relevant * (double)rec_block_places(&blocks[b], k) /
                (double)blocks[b].size;
    return hits;
}

/* The two forms of the quotient are equal; the one with fewer factors is taken:
 * prod_{i < places} (size - n_relevant - i) / (size - i), or with the two exchanged. */
double rec_probability_none(size_t size, size_t n_relevant, size_t places)
{
    assert(n_relevant <= size && places <= size);
    if (n_relevant + places > size)
        return 0.0;
    size_t few = n_relevant < places ? n_relevant : places;
    size_t many = n_relevant + places - few;
    double p = 1.0;
    for (size_t i = 0; i < few; i++)
        p *= (double)(size - many - i) / (double)(size - i);
    return p;
}

/* Only the first block with relevant items matters: if k lies below it, all its places count. */
double rec_probability_hit(const rec_tie_block *blocks, size_t n_blocks, size_t k)
{
    for (size_t b = 0; b < n_blocks; b++)
        if (blocks[b].n_relevant > 0)
            return 1.0 - rec_probability_none(blocks[b].size, blocks[b].n_relevant,
                                              rec_block_places(&blocks[b], k));
    return 0.0;
}

/* C(places, h) C(size - places, n_relevant - h) / C(size, n_relevant), built up from the smallest
 * possible h by the quotient of neighbours; that one is a product of few factors as above. */
double rec_hypergeometric(size_t n_hits, size_t size, size_t n_relevant, size_t places)
{
    size_t least = n_relevant + places > size ? n_relevant + places - size : 0;
    size_t most = n_relevant < places ? n_relevant : places;
    if (n_hits < least || n_hits > most)
        return 0.0;
    /* least > 0: every place outside the first `places` holds a relevant item, the mirror case of
     * none: no irrelevant item among the size - places places outside. */
    double p = least == 0 ? rec_probability_none(size, n_relevant, places)
                          : rec_probability_none(size, size - n_relevant, size - places);
    for (size_t h = least; h < n_hits; h++)
        p *= (double)(places - h) * (double)(n_relevant - h) /
             ((double)(h + 1) * (double)(size + h + 1 - n_relevant - places));
    return p;
}

/* Inside a block of n places with R relevant items the first of them is at place j with probability
 * C(n - j - 1, R - 1) / C(n, R). */
double rec_expected_reciprocal_rank(const rec_tie_block *blocks, size_t n_blocks, size_t k)
{
    size_t b = 0;
    while (b < n_blocks && blocks[b].n_relevant == 0)
        b++;
    if (b == n_blocks)
        return 0.0;
    const rec_tie_block *first = &blocks[b];
    size_t n = first->size, n_relevant = first->n_relevant;
    size_t last = rec_cut(n - n_relevant + 1, rec_block_places(first, k));
    double p = (double)n_relevant / (double)n, sum = 0.0;
    for (size_t j = 0; j < last; j++) {
        sum += p / (double)(first->start + j + 1);
        if (j + 1 < last)
            p *= (double)(n - j - n_relevant) / (double)(n - j - 1);
    }
    return sum;
}

/* Place j is relevant with probability R / n; then 1 + n_before + j (R - 1) / (n - 1) relevant
 * items are expected among the places down to it. */
double rec_block_precision_sum(size_t start, size_t size, size_t places, size_t n_relevant,
                               size_t n_before)
{
    double share = (double)n_relevant / (double)size, sum = 0.0;
    double others = size > 1 ? ((double)n_relevant - 1.0) / (double)(size - 1) : 0.0;
    if (n_relevant == 0)
        return 0.0;
    for (size_t j = 0; j < places; j++)
        sum += share * (1.0 + (double)n_before + (double)j * others) / (double)(start + j + 1);
    return sum;
}

double rec_expected_precision_sum(const rec_tie_block *blocks, size_t n_blocks, size_t k)
{
    double sum = 0.0;
    size_t n_before = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        sum += rec_block_precision_sum(blocks[b].start, blocks[b].size,
                                       rec_block_places(&blocks[b], k), blocks[b].n_relevant,
                                       n_before);
        n_before += blocks[b].n_relevant;
    }
    return sum;
}

double rec_expected_over_hits(const rec_tie_block *blocks, size_t n_blocks, size_t k,
                              rec_blocks_above_fn above, rec_given_hits_fn given_hits)
{
    size_t n_whole = 0, n_above = 0;
    while (n_whole < n_blocks && rec_block_places(&blocks[n_whole], k) == blocks[n_whole].size)
        n_above += blocks[n_whole++].n_relevant;
    double sum_above = above(blocks, n_whole, k);
    if (n_whole == n_blocks)
        return given_hits(sum_above, n_above, NULL, 0, 0);
    const rec_tie_block *cut = &blocks[n_whole];
    size_t places = rec_block_places(cut, k);
    double expected = 0.0;
    for (size_t hits = 0; hits <= rec_cut(cut->n_relevant, places); hits++) {
        double p = rec_hypergeometric(hits, cut->size, cut->n_relevant, places);
        if (p > 0.0)
            expected += p * given_hits(sum_above, n_above, cut, places, hits);
    }
    return expected;
}

double rec_discount_sum(size_t start, size_t places)
{
    double sum = 0.0;
    for (size_t i = 0; i < places; i++)
        sum += rec_discount(start + i);
    return sum;
}

static void block_add(rec_tie_block *block, float gain)
{
    if (rec_is_relevant(gain)) {
        block->n_relevant++;
        block->sum_gain += (double)gain;
        block->sum_exp_gain += exp2((double)gain) - 1.0;
    } else if (gain == 0.0f) {
        block->n_nonrelevant_judged++;
    }
}

/* blocks (r->n_ranked), zeroed; returns how many are used. */
static size_t blocks_of_groups(rec_tie_block *blocks, const rec_ranking *r, const uint32_t *group)
{
    size_t n_blocks = 0;
    for (size_t i = 0; i < r->n_ranked; i++) {
        if (i == 0 || group[i] != group[i - 1]) {
            blocks[n_blocks].start = i;
            if (n_blocks > 0)
                blocks[n_blocks].n_nonrelevant_above = blocks[n_blocks - 1].n_nonrelevant_above +
                                                       blocks[n_blocks - 1].n_nonrelevant_judged;
            n_blocks++;
        }
        blocks[n_blocks - 1].size++;
        block_add(&blocks[n_blocks - 1], r->gains[i]);
    }
    return n_blocks;
}

/* By place; inside a place by level, so that the sums do not depend on the sort. */
static int compare_blocks(const void *left, const void *right)
{
    const rec_tie_block *a = left, *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return (a->sum_gain < b->sum_gain) - (a->sum_gain > b->sum_gain);
}

/* Every place that holds no relevant item counts as judged non-relevant. */
static void count_nonrelevant(rec_tie_block *blocks, size_t n_blocks)
{
    size_t n_relevant_above = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        blocks[b].n_nonrelevant_judged = blocks[b].size - blocks[b].n_relevant;
        blocks[b].n_nonrelevant_above = blocks[b].start - n_relevant_above;
        n_relevant_above += blocks[b].n_relevant;
    }
}

/* One block per ranked relevant item, then equal ones are merged. */
static size_t blocks_of_ranks(rec_tie_block *blocks, const rec_ranking *r,
                              const rec_tied_rank *ranks)
{
    size_t n = 0, n_blocks = 0;
    for (size_t i = 0; i < r->n_relevant; i++) {
        if (ranks[i].n_equal == 0)
            continue;
        blocks[n] = (rec_tie_block){.start = ranks[i].n_above, .size = ranks[i].n_equal};
        block_add(&blocks[n++], rec_ideal_gain(r, i));
    }
    qsort(blocks, n, sizeof *blocks, compare_blocks);
    for (size_t i = 0; i < n; i++) {
        if (n_blocks == 0 || blocks[n_blocks - 1].start != blocks[i].start) {
            blocks[n_blocks++] = blocks[i];
            continue;
        }
        rec_tie_block *same = &blocks[n_blocks - 1];
        same->n_relevant++;
        same->sum_gain += blocks[i].sum_gain;
        same->sum_exp_gain += blocks[i].sum_exp_gain;
        assert(same->n_relevant <= same->size);
    }
    count_nonrelevant(blocks, n_blocks);
    return n_blocks;
}

static rec_status check_defined(const rec_metric *metric, rec_error *err)
{
    if (metric->expected_at != NULL)
        return REC_OK;
    return rec_fail(err, REC_ERR_CONFIG, "metric %s has no expected value over tied orders",
                    metric->name);
}

rec_status rec_metric_expected(double *out, const rec_metric *metric, const rec_ranking *r,
                               const uint32_t *group, size_t k, rec_error *err)
{
    rec_status status = check_defined(metric, err);
    rec_tie_block *blocks = NULL;
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(blocks, r->n_ranked, err);
    *out = metric->expected_at(r, blocks, blocks_of_groups(blocks, r, group), k);
cleanup:
    free(blocks);
    return status;
}

rec_status rec_metric_expected_ranks(double *out, const rec_metric *metric, const rec_ranking *r,
                                     const rec_tied_rank *ranks, size_t k, rec_error *err)
{
    rec_status status = check_defined(metric, err);
    rec_tie_block *blocks = NULL;
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(blocks, r->n_relevant, err);
    *out = metric->expected_at(r, blocks, blocks_of_ranks(blocks, r, ranks), k);
cleanup:
    free(blocks);
    return status;
}

double rec_metric_chance(const rec_metric *metric, size_t n_relevant, size_t n_pool, size_t k)
{
    if (metric->expected_at == NULL || n_relevant == 0 || n_relevant > n_pool)
        return NAN;
    const rec_ranking r = {.n_ranked = n_pool,
                           .n_pool = n_pool,
                           .n_relevant = n_relevant,
                           .n_nonrelevant_judged = n_pool - n_relevant};
    const rec_tie_block pool = {.size = n_pool,
                                .n_relevant = n_relevant,
                                .n_nonrelevant_judged = n_pool - n_relevant,
                                .sum_gain = (double)n_relevant,
                                .sum_exp_gain = (double)n_relevant};
    return metric->expected_at(&r, &pool, 1, k);
}
