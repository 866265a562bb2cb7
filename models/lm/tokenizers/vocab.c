#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"
#include "models/lm/tokenizers/internal.h"

enum { MAX_IDS = 1 << 24 }; /* no vocabulary is near it; a damaged file must not ask for more */

static rec_status grow_ids(rec_vocab *v, size_t n, rec_error *err)
{
    if (n > MAX_IDS)
        return rec_fail(err, REC_ERR_MODEL, "token id %zu is out of range", n - 1);
    if (n <= v->n)
        return REC_OK;
    size_t capacity = v->n;
    while (capacity < n)
        capacity = capacity < 256 ? 256 : capacity * 2;
    char **pieces = rec_realloc(v->pieces, capacity, sizeof *pieces, err);
    if (pieces == NULL)
        return REC_ERR_RESOURCE;
    v->pieces = pieces;
    uint32_t *lengths = rec_realloc(v->lengths, capacity, sizeof *lengths, err);
    if (lengths == NULL)
        return REC_ERR_RESOURCE;
    v->lengths = lengths;
    for (size_t i = v->n; i < capacity; i++) {
        v->pieces[i] = NULL;
        v->lengths[i] = 0;
    }
    v->n = capacity; /* trimmed to the largest id by rec_tokenizer_finish */
    return REC_OK;
}

static void insert_slot(rec_vocab *v, uint32_t id)
{
    size_t slot = rec_fnv1a(v->pieces[id], v->lengths[id]) & v->mask;
    while (v->slots[slot] != REC_NO_TOKEN)
        slot = (slot + 1) & v->mask;
    v->slots[slot] = id;
}

static rec_status grow_slots(rec_vocab *v, size_t n_pieces, rec_error *err)
{
    size_t size = 512;
    while (size < n_pieces * 2)
        size *= 2;
    if (v->slots != NULL && size <= v->mask + 1)
        return REC_OK;
    uint32_t *slots = rec_alloc(size, sizeof *slots, err);
    if (slots == NULL)
        return REC_ERR_RESOURCE;
    memset(slots, 0xFF, size * sizeof *slots);
    free(v->slots);
    v->slots = slots;
    v->mask = size - 1;
    for (size_t id = 0; id < v->n; id++)
        if (v->pieces[id] != NULL)
            insert_slot(v, (uint32_t)id);
    return REC_OK;
}

rec_status rec_vocab_reserve(rec_vocab *v, size_t n_ids, rec_error *err)
{
    rec_status status = grow_ids(v, n_ids, err);
    return status != REC_OK ? status : grow_slots(v, n_ids, err);
}

rec_status rec_vocab_add(rec_vocab *v, uint32_t id, const char *piece, size_t length,
                         rec_error *err)
{
    rec_status status = grow_ids(v, (size_t)id + 1, err);
    if (status == REC_OK)
        status = grow_slots(v, v->n_used + 1, err);
    if (status != REC_OK)
        return status;
    if (v->pieces[id] != NULL)
        return rec_fail(err, REC_ERR_MODEL, "two tokens have the id %u: \"%s\" and \"%.*s\"", id,
                        v->pieces[id], (int)length, piece);
    if (length > UINT32_MAX || rec_vocab_find(v, piece, length) != REC_NO_TOKEN)
        return rec_fail(err, REC_ERR_MODEL, "the token \"%.*s\" appears twice", (int)length, piece);
    char *copy = rec_alloc(length + 1, 1, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    memcpy(copy, piece, length);
    v->pieces[id] = copy;
    v->lengths[id] = (uint32_t)length;
    v->n_used++;
    if (length > v->max_length)
        v->max_length = length;
    insert_slot(v, id);
    return REC_OK;
}

uint32_t rec_vocab_find_hashed(const rec_vocab *v, uint64_t hash, const char *piece, size_t length)
{
    if (v->slots == NULL)
        return REC_NO_TOKEN;
    for (size_t slot = hash & v->mask;; slot = (slot + 1) & v->mask) {
        uint32_t id = v->slots[slot];
        if (id == REC_NO_TOKEN ||
            (v->lengths[id] == length && memcmp(v->pieces[id], piece, length) == 0))
            return id;
    }
}

uint32_t rec_vocab_find(const rec_vocab *v, const char *piece, size_t length)
{
    return rec_vocab_find_hashed(v, rec_fnv1a(piece, length), piece, length);
}

void rec_vocab_deinit(rec_vocab *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->pieces[i]);
    free(v->pieces);
    free(v->lengths);
    free(v->slots);
    *v = (rec_vocab){0};
}
