#include "core/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *out_of_memory(rec_error *err, size_t n, size_t size)
{
    rec_fail(err, REC_ERR_RESOURCE, "out of memory (%zu elements of %zu bytes)", n, size);
    return NULL;
}

void *rec_alloc(size_t n, size_t size, rec_error *err)
{
    void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1); /* checks the product itself */
    return p != NULL ? p : out_of_memory(err, n, size);
}

void *rec_realloc(void *old, size_t n, size_t size, rec_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return out_of_memory(err, n, size);
    void *p = realloc(old, bytes > 0 ? bytes : 1);
    return p != NULL ? p : out_of_memory(err, n, size);
}

void *rec_alloc_aligned(size_t n, size_t size, rec_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - 64)
        return out_of_memory(err, n, size);
    bytes = bytes == 0 ? 64 : (bytes + 63) / 64 * 64;
    void *p = aligned_alloc(64, bytes);
    if (p == NULL)
        return out_of_memory(err, n, size);
    return memset(p, 0, bytes);
}

void *rec_memdup(const void *bytes, size_t n, rec_error *err)
{
    char *copy = malloc(n > 0 ? n : 1);
    if (copy == NULL)
        return out_of_memory(err, n, 1);
    if (n > 0)
        memcpy(copy, bytes, n);
    return copy;
}

char *rec_strdup(const char *text, rec_error *err)
{
    return rec_memdup(text, strlen(text) + 1, err);
}

char *rec_format(rec_error *err, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    else
        out_of_memory(err, length < 0 ? 0 : (size_t)length + 1, 1);
    va_end(again);
    va_end(arguments);
    return text;
}
