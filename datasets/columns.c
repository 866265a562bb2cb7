#include "datasets/columns.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/number.h"

const char *rec_column_type_name(rec_column_type type)
{
    static const char *const names[] = {"text", "number", "date", "list of text"};
    return names[type];
}

static void column_free(rec_column_builder *c)
{
    if (c == NULL)
        return;
    free(c->name);
    free(c->text);
    free(c->number);
    free(c->texts);
    free(c);
}

void rec_column_list_deinit(rec_column_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        column_free(list->columns[i]);
    free(list->columns);
    *list = (rec_column_list){.n = 0};
}

static rec_status list_push(rec_column_list *list, rec_column_builder *c, rec_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 8;
        void *columns = rec_realloc(list->columns, capacity, sizeof(rec_column_builder *), err);
        if (columns == NULL)
            return REC_ERR_RESOURCE;
        list->columns = columns;
        list->capacity = capacity;
    }
    list->columns[list->n++] = c;
    return REC_OK;
}

rec_status rec_column_list_get(rec_column_builder **out, rec_column_list *list, rec_strings *pool,
                               const char *name, rec_column_type type, rec_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->columns[i]->name, name) != 0)
            continue;
        *out = list->columns[i];
        if ((*out)->type == type)
            return REC_OK;
        return rec_fail(err, REC_ERR_DATA, "column \"%s\" is %s in one place and %s in another",
                        name, rec_column_type_name((*out)->type), rec_column_type_name(type));
    }
    rec_column_builder *c = rec_alloc(1, sizeof *c, err);
    if (c == NULL)
        return REC_ERR_RESOURCE;
    c->type = type;
    c->pool = pool;
    c->name = rec_strdup(name, err);
    if (c->name == NULL || list_push(list, c, err) != REC_OK) {
        column_free(c);
        return REC_ERR_RESOURCE;
    }
    *out = c;
    return REC_OK;
}

rec_column_type rec_column_builder_type(const rec_column_builder *c)
{
    return c->type;
}

