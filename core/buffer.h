/** A growing byte string with a maximum. Always NUL-terminated after a successful append. */
#ifndef REC_CORE_BUFFER_H
#define REC_CORE_BUFFER_H

#include <stddef.h>

#include "core/status.h"

typedef struct rec_buffer {
    char *data; /* owned; NULL while empty */
    size_t length, capacity;
    size_t max; /* 0 = no maximum */
} rec_buffer;

void rec_buffer_deinit(rec_buffer *b);
void rec_buffer_clear(rec_buffer *b); /* keeps the storage */

/** REC_ERR_RESOURCE when memory or `max` is exceeded; the content is unchanged then. */
rec_status rec_buffer_append(rec_buffer *b, const void *bytes, size_t n, rec_error *err);
rec_status rec_buffer_puts(rec_buffer *b, const char *text, rec_error *err);
rec_status rec_buffer_printf(rec_buffer *b, rec_error *err, const char *format, ...)
    REC_PRINTF(3, 4);

/** The string (owned by the caller from now on, never NULL); the buffer is empty afterwards. */
char *rec_buffer_take(rec_buffer *b, rec_error *err);

#endif
