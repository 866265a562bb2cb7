#include "core/scan.h"

#include <math.h>

#include "core/cpu.h"

static size_t above_generic(uint32_t *hits, size_t *n_never, const float *row, size_t start,
                            size_t n, float threshold)
{
    size_t n_hits = 0, never = 0;
    for (size_t i = start; i < n; i++) {
        hits[n_hits] = (uint32_t)i;
        n_hits += !(row[i] <= threshold); /* without a branch; catches NaN */
        never += row[i] == -INFINITY;
    }
    *n_never += never;
    return n_hits;
}

static void count_generic(size_t *n_above, size_t *n_equal, const float *row, size_t start,
                          size_t n, float value)
{
    size_t above = 0, equal = 0;
    for (size_t i = start; i < n; i++) {
        above += row[i] > value;
        equal += row[i] == value;
    }
    *n_above += above;
    *n_equal += equal;
}

#ifdef REC_CPU_X86
#include <immintrin.h>

__attribute__((target(REC_TARGET_AVX2))) static size_t
above_avx2(uint32_t *hits, size_t *n_never, const float *row, size_t n, float threshold)
{
    const __m256 limit = _mm256_set1_ps(threshold), never = _mm256_set1_ps(-INFINITY);
    size_t n_hits = 0, n_masked = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 x = _mm256_loadu_ps(row + i);
        unsigned bits = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(x, limit, _CMP_NLE_UQ));
        unsigned masked = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(x, never, _CMP_EQ_OQ));
        n_masked += (size_t)__builtin_popcount(masked);
        for (; bits != 0; bits &= bits - 1)
            hits[n_hits++] = (uint32_t)i + (uint32_t)__builtin_ctz(bits);
    }
    *n_never += n_masked;
    return n_hits + above_generic(hits + n_hits, n_never, row, i, n, threshold);
}

__attribute__((target(REC_TARGET_AVX2))) static void
count_avx2(size_t *n_above, size_t *n_equal, const float *row, size_t n, float value)
{
    const __m256 limit = _mm256_set1_ps(value);
    size_t above = 0, equal = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 x = _mm256_loadu_ps(row + i);
        int larger = _mm256_movemask_ps(_mm256_cmp_ps(x, limit, _CMP_GT_OQ));
        int same = _mm256_movemask_ps(_mm256_cmp_ps(x, limit, _CMP_EQ_OQ));
        above += (size_t)__builtin_popcount((unsigned)larger);
        equal += (size_t)__builtin_popcount((unsigned)same);
    }
    *n_above += above;
    *n_equal += equal;
    count_generic(n_above, n_equal, row, i, n, value);
}

/* Hits among 64 elements in one word: mostly none, so that one branch covers four vectors. */
__attribute__((target(REC_TARGET_AVX512))) static uint64_t
hits_of_64(__m512i *masked, const float *row, __m512 limit, __m512 never)
{
    const __m512i one = _mm512_set1_epi32(1);
    uint64_t bits = 0;
    for (int v = 0; v < 4; v++) {
        __m512 x = _mm512_loadu_ps(row + 16 * v);
        __mmask16 is_masked = _mm512_cmp_ps_mask(x, never, _CMP_EQ_OQ);
        *masked = _mm512_mask_add_epi32(*masked, is_masked, *masked, one);
        bits |= (uint64_t)_mm512_cmp_ps_mask(x, limit, _CMP_NLE_UQ) << (16 * v);
    }
    return bits;
}

__attribute__((target(REC_TARGET_AVX512))) static size_t
above_avx512(uint32_t *hits, size_t *n_never, const float *row, size_t n, float threshold)
{
    const __m512 limit = _mm512_set1_ps(threshold), never = _mm512_set1_ps(-INFINITY);
    __m512i masked = _mm512_setzero_si512();
    size_t n_hits = 0, i = 0;
    for (; i + 64 <= n; i += 64)
        for (uint64_t bits = hits_of_64(&masked, row + i, limit, never); bits != 0;
             bits &= bits - 1)
            hits[n_hits++] = (uint32_t)i + (uint32_t)__builtin_ctzll(bits);
    *n_never += (size_t)_mm512_reduce_add_epi32(masked);
    return n_hits + above_generic(hits + n_hits, n_never, row, i, n, threshold);
}

__attribute__((target(REC_TARGET_AVX512))) static void
count_avx512(size_t *n_above, size_t *n_equal, const float *row, size_t n, float value)
{
    const __m512 limit = _mm512_set1_ps(value);
    size_t above = 0, equal = 0;
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 inside = (__mmask16)(n - i >= 16 ? 0xffffu : (1u << (n - i)) - 1);
        __m512 x = _mm512_maskz_loadu_ps(inside, row + i);
        above += (size_t)__builtin_popcount(_mm512_mask_cmp_ps_mask(inside, x, limit, _CMP_GT_OQ));
        equal += (size_t)__builtin_popcount(_mm512_mask_cmp_ps_mask(inside, x, limit, _CMP_EQ_OQ));
    }
    *n_above += above;
    *n_equal += equal;
}
#endif

size_t rec_scan_above(uint32_t *hits, size_t *n_never, const float *row, size_t n, float threshold)
{
    size_t unused = 0;
    if (n_never == NULL)
        n_never = &unused;
    switch (rec_cpu_level()) {
#ifdef REC_CPU_X86
    case REC_CPU_AVX512_VNNI:
    case REC_CPU_AVX512:
        return above_avx512(hits, n_never, row, n, threshold);
    case REC_CPU_AVX2:
        return above_avx2(hits, n_never, row, n, threshold);
#endif
    default:
        return above_generic(hits, n_never, row, 0, n, threshold);
    }
}

void rec_scan_count(size_t *n_above, size_t *n_equal, const float *row, size_t n, float value)
{
    *n_above = 0;
    *n_equal = 0;
    switch (rec_cpu_level()) {
#ifdef REC_CPU_X86
    case REC_CPU_AVX512_VNNI:
    case REC_CPU_AVX512:
        count_avx512(n_above, n_equal, row, n, value);
        return;
    case REC_CPU_AVX2:
        count_avx2(n_above, n_equal, row, n, value);
        return;
#endif
    default:
        count_generic(n_above, n_equal, row, 0, n, value);
    }
}
