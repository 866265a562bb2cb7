/**
 * Named arrays in the safetensors format (8-byte little-endian header length, JSON header, raw
 * row-major data): model artifacts of recommenders, language-model weights, foreign embeddings.
 * Reading maps the file and checks every offset, shape and dtype before use: REC_ERR_DATA for a
 * file that breaks a rule of the format (Hugging Face, safetensors, "Format").
 */
#ifndef REC_CORE_TENSOR_FILE_H
#define REC_CORE_TENSOR_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

typedef enum rec_dtype {
    REC_F32,
    REC_F64,
    REC_F16,
    REC_BF16,
    REC_I8,
    REC_U8,
    REC_I16,
    REC_U16,
    REC_I32,
    REC_U32,
    REC_I64,
    REC_U64,
    REC_BOOL,
} rec_dtype;

enum { REC_TENSOR_MAX_DIMS = 8 };

typedef struct rec_tensor_view {
    const char *name;
    rec_dtype dtype;
    size_t n_dims;
    size_t shape[REC_TENSOR_MAX_DIMS];
    size_t n_elements, n_bytes;
    const void *data; /* borrowed, aligned to the element size */
} rec_tensor_view;

size_t rec_dtype_size(rec_dtype dtype);
const char *rec_dtype_name(rec_dtype dtype);

/** Fill n_elements and n_bytes from dtype and shape; false when they do not fit size_t. */
bool rec_tensor_view_count(rec_tensor_view *view);

/* reading */
typedef struct rec_tensor_file rec_tensor_file;
rec_status rec_tensor_file_open(rec_tensor_file **out, const char *path, rec_error *err);
void rec_tensor_file_close(rec_tensor_file *f);
size_t rec_tensor_file_count(const rec_tensor_file *f);
const rec_tensor_view *rec_tensor_file_at(const rec_tensor_file *f, size_t i);
const rec_tensor_view *rec_tensor_file_find(const rec_tensor_file *f,
                                            const char *name);                   /* or NULL */
const char *rec_tensor_file_metadata(const rec_tensor_file *f, const char *key); /* or NULL */
/** A tensor that must be there with this dtype and shape (n_dims sizes, SIZE_MAX = any). */
rec_status rec_tensor_file_require(const rec_tensor_view **out, const rec_tensor_file *f,
                                   const char *name, rec_dtype dtype, size_t n_dims,
                                   const size_t *shape, rec_error *err);

/* Writing: collect views (data borrowed until write), then write atomically. Tensors of large elements
 * come first, so that all are aligned without gaps, which the format forbids. A name twice is
 * REC_ERR_INTERNAL. */
typedef struct rec_tensor_writer rec_tensor_writer;
rec_status rec_tensor_writer_new(rec_tensor_writer **out, rec_error *err);
void rec_tensor_writer_free(rec_tensor_writer *w);
rec_status rec_tensor_writer_add(rec_tensor_writer *w, const char *name, rec_dtype dtype,
                                 size_t n_dims, const size_t *shape, const void *data,
                                 rec_error *err);
rec_status rec_tensor_writer_metadata(rec_tensor_writer *w, const char *key, const char *value,
                                      rec_error *err);
rec_status rec_tensor_writer_write(const rec_tensor_writer *w, const char *path, rec_error *err);

#endif
