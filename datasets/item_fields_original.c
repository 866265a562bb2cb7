/* datasets/item_fields_original.c: members as the released RecLM-emb reads them (item_fields.h). */
#include <string.h>

#include "core/utf8.h"
#include "datasets/item_fields.h"
#include "datasets/python_text.h"

/* The first member that is there, whatever it says; NULL: none is. */
static const cJSON *first_present(const cJSON *object, const rec_string_list *names, size_t *which)
{
    const cJSON *value = NULL;
    for (*which = 0; *which < names->n; (*which)++) {
        value = cJSON_GetObjectItemCaseSensitive(object, names->items[*which]);
        if (value != NULL)
            break;
    }
    return value;
}

static rec_status not_text(const cJSON *value, rec_error *err)
{
    return rec_fail(err, REC_ERR_DATA, "member \"%s\": a text is due", value->string);
}

/* ---- lists ---- */

/* str.split(","): nothing trimmed, nothing dropped. */
static rec_status add_split(rec_column_builder *c, uint32_t item, const char *text, rec_error *err)
{
    rec_status status = REC_OK;
    for (bool more = true; more && status == REC_OK;) {
        size_t n = strcspn(text, ",");
        status = rec_column_add_any_text(c, item, text, n, err);
        more = text[n] == ',';
        text += n + more;
    }
    return status;
}

static rec_status add_characters(rec_column_builder *c, uint32_t item, const char *text,
                                 rec_error *err)
{
    size_t n = strlen(text), length;
    rec_status status = REC_OK;
    for (size_t at = 0; at < n && status == REC_OK; at += length) {
        length = rec_utf8_decode(NULL, text + at, n - at);
        length = length > 0 ? length : 1;
        status = rec_column_add_any_text(c, item, text + at, length, err);
    }
    return status;
}

static rec_status add_elements(rec_column_builder *c, uint32_t item, const cJSON *list,
                               rec_error *err)
{
    const cJSON *element;
    rec_status status = REC_OK;
    if (cJSON_IsString(list))
        return add_characters(c, item, list->valuestring, err);
    if (!cJSON_IsArray(list))
        return rec_fail(err, REC_ERR_DATA, "member \"%s\": a list of texts is due", list->string);
    cJSON_ArrayForEach(element, list)
    {
        if (!cJSON_IsString(element))
            return rec_fail(err, REC_ERR_DATA, "member \"%s\": a list of texts is due",
                            list->string);
        if (status == REC_OK)
            status = rec_column_add_any_text(c, item, element->valuestring,
                                             strlen(element->valuestring), err);
    }
    return status;
}

/* The first name holds a text with commas, the others lists. */
static rec_status add_tags(rec_builder *b, uint32_t item, const cJSON *object,
                           const rec_string_list *names, rec_error *err)
{
    size_t which;
    rec_column_builder *c;
    const cJSON *value = first_present(object, names, &which);
    if (value == NULL)
        return REC_OK;
    if (which == 0 && !cJSON_IsString(value))
        return not_text(value, err);
    rec_status status = rec_builder_column(&c, b, "tags", REC_COLUMN_TEXTS, err);
    if (status != REC_OK)
        return status;
    return which == 0 ? add_split(c, item, value->valuestring, err)
                      : add_elements(c, item, value, err);
}

/* Is anything in the list, or in the text? */
static bool has_characters(const cJSON *value)
{
    const cJSON *element;
    if (cJSON_IsString(value))
        return value->valuestring[0] != '\0';
    cJSON_ArrayForEach(element, value)
    {
        if (!cJSON_IsString(element) || element->valuestring[0] != '\0')
            return true;
    }
    return false;
}

/* The first name holds a list, which must not be all empty, the second a text with commas. */
static rec_status add_details(rec_builder *b, uint32_t item, const cJSON *object,
                              const rec_string_list *names, rec_error *err)
{
    rec_column_builder *c;
    rec_status status = rec_builder_column(&c, b, "game_details", REC_COLUMN_TEXTS, err);
    for (size_t i = 0; i < names->n && status == REC_OK; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, names->items[i]);
        if (value == NULL || !has_characters(value))
            continue;
        if (i == 0)
            return add_elements(c, item, value, err);
        return cJSON_IsString(value) ? add_split(c, item, value->valuestring, err)
                                     : not_text(value, err);
    }
    return status;
}

/* ---- texts and numbers ---- */

/* Zero, nothing, an empty text, false: as if it were not there. */
static bool is_falsy(const cJSON *value)
{
    return value == NULL || cJSON_IsNull(value) || cJSON_IsFalse(value) ||
           (cJSON_IsString(value) && value->valuestring[0] == '\0') ||
           (cJSON_IsNumber(value) && value->valuedouble == 0.0) ||
           ((cJSON_IsArray(value) || cJSON_IsObject(value)) && value->child == NULL);
}

