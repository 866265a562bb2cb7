#include "models/lm/gguf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/utf8.h"

enum { DEFAULT_ALIGNMENT = 32, KEY_MAX = 65535, MIN_VALUE_BYTES = 13, MIN_TENSOR_BYTES = 24 };

struct rec_gguf {
    char *path;
    rec_map map;
    rec_gguf_value *values;   /* owned, with their keys and string tables */
    rec_gguf_tensor *tensors; /* owned, with their names */
    size_t n_values, n_tensors;
    const rec_gguf_tensor **by_name; /* owned, sorted */
};

/* The unread part of the file. */
typedef struct cursor {
    const unsigned char *at, *end;
    const char *path;
} cursor;

static size_t left(const cursor *c)
{
    return (size_t)(c->end - c->at);
}

static rec_status cut_off(const cursor *c, const char *what, rec_error *err)
{
    return rec_fail(err, REC_ERR_MODEL, "%s: cut off or damaged: %s does not fit", c->path, what);
}

static rec_status take_u32(uint32_t *out, cursor *c, const char *what, rec_error *err)
{
    if (left(c) < sizeof *out)
        return cut_off(c, what, err);
    memcpy(out, c->at, sizeof *out);
    c->at += sizeof *out;
    return REC_OK;
}

static rec_status take_u64(uint64_t *out, cursor *c, const char *what, rec_error *err)
{
    if (left(c) < sizeof *out)
        return cut_off(c, what, err);
    memcpy(out, c->at, sizeof *out);
    c->at += sizeof *out;
    return REC_OK;
}

/* Length and bytes, borrowed. */
static rec_status take_string(const char **out, size_t *length, cursor *c, const char *what,
                              rec_error *err)
{
    uint64_t n = 0;
    rec_status status = take_u64(&n, c, what, err);
    if (status != REC_OK)
        return status;
    if (n > left(c))
        return cut_off(c, what, err);
    *out = (const char *)c->at;
    *length = (size_t)n;
    c->at += n;
    return REC_OK;
}

static char *terminated(const char *text, size_t n, rec_error *err)
{
    char *copy = rec_alloc(n + 1, 1, err);
    if (copy != NULL && n > 0)
        memcpy(copy, text, n);
    return copy;
}

