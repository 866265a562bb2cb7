/* Byte-pair encoding of one piece: merge the adjacent pair of lowest rank, leftmost first, until no
 * pair is left. "Neural machine translation of rare words with subword units", ACL 2016, section 3.2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/tokenizers/internal.h"

enum { SHORT = 48 }; /* pieces up to here are merged by scanning, longer ones with a heap */

static size_t merge_slot(uint64_t pair, size_t mask)
{
    return (size_t)((pair * 0x9E3779B97F4A7C15u) >> 20) & mask;
}

rec_status rec_bpe_reserve(rec_bpe *m, size_t n_merges, rec_error *err)
{
    size_t size = 64;
    while (size < n_merges * 2 + 1)
        size *= 2;
    m->table = rec_alloc(size, sizeof *m->table, err);
    if (m->table == NULL)
        return REC_ERR_RESOURCE;
    m->mask = size - 1;
    for (size_t i = 0; i < size; i++)
        m->table[i].rank = UINT32_MAX;
    return REC_OK;
}

void rec_bpe_add_merge(rec_bpe *m, uint32_t left, uint32_t right, uint32_t id)
{
    uint64_t pair = (uint64_t)left << 32 | right;
    size_t slot = merge_slot(pair, m->mask);
    for (; m->table[slot].rank != UINT32_MAX; slot = (slot + 1) & m->mask)
        if (m->table[slot].pair == pair)
            return;
    m->table[slot] = (rec_merge){.pair = pair, .rank = (uint32_t)m->n_merges++, .id = id};
}

static const rec_merge *find_merge(const rec_bpe *m, uint32_t left, uint32_t right)
{
    uint64_t pair = (uint64_t)left << 32 | right;
    for (size_t slot = merge_slot(pair, m->mask);; slot = (slot + 1) & m->mask) {
        const rec_merge *entry = &m->table[slot];
        if (entry->rank == UINT32_MAX)
            return NULL;
        if (entry->pair == pair)
            return entry;
    }
}

/* ---- short pieces: ranks of all pairs in a row ---- */

static size_t merge_short(uint32_t *ids, size_t n, const rec_bpe *m)
{
    uint32_t ranks[SHORT], merged[SHORT];
    for (size_t i = 0; i + 1 < n; i++) {
        const rec_merge *entry = find_merge(m, ids[i], ids[i + 1]);
        ranks[i] = entry != NULL ? entry->rank : UINT32_MAX;
        merged[i] = entry != NULL ? entry->id : 0;
    }
    while (n > 1) {
        size_t best = 0;
        for (size_t i = 1; i + 1 < n; i++)
            if (ranks[i] < ranks[best])
                best = i;
        if (ranks[best] == UINT32_MAX)
            break;
        ids[best] = merged[best];
        n--;
        size_t moved = n - best - 1;
        memmove(ids + best + 1, ids + best + 2, moved * sizeof *ids);
        if (moved > 0) {
            memmove(ranks + best + 1, ranks + best + 2, (moved - 1) * sizeof *ranks);
            memmove(merged + best + 1, merged + best + 2, (moved - 1) * sizeof *merged);
        }
        for (size_t i = best > 0 ? best - 1 : 0; i <= best && i + 1 < n; i++) {
            const rec_merge *entry = find_merge(m, ids[i], ids[i + 1]);
            ranks[i] = entry != NULL ? entry->rank : UINT32_MAX;
            merged[i] = entry != NULL ? entry->id : 0;
        }
    }
    return n;
}

/* ---- long pieces: a heap of candidate merges over a linked list of symbols ---- */

typedef struct candidate {
    uint32_t rank, position, left, right, id;
} candidate;

typedef struct long_piece {
    const rec_bpe *model;
    uint32_t *ids;
    size_t *next, *previous; /* SIZE_MAX = none */
    candidate *heap;
    size_t n_heap;
} long_piece;

static bool before(const candidate *a, const candidate *b)
{
    return a->rank != b->rank ? a->rank < b->rank : a->position < b->position;
}

static void heap_push(long_piece *p, candidate c)
{
    size_t i = p->n_heap++;
    for (; i > 0 && before(&c, &p->heap[(i - 1) / 2]); i = (i - 1) / 2)
        p->heap[i] = p->heap[(i - 1) / 2];
    p->heap[i] = c;
}

static candidate heap_pop(long_piece *p)
{
    candidate top = p->heap[0], last = p->heap[--p->n_heap];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= p->n_heap)
            break;
        if (child + 1 < p->n_heap && before(&p->heap[child + 1], &p->heap[child]))
            child++;
        if (!before(&p->heap[child], &last))
            break;
        p->heap[i] = p->heap[child];
        i = child;
    }
    p->heap[i] = last;
    return top;
}

static void consider(long_piece *p, size_t position)
{
    if (position == SIZE_MAX || p->next[position] == SIZE_MAX)
        return;
    uint32_t left = p->ids[position], right = p->ids[p->next[position]];
    const rec_merge *entry = find_merge(p->model, left, right);
    if (entry != NULL)
        heap_push(p, (candidate){entry->rank, (uint32_t)position, left, right, entry->id});
}

