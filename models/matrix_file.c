#include "models/matrix_file.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/tensor_file.h"
#include "datasets/reader_paths.h"
#include "models/lm/quant.h"
#include "models/matrix_formats.h"

rec_status rec_matrix_init(rec_matrix *out, size_t n_rows, size_t n_columns, const char *path,
                           rec_error *err)
{
    size_t n;
    *out = (rec_matrix){.n_rows = n_rows, .n_columns = n_columns};
    if (__builtin_mul_overflow(n_rows, n_columns, &n))
        return rec_fail(err, REC_ERR_DATA, "%s: (%zu, %zu) numbers are too many", path, n_rows,
                        n_columns);
    out->data = rec_alloc(n, sizeof *out->data, err);
    return out->data != NULL ? REC_OK : rec_error_prefix(err, "%s", path);
}

void rec_matrix_deinit(rec_matrix *m)
{
    free(m->data);
    *m = (rec_matrix){.n_rows = 0};
}

static float element(const rec_tensor_view *v, size_t i)
{
    const char *at = (const char *)v->data + i * rec_dtype_size(v->dtype);
    uint16_t half;
    double wide;
    float value;
    switch (v->dtype) {
    case REC_F64:
        memcpy(&wide, at, sizeof wide);
        return (float)wide;
    case REC_F16:
        memcpy(&half, at, sizeof half);
        return rec_half_to_float(half);
    case REC_BF16: /* the upper half of a float32 */
        memcpy((char *)&value + 2, at, 2);
        memset(&value, 0, 2);
        return value;
    default:
        memcpy(&value, at, sizeof value);
        return value;
    }
}

static rec_status take_tensor(rec_matrix *out, const rec_tensor_view *v, const char *path,
                              const char *name, rec_error *err)
{
    bool is_float = v != NULL && (v->dtype == REC_F32 || v->dtype == REC_F64 ||
                                  v->dtype == REC_F16 || v->dtype == REC_BF16);
    if (v == NULL)
        return rec_fail(err, REC_ERR_DATA, "%s: no tensor \"%s\"", path, name);
    if (!is_float || v->n_dims != 2)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: %s is %s with %zu dimensions, wanted a float matrix", path, name,
                        rec_dtype_name(v->dtype), v->n_dims);
    rec_status status = rec_matrix_init(out, v->shape[0], v->shape[1], path, err);
    for (size_t i = 0; status == REC_OK && i < v->n_elements; i++)
        out->data[i] = element(v, i);
    return status;
}

rec_status rec_matrix_read_safetensors(rec_matrix *out, const char *path, const char *name,
                                       rec_error *err)
{
    rec_tensor_file *file;
    rec_status status = rec_tensor_file_open(&file, path, err);
    if (status != REC_OK)
        return status;
    status = take_tensor(out, rec_tensor_file_find(file, name), path, name, err);
    rec_tensor_file_close(file);
    return status;
}

static rec_status check_finite(const rec_matrix *m, const char *path, rec_error *err)
{
    for (size_t i = 0; i < m->n_rows * m->n_columns; i++)
        if (!isfinite(m->data[i]))
            return rec_fail(err, REC_ERR_DATA, "%s: row %zu, column %zu is not a finite number",
                            path, i / m->n_columns, i % m->n_columns);
    return REC_OK;
}

static rec_status read_by_name(rec_matrix *out, const char *path, const char *name, rec_error *err)
{
    if (rec_ends_with(path, ".npy"))
        return rec_matrix_read_npy(out, path, err);
    if (rec_ends_with(path, ".h5") || rec_ends_with(path, ".hdf5"))
        return rec_matrix_read_hdf5(out, path, name, err);
    if (rec_ends_with(path, ".safetensors"))
        return rec_matrix_read_safetensors(out, path, name, err);
    return rec_fail(err, REC_ERR_CONFIG,
                    "%s: what kind of matrix is it? (.npy, .h5, .hdf5, .safetensors)", path);
}

rec_status rec_matrix_read(rec_matrix *out, const char *path, const char *name, rec_error *err)
{
    char *found = NULL;
    *out = (rec_matrix){.n_rows = 0};
    rec_status status;
    REC_TRY(rec_data_path(&found, path, err));
    REC_TRY(read_by_name(out, found, name, err));
    REC_TRY(check_finite(out, found, err));
cleanup:
    free(found);
    if (status != REC_OK)
        rec_matrix_deinit(out);
    return status;
}
