#include "harness/systems/item_text.h"

#include <math.h>
#include <string.h>

#include "core/json.h"

const char *rec_item_title(const rec_catalogue *c, uint32_t item)
{
    const char *title = c->titles[item];
    return title != NULL && title[0] != '\0' ? title : c->ids[item];
}

rec_status rec_item_text_check(const rec_catalogue *c, const rec_string_list *fields,
                               rec_error *err)
{
    if (fields->n == 0)
        return rec_fail(err, REC_ERR_CONFIG, "item_text: name at least one field");
    const rec_column *column;
    rec_status status = REC_OK;
    for (size_t i = 0; i < fields->n && status == REC_OK; i++)
        if (strcmp(fields->items[i], "title") != 0)
            status = rec_catalogue_need_column(&column, c, "item_text", fields->items[i], err);
    return status;
}

static rec_status put(rec_buffer *out, size_t start, const char *separator, const char *text,
                      rec_error *err)
{
    rec_status status = out->length > start ? rec_buffer_puts(out, separator, err) : REC_OK;
    return status == REC_OK ? rec_buffer_puts(out, text, err) : status;
}

static rec_status put_list(rec_buffer *out, size_t start, const rec_column *column, uint32_t item,
                           rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = column->start[item]; i < column->start[item + 1] && status == REC_OK; i++)
        status = put(out, start, i == column->start[item] ? " " : ", ", column->texts[i], err);
    return status;
}

static rec_status put_column(rec_buffer *out, size_t start, const rec_column *column, uint32_t item,
                             rec_error *err)
{
    char number[32];
    switch (column->type) {
    case REC_COLUMN_TEXT:
        return column->text[item] != NULL && column->text[item][0] != '\0'
                   ? put(out, start, " ", column->text[item], err)
                   : REC_OK;
    case REC_COLUMN_TEXTS:
        return put_list(out, start, column, item, err);
    default:
        if (isnan(column->number[item]))
            return REC_OK;
        rec_format_double(number, column->number[item]);
        return put(out, start, " ", number, err);
    }
}

rec_status rec_item_text(rec_buffer *out, const rec_catalogue *c, const rec_string_list *fields,
                         uint32_t item, rec_error *err)
{
    size_t start = out->length;
    rec_status status = REC_OK;
    for (size_t i = 0; i < fields->n && status == REC_OK; i++) {
        if (strcmp(fields->items[i], "title") == 0)
            status = put(out, start, " ", rec_item_title(c, item), err);
        else
            status = put_column(out, start, rec_catalogue_column(c, fields->items[i]), item, err);
    }
    if (status == REC_OK && out->length == start)
        status = rec_buffer_puts(out, rec_item_title(c, item), err);
    return status;
}
