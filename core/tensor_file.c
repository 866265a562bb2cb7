#include "core/tensor_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensor data are little-endian");

enum { LENGTH_FIELD = 8, HEADER_MAX = 100 << 20 /* as upstream */ };

static const char metadata_key[] = "__metadata__";

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {[REC_F32] = {"F32", 4},   [REC_F64] = {"F64", 8}, [REC_F16] = {"F16", 2},
              [REC_BF16] = {"BF16", 2}, [REC_I8] = {"I8", 1},   [REC_U8] = {"U8", 1},
              [REC_I16] = {"I16", 2},   [REC_U16] = {"U16", 2}, [REC_I32] = {"I32", 4},
              [REC_U32] = {"U32", 4},   [REC_I64] = {"I64", 8}, [REC_U64] = {"U64", 8},
              [REC_BOOL] = {"BOOL", 1}};

enum { N_DTYPES = sizeof dtypes / sizeof *dtypes };

struct rec_tensor_file {
    char *path;
    rec_map map;
    cJSON *header;          /* owned; views borrow their names from it */
    rec_tensor_view *views; /* owned, in the order of the header */
    void **copies;          /* owned: aligned copies of misaligned tensors, else NULL */
    size_t n;
    uint32_t *slots; /* owned hash table of view index + 1 */
    size_t n_slots;  /* power of two, at least twice n */
};

size_t rec_dtype_size(rec_dtype dtype)
{
    return dtypes[dtype].size;
}

const char *rec_dtype_name(rec_dtype dtype)
{
    return dtypes[dtype].name;
}

bool rec_tensor_view_count(rec_tensor_view *v)
{
    v->n_elements = 1;
    for (size_t d = 0; d < v->n_dims; d++) {
        if (__builtin_mul_overflow(v->n_elements, v->shape[d], &v->n_elements))
            return false;
    }
    return !__builtin_mul_overflow(v->n_elements, dtypes[v->dtype].size, &v->n_bytes);
}

static rec_status fail_tensor(const rec_tensor_file *f, const char *name, const char *what,
                              rec_error *err)
{
    return rec_fail(err, REC_ERR_DATA, "%s: tensor %s: %s", f->path, name, what);
}

/* A JSON number that is a size: numbers are doubles, so above 2^53 nothing is exact. */
static bool read_size(size_t *out, const cJSON *item)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
        item->valuedouble > 9007199254740992.0)
        return false;
    *out = (size_t)item->valuedouble;
    return (double)*out == item->valuedouble;
}

static rec_status read_dtype(rec_tensor_view *v, const rec_tensor_file *f, const cJSON *entry,
                             rec_error *err)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "dtype"));
    if (name == NULL)
        return fail_tensor(f, v->name, "dtype missing", err);
    for (int d = 0; d < N_DTYPES; d++) {
        if (strcmp(name, dtypes[d].name) == 0) {
            v->dtype = (rec_dtype)d;
            return REC_OK;
        }
    }
    return rec_fail(
        err, REC_ERR_DATA,
        "%s: tensor %s: unknown dtype \"%.40s\" (known: F32, F64, F16, BF16, I8, U8, I16, "
        "U16, I32, U32, I64, U64, BOOL)",
        f->path, v->name, name);
}

static rec_status read_shape(rec_tensor_view *v, const rec_tensor_file *f, const cJSON *entry,
                             rec_error *err)
{
    const cJSON *size, *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape");
    if (!cJSON_IsArray(shape))
        return fail_tensor(f, v->name, "shape missing", err);
    cJSON_ArrayForEach(size, shape)
    {
        if (v->n_dims == REC_TENSOR_MAX_DIMS)
            return fail_tensor(f, v->name, "more than 8 dimensions", err);
        if (!read_size(&v->shape[v->n_dims++], size))
            return fail_tensor(f, v->name, "shape is not a list of sizes", err);
    }
    return rec_tensor_view_count(v) ? REC_OK : fail_tensor(f, v->name, "shape overflows", err);
}

