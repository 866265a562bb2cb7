/**
 * Vectors of floats of the width the including file is compiled for (GNU vector extensions), and the
 * elementary functions on them. Private to kernels_*.c: each of those includes kernels_body.h, which
 * includes this, so that one source serves every instruction set.
 *
 * Accuracy (tests/models/nn/test_kernels.c measures it on every set, against double):
 *   v_exp      relative 2.5e-7 on [-87.3, 88.7]; 0 below, infinity above, NaN stays NaN
 *   v_tanh     relative 3e-7        v_sigmoid  relative 4e-7 where |x| < 87
 *   v_softplus relative 4e-7        v_normal_cdf absolute 2e-7 (and its density)
 */
#ifndef REC_MODELS_NN_SIMD_H
#define REC_MODELS_NN_SIMD_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include <immintrin.h>
#define REC_LANES 16
#elif defined(__AVX2__)
#include <immintrin.h>
#define REC_LANES 8
#else
#define REC_LANES 4
#endif

typedef float v_float __attribute__((vector_size(REC_LANES * 4)));
typedef int32_t v_int __attribute__((vector_size(REC_LANES * 4)));
typedef uint32_t v_uint __attribute__((vector_size(REC_LANES * 4)));
typedef uint64_t v_uint64 __attribute__((vector_size(REC_LANES * 4)));

static inline v_float v_load(const float *p)
{
    v_float x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline void v_store(float *p, v_float x)
{
    memcpy(p, &x, sizeof x);
}

/* The first n < REC_LANES elements; the other lanes are 0. */
static inline v_float v_load_first(const float *p, size_t n)
{
#if REC_LANES == 16
    return (v_float)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
    v_float x = {0};
    for (size_t i = 0; i < n; i++)
        x[i] = p[i];
    return x;
#endif
}

static inline void v_store_first(float *p, v_float x, size_t n)
{
#if REC_LANES == 16
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)x);
#else
    for (size_t i = 0; i < n; i++)
        p[i] = x[i];
#endif
}

static inline v_float v_set(float x)
{
    return x - (v_float){0};
}

static inline v_float v_select(v_int mask, v_float yes, v_float no)
{
    return (v_float)((mask & (v_int)yes) | (~mask & (v_int)no));
}

static inline v_float v_max(v_float a, v_float b)
{
    return v_select(a > b, a, b);
}

static inline v_float v_min(v_float a, v_float b)
{
    return v_select(a < b, a, b);
}

static inline v_float v_abs(v_float x)
{
    return (v_float)((v_int)x & 0x7fffffff);
}

static inline v_float v_sqrt(v_float x)
{
#if REC_LANES == 16
    return (v_float)_mm512_sqrt_ps((__m512)x);
#elif REC_LANES == 8
    return (v_float)_mm256_sqrt_ps((__m256)x);
#else
    for (int i = 0; i < REC_LANES; i++)
        x[i] = sqrtf(x[i]);
    return x;
#endif
}

/* x with the lanes from n on set to 0. */
static inline v_float v_keep_first(v_float x, size_t n)
{
#if REC_LANES == 16
    return (v_float)_mm512_maskz_mov_ps((__mmask16)((1u << n) - 1), (__m512)x);
#else
    for (size_t i = n; i < REC_LANES; i++)
        x[i] = 0.0f;
    return x;
#endif
}

