#include "core/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { ALIGNMENT = 64, DEFAULT_BLOCK = 1 << 20 };

struct rec_arena_block {
    rec_arena_block *next;
    size_t capacity, used;
    char *data; /* aligned to 64, inside this allocation's own storage */
};

void rec_arena_deinit(rec_arena *a)
{
    for (rec_arena_block *block = a->first, *next; block != NULL; block = next) {
        next = block->next;
        free(block->data);
        free(block);
    }
    *a = (rec_arena){.block_size = a->block_size};
}

static rec_arena_block *block_new(size_t capacity, rec_error *err)
{
    rec_arena_block *block = rec_alloc(1, sizeof *block, err);
    if (block == NULL)
        return NULL;
    block->data = aligned_alloc(ALIGNMENT, capacity);
    if (block->data == NULL) {
        rec_fail(err, REC_ERR_RESOURCE, "out of memory (scratch of %zu bytes)", capacity);
        free(block);
        return NULL;
    }
    block->capacity = capacity;
    return block;
}

/* The first block from `current` on with room, or a new one put after it. */
static rec_arena_block *block_with_room(rec_arena *a, size_t bytes, rec_error *err)
{
    rec_arena_block *last = NULL;
#ifndef REC_ARENA_SEPARATE
    for (rec_arena_block *block = a->current; block != NULL; block = block->next) {
        if (block->capacity - block->used >= bytes)
            return block;
        last = block;
    }
    size_t size = a->block_size > 0 ? a->block_size : DEFAULT_BLOCK;
#else
    for (last = a->current; last != NULL && last->next != NULL; last = last->next)
        ;
    size_t size = bytes;
#endif
    rec_arena_block *block = block_new(bytes > size ? bytes : size, err);
    if (block == NULL)
        return NULL;
    if (last != NULL)
        last->next = block;
    else
        a->first = block;
    return block;
}

void *rec_arena_alloc(rec_arena *a, size_t n, size_t size, rec_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT) {
        rec_fail(err, REC_ERR_RESOURCE, "scratch of %zu elements of %zu bytes", n, size);
        return NULL;
    }
    bytes = bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    rec_arena_block *block = block_with_room(a, bytes, err);
    if (block == NULL)
        return NULL;
    a->current = block;
    void *p = block->data + block->used;
    block->used += bytes;
    a->in_use += bytes;
    if (a->in_use > a->peak)
        a->peak = a->in_use;
    return p;
}

char *rec_arena_strdup(rec_arena *a, const char *text, rec_error *err)
{
    size_t n = strlen(text) + 1;
    char *copy = rec_arena_alloc(a, n, 1, err);
    if (copy != NULL)
        memcpy(copy, text, n);
    return copy;
}

rec_arena_mark rec_arena_get_mark(const rec_arena *a)
{
    return (rec_arena_mark){
        .block = a->current,
        .used = a->current != NULL ? a->current->used : 0,
        .in_use = a->in_use,
    };
}

void rec_arena_rewind(rec_arena *a, rec_arena_mark mark)
{
    rec_arena_block *kept = mark.block != NULL ? mark.block : a->first;
    if (kept == NULL)
        return;
    kept->used = mark.used;
#ifdef REC_ARENA_SEPARATE
    /* Hand later blocks back, so that ASan catches a use after rewind. */
    rec_arena_block *next;
    for (rec_arena_block *block = kept->next; block != NULL; block = next) {
        next = block->next;
        free(block->data);
        free(block);
    }
    kept->next = NULL;
#else
    for (rec_arena_block *block = kept->next; block != NULL; block = block->next)
        block->used = 0;
#endif
    a->current = kept;
    a->in_use = mark.in_use;
}

void rec_arena_reset(rec_arena *a)
{
    rec_arena_rewind(a, (rec_arena_mark){.block = NULL});
#ifndef REC_ARENA_SEPARATE
    if (a->first == NULL || a->first->next == NULL)
        return;
    size_t peak = a->peak, room = (peak + peak / 8 + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    rec_arena_deinit(a);
    a->peak = peak;
    a->first = a->current = block_new(room, NULL); /* without memory: grows again when asked */
#endif
}
