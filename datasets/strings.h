/**
 * Many short strings in few allocations: a pool of NUL-terminated texts that live and die together,
 * and a table that gives equal texts one number (ids -> 0, 1, 2, ... in order of first sight).
 */
#ifndef REC_DATASETS_STRINGS_H
#define REC_DATASETS_STRINGS_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

typedef struct rec_strings rec_strings;

rec_status rec_strings_new(rec_strings **out, rec_error *err);
void rec_strings_free(rec_strings *pool);

/** Copy n bytes (without NUL) into the pool; NULL and REC_ERR_RESOURCE when memory is short. */
char *rec_strings_add(rec_strings *pool, const char *text, size_t n, rec_error *err);

/** Bytes held, for memory reports. */
size_t rec_strings_bytes(const rec_strings *pool);

/** Texts numbered in order of first sight. Init with zeros; the pool is borrowed. */
typedef struct rec_interner {
    rec_strings *pool;
    char **texts; /* owned array of n pointers into the pool */
    size_t n, capacity;
    uint64_t *slots; /* owned; open addressing: high half hash, low half number + 1 */
    size_t n_slots;  /* power of two */
} rec_interner;

void rec_interner_deinit(rec_interner *t);

/** Number of this text, a new one if it was never seen. At most UINT32_MAX - 1 texts. */
rec_status rec_interner_add(uint32_t *out, rec_interner *t, const char *text, size_t n,
                            rec_error *err);

/** Number of this text, or UINT32_MAX. */
uint32_t rec_interner_find(const rec_interner *t, const char *text, size_t n);

#endif
