/* The code of every kernel, for the vector width of the including file (simd.h). Included once by
 * each of kernels_generic.c, kernels_avx2.c and kernels_avx512.c, which name the table. */
#include "models/nn/kernels.h"
#include "models/nn/simd.h"

/* Run the statements for each vector of n elements, element i first; LOAD, KEEP and STORE know
 * about the tail. */
#define LOAD(p) (whole ? v_load((p) + i) : v_load_first((p) + i, rest))
#define KEEP(x) (whole ? (x) : v_keep_first((x), rest)) /* zero past the tail, for sums */
#define STORE(p, x) (whole ? v_store((p) + i, (x)) : v_store_first((p) + i, (x), rest))
#define FOR_VECTORS(n, ...)                                                                        \
    do {                                                                                           \
        size_t i = 0, rest = (n) % REC_LANES, full = (n)-rest;                                     \
        for (; i < full; i += REC_LANES) {                                                         \
            const bool whole = true;                                                               \
            __VA_ARGS__                                                                            \
        }                                                                                          \
        if (rest > 0) {                                                                            \
            const bool whole = false;                                                              \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    } while (0)

/* ---- sums and products ---- */

static void add_bias(float *y, const float *bias, size_t rows, size_t cols)
{
    for (size_t r = 0; r < rows; r++) {
        float *row = y + r * cols;
        FOR_VECTORS(cols, STORE(row, LOAD(row) + LOAD(bias)););
    }
}

static void add_column_sums(float *out, const float *x, size_t ld, size_t rows, size_t cols)
{
    enum { BLOCK = 64 }; /* rows summed apart, so that rounding grows with rows / 64 */
    for (size_t start = 0; start < rows; start += BLOCK) {
        size_t stop = start + BLOCK < rows ? start + BLOCK : rows;
        FOR_VECTORS(cols, v_float sum = v_set(0.0f);
                    for (size_t r = start; r < stop; r++) sum += LOAD(x + r * ld);
                    STORE(out, LOAD(out) + sum););
    }
}

static void add_scaled(float *y, const float *x, float alpha, size_t n, bool keep)
{
    if (keep)
        FOR_VECTORS(n, STORE(y, LOAD(y) + alpha * LOAD(x)););
    else
        FOR_VECTORS(n, STORE(y, alpha * LOAD(x)););
}

static void add_product(float *y, const float *a, const float *b, size_t n, bool keep)
{
    if (keep)
        FOR_VECTORS(n, STORE(y, LOAD(y) + LOAD(a) * LOAD(b)););
    else
        FOR_VECTORS(n, STORE(y, LOAD(a) * LOAD(b)););
}

static double sum_squares(const float *x, size_t n)
{
    enum { BLOCK = 1024 }; /* float inside a block, double across */
    double total = 0.0;
    for (size_t start = 0; start < n; start += BLOCK) {
        size_t length = n - start < BLOCK ? n - start : BLOCK;
        const float *block = x + start;
        v_float sum = v_set(0.0f);
        FOR_VECTORS(length, v_float e = LOAD(block); sum += e * e;);
        total += (double)v_sum(sum);
    }
    return total;
}

static float dot(const float *a, const float *b, size_t n)
{
    v_float sum = v_set(0.0f);
    FOR_VECTORS(n, sum += LOAD(a) * LOAD(b););
    return v_sum(sum);
}

/* ---- activations: value and slope in one pass ---- */

#define DEFINE_ACTIVATION(name, ...)                                                               \
    static void name(float *y, float *slope, const float *x, size_t n)                             \
    {                                                                                              \
        FOR_VECTORS(n, v_float v = LOAD(x), f, d; __VA_ARGS__ STORE(y, f);                         \
                    if (slope != NULL) STORE(slope, d););                                          \
    }

DEFINE_ACTIVATION(gelu, v_float cdf, density; v_normal(&cdf, &density, v); f = v * cdf;
                  d = cdf + v * density;)
/* 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), "Gaussian error linear units", 2016, section 2 */
DEFINE_ACTIVATION(gelu_tanh, v_float z = v * v;
                  v_float t = v_tanh(0.79788456f * v * (1.0f + 0.044715f * z));
                  f = 0.5f * v * (1.0f + t);
                  d = 0.5f * (1.0f + t) +
                      0.5f * v * (1.0f - t * t) * 0.79788456f * (1.0f + 0.134145f * z);)
DEFINE_ACTIVATION(tanh_, f = v_tanh(v); d = 1.0f - f * f;)
DEFINE_ACTIVATION(silu, v_float s = v_sigmoid(v); f = v * s; d = s + f * (1.0f - s);)
DEFINE_ACTIVATION(relu, v_int on = v > 0.0f; f = v_select(on, v, v_set(0.0f));
                  d = v_select(on, v_set(1.0f), v_set(0.0f));)
DEFINE_ACTIVATION(sigmoid, f = v_sigmoid(v); d = f * (1.0f - f);)
DEFINE_ACTIVATION(softplus, f = v_softplus(v); d = v_sigmoid(v);)

/* ---- normalisation ---- */

static void layer_norm(float *y, float *stats, const float *x, const float *gain, const float *bias,
                       size_t rows, size_t cols, float eps)
{
    float inverse_n = 1.0f / (float)cols;
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * cols;
        float *out = y + r * cols;
        v_float sum = v_set(0.0f), squares = v_set(0.0f);
        FOR_VECTORS(cols, sum += LOAD(in););
        float mean = v_sum(sum) * inverse_n;
        FOR_VECTORS(cols, v_float e = KEEP(LOAD(in) - mean); squares += e * e;);
        float scale = 1.0f / sqrtf(v_sum(squares) * inverse_n + eps);
        stats[2 * r] = mean;
        stats[2 * r + 1] = scale;
        FOR_VECTORS(cols, STORE(out, (LOAD(in) - mean) * scale * LOAD(gain) + LOAD(bias)););
    }
}

