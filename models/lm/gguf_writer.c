/* Writing of models/lm/gguf.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "models/lm/gguf.h"

enum { ALIGNMENT = 32 };

struct rec_gguf_writer {
    rec_buffer values; /* serialised metadata */
    uint64_t n_values;
    rec_gguf_tensor *tensors; /* owned, with their names; data borrowed */
    size_t n_tensors, capacity;
};

rec_status rec_gguf_writer_new(rec_gguf_writer **out, rec_error *err)
{
    *out = rec_alloc(1, sizeof **out, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

void rec_gguf_writer_free(rec_gguf_writer *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->n_tensors; i++)
        free((char *)(uintptr_t)w->tensors[i].name);
    free(w->tensors);
    rec_buffer_deinit(&w->values);
    free(w);
}

static rec_status append_u32(rec_buffer *b, uint32_t value, rec_error *err)
{
    return rec_buffer_append(b, &value, sizeof value, err);
}

static rec_status append_u64(rec_buffer *b, uint64_t value, rec_error *err)
{
    return rec_buffer_append(b, &value, sizeof value, err);
}

static rec_status append_string(rec_buffer *b, const char *text, size_t n, rec_error *err)
{
    rec_status status = append_u64(b, n, err);
    return status == REC_OK ? rec_buffer_append(b, text, n, err) : status;
}

/* Key and type; the entry counts from here on, so a failed one makes the writer unusable. */
static rec_status begin(rec_gguf_writer *w, const char *key, rec_gguf_type type, rec_error *err)
{
    w->n_values++;
    rec_status status = append_string(&w->values, key, strlen(key), err);
    return status == REC_OK ? append_u32(&w->values, (uint32_t)type, err) : status;
}

static rec_status begin_array(rec_gguf_writer *w, const char *key, rec_gguf_type item_type,
                              size_t n, rec_error *err)
{
    rec_status status = begin(w, key, REC_GGUF_ARRAY, err);
    if (status == REC_OK)
        status = append_u32(&w->values, (uint32_t)item_type, err);
    return status == REC_OK ? append_u64(&w->values, n, err) : status;
}

static rec_status put_scalar(rec_gguf_writer *w, const char *key, rec_gguf_type type,
                             const void *value, size_t size, rec_error *err)
{
    rec_status status = begin(w, key, type, err);
    return status == REC_OK ? rec_buffer_append(&w->values, value, size, err) : status;
}

rec_status rec_gguf_put_u32(rec_gguf_writer *w, const char *key, uint32_t value, rec_error *err)
{
    return put_scalar(w, key, REC_GGUF_U32, &value, sizeof value, err);
}

rec_status rec_gguf_put_f32(rec_gguf_writer *w, const char *key, float value, rec_error *err)
{
    return put_scalar(w, key, REC_GGUF_F32, &value, sizeof value, err);
}

rec_status rec_gguf_put_bool(rec_gguf_writer *w, const char *key, bool value, rec_error *err)
{
    uint8_t byte = value;
    return put_scalar(w, key, REC_GGUF_BOOL, &byte, sizeof byte, err);
}

rec_status rec_gguf_put_string(rec_gguf_writer *w, const char *key, const char *text,
                               rec_error *err)
{
    rec_status status = begin(w, key, REC_GGUF_STRING, err);
    return status == REC_OK ? append_string(&w->values, text, strlen(text), err) : status;
}

/* Bytes of the numbers of the file format. */
static size_t number_size(rec_gguf_type type)
{
    switch (type) {
    case REC_GGUF_U8:
    case REC_GGUF_I8:
    case REC_GGUF_BOOL:
        return 1;
    case REC_GGUF_U16:
    case REC_GGUF_I16:
        return 2;
    case REC_GGUF_U32:
    case REC_GGUF_I32:
    case REC_GGUF_F32:
        return 4;
    default:
        assert(type == REC_GGUF_U64 || type == REC_GGUF_I64 || type == REC_GGUF_F64);
        return 8;
    }
}

rec_status rec_gguf_put_array(rec_gguf_writer *w, const char *key, rec_gguf_type item_type,
                              const void *items, size_t n, rec_error *err)
{
    rec_status status = begin_array(w, key, item_type, n, err);
    if (status != REC_OK)
        return status;
    return rec_buffer_append(&w->values, items, n * number_size(item_type), err);
}

rec_status rec_gguf_put_strings(rec_gguf_writer *w, const char *key, const char *const *strings,
                                const size_t *lengths, size_t n, rec_error *err)
{
    rec_status status = begin_array(w, key, REC_GGUF_STRING, n, err);
    for (size_t i = 0; status == REC_OK && i < n; i++)
        status = append_string(&w->values, strings[i], lengths[i], err);
    return status;
}

rec_status rec_gguf_put_copy(rec_gguf_writer *w, const rec_gguf_value *v, rec_error *err)
{
    if (v->type == REC_GGUF_ARRAY)
        return v->item_type == REC_GGUF_STRING
                   ? rec_gguf_put_strings(w, v->key, v->strings, v->lengths, v->n, err)
                   : rec_gguf_put_array(w, v->key, v->item_type, v->bytes, v->n, err);
    if (v->type != REC_GGUF_STRING)
        return put_scalar(w, v->key, v->type, v->bytes, number_size(v->type), err);
    rec_status status = begin(w, v->key, REC_GGUF_STRING, err);
    return status == REC_OK ? append_string(&w->values, v->strings[0], v->lengths[0], err) : status;
}

rec_status rec_gguf_add_tensor(rec_gguf_writer *w, const char *name, rec_weight_format format,
                               size_t n_dims, const size_t *shape, const void *data, rec_error *err)
{
    assert(n_dims > 0 && n_dims <= REC_GGUF_MAX_DIMS);
    if (w->n_tensors == w->capacity) {
        size_t capacity = w->capacity > 0 ? 2 * w->capacity : 64;
        rec_gguf_tensor *tensors = rec_realloc(w->tensors, capacity, sizeof *tensors, err);
        if (tensors == NULL)
            return REC_ERR_RESOURCE;
        w->tensors = tensors;
        w->capacity = capacity;
    }
    rec_gguf_tensor t = {.format = format, .n_dims = n_dims, .n_elements = 1, .data = data};
    for (size_t d = 0; d < n_dims; d++) {
        t.shape[d] = shape[d];
        t.n_elements *= shape[d];
    }
    assert(shape[n_dims - 1] % rec_weight_format_block(format) == 0);
    t.n_bytes = rec_weight_format_bytes(format, t.n_elements);
    t.name = rec_strdup(name, err);
    if (t.name == NULL)
        return REC_ERR_RESOURCE;
    w->tensors[w->n_tensors++] = t;
    return REC_OK;
}

static size_t padded(size_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static rec_status append_tensor(rec_buffer *b, const rec_gguf_tensor *t, uint64_t offset,
                                rec_error *err)
{
    rec_status status = append_string(b, t->name, strlen(t->name), err);
    if (status == REC_OK)
        status = append_u32(b, (uint32_t)t->n_dims, err);
    for (size_t d = t->n_dims; status == REC_OK && d-- > 0;) /* the file lists them reversed */
        status = append_u64(b, t->shape[d], err);
    if (status == REC_OK)
        status = append_u32(b, rec_gguf_tensor_type(t->format), err);
    return status == REC_OK ? append_u64(b, offset, err) : status;
}

static rec_status build_head(rec_buffer *head, const rec_gguf_writer *w, rec_error *err)
{
    static const char zeros[ALIGNMENT];
    uint64_t offset = 0;
    rec_status status = rec_buffer_append(head, "GGUF\3\0\0\0", 8, err);
    if (status == REC_OK)
        status = append_u64(head, w->n_tensors, err);
    if (status == REC_OK)
        status = append_u64(head, w->n_values, err);
    if (status == REC_OK && w->values.length > 0)
        status = rec_buffer_append(head, w->values.data, w->values.length, err);
    for (size_t i = 0; status == REC_OK && i < w->n_tensors; i++) {
        status = append_tensor(head, &w->tensors[i], offset, err);
        offset += padded(w->tensors[i].n_bytes);
    }
    if (status != REC_OK)
        return status;
    return rec_buffer_append(head, zeros, padded(head->length) - head->length, err);
}

static bool write_padded(FILE *stream, const void *bytes, size_t n)
{
    static const char zeros[ALIGNMENT];
    size_t padding = padded(n) - n;
    return (n == 0 || fwrite(bytes, 1, n, stream) == n) &&
           (padding == 0 || fwrite(zeros, 1, padding, stream) == padding);
}

rec_status rec_gguf_write(const rec_gguf_writer *w, const char *path, rec_error *err)
{
    rec_buffer head = {.data = NULL};
    rec_atomic_file file = {.stream = NULL};
    rec_status status = REC_OK;
    REC_TRY(build_head(&head, w, err));
    REC_TRY(rec_atomic_open(&file, path, err));
    bool good = write_padded(file.stream, head.data, head.length);
    for (size_t i = 0; good && i < w->n_tensors; i++)
        good = write_padded(file.stream, w->tensors[i].data, w->tensors[i].n_bytes);
    status = good ? rec_atomic_commit(&file, err)
                  : rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot write", path);
cleanup:
    rec_atomic_abort(&file);
    rec_buffer_deinit(&head);
    return status;
}
