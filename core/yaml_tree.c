/* core/yaml_tree.c: the tree itself: building, copying, reading typed values, naming places. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/yaml.h"

void rec_yaml_free(rec_yaml *node)
{
    if (node == NULL)
        return;
    for (size_t i = 0; i < node->n; i++) {
        rec_yaml_free(node->items[i]);
        if (node->keys != NULL)
            free(node->keys[i]);
    }
    free(node->items);
    free(node->keys);
    free(node->key_places);
    free(node->text);
    free(node->owned_file);
    free(node);
}

rec_yaml *rec_yaml_new(rec_yaml_kind kind, const char *text, const char *file, rec_error *err)
{
    rec_yaml *node = rec_alloc(1, sizeof *node, err);
    if (node == NULL)
        return NULL;
    node->kind = kind;
    node->file = file;
    node->plain = true;
    if (text != NULL) {
        node->text = rec_strdup(text, err);
        if (node->text == NULL) {
            free(node);
            return NULL;
        }
    }
    return node;
}

/* Capacity is implied by the count: it grows when n is a power of two. */
static bool is_full(size_t n)
{
    return (n & (n - 1)) == 0;
}

static rec_status grow(void *pointer, size_t n, size_t size, rec_error *err)
{
    void *old;
    memcpy(&old, pointer, sizeof old);
    void *grown = rec_realloc(old, n == 0 ? 1 : 2 * n, size, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    memcpy(pointer, &grown, sizeof grown);
    return REC_OK;
}

rec_status rec_yaml_append(rec_yaml *list, rec_yaml *child, rec_error *err)
{
    if (is_full(list->n) && grow(&list->items, list->n, sizeof *list->items, err) != REC_OK) {
        rec_yaml_free(child);
        return REC_ERR_RESOURCE;
    }
    list->items[list->n++] = child;
    return REC_OK;
}

static size_t find_key(const rec_yaml *map, const char *key)
{
    size_t i = 0;
    while (i < map->n && strcmp(map->keys[i], key) != 0)
        i++;
    return i;
}

static rec_status grow_keys(rec_yaml *map, rec_error *err)
{
    if (!is_full(map->n))
        return REC_OK;
    rec_status status = grow(&map->keys, map->n, sizeof *map->keys, err);
    if (status == REC_OK)
        status = grow(&map->key_places, map->n, sizeof *map->key_places, err);
    return status;
}

rec_status rec_yaml_put_new(rec_yaml *map, const char *key, const rec_yaml_place *place,
                            rec_yaml *child, rec_error *err)
{
    char *name = rec_strdup(key, err);
    if (name == NULL || grow_keys(map, err) != REC_OK) {
        free(name);
        rec_yaml_free(child);
        return REC_ERR_RESOURCE;
    }
    size_t i = map->n;
    rec_yaml_place own = place != NULL ? *place : (rec_yaml_place){child->line, child->column};
    rec_status status = rec_yaml_append(map, child, err); /* last: it advances n */
    if (status != REC_OK) {
        free(name);
        return status;
    }
    map->keys[i] = name;
    map->key_places[i] = own;
    return REC_OK;
}

rec_status rec_yaml_put(rec_yaml *map, const char *key, const rec_yaml_place *place,
                        rec_yaml *child, rec_error *err)
{
    size_t i = find_key(map, key);
    if (i == map->n)
        return rec_yaml_put_new(map, key, place, child, err);
    rec_yaml_free(map->items[i]);
    map->items[i] = child;
    map->key_places[i] = place != NULL ? *place : (rec_yaml_place){child->line, child->column};
    return REC_OK;
}

void rec_yaml_remove(rec_yaml *map, const char *key)
{
    size_t i = find_key(map, key);
    if (i == map->n)
        return;
    free(map->keys[i]);
    rec_yaml_free(map->items[i]);
    size_t n_after = map->n - i - 1;
    memmove(map->keys + i, map->keys + i + 1, n_after * sizeof *map->keys);
    memmove(map->items + i, map->items + i + 1, n_after * sizeof *map->items);
    memmove(map->key_places + i, map->key_places + i + 1, n_after * sizeof *map->key_places);
    map->n--;
}

rec_yaml *rec_yaml_dup(const rec_yaml *node, rec_error *err)
{
    rec_yaml *copy = rec_yaml_new(node->kind, node->text, node->file, err);
    if (copy == NULL)
        return NULL;
    copy->line = node->line;
    copy->column = node->column;
    copy->plain = node->plain;
    for (size_t i = 0; i < node->n; i++) {
        rec_yaml *child = rec_yaml_dup(node->items[i], err);
        rec_status status =
            child == NULL ? REC_ERR_RESOURCE
            : node->kind == REC_YAML_LIST
                ? rec_yaml_append(copy, child, err)
                : rec_yaml_put_new(copy, node->keys[i], &node->key_places[i], child, err);
        if (status != REC_OK) {
            rec_yaml_free(copy);
            return NULL;
        }
    }
    return copy;
}

const rec_yaml *rec_yaml_get(const rec_yaml *map, const char *key)
{
    if (map == NULL || map->kind != REC_YAML_MAP)
        return NULL;
    size_t i = find_key(map, key);
    return i < map->n ? map->items[i] : NULL;
}

static rec_status fail_at(rec_error *err, const char *file, rec_yaml_place place,
                          const char *format, va_list arguments)
{
    char message[REC_ERROR_MESSAGE_MAX];
    vsnprintf(message, sizeof message, format, arguments);
    if (place.line == 0)
        return rec_fail(err, REC_ERR_CONFIG, "%s: %s", file, message);
    return rec_fail(err, REC_ERR_CONFIG, "%s:%zu:%zu: %s", file, place.line, place.column, message);
}

rec_status rec_yaml_fail(rec_error *err, const rec_yaml *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    rec_status status =
        fail_at(err, node->file, (rec_yaml_place){node->line, node->column}, format, arguments);
    va_end(arguments);
    return status;
}

rec_status rec_yaml_fail_key(rec_error *err, const rec_yaml *map, size_t i, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    /* The file of the value: an override's key stands where the override does. */
    rec_status status = fail_at(err, map->items[i]->file, map->key_places[i], format, arguments);
    va_end(arguments);
    return status;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words != NULL && strcmp(text, *words) != 0)
        words++;
    return *words != NULL;
}

