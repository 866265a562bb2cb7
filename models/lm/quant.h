/**
 * Storage formats of weights: floats, and the block formats of ggml (ggml,
 * ggml-common.h), in which 32 or 256 neighbouring values of a row share scales. Little-endian, packed
 * without padding.
 */
#ifndef REC_MODELS_LM_QUANT_H
#define REC_MODELS_LM_QUANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

typedef enum rec_weight_format {
    REC_FORMAT_F32,
    REC_FORMAT_F16,
    REC_FORMAT_BF16,
    REC_FORMAT_Q4_0,
    REC_FORMAT_Q4_1,
    REC_FORMAT_Q5_0,
    REC_FORMAT_Q5_1,
    REC_FORMAT_Q8_0,
    REC_FORMAT_Q2_K,
    REC_FORMAT_Q3_K,
    REC_FORMAT_Q4_K,
    REC_FORMAT_Q5_K,
    REC_FORMAT_Q6_K,
    REC_FORMAT_IQ4_NL,
} rec_weight_format;

enum { REC_N_FORMATS = REC_FORMAT_IQ4_NL + 1, REC_FORMAT_MAX_BLOCK = 256 };

const char *rec_weight_format_name(rec_weight_format f); /* "Q4_1" */
size_t rec_weight_format_block(rec_weight_format f); /* values per block; 1 for the float formats */
size_t rec_weight_format_block_bytes(rec_weight_format f); /* bytes per block */

/** Bytes of n values; n must be a multiple of the block. 0 when the product overflows. */
size_t rec_weight_format_bytes(rec_weight_format f, size_t n);

/** The n values (a multiple of the block) that `blocks` stand for; no alignment is needed. */
void rec_dequantise(float *out, rec_weight_format f, const void *blocks, size_t n);

/** Formats that rec_quantise writes: F32, F16, BF16, Q8_0, Q4_1. */
bool rec_weight_format_is_writable(rec_weight_format f);

/**
 * n values (a multiple of the block) to blocks, rounding to nearest: the same blocks as ggml's
 * reference quantisation. Not finite, or too large for half precision: REC_ERR_MODEL.
 */
rec_status rec_quantise(void *out, rec_weight_format f, const float *values, size_t n,
                        rec_error *err);

/* IEEE half precision, round to nearest even; NaN stays NaN. */
float rec_half_to_float(uint16_t half);
uint16_t rec_float_to_half(float value);

#endif
