/**
 * Sixteen floats at a time, written once: GCC's and clang's vector extensions become SSE2, AVX2 or
 * AVX-512 code, depending on the target attribute of the function a body is inlined into.
 *
 *     static REC_INLINE void scale_body(float *x, size_t n, float a) { ... rec_v16 ... }
 *     REC_SIMD(static, scale, (float *x, size_t n, float a), (x, n, a))
 *
 * defines scale() (static or extern), which picks the variant by rec_cpu_level(). Variants differ in the last bits of a
 * sum where multiplication and addition are fused; on one machine they never change.
 */
#ifndef REC_CORE_SIMD_H
#define REC_CORE_SIMD_H

#include <stddef.h>
#include <string.h>

#include "core/cpu.h"

enum { REC_V16_LANES = 16 };

/* Rows that kernels here read start at a multiple of 64 bytes and have a multiple of 16 floats. */
typedef float rec_v16 __attribute__((vector_size(64), may_alias));

#define REC_INLINE inline __attribute__((always_inline))

#ifdef REC_CPU_X86
#define REC_SIMD(linkage, name, parameters, arguments)                                             \
    __attribute__((target(REC_TARGET_AVX512))) static void name##_avx512 parameters                \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }                                                                                              \
    __attribute__((target(REC_TARGET_AVX2))) static void name##_avx2 parameters                    \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }                                                                                              \
    linkage void name parameters                                                                   \
    {                                                                                              \
        switch (rec_cpu_level()) {                                                                 \
        case REC_CPU_AVX512_VNNI:                                                                  \
        case REC_CPU_AVX512:                                                                       \
            name##_avx512 arguments;                                                               \
            return;                                                                                \
        case REC_CPU_AVX2:                                                                         \
            name##_avx2 arguments;                                                                 \
            return;                                                                                \
        default:                                                                                   \
            name##_body arguments;                                                                 \
        }                                                                                          \
    }
#else
#define REC_SIMD(linkage, name, parameters, arguments)                                             \
    linkage void name parameters                                                                   \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }
#endif

#define REC_SHUFFLE __builtin_shufflevector /* gcc 12, clang */

/** Sums of the lanes of four vectors, in out[0], out[4], out[8] and out[12]. */
static REC_INLINE void rec_lane_sums(float out[16], const rec_v16 *a, const rec_v16 *b,
                                     const rec_v16 *c, const rec_v16 *d)
{
    rec_v16 ab = REC_SHUFFLE(*a, *b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                 REC_SHUFFLE(*a, *b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    rec_v16 cd = REC_SHUFFLE(*c, *d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                 REC_SHUFFLE(*c, *d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    rec_v16 quarters =
        REC_SHUFFLE(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
        REC_SHUFFLE(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    rec_v16 halves = quarters + REC_SHUFFLE(quarters, quarters, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8,
                                            9, 14, 15, 12, 13);
    rec_v16 sums =
        halves + REC_SHUFFLE(halves, halves, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    memcpy(out, &sums, sizeof sums);
}

#endif