/* With x^ = (x - mean) * scale and g = dy * gain: dx = scale * (g - mean(g) - x^ mean(g x^)). */
static void layer_norm_back(float *dx, bool keep, float *gain_grad, float *bias_grad,
                            const float *dy, const float *x, const float *stats, const float *gain,
                            size_t rows, size_t cols)
{
    float inverse_n = 1.0f / (float)cols;
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * cols, *up = dy + r * cols;
        float mean = stats[2 * r], scale = stats[2 * r + 1];
        v_float sum_g = v_set(0.0f), sum_gx = v_set(0.0f);
        FOR_VECTORS(cols, v_float d = LOAD(up); v_float hat = (LOAD(in) - mean) * scale;
                    v_float g = d * LOAD(gain); sum_g += g; sum_gx += g * hat;
                    if (gain_grad != NULL) STORE(gain_grad, LOAD(gain_grad) + d * hat);
                    if (bias_grad != NULL) STORE(bias_grad, LOAD(bias_grad) + d););
        if (dx == NULL)
            continue;
        float *out = dx + r * cols;
        float mean_g = v_sum(sum_g) * inverse_n, mean_gx = v_sum(sum_gx) * inverse_n;
        FOR_VECTORS(cols, v_float hat = (LOAD(in) - mean) * scale;
                    v_float g = scale * (LOAD(up) * LOAD(gain) - mean_g - hat * mean_gx);
                    STORE(out, keep ? LOAD(out) + g : g););
    }
}

static void rms_norm(float *y, float *inverse, const float *x, const float *gain, float gain_offset,
                     size_t rows, size_t cols, float eps)
{
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * cols;
        float *out = y + r * cols;
        v_float squares = v_set(0.0f);
        FOR_VECTORS(cols, v_float e = LOAD(in); squares += e * e;);
        float scale = 1.0f / sqrtf(v_sum(squares) / (float)cols + eps);
        inverse[r] = scale;
        FOR_VECTORS(cols, v_float g = gain != NULL ? LOAD(gain) + gain_offset : v_set(gain_offset);
                    STORE(out, LOAD(in) * scale * g););
    }
}

/* With x^ = x * inverse and g = dy * gain: dx = inverse * (g - x^ mean(g x^)). */
static void rms_norm_back(float *dx, bool keep, float *gain_grad, const float *dy, const float *x,
                          const float *inverse, const float *gain, float gain_offset, size_t rows,
                          size_t cols)
{
    for (size_t r = 0; r < rows; r++) {
        const float *in = x + r * cols, *up = dy + r * cols;
        float scale = inverse[r];
        v_float sum_gx = v_set(0.0f);
        FOR_VECTORS(cols, v_float d = LOAD(up); v_float hat = LOAD(in) * scale;
                    v_float w = gain != NULL ? LOAD(gain) + gain_offset : v_set(gain_offset);
                    sum_gx += d * w * hat;
                    if (gain_grad != NULL) STORE(gain_grad, LOAD(gain_grad) + d * hat););
        if (dx == NULL)
            continue;
        float *out = dx + r * cols;
        float mean_gx = v_sum(sum_gx) / (float)cols;
        FOR_VECTORS(cols, v_float w = gain != NULL ? LOAD(gain) + gain_offset : v_set(gain_offset);
                    v_float g = scale * (LOAD(up) * w - LOAD(in) * scale * mean_gx);
                    STORE(out, keep ? LOAD(out) + g : g););
    }
}

