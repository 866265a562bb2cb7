#include "datasets/tabular.h"

#include <math.h>
#include <string.h>

#include "core/interrupt.h"
#include "datasets/number.h"

enum { ROWS_BETWEEN_CHECKS = 1 << 16 };

rec_status rec_builder_count_records(rec_builder *b, const rec_records *r, rec_error *err)
{
    rec_records_counts c = rec_records_get_counts(r);
    rec_status status = rec_builder_count(b, "crlf_lines", c.crlf, err);
    if (status == REC_OK)
        status = rec_builder_count(b, "byte_order_marks", c.bom, err);
    if (status == REC_OK)
        status = rec_builder_count(b, "quoted_fields", c.quoted, err);
    if (status == REC_OK)
        status = rec_builder_count(b, "blank_lines", c.blank, err);
    if (status == REC_OK)
        status = rec_builder_count(b, "latin1_lines", c.latin1, err);
    return status;
}

/* The builder knows no place; put it before what it said. */
static rec_status at_field(rec_status status, rec_error *err, const rec_records *r,
                           const rec_field *field)
{
    if (status != REC_ERR_DATA)
        return status;
    return rec_error_prefix(err, "%s:%zu:%zu", rec_records_path(r), rec_records_line(r),
                            field->column);
}

static rec_status read_value(float *out, const rec_records *r, const rec_field *field,
                             rec_error *err)
{
    double value;
    rec_status status = rec_records_number(&value, r, field, "value", err);
    if (status != REC_OK)
        return status;
    *out = (float)value;
    if (!isfinite(*out))
        return rec_records_fail(err, r, field, "value: %.*s is out of range", (int)field->length,
                                field->text);
    return REC_OK;
}

static rec_status read_time(double *out, const rec_records *r, const rec_field *field, bool dates,
                            rec_error *err)
{
    if (dates && rec_date_parse(out, field->text, field->length))
        return REC_OK;
    return rec_records_number(out, r, field, "time", err);
}

static rec_status read_row(rec_builder *b, const rec_records *r, const rec_field *fields,
                           const rec_row_layout *layout, rec_part part, rec_error *err)
{
    uint32_t user, item;
    float value = 1.0f;
    double time = 0.0;
    rec_status status;
    const rec_field *user_field = &fields[layout->user], *item_field = &fields[layout->item];
    status = rec_builder_user(&user, b, user_field->text, user_field->length, err);
    if (status != REC_OK)
        return at_field(status, err, r, user_field);
    status = rec_builder_item(&item, b, item_field->text, item_field->length, err);
    if (status != REC_OK)
        return at_field(status, err, r, item_field);
    if (layout->value != REC_NO_FIELD)
        status = read_value(&value, r, &fields[layout->value], err);
    if (status == REC_OK && layout->time != REC_NO_FIELD)
        status = read_time(&time, r, &fields[layout->time], layout->dates, err);
    if (status == REC_OK)
        status = rec_builder_add(b, user, item, value, time, part, err);
    return status;
}

static size_t fields_needed(const rec_row_layout *layout)
{
    size_t last = layout->user > layout->item ? layout->user : layout->item;
    if (layout->value != REC_NO_FIELD && layout->value > last)
        last = layout->value;
    if (layout->time != REC_NO_FIELD && layout->time > last)
        last = layout->time;
    return last + 1;
}

rec_status rec_rows_read(rec_builder *b, rec_records *r, const rec_row_layout *layout,
                         rec_part part, rec_error *err)
{
    const rec_field *fields;
    size_t n, needed = fields_needed(layout);
    for (size_t row = 0;; row++) {
        rec_status status = row % ROWS_BETWEEN_CHECKS == 0 ? rec_interrupt_check(err) : REC_OK;
        if (status == REC_OK)
            status = rec_records_next(&fields, &n, r, err);
        if (status != REC_OK)
            return status;
        if (n == 0)
            return rec_builder_count_records(b, r, err);
        if (layout->n_fields > 0 ? n != layout->n_fields : n < needed)
            return rec_records_fail(err, r, NULL, "%zu fields, but %s%zu are expected", n,
                                    layout->n_fields > 0 ? "" : "at least ",
                                    layout->n_fields > 0 ? layout->n_fields : needed);
        status = read_row(b, r, fields, layout, part, err);
        if (status != REC_OK)
            return status;
    }
}

