#include "core/permutation.h"

#include <assert.h>
#include <math.h>

#include "core/rng.h"

rec_permutation rec_permutation_keyed(uint64_t seed, const char *purpose, uint64_t id, uint64_t n)
{
    assert(n < (uint64_t)1 << 62);
    rec_permutation p = {.n = n};
    rec_rng r = rec_rng_keyed(seed, purpose, id);
    uint64_t a = (uint64_t)sqrt((double)n) + 1; /* a b >= n with at most a + b cells to spare */
    p.a = (uint32_t)a;
    p.b = (uint32_t)(n / a + 1);
    for (int round = 0; round < REC_PERMUTATION_ROUNDS; round++)
        p.key[round] = rec_rng_u32(&r);
    return p;
}

/* Finaliser of MurmurHash3: every input bit changes every output bit. */
static uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
    x = (x ^ (x >> 13)) * 0xC2B2AE35u;
    return x ^ (x >> 16);
}

/* (x + a pseudo-random number below n) mod n */
static uint32_t shift(uint32_t x, uint32_t random, uint32_t n)
{
    uint64_t sum = (uint64_t)x + (((uint64_t)random * n) >> 32);
    return (uint32_t)(sum >= n ? sum - n : sum);
}

static uint64_t walk_once(const rec_permutation *p, uint64_t x)
{
    uint32_t left = (uint32_t)(x % p->a), right = (uint32_t)(x / p->a);
    for (int round = 0; round < REC_PERMUTATION_ROUNDS; round += 2) {
        left = shift(left, mix(right ^ p->key[round]), p->a);
        right = shift(right, mix(left ^ p->key[round + 1]), p->b);
    }
    return (uint64_t)right * p->a + left;
}

uint64_t rec_permutation_at(const rec_permutation *p, uint64_t i)
{
    assert(i < p->n);
    do {
        i = walk_once(p, i);
    } while (i >= p->n);
    return i;
}
