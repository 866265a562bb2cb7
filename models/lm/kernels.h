/**
 * The inner loops of inference, compiled once per instruction set (core/cpu.h picks one at run time).
 * Single-threaded, on one tile. Every number is a function of its own operands alone: the sum for
 * (row of the matrix, row of x) has the same bits whatever else is computed beside it, so that neither
 * batch size nor the cut into tiles shows in a result.
 */
#ifndef REC_MODELS_LM_KERNELS_H
#define REC_MODELS_LM_KERNELS_H

#include <stddef.h>

#include "models/lm/weights.h"

enum {
    REC_MATMUL_GROUP = 32, /* matrix rows that are expanded to floats at a time */
    REC_KV_PAGE = 32,      /* tokens per page of keys and values */
    REC_ATTEND_ROWS = 6,   /* queries of one call of attend */
};

typedef struct rec_lm_kernels {
    /**
     * out[t * ld_out + i] = sum over k of x[t * ld_x + k] * w[first + i, k], t < m, i < n.
     * @param scratch  REC_MATMUL_GROUP * w->cols floats; unused for F32
     */
    void (*matmul)(float *out, size_t ld_out, const rec_weight *w, size_t first, size_t n,
                   const float *x, size_t ld_x, size_t m, float *scratch);

    /** One row of a matrix as floats. */
    void (*expand_row)(float *out, const rec_weight *w, size_t row);

    /**
     * Softmax attention of up to REC_ATTEND_ROWS queries over one key-value head: "Attention is all
     * you need" (NeurIPS 2017), eq. (1). Query r sees keys [first[r], end[r]).
     * A page holds keys transposed (head_dim, REC_KV_PAGE), then values (REC_KV_PAGE, head_dim).
     * @param out      (n, head_dim), rows ld_out apart
     * @param pages    page j / REC_KV_PAGE holds key j
     * @param offset   floats from a page's start to this layer and head
     * @param scratch  n * keys floats, keys = largest end rounded up to whole pages
     */
    void (*attend)(float *out, size_t ld_out, const float *q, size_t ld_q, size_t n,
                   const size_t *first, const size_t *end, float *const *pages, size_t offset,
                   size_t head_dim, float scale, float *scratch);
} rec_lm_kernels;

/** The table for rec_cpu_level(). */
const rec_lm_kernels *rec_lm_kernels_get(void);

/* The compiled variants, for tests; on other machines than x86-64 all three are the generic one. */
extern const rec_lm_kernels rec_lm_kernels_generic, rec_lm_kernels_avx2, rec_lm_kernels_avx512;

#endif