static rec_status read_offsets(rec_tensor_view *v, const rec_tensor_file *f, const cJSON *entry,
                               size_t data_start, rec_error *err)
{
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    size_t begin, end;
    if (cJSON_GetArraySize(offsets) != 2 || !read_size(&begin, offsets->child) ||
        !read_size(&end, offsets->child->next))
        return fail_tensor(f, v->name, "data_offsets is not a pair of sizes", err);
    if (begin > end || end > f->map.length - data_start)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: tensor %s: bytes %zu to %zu lie outside of the %zu bytes of data",
                        f->path, v->name, begin, end, f->map.length - data_start);
    if (end - begin != v->n_bytes)
        return rec_fail(err, REC_ERR_DATA, "%s: tensor %s: %zu bytes given, its shape needs %zu",
                        f->path, v->name, end - begin, v->n_bytes);
    v->data = f->map.data + data_start + begin;
    return REC_OK;
}

static rec_status check_metadata(const rec_tensor_file *f, const cJSON *metadata, rec_error *err)
{
    const cJSON *value;
    if (!cJSON_IsObject(metadata))
        return rec_fail(err, REC_ERR_DATA, "%s: __metadata__ is not an object", f->path);
    cJSON_ArrayForEach(value, metadata)
    {
        if (!cJSON_IsString(value))
            return rec_fail(err, REC_ERR_DATA, "%s: __metadata__: %s is not a string", f->path,
                            value->string);
    }
    return REC_OK;
}

static int by_position(const void *a, const void *b)
{
    const rec_tensor_view *const *x = a, *const *y = b;
    if ((*x)->data != (*y)->data)
        return (*x)->data < (*y)->data ? -1 : 1;
    return ((*x)->n_bytes > (*y)->n_bytes) - ((*x)->n_bytes < (*y)->n_bytes);
}

/* Tensors must cover the data exactly: an overlap or a gap is a damaged or a doctored file. */
static rec_status check_cover(const rec_tensor_file *f, size_t data_start, rec_error *err)
{
    const rec_tensor_view **sorted = rec_alloc(f->n, sizeof *sorted, err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < f->n; i++)
        sorted[i] = &f->views[i];
    qsort(sorted, f->n, sizeof *sorted, by_position);
    const char *at = f->map.data + data_start;
    rec_status status = REC_OK;
    for (size_t i = 0; i < f->n && status == REC_OK; i++) {
        const char *data = sorted[i]->data;
        if (data != at)
            status =
                fail_tensor(f, sorted[i]->name,
                            data < at ? "overlaps another tensor" : "a gap precedes its data", err);
        at = data + sorted[i]->n_bytes;
    }
    if (status == REC_OK && at != f->map.data + f->map.length)
        status = rec_fail(err, REC_ERR_DATA, "%s: %zu bytes after the last tensor", f->path,
                          (size_t)(f->map.data + f->map.length - at));
    free(sorted);
    return status;
}

/* Kernels may load elements directly: what a foreign writer did not align is copied. */
static rec_status align(rec_tensor_file *f, rec_error *err)
{
    for (size_t i = 0; i < f->n; i++) {
        rec_tensor_view *v = &f->views[i];
        if ((uintptr_t)v->data % dtypes[v->dtype].size == 0)
            continue;
        f->copies[i] = rec_alloc_aligned(v->n_bytes, 1, err);
        if (f->copies[i] == NULL)
            return REC_ERR_RESOURCE;
        memcpy(f->copies[i], v->data, v->n_bytes);
        v->data = f->copies[i];
    }
    return REC_OK;
}

static size_t slot_of(const rec_tensor_file *f, const char *name)
{
    size_t i = rec_fnv1a(name, strlen(name)) & (f->n_slots - 1);
    while (f->slots[i] != 0 && strcmp(f->views[f->slots[i] - 1].name, name) != 0)
        i = (i + 1) & (f->n_slots - 1);
    return i;
}

static rec_status read_views(rec_tensor_file *f, size_t data_start, rec_error *err)
{
    const cJSON *entry;
    size_t room = (size_t)cJSON_GetArraySize(f->header);
    rec_status status = REC_OK;
    for (f->n_slots = 16; f->n_slots < 2 * room;)
        f->n_slots *= 2;
    REC_TRY_NEW(f->views, room, err);
    REC_TRY_NEW(f->copies, room, err);
    REC_TRY_NEW(f->slots, f->n_slots, err);
    cJSON_ArrayForEach(entry, f->header)
    {
        if (strcmp(entry->string, metadata_key) == 0) {
            REC_TRY(check_metadata(f, entry, err));
            continue;
        }
        rec_tensor_view *v = &f->views[f->n];
        v->name = entry->string;
        REC_TRY(read_dtype(v, f, entry, err));
        REC_TRY(read_shape(v, f, entry, err));
        REC_TRY(read_offsets(v, f, entry, data_start, err));
        size_t slot = slot_of(f, v->name);
        f->slots[slot] = (uint32_t)++f->n;
    }
    REC_TRY(check_cover(f, data_start, err));
    status = align(f, err);
cleanup:
    return status;
}