bool rec_yaml_is_null(const rec_yaml *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    return node == NULL ||
           (node->kind == REC_YAML_SCALAR && node->plain && is_one_of(node->text, nulls));
}

static const char *describe(const rec_yaml *node)
{
    if (node->kind == REC_YAML_LIST)
        return "a list";
    if (node->kind == REC_YAML_MAP)
        return "a mapping";
    return rec_yaml_is_null(node) ? "nothing" : node->text;
}

static rec_status wrong_type(rec_error *err, const rec_yaml *node, const char *wanted)
{
    if (node->kind == REC_YAML_SCALAR && !rec_yaml_is_null(node))
        return rec_yaml_fail(err, node, "expected %s, got \"%.80s\"%s", wanted, node->text,
                             node->plain ? "" : " (a quoted text)");
    return rec_yaml_fail(err, node, "expected %s, got %s", wanted, describe(node));
}

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

static bool is_int_text(const char *text)
{
    text += *text == '-' || *text == '+';
    size_t n = count_digits(text);
    return n > 0 && text[n] == '\0';
}

/* [sign] digits [. digits] [e [sign] digits], with a digit before or after the point. */
static bool is_real_text(const char *text)
{
    text += *text == '-' || *text == '+';
    size_t n_whole = count_digits(text), n_fraction = 0;
    text += n_whole;
    if (*text == '.') {
        n_fraction = count_digits(++text);
        text += n_fraction;
    }
    if (n_whole + n_fraction == 0)
        return false;
    if (*text != 'e' && *text != 'E')
        return *text == '\0';
    return is_int_text(text + 1);
}

static bool is_plain(const rec_yaml *node)
{
    return node->kind == REC_YAML_SCALAR && node->plain;
}

rec_status rec_yaml_int(int64_t *out, const rec_yaml *node, rec_error *err)
{
    if (!is_plain(node) || !is_int_text(node->text))
        return wrong_type(err, node, "an integer");
    errno = 0;
    long long value = strtoll(node->text, NULL, 10);
    if (errno == ERANGE)
        return rec_yaml_fail(err, node, "integer out of range: %.80s", node->text);
    *out = value;
    return REC_OK;
}

rec_status rec_yaml_real(double *out, const rec_yaml *node, rec_error *err)
{
    if (!is_plain(node) || !is_real_text(node->text))
        return wrong_type(err, node, "a number");
    double value = strtod(node->text, NULL);
    if (!isfinite(value))
        return rec_yaml_fail(err, node, "number out of range: %.80s", node->text);
    *out = value;
    return REC_OK;
}

rec_status rec_yaml_bool(bool *out, const rec_yaml *node, rec_error *err)
{
    if (!is_plain(node) || !is_one_of(node->text, (const char *const[]){"true", "false", NULL}))
        return wrong_type(err, node, "true or false");
    *out = node->text[0] == 't';
    return REC_OK;
}

rec_status rec_yaml_string(const char **out, const rec_yaml *node, rec_error *err)
{
    if (node->kind != REC_YAML_SCALAR || rec_yaml_is_null(node))
        return wrong_type(err, node, "a text");
    *out = node->text;
    return REC_OK;
}

static cJSON *scalar_json(const rec_yaml *node)
{
    bool truth;
    double number;
    if (rec_yaml_is_null(node))
        return cJSON_CreateNull();
    if (rec_yaml_bool(&truth, node, NULL) == REC_OK)
        return cJSON_CreateBool(truth);
    if (rec_yaml_real(&number, node, NULL) == REC_OK)
        return cJSON_CreateNumber(number);
    return cJSON_CreateString(node->text);
}

cJSON *rec_yaml_json(const rec_yaml *node, rec_error *err)
{
    cJSON *json = node->kind == REC_YAML_LIST  ? cJSON_CreateArray()
                  : node->kind == REC_YAML_MAP ? cJSON_CreateObject()
                                               : scalar_json(node);
    for (size_t i = 0; json != NULL && i < node->n; i++) {
        cJSON *child = rec_yaml_json(node->items[i], err);
        if (child == NULL ||
            !(node->kind == REC_YAML_LIST ? cJSON_AddItemToArray(json, child)
                                          : cJSON_AddItemToObject(json, node->keys[i], child))) {
            cJSON_Delete(child);
            cJSON_Delete(json);
            json = NULL;
        }
    }
    if (json == NULL)
        rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    return json;
}
