/**
 * A training state as named arrays in one safetensors file, written atomically: parameters, moments,
 * counters. Reading copies into the same arrays, so a training continues with the same bits.
 */
#ifndef REC_MODELS_NN_CHECKPOINT_H
#define REC_MODELS_NN_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"
#include "core/tensor_file.h"

typedef struct rec_checkpoint_array {
    char name[32];
    rec_dtype dtype;
    size_t n;
    void *data; /* borrowed */
} rec_checkpoint_array;

/** @param identity  what the state belongs to (options, data, code): a hash or short text */
rec_status rec_checkpoint_write(const char *path, const char *identity,
                                const rec_checkpoint_array *arrays, size_t n, rec_error *err);

/**
 * *found false and nothing read when there is no such file or it belongs to another identity (an
 * abandoned training with other options: it will be overwritten). A damaged file, or one whose arrays
 * differ in type or length, is REC_ERR_DATA; the arrays are unspecified then.
 */
rec_status rec_checkpoint_read(bool *found, const char *path, const char *identity,
                               const rec_checkpoint_array *arrays, size_t n, rec_error *err);

#endif
