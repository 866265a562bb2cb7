/* Training byte-level BPE: count the words of the texts once, then again and again join the pair of
 * symbols that occurs most often. Only words that hold the pair are looked at, and pairs wait in a
 * heap whose entries are checked against the current counts when they come up. */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"
#include "models/lm/tokenizers/internal.h"

typedef struct word {
    uint32_t *ids; /* owned */
    size_t n;
    int64_t count;
} word;

typedef struct pair_entry {
    uint64_t pair; /* left << 32 | right */
    int64_t count;
    uint32_t *words; /* owned: words that held the pair at some time; may repeat */
    size_t n_words, capacity;
    bool used;
} pair_entry;

typedef struct heap_entry {
    int64_t count;
    uint64_t pair;
} heap_entry;

typedef struct trainer {
    rec_tokenizer *t;
    rec_vocab words_seen; /* text of a word -> index in words */
    word *words;
    size_t n_words, words_capacity;
    pair_entry *pairs; /* open addressing */
    size_t pair_mask, n_pairs;
    heap_entry *heap;
    size_t n_heap, heap_capacity;
    uint32_t next_id;
} trainer;

/* ---- words ---- */

static rec_status count_word(void *context, const char *bytes, size_t n, rec_error *err)
{
    trainer *tr = context;
    uint32_t index = rec_vocab_find(&tr->words_seen, bytes, n);
    if (index != REC_NO_TOKEN) {
        tr->words[index].count++;
        return REC_OK;
    }
    if (tr->n_words == tr->words_capacity) {
        size_t capacity = tr->words_capacity < 1024 ? 1024 : 2 * tr->words_capacity;
        word *words = rec_realloc(tr->words, capacity, sizeof *words, err);
        if (words == NULL)
            return REC_ERR_RESOURCE;
        tr->words = words;
        tr->words_capacity = capacity;
    }
    uint32_t *ids = rec_alloc(n, sizeof *ids, err);
    if (ids == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        ids[i] = tr->t->bpe.byte_ids[(unsigned char)bytes[i]];
    tr->words[tr->n_words] = (word){.ids = ids, .n = n, .count = 1};
    return rec_vocab_add(&tr->words_seen, (uint32_t)tr->n_words++, bytes, n, err);
}

/* Digits stand alone, then GPT-2's pattern: numbers of years and sequels stay comparable. */
static rec_status count_after_digits(void *context, const char *bytes, size_t n, rec_error *err)
{
    trainer *tr = context;
    return rec_split(&tr->t->splitters[1], bytes, n, false, count_word, tr, err);
}

/* ---- pairs ---- */

static pair_entry *pair_slot(const trainer *tr, uint64_t pair)
{
    size_t slot = rec_fnv1a(&pair, sizeof pair) & tr->pair_mask;
    while (tr->pairs[slot].used && tr->pairs[slot].pair != pair)
        slot = (slot + 1) & tr->pair_mask;
    return &tr->pairs[slot];
}

static rec_status grow_pairs(trainer *tr, rec_error *err)
{
    size_t size = tr->pairs == NULL ? 4096 : 2 * (tr->pair_mask + 1), old_size = tr->pair_mask + 1;
    pair_entry *old = tr->pairs, *pairs = rec_alloc(size, sizeof *pairs, err);
    if (pairs == NULL)
        return REC_ERR_RESOURCE;
    tr->pairs = pairs;
    tr->pair_mask = size - 1;
    for (size_t i = 0; old != NULL && i < old_size; i++)
        if (old[i].used)
            *pair_slot(tr, old[i].pair) = old[i];
    free(old);
    return REC_OK;
}

static bool before(const heap_entry *a, const heap_entry *b)
{
    return a->count != b->count ? a->count > b->count : a->pair < b->pair;
}

static rec_status heap_push(trainer *tr, heap_entry entry, rec_error *err)
{
    if (tr->n_heap == tr->heap_capacity) {
        size_t capacity = tr->heap_capacity < 1024 ? 1024 : 2 * tr->heap_capacity;
        heap_entry *heap = rec_realloc(tr->heap, capacity, sizeof *heap, err);
        if (heap == NULL)
            return REC_ERR_RESOURCE;
        tr->heap = heap;
        tr->heap_capacity = capacity;
    }
    size_t i = tr->n_heap++;
    for (; i > 0 && before(&entry, &tr->heap[(i - 1) / 2]); i = (i - 1) / 2)
        tr->heap[i] = tr->heap[(i - 1) / 2];
    tr->heap[i] = entry;
    return REC_OK;
}

static heap_entry heap_pop(trainer *tr)
{
    heap_entry top = tr->heap[0], last = tr->heap[--tr->n_heap];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < tr->n_heap && before(&tr->heap[child + 1], &tr->heap[child]))
            child++;
        if (child >= tr->n_heap || !before(&tr->heap[child], &last))
            break;
        tr->heap[i] = tr->heap[child];
        i = child;
    }
    tr->heap[i] = last;
    return top;
}

