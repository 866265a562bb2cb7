/* Writing of core/tensor_file.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/tensor_file.h"

enum { LENGTH_FIELD = 8, DATA_ALIGNMENT = 64 };

static const char metadata_key[] = "__metadata__";

typedef struct text_pair {
    char *key, *value; /* owned */
} text_pair;

struct rec_tensor_writer {
    rec_tensor_view *views; /* owned, and their names; data borrowed */
    size_t n, capacity;
    text_pair *metadata; /* owned */
    size_t n_metadata;
};

rec_status rec_tensor_writer_new(rec_tensor_writer **out, rec_error *err)
{
    *out = rec_alloc(1, sizeof **out, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

void rec_tensor_writer_free(rec_tensor_writer *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->n; i++)
        free((char *)(uintptr_t)w->views[i].name);
    for (size_t i = 0; i < w->n_metadata; i++) {
        free(w->metadata[i].key);
        free(w->metadata[i].value);
    }
    free(w->views);
    free(w->metadata);
    free(w);
}

rec_status rec_tensor_writer_add(rec_tensor_writer *w, const char *name, rec_dtype dtype,
                                 size_t n_dims, const size_t *shape, const void *data,
                                 rec_error *err)
{
    assert(n_dims <= REC_TENSOR_MAX_DIMS && strcmp(name, metadata_key) != 0);
    if (w->n == w->capacity) {
        size_t capacity = w->capacity > 0 ? 2 * w->capacity : 16;
        rec_tensor_view *views = rec_realloc(w->views, capacity, sizeof *views, err);
        if (views == NULL)
            return REC_ERR_RESOURCE;
        w->views = views;
        w->capacity = capacity;
    }
    rec_tensor_view v = {.dtype = dtype, .n_dims = n_dims, .data = data};
    if (n_dims > 0)
        memcpy(v.shape, shape, n_dims * sizeof *shape);
    if (!rec_tensor_view_count(&v))
        return rec_fail(err, REC_ERR_INTERNAL, "tensor %s: shape overflows", name);
    v.name = rec_strdup(name, err);
    if (v.name == NULL)
        return REC_ERR_RESOURCE;
    w->views[w->n++] = v;
    return REC_OK;
}

rec_status rec_tensor_writer_metadata(rec_tensor_writer *w, const char *key, const char *value,
                                      rec_error *err)
{
    text_pair *metadata = rec_realloc(w->metadata, w->n_metadata + 1, sizeof *metadata, err);
    if (metadata == NULL)
        return REC_ERR_RESOURCE;
    w->metadata = metadata;
    text_pair pair = {.key = rec_strdup(key, err)};
    pair.value = pair.key != NULL ? rec_strdup(value, err) : NULL;
    if (pair.value == NULL) {
        free(pair.key);
        return REC_ERR_RESOURCE;
    }
    w->metadata[w->n_metadata++] = pair;
    return REC_OK;
}

/* Largest elements first, then as added: every tensor is aligned to its element size. */
static int by_element_size(const void *a, const void *b)
{
    const rec_tensor_view *const *x = a, *const *y = b;
    size_t size_x = rec_dtype_size((*x)->dtype), size_y = rec_dtype_size((*y)->dtype);
    if (size_x != size_y)
        return size_x > size_y ? -1 : 1;
    return *x < *y ? -1 : 1;
}

static bool has_name(const cJSON *header, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(header, name) != NULL;
}

/* Add an item to an object, freeing it when that fails. */
static bool put(cJSON *object, const char *key, cJSON *item)
{
    if (item != NULL && cJSON_AddItemToObject(object, key, item))
        return true;
    cJSON_Delete(item);
    return false;
}

static bool append_size(cJSON *list, size_t value)
{
    cJSON *item = cJSON_CreateNumber((double)value);
    return item != NULL && cJSON_AddItemToArray(list, item);
}

static cJSON *describe(const rec_tensor_view *v, size_t offset)
{
    cJSON *entry = cJSON_CreateObject(), *shape = cJSON_CreateArray(),
          *offsets = cJSON_CreateArray();
    bool good = entry != NULL && shape != NULL && offsets != NULL;
    for (size_t d = 0; good && d < v->n_dims; d++)
        good = append_size(shape, v->shape[d]);
    good = good && append_size(offsets, offset) && append_size(offsets, offset + v->n_bytes) &&
           put(entry, "dtype", cJSON_CreateString(rec_dtype_name(v->dtype)));
    if (!good) {
        cJSON_Delete(shape);
        cJSON_Delete(offsets);
        cJSON_Delete(entry);
        return NULL;
    }
    bool put_shape = put(entry, "shape", shape), put_offsets = put(entry, "data_offsets", offsets);
    if (put_shape && put_offsets)
        return entry;
    cJSON_Delete(entry);
    return NULL;
}

static cJSON *describe_metadata(const rec_tensor_writer *w)
{
    cJSON *metadata = cJSON_CreateObject();
    for (size_t i = 0; metadata != NULL && i < w->n_metadata; i++) {
        if (!put(metadata, w->metadata[i].key, cJSON_CreateString(w->metadata[i].value))) {
            cJSON_Delete(metadata);
            return NULL;
        }
    }
    return metadata;
}

static rec_status build_header(cJSON **out, const rec_tensor_writer *w,
                               const rec_tensor_view *const *sorted, rec_error *err)
{
    cJSON *header = cJSON_CreateObject();
    rec_status status = REC_OK;
    bool good =
        header != NULL && (w->n_metadata == 0 || put(header, metadata_key, describe_metadata(w)));
    size_t offset = 0;
    for (size_t i = 0; good && status == REC_OK && i < w->n; i++) {
        if (has_name(header, sorted[i]->name))
            status = rec_fail(err, REC_ERR_INTERNAL, "tensor %s is written twice", sorted[i]->name);
        else
            good = put(header, sorted[i]->name, describe(sorted[i], offset));
        offset += sorted[i]->n_bytes;
    }
    if (!good)
        status = rec_fail(err, REC_ERR_RESOURCE, "out of memory (header of a tensor file)");
    if (status != REC_OK)
        cJSON_Delete(header);
    else
        *out = header;
    return status;
}

static bool write_bytes(FILE *stream, const void *bytes, size_t n)
{
    return n == 0 || fwrite(bytes, 1, n, stream) == n;
}

/* Length, header padded with spaces so that the data start aligned, data. */
static rec_status write_file(const char *path, const char *header,
                             const rec_tensor_view *const *sorted, size_t n, rec_error *err)
{
    rec_atomic_file file;
    rec_status status = rec_atomic_open(&file, path, err);
    if (status != REC_OK)
        return status;
    size_t length = strlen(header);
    size_t padding = (DATA_ALIGNMENT - (LENGTH_FIELD + length) % DATA_ALIGNMENT) % DATA_ALIGNMENT;
    uint64_t field = length + padding;
    char spaces[DATA_ALIGNMENT];
    memset(spaces, ' ', sizeof spaces);
    bool good = write_bytes(file.stream, &field, sizeof field) &&
                write_bytes(file.stream, header, length) &&
                write_bytes(file.stream, spaces, padding);
    for (size_t i = 0; good && i < n; i++)
        good = write_bytes(file.stream, sorted[i]->data, sorted[i]->n_bytes);
    if (good)
        return rec_atomic_commit(&file, err);
    status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot write", path);
    rec_atomic_abort(&file);
    return status;
}

rec_status rec_tensor_writer_write(const rec_tensor_writer *w, const char *path, rec_error *err)
{
    const rec_tensor_view **sorted;
    cJSON *header = NULL;
    char *text = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(sorted, w->n, err);
    for (size_t i = 0; i < w->n; i++)
        sorted[i] = &w->views[i];
    qsort(sorted, w->n, sizeof *sorted, by_element_size);
    REC_TRY(build_header(&header, w, sorted, err));
    text = rec_json_print(header, err);
    if (text == NULL) {
        status = err != NULL ? err->status : REC_ERR_RESOURCE;
        goto cleanup;
    }
    status = write_file(path, text, sorted, w->n, err);
cleanup:
    free(text);
    cJSON_Delete(header);
    free(sorted);
    return status;
}
