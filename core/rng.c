#include "core/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/hash.h"

/* Philox4x32-10, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3. */
void rec_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* Finaliser of splitmix64: neighbouring seeds give unrelated keys. */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

rec_rng rec_rng_keyed(uint64_t seed, const char *purpose, uint64_t id)
{
    uint64_t key = mix(mix(seed) ^ rec_fnv1a(purpose, strlen(purpose)));
    return (rec_rng){
        .key = {(uint32_t)key, (uint32_t)(key >> 32)},
        .counter = {0, 0, (uint32_t)id, (uint32_t)(id >> 32)},
        .n_used = 4,
    };
}

void rec_rng_seek(rec_rng *r, uint64_t block)
{
    r->counter[0] = (uint32_t)block;
    r->counter[1] = (uint32_t)(block >> 32);
    r->n_used = 4;
}

uint32_t rec_rng_u32(rec_rng *r)
{
    if (r->n_used == 4) {
        rec_philox(r->block, r->counter, r->key);
        if (++r->counter[0] == 0)
            r->counter[1]++;
        r->n_used = 0;
    }
    return r->block[r->n_used++];
}

uint64_t rec_rng_u64(rec_rng *r)
{
    uint64_t low = rec_rng_u32(r);
    return low | (uint64_t)rec_rng_u32(r) << 32;
}

double rec_rng_uniform(rec_rng *r)
{
    return (double)(rec_rng_u64(r) >> 11) * 0x1p-53;
}

float rec_rng_uniform_float(rec_rng *r)
{
    return (float)(rec_rng_u32(r) >> 8) * 0x1p-24f;
}

double rec_rng_normal(rec_rng *r)
{
    double u = 1.0 - rec_rng_uniform(r); /* (0, 1] */
    double v = rec_rng_uniform(r);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019, algorithm 5. */
uint32_t rec_rng_below(rec_rng *r, uint32_t n)
{
    assert(n > 0);
    uint64_t product = (uint64_t)rec_rng_u32(r) * n;
    if ((uint32_t)product < n) {
        uint32_t threshold = (0u - n) % n;
        while ((uint32_t)product < threshold)
            product = (uint64_t)rec_rng_u32(r) * n;
    }
    return (uint32_t)(product >> 32);
}

uint64_t rec_rng_below64(rec_rng *r, uint64_t n)
{
    assert(n > 0);
    if (n <= UINT32_MAX)
        return rec_rng_below(r, (uint32_t)n);
    uint64_t limit = UINT64_MAX - UINT64_MAX % n, x;
    do {
        x = rec_rng_u64(r);
    } while (x >= limit);
    return x % n;
}

void rec_rng_shuffle(rec_rng *r, void *items, size_t n, size_t size)
{
    assert(size <= 64);
    char *bytes = items, swap[64];
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)rec_rng_below64(r, i);
        memcpy(swap, bytes + j * size, size);
        memmove(bytes + j * size, bytes + (i - 1) * size, size);
        memcpy(bytes + (i - 1) * size, swap, size);
    }
}

static int contains(const uint32_t *items, uint32_t n, uint32_t value)
{
    for (uint32_t i = 0; i < n; i++)
        if (items[i] == value)
            return 1;
    return 0;
}

/* "A sample of brilliance", CACM 30(9), 1987: each subset of size k is equally likely. */
void rec_rng_sample(uint32_t *out, rec_rng *r, uint32_t n, uint32_t k)
{
    assert(k <= n);
    for (uint32_t i = 0, j = n - k; i < k; i++, j++) {
        uint32_t candidate = rec_rng_below(r, j + 1);
        out[i] = contains(out, i, candidate) ? j : candidate;
    }
    rec_rng_shuffle(r, out, k, sizeof *out);
}