/* The text of the first member that is there; NULL: nothing in it. */
static rec_status read_text(const char **out, const cJSON *object, const rec_string_list *names,
                            rec_error *err)
{
    size_t which;
    const cJSON *value = first_present(object, names, &which);
    *out = NULL;
    if (is_falsy(value))
        return REC_OK;
    if (!cJSON_IsString(value))
        return not_text(value, err);
    *out = value->valuestring;
    return REC_OK;
}

static rec_status set_text(rec_builder *b, uint32_t item, const char *column, const cJSON *object,
                           const rec_string_list *names, rec_error *err)
{
    const char *text;
    rec_column_builder *c;
    rec_status status = read_text(&text, object, names, err);
    if (status != REC_OK || text == NULL)
        return status;
    status = rec_builder_column(&c, b, column, REC_COLUMN_TEXT, err);
    return status == REC_OK ? rec_column_set_text(c, item, text, strlen(text), err) : status;
}

/* What float() refuses costs 0.0. */
static rec_status set_price(rec_builder *b, uint32_t item, const cJSON *object,
                            const rec_string_list *names, rec_error *err)
{
    size_t which;
    double price = 0.0;
    rec_column_builder *c;
    const cJSON *value = first_present(object, names, &which);
    if (is_falsy(value))
        return REC_OK;
    if (cJSON_IsNumber(value))
        price = value->valuedouble;
    else if (cJSON_IsTrue(value))
        price = 1.0;
    else if (!cJSON_IsString(value) || !rec_python_float(&price, value->valuestring))
        price = 0.0;
    rec_status status = rec_builder_column(&c, b, "price", REC_COLUMN_NUMBER, err);
    return status == REC_OK ? rec_column_set_number(c, item, price, err) : status;
}

static rec_status set_date(rec_builder *b, uint32_t item, const cJSON *object,
                           const rec_string_list *names, rec_error *err)
{
    const char *text;
    double seconds;
    rec_column_builder *c;
    rec_status status = read_text(&text, object, names, err);
    if (status != REC_OK || text == NULL)
        return status;
    if (!rec_python_date(&seconds, text))
        return rec_builder_count(b, "dates_not_understood", 1, err);
    status = rec_builder_column(&c, b, "release_date", REC_COLUMN_DATE, err);
    return status == REC_OK ? rec_column_set_number(c, item, seconds, err) : status;
}

/* The first name wins where it is there at all, the others where they are not blank. */
static rec_status set_description(rec_builder *b, uint32_t item, const cJSON *object,
                                  const rec_string_list *names, rec_error *err)
{
    rec_column_builder *c;
    const char *text = "";
    size_t n = 0;
    for (size_t i = 0; i < names->n && n == 0; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, names->items[i]);
        if (value == NULL)
            continue;
        if (!cJSON_IsString(value))
            return not_text(value, err);
        text = value->valuestring;
        n = strlen(text);
        rec_strip_blanks(&text, &n);
        if (i == 0)
            break;
    }
    rec_strip_marks(&text, &n);
    rec_status status = rec_builder_column(&c, b, "description", REC_COLUMN_TEXT, err);
    return status == REC_OK ? rec_column_set_text(c, item, text, n, err) : status;
}

static rec_status set_title(rec_builder *b, uint32_t item, const cJSON *object,
                            const rec_string_list *names, rec_error *err)
{
    const char *text;
    rec_status status = read_text(&text, object, names, err);
    if (status == REC_OK && text == NULL)
        return rec_fail(err, REC_ERR_DATA, "no title in the first of its members that is there");
    return status == REC_OK ? rec_builder_title(b, item, text, strlen(text), err) : status;
}

rec_status rec_item_fields_add_original(rec_builder *b, uint32_t item, const cJSON *object,
                                        const rec_item_fields *fields, rec_error *err)
{
    rec_status status;
    REC_TRY(set_title(b, item, object, &fields->title, err));
    REC_TRY(add_tags(b, item, object, &fields->tags, err));
    REC_TRY(add_details(b, item, object, &fields->game_details, err));
    REC_TRY(set_text(b, item, "publisher", object, &fields->publisher, err));
    REC_TRY(set_text(b, item, "developer", object, &fields->developer, err));
    REC_TRY(set_text(b, item, "primary_genre", object, &fields->primary_genre, err));
    REC_TRY(set_text(b, item, "subgenre", object, &fields->subgenre, err));
    REC_TRY(set_price(b, item, object, &fields->price, err));
    REC_TRY(set_date(b, item, object, &fields->release_date, err));
    status = set_description(b, item, object, &fields->description, err);
cleanup:
    return status;
}
