#include "core/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void rec_buffer_deinit(rec_buffer *b)
{
    free(b->data);
    *b = (rec_buffer){.max = b->max};
}

void rec_buffer_clear(rec_buffer *b)
{
    b->length = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

static rec_status reserve(rec_buffer *b, size_t n, rec_error *err)
{
    if ((b->max > 0 && n > b->max - b->length) || n > SIZE_MAX / 2 - b->length - 1)
        return rec_fail(err, REC_ERR_RESOURCE, "text longer than %zu bytes", b->max);
    size_t needed = b->length + n + 1;
    if (needed <= b->capacity)
        return REC_OK;
    size_t capacity = b->capacity < 64 ? 64 : b->capacity;
    while (capacity < needed)
        capacity *= 2;
    char *data = rec_realloc(b->data, capacity, 1, err);
    if (data == NULL)
        return REC_ERR_RESOURCE;
    b->data = data;
    b->capacity = capacity;
    return REC_OK;
}

rec_status rec_buffer_append(rec_buffer *b, const void *bytes, size_t n, rec_error *err)
{
    rec_status status = reserve(b, n, err);
    if (status != REC_OK)
        return status;
    if (n > 0)
        memcpy(b->data + b->length, bytes, n);
    b->length += n;
    b->data[b->length] = '\0';
    return REC_OK;
}

rec_status rec_buffer_puts(rec_buffer *b, const char *text, rec_error *err)
{
    return rec_buffer_append(b, text, strlen(text), err);
}

rec_status rec_buffer_printf(rec_buffer *b, rec_error *err, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    rec_status status = n < 0 ? rec_fail(err, REC_ERR_INTERNAL, "bad format \"%s\"", format)
                              : reserve(b, (size_t)n, err);
    if (status == REC_OK) {
        vsnprintf(b->data + b->length, (size_t)n + 1, format, again);
        b->length += (size_t)n;
    }
    va_end(again);
    va_end(arguments);
    return status;
}

char *rec_buffer_take(rec_buffer *b, rec_error *err)
{
    if (b->data == NULL && rec_buffer_append(b, "", 0, err) != REC_OK)
        return NULL;
    char *text = b->data;
    *b = (rec_buffer){.max = b->max};
    return text;
}
