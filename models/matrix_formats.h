/** Readers behind rec_matrix_read, one file each; `path` is where the file lies. */
#ifndef REC_MODELS_MATRIX_FORMATS_H
#define REC_MODELS_MATRIX_FORMATS_H

#include "models/matrix_file.h"

/** Storage for a matrix of this shape; the message of a failure names the path. */
rec_status rec_matrix_init(rec_matrix *out, size_t n_rows, size_t n_columns, const char *path,
                           rec_error *err);

rec_status rec_matrix_read_npy(rec_matrix *out, const char *path, rec_error *err);
rec_status rec_matrix_read_hdf5(rec_matrix *out, const char *path, const char *name,
                                rec_error *err);
rec_status rec_matrix_read_safetensors(rec_matrix *out, const char *path, const char *name,
                                       rec_error *err);

#endif
