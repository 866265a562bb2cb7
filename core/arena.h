/**
 * A bump allocator for scratch of one step or request: mark, allocate, rewind. Blocks grow as
 * needed and are kept, so that a training step allocates nothing after the first. With the build
 * option REC_ARENA_SEPARATE every request is its own allocation and ASan sees overruns.
 */
#ifndef REC_CORE_ARENA_H
#define REC_CORE_ARENA_H

#include <stddef.h>

#include "core/status.h"

typedef struct rec_arena_block rec_arena_block;

typedef struct rec_arena {
    rec_arena_block *first, *current; /* owned chain */
    size_t block_size;                /* 0 = 1 MiB */
    size_t in_use, peak;              /* bytes, for memory reports */
} rec_arena;

typedef struct rec_arena_mark {
    rec_arena_block *block;
    size_t used, in_use;
} rec_arena_mark;

void rec_arena_deinit(rec_arena *a);

/** n * size bytes aligned to 64, not cleared. NULL and REC_ERR_RESOURCE on failure. */
void *rec_arena_alloc(rec_arena *a, size_t n, size_t size, rec_error *err);

/** A copy of a string; NULL and REC_ERR_RESOURCE on failure. */
char *rec_arena_strdup(rec_arena *a, const char *text, rec_error *err);

rec_arena_mark rec_arena_get_mark(const rec_arena *a);
void rec_arena_rewind(rec_arena *a, rec_arena_mark mark);

/** Take everything back. An arena that had grown to several blocks becomes one with room for its
 * greatest use so far, so that rounds of changing sizes soon allocate nothing. */
void rec_arena_reset(rec_arena *a);

#endif
