/**
 * The inner loops of models/nn, compiled once per instruction set (core/cpu.h picks one at run
 * time). Single-threaded, on one tile: ops cut the work into tiles of fixed size. Results depend on
 * the instruction set in the last bits, never on the number of threads.
 *
 * "keep": true adds to what is there, false overwrites it (then old content, even NaN, is ignored).
 * Blocks are row-major and contiguous unless a leading dimension `ld` is given. No aliasing except
 * where said.
 */
#ifndef REC_MODELS_NN_KERNELS_H
#define REC_MODELS_NN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Which elements of a tensor a dropout op zeroes: 16 random bits each from Philox blocks named by
 * (key, stream, position), the same on every instruction set. Kept elements are scaled. */
typedef struct rec_dropout_mask {
    uint32_t key[2];
    uint32_t stream[2]; /* op and unit: words 2 and 3 of the counter */
    uint32_t threshold; /* dropped where the 16 bits are below: round(p * 65536) */
    float scale;        /* 65536 / (65536 - threshold) */
} rec_dropout_mask;

/** One optimiser step for a range of parameters; formulas in optimizer.c. */
typedef struct rec_update {
    float lr;           /* adam: already divided by 1 - beta1^t */
    float beta1, beta2; /* sgd: beta1 is the momentum */
    float epsilon;
    float root_correction; /* adam: 1 / sqrt(1 - beta2^t) */
    float shrink;          /* decoupled decay: p *= shrink first */
    float l2;              /* coupled decay: g += l2 * p */
    float gradient_scale;  /* clipping and accumulation */
} rec_update;

typedef struct rec_kernels {
    /* y (rows, cols) += bias (cols) */
    void (*add_bias)(float *y, const float *bias, size_t rows, size_t cols);
    /* out (cols) += sum over rows of x (rows, cols), rows ld apart */
    void (*add_column_sums)(float *out, const float *x, size_t ld, size_t rows, size_t cols);
    void (*add_scaled)(float *y, const float *x, float alpha, size_t n, bool keep); /* y (+)= a x */
    /* y (+)= a b, element by element; y may be a or b */
    void (*add_product)(float *y, const float *a, const float *b, size_t n, bool keep);
    double (*sum_squares)(const float *x, size_t n);
    float (*dot)(const float *a, const float *b, size_t n);

    /* y = f(x), slope = f'(x) unless NULL; y may be x */
    void (*gelu)(float *y, float *slope, const float *x, size_t n);      /* x Phi(x) */
    void (*gelu_tanh)(float *y, float *slope, const float *x, size_t n); /* tanh form */
    void (*tanh)(float *y, float *slope, const float *x, size_t n);
    void (*silu)(float *y, float *slope, const float *x, size_t n);
    void (*relu)(float *y, float *slope, const float *x, size_t n);
    void (*sigmoid)(float *y, float *slope, const float *x, size_t n);
    /* softplus(x) = log(1 + e^x), slope = sigmoid(x) */
    void (*softplus)(float *y, float *slope, const float *x, size_t n);

    /* stats (rows, 2): mean and 1 / sqrt(var + eps) of each row */
    void (*layer_norm)(float *y, float *stats, const float *x, const float *gain, const float *bias,
                       size_t rows, size_t cols, float eps);
    /* gain_grad, bias_grad (cols) are added to; both may be NULL, dx too */
    void (*layer_norm_back)(float *dx, bool keep, float *gain_grad, float *bias_grad,
                            const float *dy, const float *x, const float *stats, const float *gain,
                            size_t rows, size_t cols);
    /* y = x * gain / rms(x); inverse (rows): 1 / sqrt(mean x^2 + eps). gain_offset is added to gain
     * (Gemma stores gain - 1); gain NULL: gain_offset alone */
    void (*rms_norm)(float *y, float *inverse, const float *x, const float *gain, float gain_offset,
                     size_t rows, size_t cols, float eps);
    void (*rms_norm_back)(float *dx, bool keep, float *gain_grad, const float *dy, const float *x,
                          const float *inverse, const float *gain, float gain_offset, size_t rows,
                          size_t cols);

    float (*greatest)(const float *x, size_t n); /* n > 0 */
    /* out = e^(scale x - shift), out may be x; returns the sum */
    float (*exp_shifted)(float *out, const float *x, float scale, float shift, size_t n);
    /* dp (n): gradient of softmax(scale x) = p becomes that of x: scale p (dp - sum p dp) */
    void (*softmax_back)(float *dp, const float *p, float scale, size_t n);

    /* out = base + mask * x; base NULL: 0; base or x may be out. `first` is the number of this
     * call's first element in the masked tensor, a multiple of 128 */
    void (*dropout)(float *out, const float *base, const float *x, size_t first, size_t n,
                    const rec_dropout_mask *mask);

    /* c (m, n) (+)= a b for small sizes; element (i, p) of a stands at a[i * a_row + p * a_col] */
    void (*small_gemm)(float *c, size_t ld_c, const float *a, size_t a_row, size_t a_col,
                       const float *b, size_t ld_b, size_t m, size_t n, size_t k, bool keep);

    /* p and the moments are updated, g is cleared */
    void (*adam)(float *p, float *g, float *m, float *v, size_t n, const rec_update *step);
    void (*adagrad)(float *p, float *g, float *sum, size_t n, const rec_update *step);
    void (*sgd)(float *p, float *g, float *velocity, size_t n, const rec_update *step);

    /* Pairs (i, i + half) of one head's row turned by the angle of (cosine, sign * sine) */
    void (*rotate)(float *out, bool keep, const float *x, const float *cosine, const float *sine,
                   float sign, size_t half);

    /* One row of the GRU cell (gru.c): gates (3, n) receives r, z and the candidate; from_input and
     * from_hidden (3, n) are W_i x + b_i and W_h h + b_h */
    void (*gru)(float *h, float *gates, const float *from_input, const float *from_hidden,
                const float *h_before, size_t n);
    /* dh_before receives the part through z only; it may be dh */
    void (*gru_back)(float *d_from_input, float *d_from_hidden, float *dh_before, const float *dh,
                     const float *gates, const float *from_hidden, const float *h_before, size_t n);
} rec_kernels;

/** The table for rec_cpu_level(). */
const rec_kernels *rec_kernels_get(void);

/* The compiled variants, for tests; on other machines than x86-64 all three are the generic one. */
extern const rec_kernels rec_kernels_generic, rec_kernels_avx2, rec_kernels_avx512;

#endif