/* A key or a tensor name: a short UTF-8 string without NUL, copied. */
static rec_status take_name(const char **out, cursor *c, const char *what, rec_error *err)
{
    const char *text = NULL;
    size_t n = 0;
    rec_status status = take_string(&text, &n, c, what, err);
    if (status != REC_OK)
        return status;
    if (n == 0 || n > KEY_MAX || memchr(text, '\0', n) != NULL || !rec_utf8_valid(text, n))
        return rec_fail(err, REC_ERR_MODEL, "%s: %s is empty, too long or not UTF-8", c->path,
                        what);
    *out = terminated(text, n, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* Bytes of a number; 0 for strings, arrays and what does not exist. */
static size_t number_size(uint32_t type)
{
    static const size_t sizes[] = {
        [REC_GGUF_U8] = 1,  [REC_GGUF_I8] = 1,  [REC_GGUF_U16] = 2, [REC_GGUF_I16] = 2,
        [REC_GGUF_U32] = 4, [REC_GGUF_I32] = 4, [REC_GGUF_F32] = 4, [REC_GGUF_BOOL] = 1,
        [REC_GGUF_U64] = 8, [REC_GGUF_I64] = 8, [REC_GGUF_F64] = 8};
    return type < sizeof sizes / sizeof *sizes ? sizes[type] : 0;
}

static rec_status take_strings(rec_gguf_value *v, cursor *c, rec_error *err)
{
    if (v->n > left(c) / 8) /* each has at least its length: bounds the tables */
        return cut_off(c, v->key, err);
    const char **strings = rec_alloc(v->n, sizeof *strings, err);
    v->strings = strings;
    size_t *lengths = strings != NULL ? rec_alloc(v->n, sizeof *lengths, err) : NULL;
    v->lengths = lengths;
    if (lengths == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < v->n; i++) {
        rec_status status = take_string(&strings[i], &lengths[i], c, v->key, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status take_numbers(rec_gguf_value *v, cursor *c, rec_error *err)
{
    size_t size = number_size(v->item_type);
    if (size == 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: %s: unknown or unsupported value type %d%s",
                        c->path, v->key, (int)v->item_type,
                        v->item_type == REC_GGUF_ARRAY ? " (array of arrays)" : "");
    if (v->n > left(c) / size)
        return cut_off(c, v->key, err);
    v->bytes = c->at;
    c->at += v->n * size;
    return REC_OK;
}

static rec_status take_value(rec_gguf_value *v, cursor *c, rec_error *err)
{
    uint32_t type = 0;
    uint64_t n = 1;
    rec_status status = take_name(&v->key, c, "a metadata key", err);
    if (status == REC_OK)
        status = take_u32(&type, c, v->key, err);
    if (status != REC_OK)
        return status;
    v->type = v->item_type = (rec_gguf_type)type;
    if (type == REC_GGUF_ARRAY) {
        status = take_u32(&type, c, v->key, err);
        if (status == REC_OK)
            status = take_u64(&n, c, v->key, err);
        if (status != REC_OK)
            return status;
        v->item_type = (rec_gguf_type)type;
    }
    v->n = (size_t)n;
    return v->item_type == REC_GGUF_STRING ? take_strings(v, c, err) : take_numbers(v, c, err);
}

/* ggml's numbers of the tensor types that are known here. */
static const uint32_t tensor_types[REC_N_FORMATS] = {
    [REC_FORMAT_F32] = 0,     [REC_FORMAT_F16] = 1,   [REC_FORMAT_Q4_0] = 2,
    [REC_FORMAT_Q4_1] = 3,    [REC_FORMAT_Q5_0] = 6,  [REC_FORMAT_Q5_1] = 7,
    [REC_FORMAT_Q8_0] = 8,    [REC_FORMAT_Q2_K] = 10, [REC_FORMAT_Q3_K] = 11,
    [REC_FORMAT_Q4_K] = 12,   [REC_FORMAT_Q5_K] = 13, [REC_FORMAT_Q6_K] = 14,
    [REC_FORMAT_IQ4_NL] = 20, [REC_FORMAT_BF16] = 30};

uint32_t rec_gguf_tensor_type(rec_weight_format format)
{
    return tensor_types[format];
}

static bool format_of(rec_weight_format *out, uint32_t type)
{
    for (int f = 0; f < REC_N_FORMATS; f++) {
        if (tensor_types[f] == type) {
            *out = (rec_weight_format)f;
            return true;
        }
    }
    return false;
}

/* The file lists the contiguous dimension first. */
static rec_status take_shape(rec_gguf_tensor *t, cursor *c, rec_error *err)
{
    uint32_t n_dims = 0;
    rec_status status = take_u32(&n_dims, c, t->name, err);
    if (status != REC_OK)
        return status;
    if (n_dims == 0 || n_dims > REC_GGUF_MAX_DIMS)
        return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s: %u dimensions (1 to 4)", c->path,
                        t->name, n_dims);
    t->n_dims = n_dims;
    t->n_elements = 1;
    for (size_t d = n_dims; d-- > 0;) {
        uint64_t size = 0;
        status = take_u64(&size, c, t->name, err);
        if (status != REC_OK)
            return status;
        if (__builtin_mul_overflow(t->n_elements, size, &t->n_elements))
            return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s: shape overflows", c->path, t->name);
        t->shape[d] = (size_t)size;
    }
    return REC_OK;
}

/* *offset is relative to the data, which begin behind all descriptions. */
static rec_status take_tensor(rec_gguf_tensor *t, uint64_t *offset, cursor *c, rec_error *err)
{
    uint32_t type = 0;
    rec_status status = take_name(&t->name, c, "a tensor name", err);
    if (status == REC_OK)
        status = take_shape(t, c, err);
    if (status == REC_OK)
        status = take_u32(&type, c, t->name, err);
    if (status == REC_OK)
        status = take_u64(offset, c, t->name, err);
    if (status != REC_OK)
        return status;
    if (!format_of(&t->format, type))
        return rec_fail(err, REC_ERR_MODEL,
                        "%s: tensor %s: unknown tensor type %u (known: F32, F16, BF16, Q8_0, Q4_0, "
                        "Q4_1, Q5_0, Q5_1, Q2_K to Q6_K, IQ4_NL)",
                        c->path, t->name, type);
    size_t block = rec_weight_format_block(t->format);
    if (t->shape[t->n_dims - 1] % block != 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s: rows of %zu values in blocks of %zu",
                        c->path, t->name, t->shape[t->n_dims - 1], block);
    t->n_bytes = rec_weight_format_bytes(t->format, t->n_elements);
    return REC_OK;
}

static rec_status read_alignment(size_t *out, const rec_gguf *f, rec_error *err)
{
    const rec_gguf_value *v = rec_gguf_find(f, "general.alignment");
    uint64_t alignment = DEFAULT_ALIGNMENT;
    rec_status status = v != NULL ? rec_gguf_u64(&alignment, v, 0, err) : REC_OK;
    if (status != REC_OK)
        return status;
    if (alignment < 8 || alignment > 1 << 20 || (alignment & (alignment - 1)) != 0)
        return rec_fail(err, REC_ERR_MODEL,
                        "%s: general.alignment %llu is not a power of two from 8", f->path,
                        (unsigned long long)alignment);
    *out = (size_t)alignment;
    return REC_OK;
}

static int by_name(const void *a, const void *b)
{
    const rec_gguf_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static rec_status sort_tensors(rec_gguf *f, rec_error *err)
{
    f->by_name = rec_alloc(f->n_tensors, sizeof *f->by_name, err);
    if (f->by_name == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < f->n_tensors; i++)
        f->by_name[i] = &f->tensors[i];
    qsort(f->by_name, f->n_tensors, sizeof *f->by_name, by_name);
    for (size_t i = 1; i < f->n_tensors; i++) {
        if (strcmp(f->by_name[i]->name, f->by_name[i - 1]->name) == 0)
            return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s is there twice", f->path,
                            f->by_name[i]->name);
    }
    return REC_OK;
}

static int by_offset(const void *a, const void *b)
{
    const rec_gguf_tensor *const *x = a, *const *y = b;
    const char *p = (*x)->data, *q = (*y)->data;
    return (p > q) - (p < q);
}

static rec_status check_overlaps(const rec_gguf *f, rec_error *err)
{
    const rec_gguf_tensor **sorted = rec_memdup(f->by_name, f->n_tensors * sizeof *sorted, err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    qsort(sorted, f->n_tensors, sizeof *sorted, by_offset);
    rec_status status = REC_OK;
    for (size_t i = 1; i < f->n_tensors && status == REC_OK; i++) {
        const char *end = (const char *)sorted[i - 1]->data + sorted[i - 1]->n_bytes;
        if (end > (const char *)sorted[i]->data)
            status = rec_fail(err, REC_ERR_MODEL, "%s: tensors %s and %s overlap", f->path,
                              sorted[i - 1]->name, sorted[i]->name);
    }
    free(sorted);
    return status;
}

static rec_status place_tensor(rec_gguf_tensor *t, const rec_gguf *f, const cursor *data,
                               uint64_t offset, size_t alignment, rec_error *err)
{
    if (offset % alignment != 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s: offset %llu is not a multiple of %zu",
                        f->path, t->name, (unsigned long long)offset, alignment);
    if (offset > left(data) || t->n_bytes > left(data) - offset ||
        (t->n_bytes == 0 && t->n_elements > 0))
        return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s: %zu bytes at %llu lie past the end",
                        f->path, t->name, t->n_bytes, (unsigned long long)offset);
    t->data = data->at + offset;
    return REC_OK;
}

static rec_status read_tensors(rec_gguf *f, cursor *c, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    size_t alignment = 0;
    uint64_t *offsets;
    REC_TRY_NEW(offsets, n, err);
    REC_TRY_NEW(f->tensors, n, err);
    for (; f->n_tensors < n; f->n_tensors++)
        REC_TRY(take_tensor(&f->tensors[f->n_tensors], &offsets[f->n_tensors], c, err));
    REC_TRY(read_alignment(&alignment, f, err));
    size_t used = (size_t)((const char *)c->at - f->map.data);
    size_t padding = (alignment - used % alignment) % alignment;
    c->at += padding < left(c) ? padding : left(c);
    for (size_t i = 0; i < n; i++)
        REC_TRY(place_tensor(&f->tensors[i], f, c, offsets[i], alignment, err));
    REC_TRY(sort_tensors(f, err));
    status = check_overlaps(f, err);
cleanup:
    if (status != REC_OK && f->tensors != NULL && f->n_tensors < n)
        free((char *)(uintptr_t)f->tensors[f->n_tensors].name); /* the one that failed */
    free(offsets);
    return status;
}

static rec_status read_header(uint64_t *n_tensors, uint64_t *n_values, cursor *c, rec_error *err)
{
    uint32_t version = 0;
    if (left(c) < 4 || memcmp(c->at, "GGUF", 4) != 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: not a GGUF file (magic)", c->path);
    c->at += 4;
    rec_status status = take_u32(&version, c, "the version", err);
    if (status != REC_OK)
        return status;
    if (version != 2 && version != 3)
        return rec_fail(err, REC_ERR_MODEL, "%s: GGUF version %u%s (supported: 2, 3)", c->path,
                        version, (version & 0xFFFF) == 0 ? ", a big-endian file" : "");
    status = take_u64(n_tensors, c, "the number of tensors", err);
    if (status == REC_OK)
        status = take_u64(n_values, c, "the number of metadata entries", err);
    if (status != REC_OK)
        return status;
    if (*n_values > left(c) / MIN_VALUE_BYTES || *n_tensors > left(c) / MIN_TENSOR_BYTES)
        return rec_fail(err, REC_ERR_MODEL,
                        "%s: %llu tensors and %llu metadata entries cannot fit into %zu bytes",
                        c->path, (unsigned long long)*n_tensors, (unsigned long long)*n_values,
                        left(c));
    return REC_OK;
}

static rec_status read_values(rec_gguf *f, cursor *c, size_t n, rec_error *err)
{
    f->values = rec_alloc(n, sizeof *f->values, err);
    if (f->values == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        f->n_values = i + 1; /* also a value that fails half-way owns things */
        rec_status status = take_value(&f->values[i], c, err);
        if (status != REC_OK)
            return status;
        if (rec_gguf_find(f, f->values[i].key) != &f->values[i])
            return rec_fail(err, REC_ERR_MODEL, "%s: metadata key %s is there twice", f->path,
                            f->values[i].key);
    }
    return REC_OK;
}

rec_status rec_gguf_open(rec_gguf **out, const char *path, rec_error *err)
{
    rec_gguf *f;
    rec_status status = REC_OK;
    uint64_t n_tensors = 0, n_values = 0;
    *out = NULL;
    REC_TRY_NEW(f, 1, err);
    f->path = rec_strdup(path, err);
    if (f->path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_map_open(&f->map, path, err));
    cursor c = {.at = (const unsigned char *)f->map.data, .path = path};
    c.end = c.at + f->map.length;
    REC_TRY(read_header(&n_tensors, &n_values, &c, err));
    REC_TRY(read_values(f, &c, (size_t)n_values, err));
    REC_TRY(read_tensors(f, &c, (size_t)n_tensors, err));
    *out = f;
    return REC_OK;
cleanup:
    rec_gguf_close(f);
    return status;
}

void rec_gguf_close(rec_gguf *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n_values; i++) {
        free((char *)(uintptr_t)f->values[i].key);
        free((void *)(uintptr_t)f->values[i].strings);
        free((void *)(uintptr_t)f->values[i].lengths);
    }
    for (size_t i = 0; i < f->n_tensors; i++)
        free((char *)(uintptr_t)f->tensors[i].name);
    free(f->values);
    free(f->tensors);
    free(f->by_name);
    rec_map_close(&f->map);
    free(f->path);
    free(f);
}

size_t rec_gguf_n_values(const rec_gguf *f)
{
    return f->n_values;
}

const rec_gguf_value *rec_gguf_value_at(const rec_gguf *f, size_t i)
{
    assert(i < f->n_values);
    return &f->values[i];
}

const rec_gguf_value *rec_gguf_find(const rec_gguf *f, const char *key)
{
    for (size_t i = 0; i < f->n_values; i++) {
        if (strcmp(f->values[i].key, key) == 0)
            return &f->values[i];
    }
    return NULL;
}

size_t rec_gguf_n_tensors(const rec_gguf *f)
{
    return f->n_tensors;
}

const rec_gguf_tensor *rec_gguf_tensor_at(const rec_gguf *f, size_t i)
{
    assert(i < f->n_tensors);
    return &f->tensors[i];
}

const rec_gguf_tensor *rec_gguf_tensor_find(const rec_gguf *f, const char *name)
{
    rec_gguf_tensor key = {.name = name};
    const rec_gguf_tensor *wanted = &key, *const *found = bsearch(&wanted, f->by_name, f->n_tensors,
                                                                  sizeof *f->by_name, by_name);
    return found != NULL ? *found : NULL;
}

/* A number as integer (with its sign) or as double; false for another type. */
static bool number_at(bool *negative, uint64_t *integer, double *real, const rec_gguf_value *v,
                      size_t i)
{
    union {
        uint8_t u8;
        int8_t i8;
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        float f32;
        uint64_t u64;
        int64_t i64;
        double f64;
    } x = {0};
    size_t size = number_size(v->item_type);
    if (size == 0 || v->item_type == REC_GGUF_BOOL)
        return false;
    memcpy(&x, v->bytes + i * size, size);
    int64_t integral = v->item_type == REC_GGUF_I8    ? x.i8
                       : v->item_type == REC_GGUF_I16 ? x.i16
                       : v->item_type == REC_GGUF_I32 ? x.i32
                                                      : x.i64;
    bool is_real = v->item_type == REC_GGUF_F32 || v->item_type == REC_GGUF_F64;
    bool is_signed = v->item_type == REC_GGUF_I8 || v->item_type == REC_GGUF_I16 ||
                     v->item_type == REC_GGUF_I32 || v->item_type == REC_GGUF_I64;
    *negative = is_real || (is_signed && integral < 0); /* what cannot be unsigned */
    *integer = is_signed ? (uint64_t)integral : x.u64;
    *real = v->item_type == REC_GGUF_F32   ? (double)x.f32
            : v->item_type == REC_GGUF_F64 ? x.f64
            : is_signed                    ? (double)integral
                                           : (double)x.u64;
    return true;
}

static rec_status wrong_type(const rec_gguf_value *v, const char *wanted, rec_error *err)
{
    return rec_fail(err, REC_ERR_MODEL, "GGUF metadata %s: not %s", v->key, wanted);
}

rec_status rec_gguf_u64(uint64_t *out, const rec_gguf_value *v, size_t i, rec_error *err)
{
    bool negative;
    double real;
    assert(i < v->n || v->n == 0);
    if (i >= v->n || !number_at(&negative, out, &real, v, i) || negative)
        return wrong_type(v, "an unsigned integer", err);
    return REC_OK;
}

rec_status rec_gguf_f64(double *out, const rec_gguf_value *v, size_t i, rec_error *err)
{
    bool negative;
    uint64_t integer;
    if (i >= v->n || !number_at(&negative, &integer, out, v, i))
        return wrong_type(v, "a number", err);
    return REC_OK;
}

rec_status rec_gguf_bool(bool *out, const rec_gguf_value *v, size_t i, rec_error *err)
{
    if (i >= v->n || v->item_type != REC_GGUF_BOOL || v->bytes[i] > 1)
        return wrong_type(v, "a bool", err);
    *out = v->bytes[i] != 0;
    return REC_OK;
}

rec_status rec_gguf_string(char **out, const rec_gguf_value *v, size_t i, rec_error *err)
{
    if (i >= v->n || v->item_type != REC_GGUF_STRING ||
        memchr(v->strings[i], '\0', v->lengths[i]) != NULL)
        return wrong_type(v, "a string", err);
    *out = terminated(v->strings[i], v->lengths[i], err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}
