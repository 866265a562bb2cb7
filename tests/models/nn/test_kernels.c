/* Every instruction set against double-precision libm, at the accuracy simd.h states. */
#include "models/nn/kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/rng.h"
#include "tests/suite.h"

static const rec_kernels *const all[] = {&rec_kernels_generic, &rec_kernels_avx2,
                                         &rec_kernels_avx512};

/* Variants this processor can run. */
static size_t n_variants(void)
{
    rec_cpu_level_id level = rec_cpu_level();
    return level >= REC_CPU_AVX512 ? 3 : level >= REC_CPU_AVX2 ? 2 : 1;
}

enum { N = 20011 };

static float *grid(float low, float high)
{
    float *x = malloc(N * sizeof *x);
    for (size_t i = 0; i < N; i++)
        x[i] = low + (high - low) * (float)i / (float)(N - 1);
    return x;
}

static double reference_gelu(double x)
{
    return x * 0.5 * erfc(-x / sqrt(2.0));
}

static double reference_gelu_slope(double x)
{
    return 0.5 * erfc(-x / sqrt(2.0)) + x * exp(-0.5 * x * x) / sqrt(2.0 * M_PI);
}

static double reference_sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static double reference_sigmoid_slope(double x)
{
    return reference_sigmoid(x) * reference_sigmoid(-x);
}

static double reference_tanh_slope(double x)
{
    return 1.0 - tanh(x) * tanh(x);
}

static double reference_softplus(double x)
{
    return fmax(x, 0.0) + log1p(exp(-fabs(x)));
}

static double reference_silu(double x)
{
    return x * reference_sigmoid(x);
}

static double reference_silu_slope(double x)
{
    return reference_sigmoid(x) + x * reference_sigmoid_slope(x);
}