static rec_status change_pair(trainer *tr, uint32_t left, uint32_t right, int64_t change,
                              uint32_t in_word, rec_error *err)
{
    if ((tr->pairs == NULL || 2 * (tr->n_pairs + 1) > tr->pair_mask) &&
        grow_pairs(tr, err) != REC_OK)
        return REC_ERR_RESOURCE;
    uint64_t pair = (uint64_t)left << 32 | right;
    pair_entry *entry = pair_slot(tr, pair);
    if (!entry->used) {
        *entry = (pair_entry){.pair = pair, .used = true};
        tr->n_pairs++;
    }
    entry->count += change;
    if (change <= 0)
        return REC_OK;
    if (entry->n_words == entry->capacity) {
        size_t capacity = entry->capacity < 4 ? 4 : 2 * entry->capacity;
        uint32_t *words = rec_realloc(entry->words, capacity, sizeof *words, err);
        if (words == NULL)
            return REC_ERR_RESOURCE;
        entry->words = words;
        entry->capacity = capacity;
    }
    if (entry->n_words == 0 || entry->words[entry->n_words - 1] != in_word)
        entry->words[entry->n_words++] = in_word;
    return heap_push(tr, (heap_entry){.count = entry->count, .pair = pair}, err);
}

static rec_status count_pairs(trainer *tr, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t w = 0; w < tr->n_words; w++)
        for (size_t i = 0; i + 1 < tr->words[w].n && status == REC_OK; i++)
            status = change_pair(tr, tr->words[w].ids[i], tr->words[w].ids[i + 1],
                                 tr->words[w].count, (uint32_t)w, err);
    return status;
}

/* Join every (left, right) of one word; counts of the pairs around it follow. */
static rec_status merge_in_word(trainer *tr, uint32_t w, uint32_t left, uint32_t right, uint32_t id,
                                rec_error *err)
{
    rec_status status = REC_OK;
    word *x = &tr->words[w];
    for (size_t i = 0; i + 1 < x->n; i++) {
        if (x->ids[i] != left || x->ids[i + 1] != right)
            continue;
        if (i > 0) {
            REC_TRY(change_pair(tr, x->ids[i - 1], left, -x->count, w, err));
            REC_TRY(change_pair(tr, x->ids[i - 1], id, x->count, w, err));
        }
        if (i + 2 < x->n) {
            REC_TRY(change_pair(tr, right, x->ids[i + 2], -x->count, w, err));
            REC_TRY(change_pair(tr, id, x->ids[i + 2], x->count, w, err));
        }
        x->ids[i] = id;
        memmove(x->ids + i + 1, x->ids + i + 2, (x->n - i - 2) * sizeof *x->ids);
        x->n--;
    }
cleanup:
    return status;
}

/* The pair of highest current count, taken out of the heap; false when none occurs twice. */
static bool best_pair(trainer *tr, uint64_t *pair)
{
    while (tr->n_heap > 0) {
        heap_entry top = heap_pop(tr);
        pair_entry *entry = pair_slot(tr, top.pair);
        if (entry->count < 2)
            continue;
        if (entry->count == top.count) {
            *pair = top.pair;
            return true;
        }
        if (entry->count < top.count &&
            heap_push(tr, (heap_entry){entry->count, top.pair}, NULL) != REC_OK)
            return false;
    }
    return false;
}

