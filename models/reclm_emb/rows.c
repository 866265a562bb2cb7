#include "models/reclm_emb/rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"

void rec_emb_rows_deinit(rec_emb_rows *x)
{
    free(x->rows);
    rec_arena_deinit(&x->arena);
    *x = (rec_emb_rows){.rows = NULL};
}

rec_emb_row *rec_emb_rows_add(rec_emb_rows *x, rec_error *err)
{
    if (x->n == x->capacity) {
        size_t capacity = x->capacity > 0 ? 2 * x->capacity : 256;
        rec_emb_row *grown = rec_realloc(x->rows, capacity, sizeof *grown, err);
        if (grown == NULL)
            return NULL;
        x->rows = grown;
        x->capacity = capacity;
    }
    rec_emb_row *row = &x->rows[x->n++];
    *row = (rec_emb_row){.template_index = REC_EMB_BARE, .user = REC_NO_USER, .item = REC_NO_ITEM};
    return row;
}

void rec_emb_rows_drop_last(rec_emb_rows *x)
{
    x->n--;
}

void rec_emb_rows_filter(rec_emb_rows *x, const bool *keep)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        if (keep[i])
            x->rows[n++] = x->rows[i];
    x->n = n;
}

void *rec_emb_rows_memdup(rec_emb_rows *x, const void *from, size_t n, size_t size, rec_error *err)
{
    void *to = rec_arena_alloc(&x->arena, n > 0 ? n : 1, size, err);
    if (to != NULL && n > 0)
        memcpy(to, from, n * size);
    return to;
}

const char *rec_emb_rows_text(rec_emb_rows *x, const char *text, size_t n, rec_error *err)
{
    char *to = rec_arena_alloc(&x->arena, n + 1, 1, err);
    if (to == NULL)
        return NULL;
    memcpy(to, text, n);
    to[n] = '\0';
    return to;
}

bool rec_emb_row_accepts(const rec_emb_row *row, const rec_emb_items *items, uint32_t item)
{
    if (row->only_positives) {
        for (size_t i = 0; i < row->n_positives; i++)
            if (row->positives[i] == item)
                return true;
        return false;
    }
    if (rec_sorted_has(row->answers, row->n_answers, item))
        return true;
    return row->n_conditions > 0 &&
           rec_emb_all_hold(items, row->conditions, row->n_conditions, item);
}
