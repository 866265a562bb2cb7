#include "datasets/strings.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { BLOCK_BYTES = 1 << 18, FIRST_SLOTS = 1 << 10 };

typedef struct block {
    struct block *next;
    size_t used, capacity;
    char bytes[];
} block;

struct rec_strings {
    block *blocks; /* newest first */
    size_t bytes;
};

rec_status rec_strings_new(rec_strings **out, rec_error *err)
{
    *out = rec_alloc(1, sizeof **out, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

void rec_strings_free(rec_strings *pool)
{
    if (pool == NULL)
        return;
    for (block *b = pool->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(pool);
}

/* A text of more than a block gets one of its own, behind the newest, so that the newest keeps the
 * room it has left. */
static block *block_with_room(rec_strings *pool, size_t n, rec_error *err)
{
    block *newest = pool->blocks;
    if (newest != NULL && newest->capacity - newest->used >= n)
        return newest;
    size_t capacity = n > BLOCK_BYTES / 4 ? n : BLOCK_BYTES;
    block *b = rec_realloc(NULL, sizeof *b + capacity, 1, err);
    if (b == NULL)
        return NULL;
    b->used = 0;
    b->capacity = capacity;
    if (capacity != BLOCK_BYTES && newest != NULL) {
        b->next = newest->next;
        newest->next = b;
    } else {
        b->next = newest;
        pool->blocks = b;
    }
    pool->bytes += sizeof *b + capacity;
    return b;
}

char *rec_strings_add(rec_strings *pool, const char *text, size_t n, rec_error *err)
{
    block *b = block_with_room(pool, n + 1, err);
    if (b == NULL)
        return NULL;
    char *copy = b->bytes + b->used;
    if (n > 0)
        memcpy(copy, text, n);
    copy[n] = '\0';
    b->used += n + 1;
    return copy;
}

size_t rec_strings_bytes(const rec_strings *pool)
{
    return pool->bytes;
}

void rec_interner_deinit(rec_interner *t)
{
    free(t->texts);
    free(t->slots);
    *t = (rec_interner){.pool = t->pool};
}

/* Eight bytes a step: ids are a few bytes long and are hashed once per interaction. Multiply and
 * fold as in wyhash (public domain); only the spread matters, no result depends on it. */
static uint32_t hash_of(const char *text, size_t n)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ n;
    while (n > 0) {
        uint64_t word = 0;
        size_t step = n < 8 ? n : 8;
        memcpy(&word, text, step);
        h = (h ^ word) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
        text += step;
        n -= step;
    }
    h *= 0xD6E8FEB86659FD93u;
    return (uint32_t)(h >> 32);
}

static int same(const char *stored, const char *text, size_t n)
{
    return strncmp(stored, text, n) == 0 && stored[n] == '\0';
}

/* The slot that holds the text, or the empty one where it would go. */
static size_t slot_of(const rec_interner *t, uint32_t hash, const char *text, size_t n)
{
    size_t mask = t->n_slots - 1;
    size_t i = hash & mask;
    for (; t->slots[i] != 0; i = (i + 1) & mask)
        if ((uint32_t)(t->slots[i] >> 32) == hash &&
            same(t->texts[(uint32_t)t->slots[i] - 1], text, n))
            break;
    return i;
}

/* Keep at least half of the slots empty. */
static rec_status grow_slots(rec_interner *t, rec_error *err)
{
    size_t n_slots = t->n_slots > 0 ? t->n_slots * 2 : FIRST_SLOTS;
    uint64_t *slots = rec_alloc(n_slots, sizeof *slots, err);
    if (slots == NULL)
        return REC_ERR_RESOURCE;
    for (size_t old = 0; old < t->n_slots; old++) {
        if (t->slots[old] == 0)
            continue;
        size_t i = (size_t)(t->slots[old] >> 32) & (n_slots - 1);
        while (slots[i] != 0)
            i = (i + 1) & (n_slots - 1);
        slots[i] = t->slots[old];
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = n_slots;
    return REC_OK;
}

static rec_status grow_texts(rec_interner *t, rec_error *err)
{
    size_t capacity = t->capacity > 0 ? t->capacity + t->capacity / 2 : FIRST_SLOTS;
    char **texts = rec_realloc(t->texts, capacity, sizeof *texts, err);
    if (texts == NULL)
        return REC_ERR_RESOURCE;
    t->texts = texts;
    t->capacity = capacity;
    return REC_OK;
}

rec_status rec_interner_add(uint32_t *out, rec_interner *t, const char *text, size_t n,
                            rec_error *err)
{
    if (t->n >= t->n_slots / 2 && grow_slots(t, err) != REC_OK)
        return REC_ERR_RESOURCE;
    uint32_t hash = hash_of(text, n);
    size_t slot = slot_of(t, hash, text, n);
    if (t->slots[slot] != 0) {
        *out = (uint32_t)t->slots[slot] - 1;
        return REC_OK;
    }
    if (t->n == t->capacity && grow_texts(t, err) != REC_OK)
        return REC_ERR_RESOURCE;
    if (t->n >= UINT32_MAX - 1)
        return rec_fail(err, REC_ERR_DATA, "more than %u different ids", UINT32_MAX - 1);
    char *copy = rec_strings_add(t->pool, text, n, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    *out = (uint32_t)t->n;
    t->texts[t->n++] = copy;
    t->slots[slot] = (uint64_t)hash << 32 | (uint64_t)(*out + 1);
    return REC_OK;
}

uint32_t rec_interner_find(const rec_interner *t, const char *text, size_t n)
{
    if (t->n_slots == 0)
        return UINT32_MAX;
    size_t slot = slot_of(t, hash_of(text, n), text, n);
    return t->slots[slot] != 0 ? (uint32_t)t->slots[slot] - 1 : UINT32_MAX;
}