/* ---- softmax pieces ---- */

static float greatest(const float *x, size_t n)
{
    if (n < REC_LANES) {
        float best = x[0];
        for (size_t i = 1; i < n; i++)
            best = x[i] > best ? x[i] : best;
        return best;
    }
    v_float best = v_load(x);
    for (size_t i = REC_LANES; i + REC_LANES <= n; i += REC_LANES)
        best = v_max(v_load(x + i), best);
    return v_greatest(v_max(v_load(x + n - REC_LANES), best)); /* the tail overlaps: harmless */
}

static float exp_shifted(float *out, const float *x, float scale, float shift, size_t n)
{
    v_float sum = v_set(0.0f);
    FOR_VECTORS(n, v_float e = v_exp(LOAD(x) * scale - shift); STORE(out, e); sum += KEEP(e););
    return v_sum(sum);
}

static void softmax_back(float *dp, const float *p, float scale, size_t n)
{
    float mean = dot(dp, p, n);
    FOR_VECTORS(n, STORE(dp, scale * LOAD(p) * (LOAD(dp) - mean)););
}

/* ---- dropout ---- */

enum { PHILOX_BLOCKS = 16, MASK_GROUP = 128 }; /* a group: 16 blocks of 8 half words */

/* Philox4x32-10 (core/rng.h) on REC_LANES neighbouring blocks from `block` on. */
static void philox_vector(v_uint word[4], uint64_t block, const rec_dropout_mask *mask)
{
    v_uint c0, c1 = (v_uint){0} + (uint32_t)(block >> 32);
    for (int i = 0; i < REC_LANES; i++)
        c0[i] = (uint32_t)block + (uint32_t)i; /* 16 divides block: no carry into the high word */
    v_uint c2 = (v_uint){0} + mask->stream[0], c3 = (v_uint){0} + mask->stream[1];
    v_uint k0 = (v_uint){0} + mask->key[0], k1 = (v_uint){0} + mask->key[1];
    const v_uint m0 = (v_uint){0} + 0xD2511F53u, m1 = (v_uint){0} + 0xCD9E8D57u;
    for (int round = 0; round < 10; round++) {
        v_uint low0, high0, low1, high1;
        v_multiply_wide(&low0, &high0, c0, m0);
        v_multiply_wide(&low1, &high1, c2, m1);
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    word[0] = c0;
    word[1] = c1;
    word[2] = c2;
    word[3] = c3;
}

/* Factors (0 or scale) of one group. Element 64 h + 16 w + b takes half h of word w of block b:
 * whole vectors, whatever their width. */
static void mask_group(float *factor, uint64_t group, const rec_dropout_mask *mask)
{
    for (int part = 0; part < PHILOX_BLOCKS; part += REC_LANES) {
        v_uint word[4];
        philox_vector(word, group * PHILOX_BLOCKS + (uint64_t)part, mask);
        for (int w = 0; w < 4; w++) {
            v_int low = (v_int)(word[w] & 0xffffu) >= (int32_t)mask->threshold;
            v_int high = (v_int)(word[w] >> 16) >= (int32_t)mask->threshold;
            v_float scale = v_set(mask->scale);
            v_store(factor + 16 * w + part, (v_float)(low & (v_int)scale));
            v_store(factor + 64 + 16 * w + part, (v_float)(high & (v_int)scale));
        }
    }
}

static void dropout(float *out, const float *base, const float *x, size_t first, size_t n,
                    const rec_dropout_mask *mask)
{
    for (size_t start = 0; start < n; start += MASK_GROUP) {
        float factor[MASK_GROUP];
        mask_group(factor, (first + start) / MASK_GROUP, mask);
        size_t length = n - start < MASK_GROUP ? n - start : MASK_GROUP;
        float *to = out + start;
        const float *from = x + start, *under = base != NULL ? base + start : NULL;
        if (under != NULL)
            FOR_VECTORS(length, STORE(to, LOAD(under) + LOAD(factor) * LOAD(from)););
        else
            FOR_VECTORS(length, STORE(to, LOAD(factor) * LOAD(from)););
    }
}

/* ---- small matrix products ---- */

/* ROWS x one or two vectors of c in registers. */
#define DEFINE_PANEL(name, ROWS)                                                                   \
    static inline void name(float *c, size_t ld_c, const float *a, size_t a_row, size_t a_col,     \
                            const float *b, size_t ld_b, size_t n, size_t k, bool keep)            \
    {                                                                                              \
        size_t j = 0;                                                                              \
        for (; j + 2 * REC_LANES <= n; j += 2 * REC_LANES) {                                       \
            v_float sum[ROWS][2];                                                                  \
            for (int r = 0; r < ROWS; r++)                                                         \
                for (int v = 0; v < 2; v++)                                                        \
                    sum[r][v] = keep ? v_load(c + (size_t)r * ld_c + j + (size_t)v * REC_LANES)    \
                                     : v_set(0.0f);                                                \
            for (size_t p = 0; p < k; p++) {                                                       \
                v_float b0 = v_load(b + p * ld_b + j);                                             \
                v_float b1 = v_load(b + p * ld_b + j + REC_LANES);                                 \
                for (int r = 0; r < ROWS; r++) {                                                   \
                    float e = a[(size_t)r * a_row + p * a_col];                                    \
                    sum[r][0] += e * b0;                                                           \
                    sum[r][1] += e * b1;                                                           \
                }                                                                                  \
            }                                                                                      \
            for (int r = 0; r < ROWS; r++)                                                         \
                for (int v = 0; v < 2; v++)                                                        \
                    v_store(c + (size_t)r * ld_c + j + (size_t)v * REC_LANES, sum[r][v]);          \
        }                                                                                          \
        for (; j < n; j += REC_LANES) {                                                            \
            size_t width = n - j < REC_LANES ? n - j : REC_LANES;                                  \
            bool whole = width == REC_LANES;                                                       \
            v_float sum[ROWS];                                                                     \
            for (int r = 0; r < ROWS; r++) {                                                       \
                const float *row = c + (size_t)r * ld_c + j;                                       \
                sum[r] = !keep ? v_set(0.0f) : whole ? v_load(row) : v_load_first(row, width);     \
            }                                                                                      \
            for (size_t p = 0; p < k; p++) {                                                       \
                const float *from = b + p * ld_b + j;                                              \
                v_float b0 = whole ? v_load(from) : v_load_first(from, width);                     \
                for (int r = 0; r < ROWS; r++)                                                     \
                    sum[r] += a[(size_t)r * a_row + p * a_col] * b0;                               \
            }                                                                                      \
            for (int r = 0; r < ROWS; r++) {                                                       \
                if (whole)                                                                         \
                    v_store(c + (size_t)r * ld_c + j, sum[r]);                                     \
                else                                                                               \
                    v_store_first(c + (size_t)r * ld_c + j, sum[r], width);                        \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_PANEL(panel4, 4)
DEFINE_PANEL(panel1, 1)

static void small_gemm(float *c, size_t ld_c, const float *a, size_t a_row, size_t a_col,
                       const float *b, size_t ld_b, size_t m, size_t n, size_t k, bool keep)
{
    size_t i = 0;
    for (; i + 4 <= m; i += 4)
        panel4(c + i * ld_c, ld_c, a + i * a_row, a_row, a_col, b, ld_b, n, k, keep);
    for (; i < m; i++)
        panel1(c + i * ld_c, ld_c, a + i * a_row, a_row, a_col, b, ld_b, n, k, keep);
}

/* ---- optimiser steps ---- */

#define GRADIENT() (LOAD(g) * u.gradient_scale + u.l2 * LOAD(p))

static void adam(float *p, float *g, float *m, float *v, size_t n, const rec_update *step)
{
    const rec_update u = *step;
    FOR_VECTORS(n, v_float e = GRADIENT(); v_float first = LOAD(m) * u.beta1 + e * (1.0f - u.beta1);
                v_float second = LOAD(v) * u.beta2 + e * e * (1.0f - u.beta2);
                v_float root = v_sqrt(second) * u.root_correction + u.epsilon;
                STORE(p, LOAD(p) * u.shrink - u.lr * first / root); STORE(m, first);
                STORE(v, second); STORE(g, v_set(0.0f)););
}

static void adagrad(float *p, float *g, float *sum, size_t n, const rec_update *step)
{
    const rec_update u = *step;
    FOR_VECTORS(n, v_float e = GRADIENT(); v_float total = LOAD(sum) + e * e;
                STORE(p, LOAD(p) * u.shrink - u.lr * e / (v_sqrt(total) + u.epsilon));
                STORE(sum, total); STORE(g, v_set(0.0f)););
}

static void sgd(float *p, float *g, float *velocity, size_t n, const rec_update *step)
{
    const rec_update u = *step;
    FOR_VECTORS(n, v_float e = GRADIENT() + LOAD(velocity) * u.beta1; STORE(velocity, e);
                STORE(p, LOAD(p) * u.shrink - u.lr * e); STORE(g, v_set(0.0f)););
}

/* ---- rotary positions, GRU ---- */

static void rotate(float *out, bool keep, const float *x, const float *cosine, const float *sine,
                   float sign, size_t half)
{
    const float *high = x + half;
    float *out_high = out + half;
    FOR_VECTORS(half, v_float a = LOAD(x); v_float b = LOAD(high); v_float c = LOAD(cosine);
                v_float s = LOAD(sine) * sign; v_float turned = a * c - b * s;
                v_float turned_high = b * c + a * s; STORE(out, keep ? LOAD(out) + turned : turned);
                STORE(out_high, keep ? LOAD(out_high) + turned_high : turned_high););
}

static void gru(float *h, float *gates, const float *from_input, const float *from_hidden,
                const float *h_before, size_t n)
{
    float *reset = gates, *update = gates + n, *candidate = gates + 2 * n;
    const float *in_z = from_input + n, *in_n = from_input + 2 * n;
    const float *hid_z = from_hidden + n, *hid_n = from_hidden + 2 * n;
    FOR_VECTORS(n, v_float r = v_sigmoid(LOAD(from_input) + LOAD(from_hidden));
                v_float z = v_sigmoid(LOAD(in_z) + LOAD(hid_z));
                v_float c = v_tanh(LOAD(in_n) + r * LOAD(hid_n)); STORE(reset, r); STORE(update, z);
                STORE(candidate, c); STORE(h, (1.0f - z) * c + z * LOAD(h_before)););
}

static void gru_back(float *d_from_input, float *d_from_hidden, float *dh_before, const float *dh,
                     const float *gates, const float *from_hidden, const float *h_before, size_t n)
{
    const float *update = gates + n, *candidate = gates + 2 * n, *hid_n = from_hidden + 2 * n;
    float *din_z = d_from_input + n, *din_n = d_from_input + 2 * n;
    float *dhid_z = d_from_hidden + n, *dhid_n = d_from_hidden + 2 * n;
    FOR_VECTORS(n, v_float d = LOAD(dh); v_float r = LOAD(gates); v_float z = LOAD(update);
                v_float c = LOAD(candidate); v_float dc = d * (1.0f - z) * (1.0f - c * c);
                v_float dr = dc * LOAD(hid_n) * r * (1.0f - r);
                v_float dz = d * (LOAD(h_before) - c) * z * (1.0f - z); STORE(d_from_input, dr);
                STORE(din_z, dz); STORE(din_n, dc); STORE(d_from_hidden, dr); STORE(dhid_z, dz);
                STORE(dhid_n, dc * r); STORE(dh_before, d * z););
}

#define REC_KERNEL_TABLE                                                                           \
    {                                                                                              \
        .add_bias = add_bias, .add_column_sums = add_column_sums, .add_scaled = add_scaled,        \
        .add_product = add_product, .sum_squares = sum_squares, .dot = dot, .gelu = gelu,          \
        .gelu_tanh = gelu_tanh, .tanh = tanh_, .silu = silu, .relu = relu, .sigmoid = sigmoid,     \
        .softplus = softplus, .layer_norm = layer_norm, .layer_norm_back = layer_norm_back,        \
        .rms_norm = rms_norm, .rms_norm_back = rms_norm_back, .greatest = greatest,                \
        .exp_shifted = exp_shifted, .softmax_back = softmax_back, .dropout = dropout,              \
        .small_gemm = small_gemm, .adam = adam, .adagrad = adagrad, .sgd = sgd, .rotate = rotate,  \
        .gru = gru, .gru_back = gru_back,                                                          \
    }