/* Pairwise, so that the error stays that of a balanced tree. */
static inline float v_sum(v_float x)
{
    float lane[REC_LANES];
    memcpy(lane, &x, sizeof lane);
    for (int half = REC_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

static inline float v_greatest(v_float x)
{
    float greatest = x[0];
    for (int i = 1; i < REC_LANES; i++)
        greatest = x[i] > greatest ? x[i] : greatest;
    return greatest;
}

/* 2^(x / ln 2): nearest power of two times a polynomial on |r| <= ln 2 / 2 (Cephes, expf). */
static inline v_float v_exp(v_float x)
{
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    v_float inside = v_min(v_max(x, v_set(-87.33654f)), v_set(88.72283f));
    v_float n = inside * 1.44269504088896341f + magic;
    n -= magic;
    v_float r = inside - n * 0.693359375f;
    r -= n * -2.12194440e-4f;
    v_float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    /* In two steps: n = 128 alone is no float exponent. */
    v_int half = __builtin_convertvector(n, v_int) >> 1;
    v_int rest = __builtin_convertvector(n, v_int) - half;
    p *= (v_float)((half + 127) << 23);
    p *= (v_float)((rest + 127) << 23);
    p = v_select(x < -87.33654f, v_set(0.0f), p);
    p = v_select(x > 88.72283f, v_set(INFINITY), p);
    return v_select(x == x, p, x);
}

static inline v_float v_sigmoid(v_float x)
{
    return 1.0f / (1.0f + v_exp(-x));
}

/* Cephes, tanhf: odd polynomial near 0, where 1 - 2 / (e^2x + 1) would cancel. */
static inline v_float v_tanh(v_float x)
{
    v_float size = v_abs(x), z = x * x;
    v_float near = z * -5.70498872745e-3f + 2.06390887954e-2f;
    near = near * z + -5.37397155531e-2f;
    near = near * z + 1.33314422036e-1f;
    near = near * z + -3.33332819422e-1f;
    near = near * z * x + x;
    v_float far = 1.0f - 2.0f / (v_exp(size * 2.0f) + 1.0f);
    far = v_select(x < 0.0f, -far, far);
    return v_select(size < 0.625f, near, far);
}

/* log(1 + t) for 0 <= t <= 1: 2 atanh(t / (2 + t)), series in s^2 <= 1/9. */
static inline v_float v_log1p_unit(v_float t)
{
    v_float s = t / (2.0f + t), z = s * s;
    v_float p = z * (1.0f / 17.0f) + 1.0f / 15.0f;
    p = p * z + 1.0f / 13.0f;
    p = p * z + 1.0f / 11.0f;
    p = p * z + 1.0f / 9.0f;
    p = p * z + 1.0f / 7.0f;
    p = p * z + 1.0f / 5.0f;
    p = p * z + 1.0f / 3.0f;
    return 2.0f * (s + s * z * p);
}

/* log(1 + e^x) without overflow. */
static inline v_float v_softplus(v_float x)
{
    return v_max(x, v_set(0.0f)) + v_log1p_unit(v_exp(-v_abs(x)));
}

/* Normal distribution function and density. The tail is e^(-x^2/2) R(t) / 2 with R a polynomial of
 * degree 10 in t = 1 / (1 + 0.35 |x| / sqrt 2), fitted to e^(z^2) erfc(z): relative 7e-9. */
static inline void v_normal(v_float *cdf, v_float *density, v_float x)
{
    v_float t = 1.0f / (1.0f + v_abs(x) * (0.35f * 0.70710678f));
    v_float r = t * 3.837621135e-02f + -1.587871090e-01f;
    r = r * t + 1.811130326e-01f;
    r = r * t + -2.721743617e-02f;
    r = r * t + 8.659081883e-02f;
    r = r * t + 1.462847736e-01f;
    r = r * t + 1.510974834e-01f;
    r = r * t + 1.879225240e-01f;
    r = r * t + 1.971357908e-01f;
    r = r * t + 1.974839179e-01f;
    r *= t;
    v_float bell = v_exp(x * x * -0.5f);
    v_float tail = bell * r * 0.5f;
    *cdf = v_select(x < 0.0f, tail, 1.0f - tail);
    *density = bell * 0.39894228f;
}

/* Products of the even lanes, 64 bits each. */
static inline v_uint64 v_multiply_even(v_uint a, v_uint b)
{
#if REC_LANES == 16
    return (v_uint64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif REC_LANES == 8
    return (v_uint64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#else
    v_uint64 low = {0};
    v_uint64 x = (v_uint64)a, y = (v_uint64)b;
    for (int i = 0; i < REC_LANES / 2; i++)
        low[i] = (x[i] & 0xffffffffu) * (y[i] & 0xffffffffu);
    return low;
#endif
}

/* Low and high words of a * b, lane by lane. */
static inline void v_multiply_wide(v_uint *low, v_uint *high, v_uint a, v_uint b)
{
    v_uint64 even = v_multiply_even(a, b);
    v_uint64 odd = v_multiply_even((v_uint)((v_uint64)a >> 32), (v_uint)((v_uint64)b >> 32));
    *low = (v_uint)((even & 0xffffffffu) | (odd << 32));
    *high = (v_uint)((even >> 32) | (odd & 0xffffffff00000000u));
}

#endif
