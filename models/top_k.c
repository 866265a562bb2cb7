#include "models/top_k.h"

#include <assert.h>
#include <math.h>

#include "core/scan.h"

enum { CHUNK_MIN = 32, CHUNK_MAX = 1024 };

void rec_top_init(rec_top *t, uint32_t *items, float *scores, size_t k)
{
    *t = (rec_top){.items = items, .scores = scores, .k = k, .nan_item = UINT32_MAX};
}

static bool is_worse(const rec_top *t, size_t a, size_t b)
{
    return t->scores[a] < t->scores[b] ||
           (t->scores[a] == t->scores[b] && t->items[a] > t->items[b]);
}

static void swap(rec_top *t, size_t a, size_t b)
{
    float score = t->scores[a];
    uint32_t item = t->items[a];
    t->scores[a] = t->scores[b];
    t->items[a] = t->items[b];
    t->scores[b] = score;
    t->items[b] = item;
}

static void sift_down(rec_top *t, size_t n)
{
    for (size_t parent = 0, child = 1; child < n; parent = child, child = 2 * child + 1) {
        if (child + 1 < n && is_worse(t, child + 1, child))
            child++;
        if (!is_worse(t, child, parent))
            return;
        swap(t, parent, child);
    }
}

static void sift_up(rec_top *t, size_t child)
{
    for (size_t parent; child > 0 && is_worse(t, child, parent = (child - 1) / 2); child = parent)
        swap(t, parent, child);
}

static bool is_moved(const rec_top *t, uint32_t item)
{
    size_t low = 0, high = t->n_moved;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->moved[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->n_moved && t->moved[low] == item;
}

/* The item as the heap compares it: REC_TOP_LAST puts it behind its group of equal scores. */
static uint32_t tie_key(const rec_top *t, uint32_t item)
{
    if (t->n_moved == 0)
        return item;
    return is_moved(t, item) == t->moved_first ? item : item | REC_TOP_LAST;
}

static void offer(rec_top *t, float score, uint32_t item)
{
    uint32_t key = tie_key(t, item);
    if (t->n < t->k) {
        t->scores[t->n] = score;
        t->items[t->n] = key;
        sift_up(t, t->n++);
    } else if (score > t->scores[0] || (score == t->scores[0] && key < t->items[0])) {
        t->scores[0] = score;
        t->items[0] = key;
        sift_down(t, t->n);
    }
}

/* What an element must beat. Later items lose ties, so strictly more than the worst kept score;
 * where items move inside their group equal scores have to be looked at too. */
static float threshold(const rec_top *t)
{
    if (t->n < t->k)
        return -INFINITY;
    if (t->k == 0)
        return INFINITY;
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

void rec_top_scan(rec_top *t, const float *row, size_t n, uint32_t first)
{
    assert((uint64_t)first + n <= REC_TOP_LAST);
    uint32_t hits[CHUNK_MAX];
    for (size_t i = 0, length; i < n; i += length) {
        length = chunk_length(t, n - i);
        size_t n_hits = rec_scan_above(hits, &t->n_never, row + i, length, threshold(t));
        for (size_t h = 0; h < n_hits; h++) {
            uint32_t item = first + (uint32_t)i + hits[h];
            float score = row[i + hits[h]];
            if (!isnan(score))
                offer(t, score, item);
            else if (t->nan_item == UINT32_MAX)
                t->nan_item = item;
        }
        t->n_seen += length;
    }
}

void rec_top_finish(rec_top *t)
{
    for (size_t n = t->n; n > 1; n--) {
        swap(t, 0, n - 1);
        sift_down(t, n - 1);
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
