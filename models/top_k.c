#include "models/top_k.h"

#include <assert.h>
#include <math.h>

#include "core/scan.h"
#include "core/sorted.h"

enum { CHUNK_MIN = 32, CHUNK_MAX = 1024, LANES = 32 };

void rec_top_init(rec_top *t, uint32_t *items, float *scores, size_t k)
{
    *t = (rec_top){
        .items = items, .scores = scores, .k = k, .nan_item = UINT32_MAX, .floor = -INFINITY};
}

static void put(rec_top *t, size_t at, float score, uint32_t item)
{
    t->scores[at] = score;
    t->items[at] = item;
}

static bool is_worse_than(const rec_top *t, size_t at, float score, uint32_t item)
{
    return t->scores[at] < score || (t->scores[at] == score && t->items[at] > item);
}

static bool is_better_than(const rec_top *t, size_t at, float score, uint32_t item)
{
    return t->scores[at] > score || (t->scores[at] == score && t->items[at] < item);
}

/* Put an entry into the heap of n whose root is free. */
static void sift_down(rec_top *t, size_t n, float score, uint32_t item)
{
    size_t hole = 0;
    for (size_t child = 1; child < n; hole = child, child = 2 * child + 1) {
        if (child + 1 < n && is_worse_than(t, child + 1, t->scores[child], t->items[child]))
            child++;
        if (!is_worse_than(t, child, score, item))
            break;
        put(t, hole, t->scores[child], t->items[child]);
    }
    put(t, hole, score, item);
}

/* Put an entry into the heap whose place `hole`, the last, is free. */
static void sift_up(rec_top *t, size_t hole, float score, uint32_t item)
{
    while (hole > 0) {
        size_t parent = (hole - 1) / 2;
        if (!is_better_than(t, parent, score, item))
            break;
        put(t, hole, t->scores[parent], t->items[parent]);
        hole = parent;
    }
    put(t, hole, score, item);
}

static bool is_moved(const rec_top *t, uint32_t item)
{
    return rec_sorted_has(t->moved, t->n_moved, item);
}

/* The item as the heap compares it: REC_TOP_LAST puts it behind its group of equal scores. */
static uint32_t tie_key(const rec_top *t, uint32_t item)
{
    if (t->n_moved == 0)
        return item;
    return is_moved(t, item) == t->moved_first ? item : item | REC_TOP_LAST;
}

static void offer(rec_top *t, float score, uint32_t key)
{
    if (t->n < t->k) {
        sift_up(t, t->n++, score, key);
    } else if (is_worse_than(t, 0, score, key)) {
        sift_down(t, t->n, score, key);
    }
}

/* What an element must beat. Later items lose ties, so strictly more than the worst kept score;
 * where items move inside their group equal scores have to be looked at too. */
static float threshold(const rec_top *t)
{
    if (t->k == 0)
        return INFINITY;
    float below = nextafterf(t->floor, -INFINITY); /* equal ones may stand before those elsewhere */
    if (t->n < t->k || t->scores[0] < t->floor)
        return below;
    return t->n_moved == 0 ? t->scores[0] : nextafterf(t->scores[0], -INFINITY);
}

/* Chunks double as the scan goes on: among as many elements as were seen before, about k beat the
 * threshold, so a stale threshold costs a constant factor while scans stay long. */
static size_t chunk_length(const rec_top *t, size_t left)
{
    size_t length = t->n_seen < CHUNK_MIN ? CHUNK_MIN : t->n_seen;
    if (length > CHUNK_MAX)
        length = CHUNK_MAX;
    return length < left ? length : left;
}

/* A value that at least k of the first elements reach (k <= LANES <= n): the k-th largest of the
 * maxima over LANES interleaved parts. About k + k / 4 elements of 512 reach it, so most of what a
 * heap would take in and drop again at the start never gets there. NaN counts as absent. */
static float reached_by_k(const float *row, size_t n, size_t k)
{
    float maxima[LANES];
    for (size_t l = 0; l < LANES; l++)
        maxima[l] = -INFINITY;
    for (size_t i = 0; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            maxima[l] = row[i + l] > maxima[l] ? row[i + l] : maxima[l];
    float bound = INFINITY; /* the smallest maximum with fewer than k above it */
    for (size_t l = 0; l < LANES; l++) {
        unsigned above = 0;
        for (size_t j = 0; j < LANES; j++)
            above += maxima[j] > maxima[l];
        bound = above < k && maxima[l] < bound ? maxima[l] : bound;
    }
    return bound;
}

/* The scan of the first elements, where the heap knows no threshold yet. */
static size_t first_length(const rec_top *t, size_t n)
{
    bool bounded = t->n_seen == 0 && t->k > 0 && t->k <= LANES / 2 && n >= 8 * LANES;
    if (!bounded)
        return 0;
    return n < CHUNK_MAX / 2 ? n : CHUNK_MAX / 2;
}

static void take_hits(rec_top *t, const float *row, size_t n, uint32_t first, float limit)
{
    uint32_t hits[CHUNK_MAX];
    size_t n_hits = rec_scan_above(hits, &t->n_never, row, n, limit);
    for (size_t h = 0; h < n_hits; h++) {
        float score = row[hits[h]];
        if (!isnan(score))
            offer(t, score, tie_key(t, first + hits[h]));
        else if (t->nan_item == UINT32_MAX)
            t->nan_item = first + hits[h];
    }
    t->n_seen += n;
}

void rec_top_scan(rec_top *t, const float *row, size_t n, uint32_t first)
{
    assert((uint64_t)first + n <= REC_TOP_LAST);
    size_t i = first_length(t, n);
    if (i > 0)
        take_hits(t, row, i, first, nextafterf(reached_by_k(row, i, t->k), -INFINITY));
    for (size_t length; i < n; i += length) {
        length = chunk_length(t, n - i);
        take_hits(t, row + i, length, first + (uint32_t)i, threshold(t));
    }
}

float rec_top_worst(const rec_top *t)
{
    return t->n == t->k && t->k > 0 ? t->scores[0] : -INFINITY;
}

void rec_top_merge(rec_top *t, const rec_top *part)
{
    for (size_t i = 0; i < part->n; i++)
        offer(t, part->scores[i], part->items[i]);
    t->n_seen += part->n_seen;
    t->n_never += part->n_never;
    if (part->nan_item < t->nan_item)
        t->nan_item = part->nan_item;
}

void rec_top_finish(rec_top *t)
{
    for (size_t last = t->n; last-- > 1;) { /* heap sort: the worst goes to the end */
        float score = t->scores[last];
        uint32_t item = t->items[last];
        put(t, last, t->scores[0], t->items[0]);
        sift_down(t, last, score, item);
    }
    for (size_t i = 0; i < t->n; i++)
        t->items[i] &= ~REC_TOP_LAST;
}

size_t rec_top_k(uint32_t *items, float *scores, const float *row, size_t n, size_t k)
{
    rec_top t;
    rec_top_init(&t, items, scores, k);
    rec_top_scan(&t, row, n, 0);
    rec_top_finish(&t);
    return t.n;
}
