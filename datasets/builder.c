#include "datasets/builder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/builder_private.h"

rec_status rec_builder_new(rec_builder **out, rec_error *err)
{
    rec_builder *b = rec_alloc(1, sizeof *b, err);
    *out = NULL;
    if (b == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_strings_new(&b->pool, err);
    if (status != REC_OK) {
        free(b);
        return status;
    }
    b->users.pool = b->items.pool = b->pool;
    *out = b;
    return REC_OK;
}

void rec_row_block_free(rec_row_block *block)
{
    if (block == NULL)
        return;
    free(block->value);
    free(block->time);
    free(block->part);
    free(block);
}

void rec_builder_free(rec_builder *b)
{
    if (b == NULL)
        return;
    for (rec_row_block *block = b->first, *next; block != NULL; block = next) {
        next = block->next;
        rec_row_block_free(block);
    }
    for (size_t i = 0; i < b->n_tables; i++) {
        rec_column_list_deinit(&b->tables[i]->columns);
        free(b->tables[i]->name);
        free(b->tables[i]);
    }
    free(b->tables);
    rec_column_list_deinit(&b->columns);
    rec_interner_deinit(&b->users);
    rec_interner_deinit(&b->items);
    free(b->titles);
    free(b->negatives);
    free(b->counts);
    rec_strings_free(b->pool);
    free(b);
}

void rec_builder_set_rows(rec_builder *b, unsigned carried)
{
    assert(b->n_rows == 0);
    b->carried = carried;
}

bool rec_builder_has_rows(const rec_builder *b)
{
    return b->n_rows > 0;
}

bool rec_builder_has_parts(const rec_builder *b)
{
    return (b->carried & REC_ROWS_PART) != 0;
}

rec_status rec_builder_user(uint32_t *user, rec_builder *b, const char *id, size_t length,
                            rec_error *err)
{
    if (length == 0)
        return rec_fail(err, REC_ERR_DATA, "empty user id");
    return rec_interner_add(user, &b->users, id, length, err);
}

rec_status rec_builder_item(uint32_t *item, rec_builder *b, const char *id, size_t length,
                            rec_error *err)
{
    if (length == 0)
        return rec_fail(err, REC_ERR_DATA, "empty item id");
    return rec_interner_add(item, &b->items, id, length, err);
}

uint32_t rec_builder_find_item(const rec_builder *b, const char *id, size_t length)
{
    return rec_interner_find(&b->items, id, length);
}

uint32_t rec_builder_find_user(const rec_builder *b, const char *id, size_t length)
{
    return rec_interner_find(&b->users, id, length);
}

size_t rec_builder_n_items(const rec_builder *b)
{
    return b->items.n;
}

size_t rec_builder_n_users(const rec_builder *b)
{
    return b->users.n;
}

const char *rec_builder_item_id(const rec_builder *b, uint32_t item)
{
    return b->items.texts[item];
}

const char *rec_builder_user_id(const rec_builder *b, uint32_t user)
{
    return b->users.texts[user];
}

static rec_status add_block(rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    rec_row_block *block;
    REC_TRY_NEW(block, 1, err);
    if (b->carried & REC_ROWS_VALUE)
        REC_TRY_NEW(block->value, REC_BLOCK_ROWS, err);
    if (b->carried & REC_ROWS_TIME)
        REC_TRY_NEW(block->time, REC_BLOCK_ROWS, err);
    if (b->carried & REC_ROWS_PART)
        REC_TRY_NEW(block->part, REC_BLOCK_ROWS, err);
    if (b->last != NULL)
        b->last->next = block;
    else
        b->first = block;
    b->last = block;
    return REC_OK;
cleanup:
    rec_row_block_free(block);
    return status;
}

rec_status rec_builder_add(rec_builder *b, uint32_t user, uint32_t item, float value, double time,
                           rec_part part, rec_error *err)
{
    if (b->last == NULL || b->last->n == REC_BLOCK_ROWS) {
        rec_status status = add_block(b, err);
        if (status != REC_OK)
            return status;
    }
    rec_row_block *block = b->last;
    size_t i = block->n++;
    block->user[i] = user;
    block->item[i] = item;
    if (block->value != NULL)
        block->value[i] = value;
    if (block->time != NULL)
        block->time[i] = time;
    if (block->part != NULL)
        block->part[i] = (uint8_t)part;
    b->n_rows++;
    return REC_OK;
}

const char *rec_builder_title_of(const rec_builder *b, uint32_t item)
{
    return item < b->n_titles ? b->titles[item] : NULL;
}

bool rec_builder_has_title(const rec_builder *b, uint32_t item)
{
    return rec_builder_title_of(b, item) != NULL;
}

static rec_status reach_title(rec_builder *b, uint32_t item, rec_error *err)
{
    if (item < b->n_titles)
        return REC_OK;
    size_t n = item + (size_t)item / 2 + 64;
    char **titles = rec_realloc(b->titles, n, sizeof *titles, err);
    if (titles == NULL)
        return REC_ERR_RESOURCE;
    memset(titles + b->n_titles, 0, (n - b->n_titles) * sizeof *titles);
    b->titles = titles;
    b->n_titles = n;
    return REC_OK;
}

rec_status rec_builder_title(rec_builder *b, uint32_t item, const char *text, size_t length,
                             rec_error *err)
{
    if (length == 0)
        return REC_OK;
    rec_status status = reach_title(b, item, err);
    if (status != REC_OK)
        return status;
    const char *title = b->titles[item];
    if (title != NULL && (strlen(title) != length || memcmp(title, text, length) != 0))
        return rec_fail(err, REC_ERR_DATA,
                        "item \"%s\" has two titles, \"%.200s\" and \"%.*s\"; keep one of them",
                        b->items.texts[item], title, length < 200 ? (int)length : 200, text);
    if (title == NULL)
        b->titles[item] = rec_strings_add(b->pool, text, length, err);
    return b->titles[item] != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_builder_negative(rec_builder *b, uint32_t user, uint32_t item, rec_error *err)
{
    if (b->n_negatives == b->negatives_capacity) {
        size_t capacity = b->negatives_capacity > 0 ? 2 * b->negatives_capacity : 1024;
        void *negatives = rec_realloc(b->negatives, capacity, sizeof *b->negatives, err);
        if (negatives == NULL)
            return REC_ERR_RESOURCE;
        b->negatives = negatives;
        b->negatives_capacity = capacity;
    }
    b->negatives[b->n_negatives++] = (rec_pair){.user = user, .item = item};
    return REC_OK;
}

rec_status rec_builder_column(rec_column_builder **out, rec_builder *b, const char *name,
                              rec_column_type type, rec_error *err)
{
    return rec_column_list_get(out, &b->columns, b->pool, name, type, err);
}

rec_column_builder *rec_builder_find_column(const rec_builder *b, const char *name)
{
    for (size_t i = 0; i < b->columns.n; i++)
        if (strcmp(b->columns.columns[i]->name, name) == 0)
            return b->columns.columns[i];
    return NULL;
}

static rec_status push_table(rec_builder *b, rec_table_builder *t, rec_error *err)
{
    void *tables = rec_realloc(b->tables, b->n_tables + 1, sizeof *b->tables, err);
    if (tables == NULL)
        return REC_ERR_RESOURCE;
    b->tables = tables;
    b->tables[b->n_tables++] = t;
    return REC_OK;
}

rec_status rec_builder_table(rec_table_builder **out, rec_builder *b, const char *name,
                             rec_error *err)
{
    for (size_t i = 0; i < b->n_tables; i++) {
        *out = b->tables[i];
        if (strcmp((*out)->name, name) == 0)
            return REC_OK;
    }
    rec_table_builder *t = rec_alloc(1, sizeof *t, err);
    if (t == NULL)
        return REC_ERR_RESOURCE;
    t->pool = b->pool;
    t->name = rec_strdup(name, err);
    if (t->name == NULL || push_table(b, t, err) != REC_OK) {
        free(t->name);
        free(t);
        return REC_ERR_RESOURCE;
    }
    *out = t;
    return REC_OK;
}

rec_status rec_table_builder_column(rec_column_builder **out, rec_table_builder *t,
                                    const char *name, rec_column_type type, rec_error *err)
{
    return rec_column_list_get(out, &t->columns, t->pool, name, type, err);
}

size_t rec_table_builder_row(rec_table_builder *t)
{
    return t->n_rows++;
}

rec_status rec_builder_infer_types(rec_builder *b, const rec_string_list *numbers, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; numbers != NULL && i < numbers->n && status == REC_OK; i++) {
        size_t n_lost;
        status = rec_column_list_force_number(&n_lost, &b->columns, numbers->items[i], err);
        if (status == REC_OK)
            status = rec_builder_count(b, "values_not_numbers", n_lost, err);
    }
    if (status == REC_OK)
        status = rec_column_list_infer_types(&b->columns, err);
    for (size_t i = 0; i < b->n_tables && status == REC_OK; i++)
        status = rec_column_list_infer_types(&b->tables[i]->columns, err);
    return status;
}

rec_status rec_builder_count(rec_builder *b, const char *name, size_t n, rec_error *err)
{
    if (n == 0)
        return REC_OK;
    for (size_t i = 0; i < b->n_counts; i++) {
        if (strcmp(b->counts[i].name, name) == 0) {
            b->counts[i].n += n;
            return REC_OK;
        }
    }
    void *counts = rec_realloc(b->counts, b->n_counts + 1, sizeof *b->counts, err);
    if (counts == NULL)
        return REC_ERR_RESOURCE;
    b->counts = counts;
    b->counts[b->n_counts++] = (rec_count){.name = name, .n = n};
    return REC_OK;
}

size_t rec_builder_n_counts(const rec_builder *b)
{
    return b->n_counts;
}

const char *rec_builder_count_at(size_t *n, const rec_builder *b, size_t i)
{
    *n = b->counts[i].n;
    return b->counts[i].name;
}