bool rec_is_title_name(const char *name)
{
    static const char *const names[] = {"title",     "movie_title", "name",
                                        "item_name", "item_title",  "book_title",
                                        "TitleName", "app_name",    "GameName"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

rec_status rec_column_add_parts(rec_column_builder *c, size_t row, const char *text, size_t length,
                                char separator, rec_error *err)
{
    const char *p = text, *end = text + length;
    while (p <= end) {
        const char *stop = p < end ? memchr(p, separator, (size_t)(end - p)) : NULL;
        const char *next = stop != NULL ? stop + 1 : end + 1;
        stop = stop != NULL ? stop : end;
        while (p < stop && *p == ' ')
            p++;
        while (stop > p && stop[-1] == ' ')
            stop--;
        rec_status status = rec_column_add_text(c, row, p, (size_t)(stop - p), err);
        if (status != REC_OK)
            return status;
        p = next;
    }
    return REC_OK;
}

static rec_status set_date(rec_column_builder *c, size_t row, const rec_records *r,
                           const rec_field *field, rec_error *err)
{
    double seconds;
    if (!rec_date_parse(&seconds, field->text, field->length) &&
        rec_number_parse(&seconds, field->text, field->length) != REC_NUMBER_OK)
        return rec_records_fail(err, r, field, "\"%.*s\" is not a date", (int)field->length,
                                field->text);
    return rec_column_set_number(c, row, seconds, err);
}

/* One attribute; an empty field is a missing value. */
static rec_status set_attribute(const rec_field_plan *plan, size_t row, const rec_records *r,
                                const rec_field *field, rec_error *err)
{
    double number;
    rec_status status;
    if (field->length == 0)
        return REC_OK;
    switch (plan->kind) {
    case REC_FIELD_TEXT:
        return rec_column_set_text(plan->column, row, field->text, field->length, err);
    case REC_FIELD_NUMBER:
        status = rec_records_number(&number, r, field, plan->name, err);
        return status == REC_OK ? rec_column_set_number(plan->column, row, number, err) : status;
    case REC_FIELD_DATE:
        return set_date(plan->column, row, r, field, err);
    case REC_FIELD_TEXTS:
        return rec_column_add_parts(plan->column, row, field->text, field->length, plan->separator,
                                    err);
    case REC_FIELD_FLAG:
        return rec_field_is(field, "1")
                   ? rec_column_add_text(plan->column, row, plan->name, strlen(plan->name), err)
                   : REC_OK;
    default:
        return REC_OK;
    }
}

static rec_column_type column_type(rec_field_kind kind)
{
    switch (kind) {
    case REC_FIELD_NUMBER:
        return REC_COLUMN_NUMBER;
    case REC_FIELD_DATE:
        return REC_COLUMN_DATE;
    case REC_FIELD_TEXTS:
    case REC_FIELD_FLAG:
        return REC_COLUMN_TEXTS;
    default:
        return REC_COLUMN_TEXT;
    }
}

static bool is_attribute(rec_field_kind kind)
{
    return kind != REC_FIELD_SKIP && kind != REC_FIELD_ID && kind != REC_FIELD_TITLE;
}

static rec_status next_of(const rec_field **fields, rec_records *r, size_t expected, bool *done,
                          rec_error *err)
{
    size_t n;
    rec_status status = rec_records_next(fields, &n, r, err);
    *done = n == 0;
    if (status == REC_OK && n != 0 && n != expected)
        return rec_records_fail(err, r, NULL, "%zu fields, but %zu are expected", n, expected);
    return status;
}

static rec_status read_item(rec_builder *b, const rec_records *r, const rec_field *fields,
                            const rec_field_plan *plan, size_t n, size_t id, rec_error *err)
{
    uint32_t item;
    bool repeated = rec_builder_find_item(b, fields[id].text, fields[id].length) != REC_NO_ITEM;
    rec_status status = rec_builder_item(&item, b, fields[id].text, fields[id].length, err);
    if (status != REC_OK)
        return at_field(status, err, r, &fields[id]);
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        if (plan[i].kind == REC_FIELD_TITLE)
            status = at_field(rec_builder_title(b, item, fields[i].text, fields[i].length, err),
                              err, r, &fields[i]);
        else if (is_attribute(plan[i].kind) && !repeated)
            status = set_attribute(&plan[i], item, r, &fields[i], err);
    }
    if (status == REC_OK && repeated)
        status = rec_builder_count(b, "repeated_items", 1, err);
    return status;
}

rec_status rec_items_read(rec_builder *b, rec_records *r, rec_field_plan *plan, size_t n,
                          rec_error *err)
{
    const rec_field *fields;
    rec_status status = REC_OK;
    size_t id = 0;
    bool done = false;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        if (plan[i].kind == REC_FIELD_ID)
            id = i;
        if (is_attribute(plan[i].kind))
            status = rec_builder_column(
                &plan[i].column, b, plan[i].kind == REC_FIELD_FLAG ? plan[i].list : plan[i].name,
                column_type(plan[i].kind), err);
    }
    while (status == REC_OK) {
        status = next_of(&fields, r, n, &done, err);
        if (status != REC_OK || done)
            break;
        status = read_item(b, r, fields, plan, n, id, err);
    }
    return status == REC_OK ? rec_builder_count_records(b, r, err) : status;
}

rec_status rec_table_read(rec_builder *b, const char *table, rec_records *r, rec_field_plan *plan,
                          size_t n, rec_error *err)
{
    const rec_field *fields;
    rec_table_builder *t;
    bool done = false;
    rec_status status = rec_builder_table(&t, b, table, err);
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        if (plan[i].kind == REC_FIELD_ID)
            plan[i].kind = REC_FIELD_TEXT;
        if (is_attribute(plan[i].kind))
            status = rec_table_builder_column(
                &plan[i].column, t, plan[i].kind == REC_FIELD_FLAG ? plan[i].list : plan[i].name,
                column_type(plan[i].kind), err);
    }
    while (status == REC_OK) {
        status = next_of(&fields, r, n, &done, err);
        if (status != REC_OK || done)
            break;
        size_t row = rec_table_builder_row(t);
        for (size_t i = 0; i < n && status == REC_OK; i++)
            if (is_attribute(plan[i].kind))
                status = set_attribute(&plan[i], row, r, &fields[i], err);
    }
    return status == REC_OK ? rec_builder_count_records(b, r, err) : status;
}
