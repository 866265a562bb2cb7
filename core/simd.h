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

#include "core/cpu.h"

enum { REC_LANES = 16 };

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
    linkage void name parameters                                                                           \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }
#endif

#endif
