/**
 * The best k of a row of scores that arrives in blocks: score descending, then item ascending.
 * A bounded heap (worst kept item at the root) sits in the caller's output arrays; a vector scan
 * (core/scan.h) hands it only what beats the root, so that the selection costs little beside the
 * products that made the scores.
 */
#ifndef REC_MODELS_TOP_K_H
#define REC_MODELS_TOP_K_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Items must be below this bit: it orders members of a tie group while the list is built. */
#define REC_TOP_LAST 0x80000000u

typedef struct rec_top {
    float *scores;         /* (k) borrowed */
    uint32_t *items;       /* (k) borrowed */
    size_t k, n;           /* room and content */
    size_t n_seen;         /* elements scanned so far */
    size_t n_never;        /* of them -INFINITY: never ranked */
    uint32_t nan_item;     /* the first item whose score is NaN; UINT32_MAX: none */
    const uint32_t *moved; /* (n_moved) ascending items that leave their place among equal scores */
    size_t n_moved;
    bool moved_first; /* to the front of the group; else to its end */
    float floor;      /* scores below it are left out: k items elsewhere have at least that */
} rec_top;

/** @param items, scores  (k), filled by the calls below */
void rec_top_init(rec_top *t, uint32_t *items, float *scores, size_t k);

/** Offer the scores of items first, first + 1, ..., first + n - 1; blocks come in ascending order. */
void rec_top_scan(rec_top *t, const float *row, size_t n, uint32_t first);

/** A score that every item of the list reaches, as soon as there are k; -INFINITY before. */
float rec_top_worst(const rec_top *t);

/** Take in what another part of the same row kept: the best k of both, in any order of the parts. Both
 * have the same moved items. */
void rec_top_merge(rec_top *t, const rec_top *part);

/** Best first from now on; the list has t->n entries. */
void rec_top_finish(rec_top *t);

/** Top k of one row of scores (n), ascending index on ties; NaN and -INFINITY are left out.
 * @param items, scores  (k); entries past the returned length are unspecified */
size_t rec_top_k(uint32_t *items, float *scores, const float *row, size_t n, size_t k);

#endif
