/* From the order of first sight to the dense order: the last step of rec_builder. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/builder_private.h"
#include "datasets/ids.h"

/* ids in dense order; the array is the caller's, the texts stay in the pool. */
static rec_status order_ids(char ***ids, uint32_t **new_of_old, const rec_interner *t,
                            rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(*ids, t->n, err);
    REC_TRY_NEW(*new_of_old, t->n, err);
    REC_TRY(rec_ids_order(*new_of_old, t->texts, t->n, err));
    for (size_t i = 0; i < t->n; i++)
        (*ids)[(*new_of_old)[i]] = t->texts[i];
cleanup:
    return status;
}

static rec_status new_interactions(rec_dataset *d, const rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    rec_interactions *x = &d->interactions;
    x->n_users = b->users.n;
    x->n_items = b->items.n;
    x->n = b->n_rows;
    REC_TRY_NEW(x->start, x->n_users + 1, err);
    REC_TRY_NEW(x->item, x->n, err);
    REC_TRY_NEW(d->part, x->n, err);
    if (b->carried & REC_ROWS_VALUE)
        REC_TRY_NEW(x->value, x->n, err);
    if (b->carried & REC_ROWS_TIME)
        REC_TRY_NEW(x->time, x->n, err);
cleanup:
    return status;
}

static void scatter_block(rec_dataset *d, const rec_row_block *block, const uint32_t *new_user,
                          const uint32_t *new_item)
{
    rec_interactions *x = &d->interactions;
    for (size_t i = 0; i < block->n; i++) {
        size_t row = x->start[new_user[block->user[i]]]++;
        x->item[row] = new_item[block->item[i]];
        if (x->value != NULL)
            x->value[row] = block->value[i];
        if (x->time != NULL)
            x->time[row] = block->time[i];
        if (block->part != NULL)
            d->part[row] = block->part[i];
    }
}

/* Counting sort by user: rows of a user keep the order of the file. Blocks are freed on the way. */
static void group_by_user(rec_dataset *d, rec_builder *b, const uint32_t *new_user,
                          const uint32_t *new_item)
{
    rec_interactions *x = &d->interactions;
    for (const rec_row_block *block = b->first; block != NULL; block = block->next)
        for (size_t i = 0; i < block->n; i++)
            x->start[new_user[block->user[i]] + 1]++;
    for (size_t u = 0; u < x->n_users; u++)
        x->start[u + 1] += x->start[u];
    while (b->first != NULL) {
        rec_row_block *block = b->first;
        scatter_block(d, block, new_user, new_item);
        b->first = block->next;
        rec_row_block_free(block);
    }
    b->last = NULL;
    b->n_rows = 0;
    memmove(x->start + 1, x->start, x->n_users * sizeof *x->start); /* undo the advance */
    x->start[0] = 0;
}

static rec_status finish_negatives(rec_dataset *d, const rec_builder *b, const uint32_t *new_user,
                                   const uint32_t *new_item, rec_error *err)
{
    rec_status status = REC_OK;
    if (b->n_negatives == 0)
        return REC_OK;
    REC_TRY_NEW(d->negatives, 1, err);
    rec_candidates *c = d->negatives;
    REC_TRY_NEW(c->start, b->users.n + 1, err);
    REC_TRY_NEW(c->item, b->n_negatives, err);
    for (size_t i = 0; i < b->n_negatives; i++)
        c->start[new_user[b->negatives[i].user] + 1]++;
    for (size_t u = 0; u < b->users.n; u++)
        c->start[u + 1] += c->start[u];
    for (size_t i = 0; i < b->n_negatives; i++)
        c->item[c->start[new_user[b->negatives[i].user]]++] = new_item[b->negatives[i].item];
    memmove(c->start + 1, c->start, b->users.n * sizeof *c->start);
    c->start[0] = 0;
cleanup:
    return status;
}

static rec_status finish_tables(rec_dataset *d, const rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(d->tables, b->n_tables, err);
    for (size_t i = 0; i < b->n_tables; i++) {
        const rec_table_builder *t = b->tables[i];
        rec_table *table = &d->tables[d->n_tables++];
        table->n_rows = t->n_rows;
        table->name = rec_strdup(t->name, err);
        if (table->name == NULL) {
            status = REC_ERR_RESOURCE;
            goto cleanup;
        }
        REC_TRY(rec_column_list_finish(&table->columns, &table->n_columns, &t->columns, t->n_rows,
                                       NULL, err));
    }
cleanup:
    return status;
}

static rec_status finish_catalogue(rec_dataset *d, const rec_builder *b, const uint32_t *new_item,
                                   rec_error *err)
{
    rec_status status = REC_OK;
    rec_catalogue *c = &d->catalogue;
    c->n_items = b->items.n;
    REC_TRY_NEW(c->titles, c->n_items, err);
    for (size_t i = 0; i < c->n_items && i < b->n_titles; i++)
        c->titles[new_item[i]] = b->titles[i];
    REC_TRY(
        rec_column_list_finish(&c->columns, &c->n_columns, &b->columns, c->n_items, new_item, err));
cleanup:
    return status;
}

rec_status rec_builder_finish(rec_dataset **out, rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    uint32_t *new_user = NULL, *new_item = NULL;
    rec_dataset *d;
    REC_TRY_NEW(d, 1, err);
    REC_TRY(order_ids(&d->user_ids, &new_user, &b->users, err));
    REC_TRY(order_ids(&d->catalogue.ids, &new_item, &b->items, err));
    d->n_users = b->users.n;
    REC_TRY(finish_catalogue(d, b, new_item, err));
    REC_TRY(finish_negatives(d, b, new_user, new_item, err));
    REC_TRY(finish_tables(d, b, err));
    REC_TRY(new_interactions(d, b, err));
    group_by_user(d, b, new_user, new_item);
    d->strings = b->pool;
    b->pool = NULL;
cleanup:
    free(new_item);
    free(new_user);
    if (status != REC_OK) {
        rec_dataset_free(d);
        d = NULL;
    }
    *out = d;
    return status;
}
