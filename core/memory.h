/** Checked allocation: sizes are multiplied without overflow, failure is a status with a message. */
#ifndef REC_CORE_MEMORY_H
#define REC_CORE_MEMORY_H

#include <stddef.h>

#include "core/status.h"

/** Zeroed storage for n elements; never NULL for n = 0. NULL and REC_ERR_RESOURCE on failure. */
void *rec_alloc(size_t n, size_t size, rec_error *err);

/** Resize; the old block stays valid on failure (NULL). New bytes are not cleared. */
void *rec_realloc(void *old, size_t n, size_t size, rec_error *err);

/** Storage aligned to 64 bytes (vector kernels), zeroed; release with free(). */
void *rec_alloc_aligned(size_t n, size_t size, rec_error *err);

char *rec_strdup(const char *text, rec_error *err);
void *rec_memdup(const void *bytes, size_t n, rec_error *err);

/** printf into a new string of the caller. */
char *rec_format(rec_error *err, const char *format, ...) REC_PRINTF(2, 3);

/** Allocate inside a function that has `status` and `cleanup:`: REC_TRY_NEW(scores, n_items, err); */
#define REC_TRY_NEW(pointer, n, err)                                                               \
    do {                                                                                           \
        (pointer) = rec_alloc((n), sizeof *(pointer), (err));                                      \
        if ((pointer) == NULL) {                                                                   \
            status = REC_ERR_RESOURCE;                                                             \
            goto cleanup;                                                                          \
        }                                                                                          \
    } while (0)

#endif
