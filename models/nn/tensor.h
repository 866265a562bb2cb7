/** A float32 matrix on the tape or in a parameter block. Everything in models/nn is two-dimensional:
 * sequences of a batch are packed row after row, heads share a row. */
#ifndef REC_MODELS_NN_TENSOR_H
#define REC_MODELS_NN_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

typedef struct rec_tensor {
    float *value; /* (rows, cols) row-major, borrowed */
    float *grad;  /* same shape; NULL while no gradient has flowed in (tape) or none is kept */
    size_t rows, cols;
    bool needs_grad;
} rec_tensor;

#endif
