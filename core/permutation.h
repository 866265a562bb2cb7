/**
 * A pseudo-random order of 0 .. n-1 that is computed, not stored: position i can be asked for in any
 * order by any thread. Training passes visit their samples in such an order.
 *
 * A Feistel network over pairs (left, right) of [0, a) x [0, b), a b >= n, with additions instead of
 * exclusive or ("Ciphers with arbitrary finite domains", CT-RSA 2002, section 5), walked until the
 * result is below n (ibid., section 3). Statistical quality only, no secrecy.
 */
#ifndef REC_CORE_PERMUTATION_H
#define REC_CORE_PERMUTATION_H

#include <stdint.h>

enum { REC_PERMUTATION_ROUNDS = 6 };

typedef struct rec_permutation {
    uint64_t n;
    uint32_t a, b;
    uint32_t key[REC_PERMUTATION_ROUNDS];
} rec_permutation;

/** @param n  below 2^62; purpose and id name the order as in core/rng.h */
rec_permutation rec_permutation_keyed(uint64_t seed, const char *purpose, uint64_t id, uint64_t n);

/** The element at position i < n. */
uint64_t rec_permutation_at(const rec_permutation *p, uint64_t i);

#endif
