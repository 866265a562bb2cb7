/**
 * The parameters of a model: one contiguous block of floats and one table {name, shape, offset}.
 * Optimiser, checkpoint, gradient check and parameter count are loops over the table; gradients and
 * moments are blocks of the same size and use the same offsets.
 *
 * Life: add every tensor, allocate, fill, train. A model may keep several blocks (a frozen base and
 * adapters): each is its own rec_params.
 */
#ifndef REC_MODELS_NN_PARAMS_H
#define REC_MODELS_NN_PARAMS_H

#include <stdint.h>

#include "core/rng.h"
#include "core/status.h"
#include "core/tensor_file.h"
#include "models/nn/tensor.h"

enum { REC_PARAM_MAX_DIMS = 4 };

typedef struct rec_param {
    char *name; /* owned, unique in its block */
    size_t n_dims, shape[REC_PARAM_MAX_DIMS];
    size_t offset, size; /* floats; offsets are multiples of 16 */
    bool frozen;         /* no gradient, no update */
    float lr_scale;      /* factor on the learning rate, 1 by default */
    float decay_scale;   /* factor on weight decay, 1 by default, 0 = none */
    rec_tensor tensor;   /* rows = product of all dimensions but the last */
} rec_param;

typedef struct rec_params {
    rec_param *table; /* owned */
    size_t n;
    size_t size;  /* floats of the block, padding (always 0) included */
    float *value; /* owned; NULL before rec_params_allocate */
    float *grad;  /* owned; NULL before rec_params_want_gradients */
} rec_params;

void rec_params_deinit(rec_params *p);

/** Reserve a tensor; *index names it from now on. @return REC_ERR_MODEL for a name used twice. */
rec_status rec_params_add(size_t *index, rec_params *p, const char *name, size_t n_dims,
                          const size_t *shape, rec_error *err);
/** A matrix (rows, cols), or a vector when rows is 0. */
rec_status rec_params_add_matrix(size_t *index, rec_params *p, const char *name, size_t rows,
                                 size_t cols, rec_error *err);

/** Storage for the values, zeroed. Once, after the last rec_params_add. */
rec_status rec_params_allocate(rec_params *p, rec_error *err);

/** Storage for gradients, zeroed; tensors that are not frozen need gradients from now on. Call again
 * after a change of `frozen`. */
rec_status rec_params_want_gradients(rec_params *p, rec_error *err);
void rec_params_clear_gradients(rec_params *p);
/** Training is over: gradients are released, nothing needs one any more. */
void rec_params_drop_gradients(rec_params *p);

/** Borrowed; valid until rec_params_deinit. */
rec_tensor *rec_params_tensor(rec_params *p, size_t index);
/** Index of a name, or SIZE_MAX. */
size_t rec_params_find(const rec_params *p, const char *name);

/** Numbers in the block (padding not counted): all, or those not frozen. */
size_t rec_params_count(const rec_params *p);
size_t rec_params_count_trainable(const rec_params *p);

/**
 * Set a property of every tensor whose name matches a shell pattern (`*`, `?`, `[a-z]`: fnmatch).
 * @return how many matched; 0 usually means a mistyped pattern, which callers report
 */
size_t rec_params_freeze(rec_params *p, const char *pattern, bool frozen);
size_t rec_params_scale_decay(rec_params *p, const char *pattern, float scale);
size_t rec_params_scale_lr(rec_params *p, const char *pattern, float scale);

/* Initial values; a tensor's draws depend on (seed, its name), not on the order of calls. */
void rec_params_fill(rec_params *p, size_t index, float value);
void rec_params_fill_normal(rec_params *p, size_t index, float sd, uint64_t seed);
void rec_params_fill_uniform(rec_params *p, size_t index, float bound, uint64_t seed);

/** Add every tensor to a file (names and data are borrowed until it is written). */
rec_status rec_params_save(const rec_params *p, rec_tensor_writer *out, rec_error *err);
/** Read every tensor of the table by name; shape and type must fit, values must be finite. */
rec_status rec_params_load(rec_params *p, const rec_tensor_file *in, rec_error *err);

/** The first tensor with a NaN or infinity in `block` (value, grad or a moment of this block), or
 * NULL. */
const rec_param *rec_params_find_nonfinite(const rec_params *p, const float *block);

#endif
