/**
 * Counter-based random numbers: Philox4x32-10 ("Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011). A stream is named by (seed, purpose, id), never by a thread or by what was drawn before,
 * so that adding a user or a task changes no other draw.
 */
#ifndef REC_CORE_RNG_H
#define REC_CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct rec_rng {
    uint32_t key[2];
    uint32_t counter[4]; /* block index (64 bit), id (64 bit) */
    uint32_t block[4];
    uint32_t n_used; /* of the current block */
} rec_rng;

/** @param purpose  short constant text such as "bpr/negative"; part of the stream's name */
rec_rng rec_rng_keyed(uint64_t seed, const char *purpose, uint64_t id);

/** Jump to the block with this index of the stream: element i of a tensor can own block i. */
void rec_rng_seek(rec_rng *r, uint64_t block);

uint32_t rec_rng_u32(rec_rng *r);
uint64_t rec_rng_u64(rec_rng *r);
double rec_rng_uniform(rec_rng *r);              /* [0, 1), 53 bits */
float rec_rng_uniform_float(rec_rng *r);         /* [0, 1), 24 bits */
double rec_rng_normal(rec_rng *r);               /* Box-Muller, one value per two draws */
uint32_t rec_rng_below(rec_rng *r, uint32_t n);  /* 0..n-1 without bias (Lemire 2019); n > 0 */
uint64_t rec_rng_below64(rec_rng *r, uint64_t n);

/** Fisher-Yates over n elements of `size` bytes (size <= 64). */
void rec_rng_shuffle(rec_rng *r, void *items, size_t n, size_t size);

/** k distinct values of 0..n-1 in random order (Floyd, then shuffle); k <= n. out (k). */
void rec_rng_sample(uint32_t *out, rec_rng *r, uint32_t n, uint32_t k);

/** The bare bijection, for kernels that index it themselves (dropout). */
void rec_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

#endif
