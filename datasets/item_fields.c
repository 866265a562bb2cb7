#include "datasets/item_fields.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "datasets/json_lines.h"
#include "datasets/python_text.h"

/* ---- finding a member ---- */

static bool is_blank(const char *text)
{
    size_t n = strlen(text);
    rec_strip_blanks(&text, &n);
    return n == 0;
}

static bool is_empty(const cJSON *value)
{
    const cJSON *element;
    if (value == NULL || cJSON_IsNull(value))
        return true;
    if (cJSON_IsString(value))
        return is_blank(value->valuestring);
    cJSON_ArrayForEach(element, value)
    {
        if (!is_empty(element))
            return false;
    }
    return cJSON_IsArray(value);
}

/* The first member that says something; NULL: none does. */
static rec_status find_member(const cJSON **out, const cJSON *object, const rec_string_list *names,
                              rec_error *err)
{
    *out = NULL;
    for (size_t i = 0; i < names->n && *out == NULL; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, names->items[i]);
        if (is_empty(value))
            continue;
        if (cJSON_IsObject(value))
            return rec_fail(err, REC_ERR_DATA, "member \"%s\": a text, a number or a list is due",
                            names->items[i]);
        *out = value;
    }
    return REC_OK;
}

/* ---- texts ---- */

static rec_status append_text(rec_buffer *out, const cJSON *value, const char *between,
                              rec_error *err)
{
    char number[32];
    const char *text = rec_json_scalar(value, number);
    size_t n = text != NULL ? strlen(text) : 0;
    rec_status status = REC_OK;
    if (text == NULL)
        return REC_OK;
    rec_strip_blanks(&text, &n);
    if (n > 0 && out->length > 0)
        status = rec_buffer_puts(out, between, err);
    return status == REC_OK ? rec_buffer_append(out, text, n, err) : status;
}

/* A text as it stands, or the texts of a list as one. */
static rec_status joined(rec_buffer *out, const cJSON *value, const char *between, rec_error *err)
{
    const cJSON *element;
    rec_status status = REC_OK;
    if (!cJSON_IsArray(value))
        return append_text(out, value, between, err);
    cJSON_ArrayForEach(element, value)
    {
        if (status == REC_OK)
            status = append_text(out, element, between, err);
    }
    return status;
}

