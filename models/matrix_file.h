/**
 * Dense matrices out of foreign files, told apart by the name's end: NumPy (.npy), HDF5 (.h5, .hdf5)
 * and safetensors. Numbers of any width become float32; what is not finite is an error.
 */
#ifndef REC_MODELS_MATRIX_FILE_H
#define REC_MODELS_MATRIX_FILE_H

#include <stddef.h>

#include "core/status.h"

typedef struct rec_matrix {
    size_t n_rows, n_columns;
    float *data; /* (n_rows, n_columns) row-major, owned */
} rec_matrix;

/**
 * @param out   init storage of the caller; released with rec_matrix_deinit
 * @param path  "data:NAME" is looked up
 * @param name  of the array in an HDF5 file ("/" separated) or safetensors file; .npy has one only
 * @return REC_ERR_DATA "path: ..." (missing, damaged, not two-dimensional, of another type, NaN);
 *         REC_ERR_CONFIG for another kind of file
 */
rec_status rec_matrix_read(rec_matrix *out, const char *path, const char *name, rec_error *err);
void rec_matrix_deinit(rec_matrix *m);

#endif