static double reference_gelu_tanh(double x)
{
    return 0.5 * x * (1.0 + tanh(sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
}

typedef void (*activation)(float *, float *, const float *, size_t);

/* |f - reference| <= relative |reference| + absolute, for values and slopes (slope NULL: not). */
static void check_function(activation f, const float *x, double (*value)(double),
                           double (*slope)(double), double relative, double absolute)
{
    float *y = malloc(N * sizeof *y), *d = malloc(N * sizeof *d);
    f(y, d, x, N);
    for (size_t i = 0; i < N; i++) {
        double want = value(x[i]);
        ck_assert_msg(fabs(y[i] - want) <= relative * fabs(want) + absolute, "f(%g) = %g, not %g",
                      x[i], y[i], want);
        if (slope == NULL)
            continue;
        want = slope(x[i]);
        ck_assert_msg(fabs(d[i] - want) <= 8e-7 * fmax(1.0, fabs(want)), "f'(%g) = %g, not %g",
                      x[i], d[i], want);
    }
    free(y);
    free(d);
}

START_TEST(activations_are_accurate)
{
    float *x = grid(-12.0f, 12.0f);
    for (size_t v = 0; v < n_variants(); v++) {
        const rec_kernels *k = all[v];
        check_function(k->gelu, x, reference_gelu, reference_gelu_slope, 1.5e-7, 1.5e-7);
        check_function(k->gelu_tanh, x, reference_gelu_tanh, NULL, 5e-7, 5e-7);
        check_function(k->tanh, x, tanh, reference_tanh_slope, 3e-7, 0.0);
        check_function(k->sigmoid, x, reference_sigmoid, reference_sigmoid_slope, 4e-7, 0.0);
        check_function(k->silu, x, reference_silu, reference_silu_slope, 4e-7, 0.0);
        check_function(k->softplus, x, reference_softplus, reference_sigmoid, 4e-7, 0.0);
    }
    free(x);
}
END_TEST

START_TEST(exponential_is_accurate)
{
    float *x = grid(-87.0f, 88.0f), *y = malloc(N * sizeof *y);
    for (size_t v = 0; v < n_variants(); v++) {
        float sum = all[v]->exp_shifted(y, x, 1.0f, 0.0f, N);
        ck_assert(isfinite(sum) || sum == INFINITY);
        for (size_t i = 0; i < N; i++)
            ck_assert_double_le(fabs(y[i] / exp(x[i]) - 1.0), 2.5e-7);
        float edge[5] = {-INFINITY, -100.0f, 100.0f, INFINITY, NAN}, out[5];
        all[v]->exp_shifted(out, edge, 1.0f, 0.0f, 5);
        ck_assert_float_eq(out[0], 0.0f);
        ck_assert_float_eq(out[1], 0.0f);
        ck_assert(out[2] == INFINITY && out[3] == INFINITY && isnan(out[4]));
    }
    free(x);
    free(y);
}
END_TEST

/* Sums of 1..n and its variants for lengths around the vector width. */
START_TEST(tails_are_right)
{
    float x[70], y[70];
    for (size_t v = 0; v < n_variants(); v++)
        for (size_t n = 1; n < 70; n++) {
            for (size_t i = 0; i < 70; i++) {
                x[i] = i < n ? (float)(i + 1) : NAN; /* nothing past n is read */
                y[i] = -1.0f;
            }
            double m = (double)n;
            ck_assert_double_eq(all[v]->sum_squares(x, n), m * (m + 1) * (2 * m + 1) / 6);
            ck_assert_float_eq(all[v]->dot(x, x, n), (float)(m * (m + 1) * (2 * m + 1) / 6));
            ck_assert_float_eq(all[v]->greatest(x, n), (float)n);
            all[v]->add_scaled(y, x, 2.0f, n, true);
            for (size_t i = 0; i < 70; i++)
                ck_assert_float_eq(y[i], i < n ? 2.0f * x[i] - 1.0f : -1.0f);
            float sum = all[v]->exp_shifted(y, x, 0.0f, 0.0f, n); /* n ones */
            ck_assert_float_eq(sum, (float)n);
        }
}
END_TEST

/* small_gemm against the definition, both orientations of a. */
START_TEST(small_products)
{
    enum { M = 7, K = 5 };
    float a[M * K], b[K * 40], c[M * 40];
    rec_rng rng = rec_rng_keyed(1, "gemm", 0);
    for (size_t i = 0; i < M * K; i++)
        a[i] = rec_rng_uniform_float(&rng) - 0.5f;
    for (size_t i = 0; i < K * 40; i++)
        b[i] = rec_rng_uniform_float(&rng) - 0.5f;
    for (size_t v = 0; v < n_variants(); v++)
        for (size_t n = 1; n <= 40; n++)
            for (int turned = 0; turned < 2; turned++)
                for (int keep = 0; keep < 2; keep++) {
                    for (size_t i = 0; i < M * 40; i++)
                        c[i] = keep ? 1.0f : NAN;
                    all[v]->small_gemm(c, 40, a, turned ? 1 : K, turned ? M : 1, b, 40, M, n, K,
                                       keep);
                    for (size_t i = 0; i < M; i++)
                        for (size_t j = 0; j < n; j++) {
                            double want = keep;
                            for (size_t p = 0; p < K; p++)
                                want +=
                                    (double)(turned ? a[p * M + i] : a[i * K + p]) * b[p * 40 + j];
                            ck_assert_double_le(fabs(c[i * 40 + j] - want), 1e-6);
                        }
                }
}
END_TEST

/* The mask is the same on every instruction set, and is Philox's (core/rng.h). */
START_TEST(dropout_masks_agree)
{
    enum { LENGTH = 300 };
    float ones[LENGTH], out[3][LENGTH];
    for (size_t i = 0; i < LENGTH; i++)
        ones[i] = 1.0f;
    rec_dropout_mask mask = {.key = {5, 6}, .stream = {7, 8}, .threshold = 20000, .scale = 3.0f};
    for (size_t v = 0; v < n_variants(); v++) {
        all[v]->dropout(out[v], NULL, ones, 256, LENGTH, &mask);
        ck_assert_int_eq(memcmp(out[v], out[0], sizeof out[0]), 0);
    }
    for (size_t i = 0; i < LENGTH; i++) {
        size_t at = i + 256, e = at % 128; /* element 64 h + 16 w + b of its group */
        uint32_t word[4], counter[4] = {(uint32_t)(at / 128 * 16 + e % 16), 0, 7, 8};
        rec_philox(word, counter, mask.key);
        uint32_t bits = word[e / 16 % 4] >> (e / 64 * 16) & 0xffff;
        ck_assert_float_eq(out[0][i], bits >= 20000 ? 3.0f : 0.0f);
    }
}
END_TEST

/* One Adam step by hand: g = 0.5, t = 1: m = .05, v = .00025, m^ = .5, v^ = .25, step lr * 1. */
START_TEST(adam_by_hand)
{
    for (size_t v = 0; v < n_variants(); v++) {
        float p = 1.0f, g = 0.5f, m = 0.0f, second = 0.0f;
        rec_update u = {.lr = 0.1f / (1.0f - 0.9f),
                        .beta1 = 0.9f,
                        .beta2 = 0.999f,
                        .root_correction = 1.0f / sqrtf(1.0f - 0.999f),
                        .shrink = 1.0f,
                        .gradient_scale = 1.0f};
        all[v]->adam(&p, &g, &m, &second, 1, &u);
        ck_assert_double_le(fabs(p - 0.9), 1e-6);
        ck_assert_double_le(fabs(m - 0.05), 2e-8);
        ck_assert_double_le(fabs(second - 0.00025), 1e-8);
        ck_assert_float_eq(g, 0.0f);
    }
}
END_TEST

START_TEST(the_cap_picks_the_variant)
{
    rec_cpu_set_cap(REC_CPU_GENERIC);
    ck_assert_ptr_eq(rec_kernels_get(), &rec_kernels_generic);
}
END_TEST

REC_SUITE("models/nn/kernels", tcase_add_test(t, activations_are_accurate);
          tcase_add_test(t, exponential_is_accurate); tcase_add_test(t, tails_are_right);
          tcase_add_test(t, small_products); tcase_add_test(t, dropout_masks_agree);
          tcase_add_test(t, adam_by_hand); tcase_add_test(t, the_cap_picks_the_variant);)
