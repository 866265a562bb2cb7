/**
 * Matrices of latent factors (n_rows, dim). Rows are padded with zeros to a multiple of 16 floats
 * and aligned to 64 bytes, so that kernels need no tails; the padding stays zero through every
 * update, and products over the stride equal products over dim.
 */
#ifndef REC_MODELS_FACTORS_H
#define REC_MODELS_FACTORS_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "core/tensor_file.h"

typedef struct rec_factors {
    size_t n_rows, dim, stride;
    float *data; /* (n_rows, stride) row-major, owned */
} rec_factors;

/** All zero. */
rec_status rec_factors_init(rec_factors *out, size_t n_rows, size_t dim, rec_error *err);
void rec_factors_deinit(rec_factors *f);

static inline float *rec_factors_row(const rec_factors *f, size_t row)
{
    return f->data + row * f->stride;
}

/** Normal with mean 0; row r has a stream of its own, so that more rows change no other. */
void rec_factors_fill_normal(rec_factors *f, double deviation, uint64_t seed, const char *purpose);

/** Uniform in [0, high), streams as above. */
void rec_factors_fill_uniform(rec_factors *f, double high, uint64_t seed, const char *purpose);

/** One tensor (n_rows, stride), borrowed until written. */
rec_status rec_factors_save(const rec_factors *f, const char *name, rec_tensor_writer *out,
                            rec_error *err);
/** Reads what rec_factors_save wrote; the shape must fit. Init storage of the caller. */
rec_status rec_factors_load(rec_factors *out, const rec_tensor_file *in, const char *name,
                            size_t n_rows, size_t dim, rec_error *err);

/**
 * out (stride, stride) row-major = F^T F + ridge I (on the first dim diagonal elements), summed in
 * double over tiles of rows in index order: the same bits for any thread count.
 */
rec_status rec_factors_gram(float *out, const rec_factors *f, double ridge, rec_error *err);

/**
 * out += sum over k of (a[k] + b[k] <row k, p>) row k, where row k is row index[k] of f; out, p
 * (stride) aligned to 64 bytes. The product of a vector with a weighted sum of outer products, and the
 * right-hand side with it, in one pass over the rows.
 */
void rec_factors_weighted_sum(float *out, const float *p, const rec_factors *f,
                              const uint32_t *index, const float *a, const float *b, size_t n);

#endif
