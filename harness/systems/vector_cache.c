#include "harness/systems/vector_cache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"

typedef struct kept {
    char *text; /* owned */
    uint64_t hash;
} kept;

struct rec_vector_cache {
    size_t dim, max_bytes, n_bytes;
    kept *kept;     /* owned, (n) */
    float *vectors; /* owned, (n, dim) */
    size_t n, capacity;
    uint32_t *slots; /* owned, (n_slots) a power of two: 1 + index, 0 = free; linear probing */
    size_t n_slots;
};

rec_status rec_vector_cache_new(rec_vector_cache **out, size_t dim, size_t max_bytes,
                                rec_error *err)
{
    enum { FIRST_SLOTS = 1024 };
    *out = NULL;
    rec_vector_cache *c = rec_alloc(1, sizeof *c, err);
    if (c == NULL)
        return REC_ERR_RESOURCE;
    *c = (rec_vector_cache){.dim = dim, .max_bytes = max_bytes, .n_slots = FIRST_SLOTS};
    c->slots = rec_alloc(c->n_slots, sizeof *c->slots, err);
    if (c->slots == NULL) {
        rec_vector_cache_free(c);
        return REC_ERR_RESOURCE;
    }
    *out = c;
    return REC_OK;
}

void rec_vector_cache_free(rec_vector_cache *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->n; i++)
        free(c->kept[i].text);
    free(c->kept);
    free(c->vectors);
    free(c->slots);
    free(c);
}

/* Slot of a text, or the free one where it would go. */
static size_t find(const rec_vector_cache *c, const char *text, uint64_t hash)
{
    size_t slot = (size_t)hash & (c->n_slots - 1);
    while (c->slots[slot] != 0) {
        const kept *k = &c->kept[c->slots[slot] - 1];
        if (k->hash == hash && strcmp(k->text, text) == 0)
            break;
        slot = (slot + 1) & (c->n_slots - 1);
    }
    return slot;
}

const float *rec_vector_cache_get(const rec_vector_cache *c, const char *text)
{
    uint32_t place = c->slots[find(c, text, rec_fnv1a(text, strlen(text)))];
    return place != 0 ? c->vectors + (size_t)(place - 1) * c->dim : NULL;
}

static rec_status grow_slots(rec_vector_cache *c, rec_error *err)
{
    uint32_t *slots = rec_alloc(2 * c->n_slots, sizeof *slots, err);
    if (slots == NULL)
        return REC_ERR_RESOURCE;
    free(c->slots);
    c->slots = slots;
    c->n_slots *= 2;
    for (size_t i = 0; i < c->n; i++)
        slots[find(c, c->kept[i].text, c->kept[i].hash)] = (uint32_t)i + 1;
    return REC_OK;
}

static rec_status grow(rec_vector_cache *c, rec_error *err)
{
    if (2 * (c->n + 1) > c->n_slots) {
        rec_status status = grow_slots(c, err);
        if (status != REC_OK)
            return status;
    }
    if (c->n < c->capacity)
        return REC_OK;
    size_t capacity = c->capacity > 0 ? 2 * c->capacity : 256;
    kept *entries = rec_realloc(c->kept, capacity, sizeof *entries, err);
    if (entries == NULL)
        return REC_ERR_RESOURCE;
    c->kept = entries;
    float *vectors = rec_realloc(c->vectors, capacity * c->dim, sizeof *vectors, err);
    if (vectors == NULL)
        return REC_ERR_RESOURCE;
    c->vectors = vectors;
    c->capacity = capacity;
    return REC_OK;
}

rec_status rec_vector_cache_put(rec_vector_cache *c, const char *text, const float *vector,
                                rec_error *err)
{
    size_t length = strlen(text), bytes = length + 1 + c->dim * sizeof *vector;
    uint64_t hash = rec_fnv1a(text, length);
    if (c->n_bytes + bytes > c->max_bytes || c->slots[find(c, text, hash)] != 0)
        return REC_OK;
    rec_status status = grow(c, err);
    char *copy = status == REC_OK ? rec_strdup(text, err) : NULL;
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    c->slots[find(c, text, hash)] = (uint32_t)c->n + 1;
    c->kept[c->n] = (kept){copy, hash};
    memcpy(c->vectors + c->n * c->dim, vector, c->dim * sizeof *vector);
    c->n++;
    c->n_bytes += bytes;
    return REC_OK;
}