static rec_status set_text(rec_builder *b, uint32_t item, const char *column, const cJSON *value,
                           const char *between, rec_error *err)
{
    rec_column_builder *c;
    rec_buffer text = {.length = 0};
    if (value == NULL)
        return REC_OK;
    rec_status status = joined(&text, value, between, err);
    if (status == REC_OK)
        status = rec_builder_column(&c, b, column, REC_COLUMN_TEXT, err);
    if (status == REC_OK)
        status = rec_column_set_text(c, item, text.data, text.length, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status add_title(rec_builder *b, uint32_t item, const cJSON *value, rec_error *err)
{
    rec_buffer text = {.length = 0};
    if (value == NULL)
        return rec_fail(err, REC_ERR_DATA, "no title (option `title` names the members)");
    rec_status status = joined(&text, value, ", ", err);
    if (status == REC_OK)
        status = rec_builder_title(b, item, text.data, text.length, err);
    rec_buffer_deinit(&text);
    return status;
}

/* ---- lists ---- */

/* Values of one item so far, so that a repeated one counts once. */
typedef struct values {
    char **texts; /* owned, and each */
    size_t n;
} values;

static void values_deinit(values *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->texts[i]);
    free(v->texts);
}

static rec_status add_value(values *v, rec_column_builder *c, uint32_t item, const char *text,
                            size_t n, rec_error *err)
{
    rec_strip_blanks(&text, &n);
    for (size_t i = 0; i < v->n; i++)
        if (strlen(v->texts[i]) == n && memcmp(v->texts[i], text, n) == 0)
            return REC_OK;
    if (n == 0)
        return REC_OK;
    char **grown = rec_realloc(v->texts, v->n + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    v->texts = grown;
    v->texts[v->n] = rec_format(err, "%.*s", (int)n, text);
    if (v->texts[v->n] == NULL)
        return REC_ERR_RESOURCE;
    v->n++;
    return rec_column_add_text(c, item, text, n, err);
}

static rec_status add_parts(values *v, rec_column_builder *c, uint32_t item, const char *text,
                            rec_error *err)
{
    rec_status status = REC_OK;
    for (bool more = true; more && status == REC_OK;) {
        size_t n = strcspn(text, ",");
        status = add_value(v, c, item, text, n, err);
        more = text[n] == ',';
        text += n + more;
    }
    return status;
}

static rec_status add_list(rec_builder *b, uint32_t item, const char *column, const cJSON *value,
                           rec_error *err)
{
    rec_column_builder *c;
    values v = {.n = 0};
    const cJSON *element;
    char number[32];
    if (value == NULL)
        return REC_OK;
    rec_status status = rec_builder_column(&c, b, column, REC_COLUMN_TEXTS, err);
    if (status == REC_OK && !cJSON_IsArray(value))
        status = add_parts(&v, c, item, rec_json_scalar(value, number), err);
    cJSON_ArrayForEach(element, value)
    {
        const char *text = rec_json_scalar(element, number);
        if (status == REC_OK && text != NULL)
            status = add_value(&v, c, item, text, strlen(text), err);
    }
    values_deinit(&v);
    return status;
}

/* ---- numbers ---- */

static rec_status set_price(rec_builder *b, uint32_t item, const cJSON *value, rec_error *err)
{
    rec_column_builder *c;
    double price;
    if (value == NULL)
        return REC_OK;
    if (cJSON_IsNumber(value))
        price = value->valuedouble;
    else if (!cJSON_IsString(value) || !rec_python_float(&price, value->valuestring))
        return rec_builder_count(b, "prices_not_numbers", 1, err);
    rec_status status = rec_builder_column(&c, b, "price", REC_COLUMN_NUMBER, err);
    return status == REC_OK ? rec_column_set_number(c, item, price, err) : status;
}

static rec_status set_date(rec_builder *b, uint32_t item, const cJSON *value, rec_error *err)
{
    static const char *const names[] = {"day", "month", "year"};
    rec_column_builder *c;
    double seconds;
    char number[32];
    rec_date_precision precision;
    const char *text = value != NULL ? rec_json_scalar(value, number) : NULL;
    if (value == NULL)
        return REC_OK;
    if (text == NULL || !rec_partial_date(&seconds, &precision, text))
        return rec_builder_count(b, "dates_not_understood", 1, err);
    rec_status status = rec_builder_column(&c, b, "release_date", REC_COLUMN_DATE, err);
    if (status == REC_OK)
        status = rec_column_set_number(c, item, seconds, err);
    if (status != REC_OK || precision == REC_DATE_DAY)
        return status;
    status = rec_builder_column(&c, b, "release_date_precision", REC_COLUMN_TEXT, err);
    return status == REC_OK
               ? rec_column_set_text(c, item, names[precision], strlen(names[precision]), err)
               : status;
}

rec_status rec_item_fields_add(rec_builder *b, uint32_t item, const cJSON *object,
                               const rec_item_fields *fields, rec_error *err)
{
    const struct {
        const char *column;
        const rec_string_list *names;
        bool is_list;
    } all[] = {{"tags", &fields->tags, true},
               {"game_details", &fields->game_details, true},
               {"publisher", &fields->publisher, false},
               {"developer", &fields->developer, false},
               {"primary_genre", &fields->primary_genre, false},
               {"subgenre", &fields->subgenre, false}};
    const cJSON *value;
    rec_status status;
    REC_TRY(find_member(&value, object, &fields->title, err));
    REC_TRY(add_title(b, item, value, err));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        REC_TRY(find_member(&value, object, all[i].names, err));
        REC_TRY(all[i].is_list ? add_list(b, item, all[i].column, value, err)
                               : set_text(b, item, all[i].column, value, ", ", err));
    }
    REC_TRY(find_member(&value, object, &fields->price, err));
    REC_TRY(set_price(b, item, value, err));
    REC_TRY(find_member(&value, object, &fields->release_date, err));
    REC_TRY(set_date(b, item, value, err));
    REC_TRY(find_member(&value, object, &fields->description, err));
    status = set_text(b, item, "description", value, " ", err);
cleanup:
    return status;
}