static void merge_all(long_piece *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        p->next[i] = i + 1 < n ? i + 1 : SIZE_MAX;
        p->previous[i] = i > 0 ? i - 1 : SIZE_MAX;
    }
    for (size_t i = 0; i + 1 < n; i++)
        consider(p, i);
    while (p->n_heap > 0) {
        candidate c = heap_pop(p);
        size_t left = c.position, right = p->next[left];
        if (p->ids[left] != c.left || right == SIZE_MAX || p->ids[right] != c.right)
            continue; /* one of the two was merged meanwhile */
        p->ids[left] = c.id;
        p->ids[right] = REC_NO_TOKEN;
        p->next[left] = p->next[right];
        if (p->next[right] != SIZE_MAX)
            p->previous[p->next[right]] = left;
        consider(p, p->previous[left]);
        consider(p, left);
    }
}

static rec_status merge_long(uint32_t *ids, size_t *n, const rec_bpe *m, rec_error *err)
{
    rec_status status = REC_OK;
    long_piece p = {.model = m, .ids = ids};
    size_t kept = 0;
    if (*n > UINT32_MAX / 3)
        return rec_fail(err, REC_ERR_DATA, "a text of %zu symbols is too long to tokenize", *n);
    REC_TRY_NEW(p.next, *n, err);
    REC_TRY_NEW(p.previous, *n, err);
    REC_TRY_NEW(p.heap, *n * 3, err); /* n - 1 at first, at most two more for each merge */
    merge_all(&p, *n);
    for (size_t i = 0; i != SIZE_MAX && *n > 0; i = p.next[i])
        ids[kept++] = ids[i];
    *n = kept;

cleanup:
    free(p.heap);
    free(p.previous);
    free(p.next);
    return status;
}

/* ---- symbols ---- */

void rec_find_byte_tokens(uint32_t byte_ids[256], const rec_vocab *v, bool raw)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        char name[8] = {(char)byte};
        size_t n = raw ? 1 : (size_t)snprintf(name, sizeof name, "<0x%02X>", byte);
        byte_ids[byte] = rec_vocab_find(v, name, n);
    }
}

/* The first symbols of a piece: bytes, or characters with their bytes as fallback. ids (n). */
static size_t initial_symbols(uint32_t *ids, const rec_bpe *m, const rec_vocab *v,
                              const char *piece, size_t n)
{
    size_t count = 0;
    bool after_unknown = false;
    for (size_t i = 0; i < n;) {
        uint32_t code;
        size_t length = m->bytes ? 1 : rec_utf8_next(&code, piece + i, n - i);
        uint32_t id =
            m->bytes ? m->byte_ids[(unsigned char)piece[i]] : rec_vocab_find(v, piece + i, length);
        bool unknown = id == REC_NO_TOKEN;
        if (unknown && m->byte_fallback && m->byte_ids[(unsigned char)piece[i]] != REC_NO_TOKEN) {
            for (size_t b = 0; b < length; b++)
                ids[count++] = m->byte_ids[(unsigned char)piece[i + b]];
            unknown = false;
        } else if (!unknown) {
            ids[count++] = id;
        } else if (m->unknown != REC_NO_TOKEN && !(after_unknown && m->fuse_unknown)) {
            ids[count++] = m->unknown;
        }
        after_unknown = unknown;
        i += length;
    }
    return count;
}

static rec_status append_all(rec_token_list *ids, const uint32_t *more, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_token_list_append(ids, more[i], err);
    return status;
}

/* Whether a token encodes to itself: then a piece equal to it needs no merging. Worked out once per
 * token; two threads may do it at the same time and store the same answer. */
static bool encodes_to_itself(const rec_bpe *m, const rec_vocab *v, uint32_t id, const char *piece,
                              size_t n)
{
    unsigned char known = __atomic_load_n(&m->whole[id], __ATOMIC_RELAXED);
    if (known == 0) {
        uint32_t ids[SHORT];
        size_t count = merge_short(ids, initial_symbols(ids, m, v, piece, n), m);
        known = count == 1 && ids[0] == id ? 1 : 2;
        __atomic_store_n(&m->whole[id], known, __ATOMIC_RELAXED);
    }
    return known == 1;
}

rec_status rec_bpe_encode(rec_token_list *ids, const rec_bpe *m, const rec_vocab *v,
                          const char *piece, size_t n, rec_error *err)
{
    if (n <= v->max_length) {
        uint32_t id = rec_vocab_find(v, piece, n);
        if (id != REC_NO_TOKEN && m->whole[id] != 3 &&
            (m->ignore_merges || (n <= SHORT && encodes_to_itself(m, v, id, piece, n))))
            return rec_token_list_append(ids, id, err);
    }
    if (n <= SHORT) {
        uint32_t symbols[SHORT];
        size_t count = merge_short(symbols, initial_symbols(symbols, m, v, piece, n), m);
        return append_all(ids, symbols, count, err);
    }
    uint32_t *symbols = rec_alloc(n, sizeof *symbols, err);
    if (symbols == NULL)
        return REC_ERR_RESOURCE;
    size_t count = initial_symbols(symbols, m, v, piece, n);
    rec_status status = merge_long(symbols, &count, m, err);
    if (status == REC_OK)
        status = append_all(ids, symbols, count, err);
    free(symbols);
    return status;
}

void rec_bpe_deinit(rec_bpe *m)
{
    free(m->table);
    free(m->whole);
    *m = (rec_bpe){0};
}
