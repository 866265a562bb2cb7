#include "datasets/item_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/json.h"
#include "datasets/json_lines.h"
#include "datasets/number.h"
#include "datasets/tabular.h"

static bool contains(const rec_string_list *list, const char *name)
{
    for (size_t i = 0; list != NULL && i < list->n; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

static rec_status join_list(rec_buffer *out, const cJSON *list, const char *between, rec_error *err)
{
    const cJSON *element;
    rec_status status = REC_OK;
    cJSON_ArrayForEach(element, list)
    {
        char number[32];
        const char *text = rec_json_scalar(element, number);
        if (text == NULL || text[0] == '\0')
            continue;
        if (out->length > 0)
            status = rec_buffer_puts(out, between, err);
        if (status == REC_OK)
            status = rec_buffer_puts(out, text, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

/* Descriptions come as a text or as a list of paragraphs; both are one text here. */
static bool is_running_text(const char *name)
{
    return strstr(name, "description") != NULL;
}

static rec_status add_list_member(rec_builder *b, uint32_t item, const cJSON *member,
                                  rec_error *err)
{
    rec_column_builder *c = rec_builder_find_column(b, member->string);
    bool joined = is_running_text(member->string) ||
                  (c != NULL && rec_column_builder_type(c) == REC_COLUMN_TEXT);
    rec_status status =
        rec_builder_column(&c, b, member->string, joined ? REC_COLUMN_TEXT : REC_COLUMN_TEXTS, err);
    if (status != REC_OK || !joined)
        return status != REC_OK ? status : rec_json_add_list(c, item, member, err);
    rec_buffer text = {.length = 0};
    status = join_list(&text, member, is_running_text(member->string) ? " " : ", ", err);
    if (status == REC_OK)
        status = rec_column_set_text(c, item, text.data, text.length, err);
    rec_buffer_deinit(&text);
    return status;
}

/* Into a column that has a type already: a number, or a date as text. */
static rec_status set_typed(rec_column_builder *c, uint32_t item, const char *name,
                            const char *text, rec_error *err)
{
    bool is_date = rec_column_builder_type(c) == REC_COLUMN_DATE;
    double value;
    bool is_good = is_date && rec_date_parse(&value, text, strlen(text));
    if (!is_good)
        is_good = rec_number_parse(&value, text, strlen(text)) == REC_NUMBER_OK;
    return is_good ? rec_column_set_number(c, item, value, err)
                   : rec_fail(err, REC_ERR_DATA, "%s: \"%.60s\" is not a %s", name, text,
                              is_date ? "date" : "number");
}

static rec_status add_scalar_member(rec_builder *b, uint32_t item, const char *name,
                                    const char *text, bool is_list, rec_error *err)
{
    rec_column_builder *c = rec_builder_find_column(b, name);
    if (text[0] == '\0')
        return REC_OK;
    if (c != NULL && (rec_column_builder_type(c) == REC_COLUMN_NUMBER ||
                      rec_column_builder_type(c) == REC_COLUMN_DATE))
        return set_typed(c, item, name, text, err);
    is_list = is_list || (c != NULL && rec_column_builder_type(c) == REC_COLUMN_TEXTS);
    rec_status status =
        rec_builder_column(&c, b, name, is_list ? REC_COLUMN_TEXTS : REC_COLUMN_TEXT, err);
    if (status != REC_OK)
        return status;
    return is_list ? rec_column_add_parts(c, item, text, strlen(text), ',', err)
                   : rec_column_set_text(c, item, text, strlen(text), err);
}

static bool is_title(const rec_item_json_rules *rules, const char *name)
{
    return rules->titles != NULL ? contains(rules->titles, name) : rec_is_title_name(name);
}

static rec_status add_title(rec_builder *b, uint32_t item, const char *title,
                            const char **title_seen, const rec_item_json_rules *rules,
                            rec_error *err)
{
    if (*title_seen != NULL && rules->strict_titles && strcmp(*title_seen, title) != 0)
        return rec_fail(err, REC_ERR_DATA,
                        "item \"%s\" has two titles, \"%.200s\" and \"%.200s\"; name the right "
                        "member in option `titles`",
                        rec_builder_item_id(b, item), *title_seen, title);
    bool filled = *title_seen != NULL || (rules->known_only && rec_builder_has_title(b, item));
    *title_seen = title;
    return filled ? REC_OK : rec_builder_title(b, item, title, strlen(title), err);
}

/* Titles in the order of the rules' list, whatever the order in the object. */
static rec_status add_titles(rec_builder *b, uint32_t item, const cJSON *object,
                             const rec_item_json_rules *rules, rec_error *err)
{
    const char *seen = NULL;
    rec_status status = REC_OK;
    for (size_t i = 0; rules->titles != NULL && i < rules->titles->n; i++) {
        const cJSON *m = cJSON_GetObjectItemCaseSensitive(object, rules->titles->items[i]);
        if (status == REC_OK && cJSON_IsString(m) && m->valuestring[0] != '\0')
            status = add_title(b, item, m->valuestring, &seen, rules, err);
    }
    const cJSON *m;
    cJSON_ArrayForEach(m, object)
    {
        if (status == REC_OK && rules->titles == NULL && rec_is_title_name(m->string) &&
            cJSON_IsString(m) && m->valuestring[0] != '\0')
            status = add_title(b, item, m->valuestring, &seen, rules, err);
    }
    return status;
}

static const cJSON *id_member(const cJSON *object, const rec_item_json_rules *rules)
{
    static const char *const names[] = {"id",          "item_id",      "itemId",  "asin",
                                        "parent_asin", "movielens_id", "movie_id"};
    if (rules->id != NULL)
        return cJSON_GetObjectItemCaseSensitive(object, rules->id);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *m = cJSON_GetObjectItemCaseSensitive(object, names[i]);
        if (m != NULL)
            return m;
    }
    return NULL;
}

rec_status rec_item_json_add(rec_builder *b, uint32_t item, const cJSON *object,
                             const rec_item_json_rules *rules, rec_error *err)
{
    const cJSON *id = id_member(object, rules), *m;
    size_t n_nested = 0;
    rec_status status = add_titles(b, item, object, rules, err);
    cJSON_ArrayForEach(m, object)
    {
        char number[32];
        const char *text = rec_json_scalar(m, number);
        if (status != REC_OK)
            break;
        if (m == id || is_title(rules, m->string))
            continue;
        if (cJSON_IsArray(m))
            status = add_list_member(b, item, m, err);
        else if (text != NULL)
            status =
                add_scalar_member(b, item, m->string, text, contains(rules->lists, m->string), err);
        else
            n_nested += cJSON_IsObject(m) != 0;
    }
    return status == REC_OK ? rec_builder_count(b, "nested_members_skipped", n_nested, err)
                            : status;
}

/* The item an object or key stands for; *known false when it is to be skipped. */
static rec_status find_item(uint32_t *item, bool *known, rec_builder *b, const char *id,
                            const rec_item_json_rules *rules, rec_error *err)
{
    size_t n_items = rec_builder_n_items(b);
    *known = true;
    if (!rules->known_only) {
        rec_status status = rec_builder_item(item, b, id, strlen(id), err);
        bool is_there = status == REC_OK && *item < n_items;
        return is_there && rules->new_only
                   ? rec_fail(err, REC_ERR_DATA, "item \"%s\" is in the data already", id)
                   : status;
    }
    *item = rec_builder_find_item(b, id, strlen(id));
    *known = *item != REC_NO_ITEM;
    return *known ? REC_OK : rec_builder_count(b, "metadata_of_unknown_items", 1, err);
}

static rec_status add_object(rec_builder *b, const cJSON *object, size_t line,
                             const rec_item_json_rules *rules, rec_error *err)
{
    char number[32];
    const char *id = number;
    uint32_t item;
    bool known;
    if (!cJSON_IsObject(object))
        return rec_fail(err, REC_ERR_DATA, "not an object");
    if (rules->first_line_id > 0) {
        snprintf(number, sizeof number, "%zu", line - 1 + rules->first_line_id);
    } else {
        const cJSON *m = id_member(object, rules);
        id = m != NULL ? rec_json_scalar(m, number) : NULL;
        if (id == NULL)
            return rec_fail(err, REC_ERR_DATA,
                            "no item id in this object (member \"%s\"; an option names another)",
                            rules->id != NULL ? rules->id : "id");
    }
    rec_status status = find_item(&item, &known, b, id, rules, err);
    if (status == REC_OK && known)
        status = rec_item_json_add(b, item, object, rules, err);
    return status;
}

typedef struct line_context {
    rec_builder *b;
    const rec_item_json_rules *rules;
} line_context;

static rec_status add_line(void *context, const cJSON *object, size_t line, rec_error *err)
{
    const line_context *c = context;
    return add_object(c->b, object, line, c->rules, err);
}

static rec_status read_lines(rec_builder *b, const char *path, const rec_item_json_rules *rules,
                             rec_error *err)
{
    line_context context = {.b = b, .rules = rules};
    return rec_json_lines_read(path, b, add_line, &context, err);
}

/* {id: {members}} or {id: [attributes]}. */
static rec_status add_map(rec_builder *b, const cJSON *map, const rec_item_json_rules *rules,
                          rec_error *err)
{
    const cJSON *entry;
    rec_status status = REC_OK;
    cJSON_ArrayForEach(entry, map)
    {
        uint32_t item;
        bool known;
        status = find_item(&item, &known, b, entry->string, rules, err);
        if (status != REC_OK || !known) {
            if (status != REC_OK)
                return status;
            continue;
        }
        if (cJSON_IsObject(entry)) {
            status = rec_item_json_add(b, item, entry, rules, err);
        } else if (cJSON_IsArray(entry)) {
            rec_column_builder *c;
            status = rec_builder_column(
                &c, b, rules->attributes != NULL ? rules->attributes : "attributes",
                REC_COLUMN_TEXTS, err);
            if (status == REC_OK)
                status = rec_json_add_list(c, item, entry, err);
        } else {
            status = rec_fail(err, REC_ERR_DATA, "item \"%s\": neither an object nor a list",
                              entry->string);
        }
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status read_document(rec_builder *b, const char *path, const rec_item_json_rules *rules,
                                rec_error *err)
{
    cJSON *root;
    rec_status status = rec_json_read(&root, path, err);
    if (status != REC_OK)
        return status;
    if (cJSON_IsArray(root)) {
        const cJSON *object;
        size_t index = 1;
        cJSON_ArrayForEach(object, root)
        {
            status = add_object(b, object, index, rules, err);
            if (status == REC_ERR_DATA)
                rec_error_prefix(err, "%s: element %zu", path, index);
            if (status != REC_OK)
                break;
            index++;
        }
    } else {
        status = cJSON_IsObject(root)
                     ? add_map(b, root, rules, err)
                     : rec_fail(err, REC_ERR_DATA, "neither a list nor an object of items");
        if (status == REC_ERR_DATA)
            rec_error_prefix(err, "%s", path);
    }
    cJSON_Delete(root);
    return status;
}

/* True if a line ends in } and the next one that is not blank starts with {: one object per line. */
static bool has_object_lines(const char *text, size_t length)
{
    const char *p = text, *end = text + length;
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t' || *p == '\xEF' ||
                       *p == '\xBB' || *p == '\xBF'))
        p++;
    const char *newline = p < end && *p == '{' ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    if (newline == NULL)
        return false;
    const char *last = newline - 1;
    while (last > p && (*last == '\r' || *last == ' '))
        last--;
    while (newline < end && (*newline == '\n' || *newline == '\r' || *newline == ' '))
        newline++;
    return *last == '}' && (newline == end || *newline == '{') && last != p;
}

rec_status rec_item_json_read(rec_builder *b, const char *path, const rec_item_json_rules *rules,
                              rec_error *err)
{
    bool lines = rules->lines || strstr(path, ".jsonl") != NULL;
    if (!lines && !rules->map) {
        rec_text text;
        rec_status status = rec_text_read(&text, path, err);
        if (status != REC_OK)
            return status;
        lines = has_object_lines(text.data, text.length);
        rec_text_close(&text);
    }
    return lines ? read_lines(b, path, rules, err) : read_document(b, path, rules, err);
}
