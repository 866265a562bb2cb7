/**
 * GGUF files, versions 2 and 3 (ggml, docs/gguf.md): typed key-value metadata
 * and named tensors. The file is mapped; every count, length, type and offset is checked before use,
 * a file that breaks a rule is REC_ERR_MODEL "path: what is wrong". Big-endian files are refused.
 */
#ifndef REC_MODELS_LM_GGUF_H
#define REC_MODELS_LM_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/quant.h"

/** Numbers of the file format. */
typedef enum rec_gguf_type {
    REC_GGUF_U8 = 0,
    REC_GGUF_I8 = 1,
    REC_GGUF_U16 = 2,
    REC_GGUF_I16 = 3,
    REC_GGUF_U32 = 4,
    REC_GGUF_I32 = 5,
    REC_GGUF_F32 = 6,
    REC_GGUF_BOOL = 7,
    REC_GGUF_STRING = 8,
    REC_GGUF_ARRAY = 9,
    REC_GGUF_U64 = 10,
    REC_GGUF_I64 = 11,
    REC_GGUF_F64 = 12,
} rec_gguf_type;

/** A metadata entry; everything is borrowed from the file. */
typedef struct rec_gguf_value {
    const char *key; /* NUL-terminated copy */
    rec_gguf_type type;
    rec_gguf_type item_type;    /* ARRAY: of the elements; otherwise = type */
    size_t n;                   /* elements; 1 unless ARRAY */
    const unsigned char *bytes; /* little-endian, not aligned; strings: see below */
    const char *const *strings; /* STRING elements: n starts, not NUL-terminated; else NULL */
    const size_t *lengths;      /* and their lengths */
} rec_gguf_value;

enum { REC_GGUF_MAX_DIMS = 4 };

typedef struct rec_gguf_tensor {
    const char *name; /* NUL-terminated copy */
    rec_weight_format format;
    size_t n_dims;
    size_t shape[REC_GGUF_MAX_DIMS]; /* row-major: the last one is contiguous (the file reverses) */
    size_t n_elements, n_bytes;
    const void *data; /* borrowed */
} rec_gguf_tensor;

/** ggml's number of a storage format, as tensors and general.file_type (mostly) have it. */
uint32_t rec_gguf_tensor_type(rec_weight_format format);

typedef struct rec_gguf rec_gguf;

rec_status rec_gguf_open(rec_gguf **out, const char *path, rec_error *err);
void rec_gguf_close(rec_gguf *f);

size_t rec_gguf_n_values(const rec_gguf *f);
const rec_gguf_value *rec_gguf_value_at(const rec_gguf *f, size_t i);
const rec_gguf_value *rec_gguf_find(const rec_gguf *f, const char *key); /* or NULL */

size_t rec_gguf_n_tensors(const rec_gguf *f);
const rec_gguf_tensor *rec_gguf_tensor_at(const rec_gguf *f, size_t i);
const rec_gguf_tensor *rec_gguf_tensor_find(const rec_gguf *f, const char *name); /* or NULL */

/** Typed reads of a scalar or an array element i. REC_ERR_MODEL when v is of another type or a
 * negative number is asked for as unsigned. */
rec_status rec_gguf_u64(uint64_t *out, const rec_gguf_value *v, size_t i, rec_error *err);
rec_status rec_gguf_f64(double *out, const rec_gguf_value *v, size_t i, rec_error *err);
rec_status rec_gguf_bool(bool *out, const rec_gguf_value *v, size_t i, rec_error *err);
/** New NUL-terminated string of the caller; a NUL inside is an error. */
rec_status rec_gguf_string(char **out, const rec_gguf_value *v, size_t i, rec_error *err);

/* Writing (version 3): metadata are copied at once, tensor data are borrowed until the file is
 * written, atomically, in the order they were added. */
typedef struct rec_gguf_writer rec_gguf_writer;

rec_status rec_gguf_writer_new(rec_gguf_writer **out, rec_error *err);
void rec_gguf_writer_free(rec_gguf_writer *w);
rec_status rec_gguf_put_u32(rec_gguf_writer *w, const char *key, uint32_t value, rec_error *err);
rec_status rec_gguf_put_f32(rec_gguf_writer *w, const char *key, float value, rec_error *err);
rec_status rec_gguf_put_bool(rec_gguf_writer *w, const char *key, bool value, rec_error *err);
rec_status rec_gguf_put_string(rec_gguf_writer *w, const char *key, const char *text,
                               rec_error *err);
/** Array of n numbers of the given type, as they lie in memory. */
rec_status rec_gguf_put_array(rec_gguf_writer *w, const char *key, rec_gguf_type item_type,
                              const void *items, size_t n, rec_error *err);
rec_status rec_gguf_put_strings(rec_gguf_writer *w, const char *key, const char *const *strings,
                                const size_t *lengths, size_t n, rec_error *err);
/** An entry of another file, as it is. */
rec_status rec_gguf_put_copy(rec_gguf_writer *w, const rec_gguf_value *value, rec_error *err);
/** Row-major shape; the last size must be a multiple of the format's block. */
rec_status rec_gguf_add_tensor(rec_gguf_writer *w, const char *name, rec_weight_format format,
                               size_t n_dims, const size_t *shape, const void *data,
                               rec_error *err);
rec_status rec_gguf_write(const rec_gguf_writer *w, const char *path, rec_error *err);

#endif
