/**
 * Products of quantised matrices with activations of 8 bits: what llama.cpp computes with too. A row of
 * activations is cut into blocks of 32 like a row of weights; a block is 32 integers and one scale,
 * x ~ scale * q, |q| <= 127; with two terms what that leaves over is a second such block. Sums within a
 * block are exact in integers, blocks are added in float32 in their order, terms after that: a number
 * is a function of its own row of weights and of activations alone.
 *
 * Matrices are stored anew for it, 16 rows side by side, so that one vector holds the same four
 * columns of 16 rows: no sum over the lanes of a vector is needed, and memory is read in sequence.
 *     panel of 16 rows = pairs of blocks: scales of both, values of both (an odd last one: a pair too)
 *     scales  Q8_0: 16 halves d      Q4_1: 16 halves d, 16 halves m, per block
 *     values  Q8_0: 8 x 16 x 4 bytes (4 columns of 16 rows), each value + 128
 *             Q4_1: 4 x 16 x 4 bytes; columns 0..15 of the block in the low halves, 16..31 in the high
 */
#ifndef REC_MODELS_LM_INT8_H
#define REC_MODELS_LM_INT8_H

#include <stddef.h>
#include <stdint.h>

#include "core/cpu.h"
#include "models/lm/weights.h"

enum { REC_INT8_ROWS = 16, REC_INT8_BLOCK = 32 };

/** What belongs to 32 activations. */
typedef struct rec_int8_scale {
    float scale;
    float sum;    /* scale * sum of the integers: meets the minima of Q4_1 */
    int32_t bias; /* -128 * sum of the integers: takes the 128 of Q8_0 away */
} rec_int8_scale;

/** Rows of activations. */
typedef struct rec_int8_rows {
    int8_t *values;         /* (m, n_terms, k) */
    rec_int8_scale *scales; /* (m, n_terms, k / 32) */
    size_t k, n_terms;      /* 1 or 2 */
} rec_int8_rows;

/** Can this matrix be multiplied so? Q8_0 and Q4_1. */
bool rec_int8_fits(const rec_weight *w);

/** Bytes of a matrix in panels. */
size_t rec_int8_panel_bytes(const rec_weight *w);

/** Fill panels (64-byte aligned, rec_int8_panel_bytes) from panel `first` to before `end`, of 16 rows. */
void rec_int8_pack(unsigned char *panels, const rec_weight *w, size_t first, size_t end);

/** Bytes for m rows of k activations; rec_int8_rows_at lays them out there (aligned to 4 bytes). */
size_t rec_int8_rows_bytes(size_t m, size_t k, size_t n_terms);
rec_int8_rows rec_int8_rows_at(void *storage, size_t m, size_t k, size_t n_terms);

/** Rows first .. first + n - 1 of x (rows ld_x apart), k a multiple of 32, all finite. */
void rec_int8_quantise(rec_int8_rows *out, const float *x, size_t ld_x, size_t first, size_t n);

/**
 * out[t * ld_out + i] = row first_row + t of x times row first + i of w, t < m, i < n.
 * @param w      with panels
 * @param first  a multiple of 16
 */
void rec_int8_matmul(float *out, size_t ld_out, const rec_weight *w, size_t first, size_t n,
                     const rec_int8_rows *x, size_t first_row, size_t m);

/* ---- for int8.c and tests: the variants ---- */

/** One panel by m rows, each term a row of its own; n <= 16 of the panel's rows are stored. */
typedef void (*rec_int8_panel_fn)(float *out, size_t ld_out, const rec_weight *w, size_t panel,
                                  size_t n, const rec_int8_rows *x, size_t first_row, size_t m);

void rec_int8_panel_generic(float *out, size_t ld_out, const rec_weight *w, size_t panel, size_t n,
                            const rec_int8_rows *x, size_t first_row, size_t m);
#ifdef REC_CPU_X86
void rec_int8_panel_avx2(float *out, size_t ld_out, const rec_weight *w, size_t panel, size_t n,
                         const rec_int8_rows *x, size_t first_row, size_t m);
void rec_int8_panel_vnni(float *out, size_t ld_out, const rec_weight *w, size_t panel, size_t n,
                         const rec_int8_rows *x, size_t first_row, size_t m);
#endif

/** The parts of a panel. */
typedef struct rec_int8_panel {
    const unsigned char *first;
    size_t n_blocks, scale_bytes, value_bytes; /* per block */
} rec_int8_panel;

static inline const unsigned char *rec_int8_scales_at(const rec_int8_panel *p, size_t block)
{
    return p->first + block / 2 * 2 * (p->scale_bytes + p->value_bytes) +
           block % 2 * p->scale_bytes;
}

static inline const unsigned char *rec_int8_values_at(const rec_int8_panel *p, size_t block)
{
    return p->first + block / 2 * 2 * (p->scale_bytes + p->value_bytes) + 2 * p->scale_bytes +
           block % 2 * p->value_bytes;
}

rec_int8_panel rec_int8_panel_of(const rec_weight *w, size_t panel);

#endif