/* Rows up to `row` exist afterwards; new ones are missing values. */
static rec_status reach_row(rec_column_builder *c, size_t row, rec_error *err)
{
    if (row < c->n_rows)
        return REC_OK;
    if (row >= c->capacity) {
        size_t capacity = row + 1 > 2 * c->capacity ? row + 1 : 2 * c->capacity;
        void *grown = c->type == REC_COLUMN_TEXT
                          ? rec_realloc(c->text, capacity, sizeof *c->text, err)
                          : rec_realloc(c->number, capacity, sizeof *c->number, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        if (c->type == REC_COLUMN_TEXT)
            c->text = grown;
        else
            c->number = grown;
        c->capacity = capacity;
    }
    for (; c->n_rows <= row; c->n_rows++) {
        if (c->type == REC_COLUMN_TEXT)
            c->text[c->n_rows] = NULL;
        else
            c->number[c->n_rows] = NAN;
    }
    return REC_OK;
}

rec_status rec_column_set_text(rec_column_builder *c, size_t row, const char *text, size_t length,
                               rec_error *err)
{
    assert(c->type == REC_COLUMN_TEXT);
    rec_status status = reach_row(c, row, err);
    if (status != REC_OK)
        return status;
    char *copy = length > 0 ? rec_strings_add(c->pool, text, length, err) : NULL;
    if (length > 0 && copy == NULL)
        return REC_ERR_RESOURCE;
    c->text[row] = copy;
    return REC_OK;
}

rec_status rec_column_set_number(rec_column_builder *c, size_t row, double value, rec_error *err)
{
    assert(c->type == REC_COLUMN_NUMBER || c->type == REC_COLUMN_DATE);
    rec_status status = reach_row(c, row, err);
    if (status == REC_OK)
        c->number[row] = value;
    return status;
}

rec_status rec_column_add_text(rec_column_builder *c, size_t row, const char *text, size_t length,
                               rec_error *err)
{
    return length > 0 ? rec_column_add_any_text(c, row, text, length, err) : REC_OK;
}

rec_status rec_column_add_any_text(rec_column_builder *c, size_t row, const char *text,
                                   size_t length, rec_error *err)
{
    assert(c->type == REC_COLUMN_TEXTS);
    if (c->n_texts == c->texts_capacity) {
        size_t capacity = c->texts_capacity > 0 ? 2 * c->texts_capacity : 64;
        void *texts = rec_realloc(c->texts, capacity, sizeof *c->texts, err);
        if (texts == NULL)
            return REC_ERR_RESOURCE;
        c->texts = texts;
        c->texts_capacity = capacity;
    }
    char *copy = rec_strings_add(c->pool, text, length, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    c->texts[c->n_texts++] = (rec_row_text){.row = row, .text = copy};
    if (row >= c->n_rows)
        c->n_rows = row + 1;
    return REC_OK;
}

static bool is_number_text(const char *text)
{
    return rec_number_is_plain(text, strlen(text));
}

static bool is_date_text(const char *text)
{
    double seconds;
    return strlen(text) == 10 && rec_date_parse(&seconds, text, 10);
}

/* There is a value, and all of them pass. */
static bool all_texts(const rec_column_builder *c, bool (*passes)(const char *))
{
    bool any = false;
    for (size_t i = 0; i < c->n_rows; i++) {
        if (c->text[i] == NULL)
            continue;
        if (!passes(c->text[i]))
            return false;
        any = true;
    }
    return any;
}

static rec_status retype(rec_column_builder *c, rec_column_type type, rec_error *err)
{
    double *number = rec_alloc(c->n_rows, sizeof *number, err);
    if (number == NULL)
        return REC_ERR_RESOURCE;
    for (size_t row = 0; row < c->n_rows; row++) {
        const char *text = c->text[row];
        number[row] = NAN;
        if (text != NULL && type == REC_COLUMN_DATE)
            rec_date_parse(&number[row], text, strlen(text));
        else if (text != NULL && is_number_text(text))
            rec_number_parse(&number[row], text, strlen(text));
    }
    free(c->text);
    c->text = NULL;
    c->number = number;
    c->capacity = c->n_rows;
    c->type = type;
    return REC_OK;
}

rec_status rec_column_list_force_number(size_t *n_lost, rec_column_list *list, const char *name,
                                        rec_error *err)
{
    *n_lost = 0;
    for (size_t i = 0; i < list->n; i++) {
        rec_column_builder *c = list->columns[i];
        if (c->type != REC_COLUMN_TEXT || strcmp(c->name, name) != 0)
            continue;
        for (size_t row = 0; row < c->n_rows; row++)
            *n_lost += c->text[row] != NULL && !is_number_text(c->text[row]);
        return retype(c, REC_COLUMN_NUMBER, err);
    }
    return REC_OK;
}

rec_status rec_column_list_infer_types(rec_column_list *list, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < list->n && status == REC_OK; i++) {
        rec_column_builder *c = list->columns[i];
        if (c->type != REC_COLUMN_TEXT)
            continue;
        if (all_texts(c, is_number_text))
            status = retype(c, REC_COLUMN_NUMBER, err);
        else if (all_texts(c, is_date_text))
            status = retype(c, REC_COLUMN_DATE, err);
    }
    return status;
}

void rec_columns_free(rec_column *columns, size_t n)
{
    for (size_t i = 0; columns != NULL && i < n; i++) {
        free(columns[i].name);
        free(columns[i].text);
        free(columns[i].number);
        free(columns[i].start);
        free(columns[i].texts);
    }
    free(columns);
}

/* Counting sort of the (row, text) pairs by new row; the order inside a row is that of arrival. */
static rec_status finish_texts(rec_column *out, const rec_column_builder *c, size_t n_rows,
                               const uint32_t *new_row, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(out->start, n_rows + 1, err);
    REC_TRY_NEW(out->texts, c->n_texts, err);
    for (size_t i = 0; i < c->n_texts; i++) {
        size_t row = new_row != NULL ? new_row[c->texts[i].row] : c->texts[i].row;
        out->start[row + 1]++;
    }
    for (size_t row = 0; row < n_rows; row++)
        out->start[row + 1] += out->start[row];
    for (size_t i = 0; i < c->n_texts; i++) {
        size_t row = new_row != NULL ? new_row[c->texts[i].row] : c->texts[i].row;
        out->texts[out->start[row]++] = c->texts[i].text;
    }
    memmove(out->start + 1, out->start, n_rows * sizeof *out->start); /* undo the advance */
    out->start[0] = 0;
cleanup:
    return status;
}

static rec_status finish_values(rec_column *out, const rec_column_builder *c, size_t n_rows,
                                const uint32_t *new_row, rec_error *err)
{
    rec_status status = REC_OK;
    if (c->type == REC_COLUMN_TEXT) {
        REC_TRY_NEW(out->text, n_rows, err);
    } else {
        REC_TRY_NEW(out->number, n_rows, err);
        for (size_t row = 0; row < n_rows; row++)
            out->number[row] = NAN;
    }
    for (size_t i = 0; i < c->n_rows; i++) {
        size_t row = new_row != NULL ? new_row[i] : i;
        if (c->type == REC_COLUMN_TEXT)
            out->text[row] = c->text[i];
        else
            out->number[row] = c->number[i];
    }
cleanup:
    return status;
}

rec_status rec_column_list_finish(rec_column **out, size_t *n_columns, const rec_column_list *list,
                                  size_t n_rows, const uint32_t *new_row, rec_error *err)
{
    rec_status status = REC_OK;
    rec_column *columns;
    REC_TRY_NEW(columns, list->n, err);
    for (size_t i = 0; i < list->n; i++) {
        const rec_column_builder *c = list->columns[i];
        columns[i].type = c->type;
        columns[i].name = rec_strdup(c->name, err);
        if (columns[i].name == NULL) {
            status = REC_ERR_RESOURCE;
            goto cleanup;
        }
        REC_TRY(c->type == REC_COLUMN_TEXTS ? finish_texts(&columns[i], c, n_rows, new_row, err)
                                            : finish_values(&columns[i], c, n_rows, new_row, err));
    }
cleanup:
    if (status != REC_OK) {
        rec_columns_free(columns, list->n);
        columns = NULL;
    }
    *out = columns;
    *n_columns = columns != NULL ? list->n : 0;
    return status;
}