static rec_status join(trainer *tr, uint64_t pair, rec_error *err)
{
    rec_status status = REC_OK;
    const rec_vocab *v = &tr->t->vocab;
    uint32_t left = (uint32_t)(pair >> 32), right = (uint32_t)pair, id;
    size_t n = (size_t)v->lengths[left] + v->lengths[right];
    char *piece = rec_alloc(n, 1, err);
    if (piece == NULL)
        return REC_ERR_RESOURCE;
    memcpy(piece, v->pieces[left], v->lengths[left]);
    memcpy(piece + v->lengths[left], v->pieces[right], v->lengths[right]);
    id = rec_vocab_find(v, piece, n); /* two pairs may spell the same piece */
    if (id == REC_NO_TOKEN) {
        id = tr->next_id++;
        REC_TRY(rec_vocab_add(&tr->t->vocab, id, piece, n, err));
    }
    rec_bpe_add_merge(&tr->t->bpe, left, right, id);
    pair_entry *entry = pair_slot(tr, pair);
    uint32_t *words = entry->words;
    size_t n_words = entry->n_words;
    entry->words = NULL; /* the table may move while counts change */
    entry->n_words = entry->capacity = 0;
    entry->count = 0;
    for (size_t i = 0; i < n_words && status == REC_OK; i++)
        status = merge_in_word(tr, words[i], left, right, id, err);
    free(words);
    pair_slot(tr, pair)->count = 0; /* overlaps ("aaa") moved it below zero */
cleanup:
    free(piece);
    return status;
}

static void trainer_deinit(trainer *tr)
{
    for (size_t i = 0; i < tr->n_words; i++)
        free(tr->words[i].ids);
    for (size_t i = 0; tr->pairs != NULL && i <= tr->pair_mask; i++)
        free(tr->pairs[i].words);
    free(tr->words);
    free(tr->pairs);
    free(tr->heap);
    rec_vocab_deinit(&tr->words_seen);
}

/* Special tokens, bytes, and the pipeline of the tokenizer to be trained. */
static rec_status prepare(trainer *tr, size_t vocab_size, const char *const *special,
                          size_t n_special, rec_error *err)
{
    rec_status status = REC_OK;
    rec_tokenizer *t = tr->t;
    if (vocab_size < n_special + 256)
        return rec_fail(err, REC_ERR_CONFIG,
                        "vocab_size %zu is below %zu special tokens + 256 bytes", vocab_size,
                        n_special);
    REC_TRY(rec_vocab_reserve(&t->vocab, vocab_size, err));
    for (size_t i = 0; i < n_special; i++)
        REC_TRY(rec_tokenizer_add_token(t, (uint32_t)i, special[i], true, err));
    for (unsigned byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        t->bpe.byte_ids[byte] = (uint32_t)(n_special + byte);
        REC_TRY(rec_vocab_add(&t->vocab, t->bpe.byte_ids[byte], &c, 1, err));
    }
    tr->next_id = (uint32_t)(n_special + 256);
    rec_splitter *digits = rec_tokenizer_add_splitter(t, err);
    rec_splitter *gpt2 = digits != NULL ? rec_tokenizer_add_splitter(t, err) : NULL;
    if (gpt2 == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    t->splitters[0] = (rec_splitter){.kind = REC_SPLIT_DIGITS, .max_digits = 1};
    t->splitters[1] = (rec_splitter){.kind = REC_SPLIT_GPT2};
    t->model = REC_TOKENS_BPE;
    t->decoder = REC_DECODE_BYTES;
    t->bpe.bytes = true;
    status = rec_bpe_reserve(&t->bpe, vocab_size, err);
cleanup:
    return status;
}

rec_status rec_tokenizer_train(rec_tokenizer **out, const char *const *texts, size_t n_texts,
                               size_t vocab_size, const char *const *special, size_t n_special,
                               rec_error *err)
{
    rec_status status = REC_OK;
    trainer tr = {0};
    uint64_t pair;
    REC_TRY(rec_tokenizer_new(&tr.t, err));
    REC_TRY(prepare(&tr, vocab_size, special, n_special, err));
    for (size_t i = 0; i < n_texts; i++)
        REC_TRY(rec_split(&tr.t->splitters[0], texts[i], strlen(texts[i]), true, count_after_digits,
                          &tr, err));
    REC_TRY(count_pairs(&tr, err));
    while (tr.next_id < vocab_size && best_pair(&tr, &pair))
        REC_TRY(join(&tr, pair, err));
    REC_TRY(rec_tokenizer_finish(tr.t, err));
    *out = tr.t;
    tr.t = NULL;
cleanup:
    rec_tokenizer_free(tr.t);
    trainer_deinit(&tr);
    return status;
}