static rec_status read_header(size_t *data_start, rec_tensor_file *f, rec_error *err)
{
    uint64_t n;
    if (f->map.length < LENGTH_FIELD)
        return rec_fail(err, REC_ERR_DATA, "%s: not a safetensors file: %zu bytes", f->path,
                        f->map.length);
    memcpy(&n, f->map.data, sizeof n);
    if (n > HEADER_MAX || n > f->map.length - LENGTH_FIELD)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: not a safetensors file, or cut off: header of %llu bytes in a file of "
                        "%zu (at most 100 MiB)",
                        f->path, (unsigned long long)n, f->map.length);
    rec_status status =
        rec_json_parse(&f->header, f->map.data + LENGTH_FIELD, (size_t)n, f->path, 1, err);
    if (status != REC_OK)
        return status;
    if (!cJSON_IsObject(f->header))
        return rec_fail(err, REC_ERR_DATA, "%s: the header is not a JSON object", f->path);
    *data_start = LENGTH_FIELD + (size_t)n;
    return REC_OK;
}

rec_status rec_tensor_file_open(rec_tensor_file **out, const char *path, rec_error *err)
{
    rec_tensor_file *f;
    rec_status status = REC_OK;
    size_t data_start = 0;
    *out = NULL;
    REC_TRY_NEW(f, 1, err);
    f->path = rec_strdup(path, err);
    if (f->path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_map_open(&f->map, path, err));
    REC_TRY(read_header(&data_start, f, err));
    REC_TRY(read_views(f, data_start, err));
    *out = f;
    return REC_OK;
cleanup:
    rec_tensor_file_close(f);
    return status;
}

void rec_tensor_file_close(rec_tensor_file *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; f->copies != NULL && i < f->n; i++)
        free(f->copies[i]);
    free(f->copies);
    free(f->views);
    free(f->slots);
    cJSON_Delete(f->header);
    rec_map_close(&f->map);
    free(f->path);
    free(f);
}

size_t rec_tensor_file_count(const rec_tensor_file *f)
{
    return f->n;
}

const rec_tensor_view *rec_tensor_file_at(const rec_tensor_file *f, size_t i)
{
    assert(i < f->n);
    return &f->views[i];
}

const rec_tensor_view *rec_tensor_file_find(const rec_tensor_file *f, const char *name)
{
    uint32_t index = f->slots[slot_of(f, name)];
    return index != 0 ? &f->views[index - 1] : NULL;
}

const char *rec_tensor_file_metadata(const rec_tensor_file *f, const char *key)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(f->header, metadata_key);
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, key));
}

/* "(3, *, 5)" */
static const char *shape_text(char out[256], const size_t *shape, size_t n_dims)
{
    size_t used = 0;
    out[used++] = '(';
    for (size_t d = 0; d < n_dims; d++) {
        const char *comma = d > 0 ? ", " : "";
        used += (size_t)(shape[d] == SIZE_MAX
                             ? snprintf(out + used, 256 - used, "%s*", comma)
                             : snprintf(out + used, 256 - used, "%s%zu", comma, shape[d]));
    }
    snprintf(out + used, 256 - used, ")");
    return out;
}

rec_status rec_tensor_file_require(const rec_tensor_view **out, const rec_tensor_file *f,
                                   const char *name, rec_dtype dtype, size_t n_dims,
                                   const size_t *shape, rec_error *err)
{
    char has[256], wants[256];
    assert(n_dims <= REC_TENSOR_MAX_DIMS);
    const rec_tensor_view *v = rec_tensor_file_find(f, name);
    if (v == NULL)
        return fail_tensor(f, name, "missing", err);
    bool same = v->dtype == dtype && v->n_dims == n_dims;
    for (size_t d = 0; same && d < n_dims; d++)
        same = shape[d] == SIZE_MAX || shape[d] == v->shape[d];
    if (!same)
        return rec_fail(err, REC_ERR_DATA, "%s: tensor %s: is %s %s, should be %s %s", f->path,
                        name, dtypes[v->dtype].name, shape_text(has, v->shape, v->n_dims),
                        dtypes[dtype].name, shape_text(wants, shape, n_dims));
    *out = v;
    return REC_OK;
}
