#include "models/item_sets.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/sorted.h"

enum { BITS_PER_ITEM = 16, WORD_BITS = 64 };

/* log2 of a filter's size: at least a word, at most 2^31 bits. */
static unsigned filter_log2(size_t n_items)
{
    unsigned log2 = 6;
    while (log2 < 31 && ((size_t)1 << log2) < n_items * BITS_PER_ITEM)
        log2++;
    return log2;
}

static uint32_t filter_bit(const rec_item_sets *s, uint32_t user, uint32_t item)
{
    return (item * 0x9E3779B1u) >> s->shift[user]; /* Fibonacci hashing: the top bits are mixed */
}

rec_status rec_item_sets_init(rec_item_sets *out, const rec_sparse *rows, rec_error *err)
{
    *out = (rec_item_sets){.rows = rows};
    size_t n_words = 0;
    rec_status status = REC_OK;
    REC_TRY_NEW(out->start, rows->n_rows, err);
    REC_TRY_NEW(out->shift, rows->n_rows, err);
    for (size_t u = 0; u < rows->n_rows; u++) {
        unsigned log2 = filter_log2(rows->start[u + 1] - rows->start[u]);
        out->start[u] = n_words;
        out->shift[u] = (uint8_t)(32 - log2);
        n_words += ((size_t)1 << log2) / WORD_BITS;
    }
    REC_TRY_NEW(out->bits, n_words, err);
    for (uint32_t u = 0; u < rows->n_rows; u++)
        for (size_t i = rows->start[u]; i < rows->start[u + 1]; i++) {
            uint32_t bit = filter_bit(out, u, rows->column[i]);
            out->bits[out->start[u] + bit / WORD_BITS] |= (uint64_t)1 << bit % WORD_BITS;
        }
cleanup:
    if (status != REC_OK)
        rec_item_sets_deinit(out);
    return status;
}

void rec_item_sets_deinit(rec_item_sets *s)
{
    free(s->bits);
    free(s->start);
    free(s->shift);
    *s = (rec_item_sets){.rows = NULL};
}

static bool row_has(const rec_sparse *rows, uint32_t user, uint32_t item)
{
    size_t start = rows->start[user];
    return rec_sorted_has(rows->column + start, rows->start[user + 1] - start, item);
}

bool rec_item_sets_contain(const rec_item_sets *s, uint32_t user, uint32_t item)
{
    uint32_t bit = filter_bit(s, user, item);
    if ((s->bits[s->start[user] + bit / WORD_BITS] >> bit % WORD_BITS & 1) == 0)
        return false;
    return row_has(s->rows, user, item);
}
