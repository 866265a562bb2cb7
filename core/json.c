/* The parser builds cJSON trees itself: cJSON's own accepts what RFC 8259 does not (control
 * characters and invalid UTF-8 in strings, "01", duplicate keys) and cannot say where an error is. */
#include "core/json.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/utf8.h"

enum { DEPTH_MAX = 256, LINEAR_KEYS = 8 };

typedef struct parser {
    const char *text, *at, *end;
    const char *name;
    size_t line, depth;
    bool allow_nul;
    rec_buffer scratch; /* the string or number being read */
    rec_error *err;
} parser;

/* The keys of one object seen so far: open addressing, once there are more than a few. */
typedef struct key_set {
    const cJSON **slots; /* owned; NULL while keys are few */
    size_t capacity, n;  /* power of two */
} key_set;

static rec_status fail_at(const parser *p, const char *at, const char *what)
{
    size_t line = p->line, column = 1;
    for (const char *c = p->text; c < at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*c & 0xC0) != 0x80) {
            column++;
        }
    }
    return rec_fail(p->err, REC_ERR_DATA, "%s:%zu:%zu: %s", p->name, line, column, what);
}

static rec_status out_of_memory(const parser *p)
{
    return rec_fail(p->err, REC_ERR_RESOURCE, "%s: out of memory (JSON)", p->name);
}

static void skip_space(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

static bool next_is(const parser *p, char c)
{
    return p->at < p->end && *p->at == c;
}

/* Skip space, then take c if it is there. */
static bool take(parser *p, char c)
{
    skip_space(p);
    if (!next_is(p, c))
        return false;
    p->at++;
    return true;
}

static rec_status hex4(uint32_t *out, parser *p)
{
    *out = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        char c = p->at < p->end ? *p->at : '\0';
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return fail_at(p, p->at, "\\u needs four hexadecimal digits");
        *out = *out << 4 | digit;
    }
    return REC_OK;
}

/* Behind "\u": one scalar value, of two surrogate escapes if need be. */
static rec_status unicode_escape(parser *p)
{
    const char *start = p->at - 2;
    uint32_t c, low;
    rec_status status = hex4(&c, p);
    if (status != REC_OK)
        return status;
    if (c >= 0xD800 && c <= 0xDBFF && p->end - p->at >= 2 && p->at[0] == '\\' && p->at[1] == 'u') {
        p->at += 2;
        status = hex4(&low, p);
        if (status != REC_OK)
            return status;
        if (low >= 0xDC00 && low <= 0xDFFF)
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    if (c == 0 && !p->allow_nul)
        return fail_at(p, start, "\\u0000 inside a string is not supported");
    char utf8[4];
    size_t n = rec_utf8_encode(utf8, c);
    if (n == 0)
        return fail_at(p, start, "half of a surrogate pair");
    return rec_buffer_append(&p->scratch, utf8, n, p->err);
}

static rec_status escape(parser *p)
{
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *start = p->at++;
    if (p->at == p->end)
        return fail_at(p, start, "unfinished escape");
    char c = *p->at++;
    if (c == 'u')
        return unicode_escape(p);
    const char *found = c != '\0' ? strchr(letters, c) : NULL;
    if (found == NULL)
        return fail_at(p, start,
                       "unknown escape (allowed: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX)");
    return rec_buffer_append(&p->scratch, &values[found - letters], 1, p->err);
}

/* Into p->scratch. */
static rec_status string(parser *p)
{
    const char *start = p->at++;
    rec_buffer_clear(&p->scratch);
    rec_status status = rec_buffer_append(&p->scratch, "", 0, p->err);
    while (status == REC_OK) {
        const char *run = p->at;
        while (p->at < p->end && *p->at != '"' && *p->at != '\\' && (unsigned char)*p->at >= 0x20)
            p->at++;
        size_t n = (size_t)(p->at - run), valid = rec_utf8_valid_prefix(run, n);
        if (valid < n)
            return fail_at(p, run + valid, "string is not UTF-8");
        status = rec_buffer_append(&p->scratch, run, n, p->err);
        if (status != REC_OK)
            return status;
        if (p->at == p->end)
            return fail_at(p, start, "string without end");
        if (*p->at == '"') {
            p->at++;
            return REC_OK;
        }
        if (*p->at != '\\')
            return fail_at(p, p->at, "control character in a string must be escaped");
        status = escape(p);
    }
    return status;
}

static bool digits(parser *p)
{
    const char *start = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return p->at > start;
}

static rec_status number(cJSON **out, parser *p)
{
    const char *start = p->at;
    if (next_is(p, '-'))
        p->at++;
    bool good = next_is(p, '0') ? (p->at++, true) : digits(p);
    if (good && next_is(p, '.')) {
        p->at++;
        good = digits(p);
    }
    if (good && (next_is(p, 'e') || next_is(p, 'E'))) {
        p->at++;
        if (next_is(p, '+') || next_is(p, '-'))
            p->at++;
        good = digits(p);
    }
    if (!good)
        return fail_at(p, start, "not a number");
    rec_buffer_clear(&p->scratch);
    rec_status status = rec_buffer_append(&p->scratch, start, (size_t)(p->at - start), p->err);
    if (status != REC_OK)
        return status;
    double value = strtod(p->scratch.data, NULL);
    if (!isfinite(value))
        return fail_at(p, start, "number out of range");
    *out = cJSON_CreateNumber(value);
    return *out != NULL ? REC_OK : out_of_memory(p);
}

static rec_status word(cJSON **out, parser *p)
{
    const char *rest = p->at;
    size_t n = (size_t)(p->end - rest);
    if (n >= 4 && memcmp(rest, "true", 4) == 0)
        *out = cJSON_CreateTrue();
    else if (n >= 5 && memcmp(rest, "false", 5) == 0)
        *out = cJSON_CreateFalse();
    else if (n >= 4 && memcmp(rest, "null", 4) == 0)
        *out = cJSON_CreateNull();
    else
        return fail_at(p, rest, n == 0 ? "the text ends where a value should be" : "not a value");
    if (*out == NULL)
        return out_of_memory(p);
    p->at += *rest == 'f' ? 5 : 4;
    return REC_OK;
}

static rec_status value(cJSON **out, parser *p);

static rec_status array(cJSON **out, parser *p)
{
    const char *start = p->at++;
    cJSON *item, *list = cJSON_CreateArray();
    rec_status status = list != NULL ? REC_OK : out_of_memory(p);
    *out = list; /* value() deletes it on failure */
    if (status != REC_OK || take(p, ']'))
        return status;
    do {
        status = value(&item, p);
        if (status != REC_OK)
            return status;
        cJSON_AddItemToArray(list, item);
    } while (take(p, ','));
    if (take(p, ']'))
        return REC_OK;
    return p->at < p->end ? fail_at(p, p->at, "\",\" or \"]\" expected")
                          : fail_at(p, start, "array without end");
}

static void key_set_put(key_set *set, const cJSON *item)
{
    size_t i = rec_fnv1a(item->string, strlen(item->string)) & (set->capacity - 1);
    while (set->slots[i] != NULL)
        i = (i + 1) & (set->capacity - 1);
    set->slots[i] = item;
}

static bool key_set_has(const key_set *set, const cJSON *object, const char *key)
{
    if (set->slots == NULL)
        return cJSON_GetObjectItemCaseSensitive(object, key) != NULL;
    size_t i = rec_fnv1a(key, strlen(key)) & (set->capacity - 1);
    for (; set->slots[i] != NULL; i = (i + 1) & (set->capacity - 1)) {
        if (strcmp(set->slots[i]->string, key) == 0)
            return true;
    }
    return false;
}

/* Note the newest member of the object; at most half of the slots are used. */
static rec_status key_set_add(key_set *set, const cJSON *object, const cJSON *item, rec_error *err)
{
    set->n++;
    if (set->n <= LINEAR_KEYS)
        return REC_OK;
    if (2 * set->n <= set->capacity) {
        key_set_put(set, item);
        return REC_OK;
    }
    size_t capacity = 4 * set->n < 64 ? 64 : set->capacity * 4;
    const cJSON **slots = rec_alloc(capacity, sizeof *slots, err);
    if (slots == NULL)
        return REC_ERR_RESOURCE;
    free(set->slots);
    *set = (key_set){.slots = slots, .capacity = capacity, .n = set->n};
    const cJSON *member;
    cJSON_ArrayForEach(member, object) key_set_put(set, member);
    return REC_OK;
}

static rec_status member(cJSON *map, parser *p, key_set *keys)
{
    skip_space(p);
    const char *start = p->at;
    if (!next_is(p, '"'))
        return fail_at(p, start, "a key in double quotes expected");
    rec_status status = string(p);
    if (status != REC_OK)
        return status;
    if (key_set_has(keys, map, p->scratch.data))
        return fail_at(p, start, "duplicate key");
    char *key = cJSON_malloc(p->scratch.length + 1); /* cJSON_Delete frees it */
    if (key == NULL)
        return out_of_memory(p);
    memcpy(key, p->scratch.data, p->scratch.length + 1);
    cJSON *item = NULL;
    status = take(p, ':') ? value(&item, p) : fail_at(p, p->at, "\":\" expected");
    if (status != REC_OK) {
        cJSON_free(key);
        return status;
    }
    item->string = key;
    cJSON_AddItemToArray(map, item); /* links; only the object variant would copy the key */
    return key_set_add(keys, map, item, p->err);
}

static rec_status object(cJSON **out, parser *p)
{
    const char *start = p->at++;
    cJSON *map = cJSON_CreateObject();
    rec_status status = map != NULL ? REC_OK : out_of_memory(p);
    *out = map; /* value() deletes it on failure */
    if (status != REC_OK || take(p, '}'))
        return status;
    key_set keys = {.slots = NULL};
    do {
        status = member(map, p, &keys);
    } while (status == REC_OK && take(p, ','));
    free(keys.slots);
    if (status != REC_OK || take(p, '}'))
        return status;
    return p->at < p->end ? fail_at(p, p->at, "\",\" or \"}\" expected")
                          : fail_at(p, start, "object without end");
}

static rec_status string_value(cJSON **out, parser *p)
{
    rec_status status = string(p);
    if (status != REC_OK)
        return status;
    *out = rec_json_text(p->scratch.data, p->scratch.length);
    return *out != NULL ? REC_OK : out_of_memory(p);
}

static rec_status value(cJSON **out, parser *p)
{
    *out = NULL;
    skip_space(p);
    if (p->depth == DEPTH_MAX)
        return fail_at(p, p->at, "nested deeper than 256 levels");
    p->depth++;
    char c = p->at < p->end ? *p->at : '\0';
    rec_status status = c == '{'                             ? object(out, p)
                        : c == '['                           ? array(out, p)
                        : c == '"'                           ? string_value(out, p)
                        : c == '-' || (c >= '0' && c <= '9') ? number(out, p)
                                                             : word(out, p);
    p->depth--;
    if (status != REC_OK) {
        cJSON_Delete(*out);
        *out = NULL;
    }
    return status;
}

static rec_status parse(cJSON **out, const char *text, size_t length, const char *name, size_t line,
                        bool allow_nul, rec_error *err)
{
    parser p = {.text = text,
                .at = text,
                .end = text + length,
                .name = name,
                .line = line,
                .allow_nul = allow_nul,
                .err = err};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        p.at += 3; /* a byte order mark is no text */
    rec_status status = value(out, &p);
    if (status == REC_OK) {
        skip_space(&p);
        if (p.at < p.end) {
            status = fail_at(&p, p.at, "text after the end of the document");
            cJSON_Delete(*out);
            *out = NULL;
        }
    }
    rec_buffer_deinit(&p.scratch);
    return status;
}

rec_status rec_json_parse(cJSON **out, const char *text, size_t length, const char *name,
                          size_t line, rec_error *err)
{
    return parse(out, text, length, name, line, false, err);
}

rec_status rec_json_parse_any_text(cJSON **out, const char *text, size_t length, const char *name,
                                   size_t line, rec_error *err)
{
    return parse(out, text, length, name, line, true, err);
}

/* cJSON does not use valueint of strings; 0 there means "as strlen has it". */
cJSON *rec_json_text(const char *bytes, size_t n)
{
    if (n >= INT_MAX || memchr(bytes, '\0', n) == NULL)
        return cJSON_CreateString(bytes);
    cJSON *item = cJSON_CreateString("");
    char *copy = item != NULL ? cJSON_malloc(n + 1) : NULL;
    if (copy == NULL) {
        cJSON_Delete(item);
        return NULL;
    }
    memcpy(copy, bytes, n);
    copy[n] = '\0';
    cJSON_free(item->valuestring);
    item->valuestring = copy;
    item->valueint = (int)n;
    return item;
}

size_t rec_json_text_length(const cJSON *string)
{
    return string->valueint > 0 ? (size_t)string->valueint : strlen(string->valuestring);
}

rec_status rec_json_read(cJSON **out, const char *path, rec_error *err)
{
    rec_text text;
    *out = NULL;
    rec_status status = rec_text_read(&text, path, err);
    if (status != REC_OK)
        return status;
    status = rec_json_parse(out, text.data, text.length, path, 1, err);
    rec_text_close(&text);
    return status;
}

/* A decimal text of up to 15 digits names one double, so %.15g is the shortest wherever it reads
 * back; subnormal numbers have fewer digits than that. */
void rec_format_double(char out[32], double value)
{
    if (!isfinite(value)) {
        strcpy(out, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        return;
    }
    for (int digits_kept = fpclassify(value) == FP_SUBNORMAL ? 1 : 15; digits_kept <= 17;
         digits_kept++) {
        snprintf(out, 32, "%.*g", digits_kept, value);
        if (strtod(out, NULL) == value)
            return;
    }
}

static rec_status print_string(rec_buffer *out, const char *text, size_t length, rec_error *err)
{
    static const char controls[] = "\b\t\n\f\r", names[] = "btnfr";
    const char *end = text + length;
    if (!rec_utf8_valid(text, length))
        return rec_fail(err, REC_ERR_DATA, "JSON: a string to print is not UTF-8");
    rec_status status = rec_buffer_append(out, "\"", 1, err);
    for (const char *c = text; status == REC_OK && c < end;) {
        size_t plain = 0;
        while (c + plain < end && (unsigned char)c[plain] >= 0x20 && c[plain] != '"' &&
               c[plain] != '\\')
            plain++;
        status = rec_buffer_append(out, c, plain, err);
        c += plain;
        if (status != REC_OK || c == end)
            break;
        const char *control = *c != '\0' ? strchr(controls, *c) : NULL;
        if (control != NULL)
            status = rec_buffer_printf(out, err, "\\%c", names[control - controls]);
        else if ((unsigned char)*c < 0x20)
            status = rec_buffer_printf(out, err, "\\u%04x", (unsigned)*c);
        else
            status = rec_buffer_printf(out, err, "\\%c", *c);
        c++;
    }
    return status == REC_OK ? rec_buffer_append(out, "\"", 1, err) : status;
}

static rec_status print_value(rec_buffer *out, const cJSON *json, rec_error *err);

static rec_status print_children(rec_buffer *out, const cJSON *json, rec_error *err)
{
    bool named = cJSON_IsObject(json);
    rec_status status = rec_buffer_puts(out, named ? "{" : "[", err);
    const cJSON *child;
    cJSON_ArrayForEach(child, json)
    {
        if (status == REC_OK && child != json->child)
            status = rec_buffer_puts(out, ",", err);
        if (status == REC_OK && named) {
            status = print_string(out, child->string, strlen(child->string), err);
            if (status == REC_OK)
                status = rec_buffer_puts(out, ":", err);
        }
        if (status == REC_OK)
            status = print_value(out, child, err);
        if (status != REC_OK)
            return status;
    }
    return status == REC_OK ? rec_buffer_puts(out, named ? "}" : "]", err) : status;
}

static rec_status print_value(rec_buffer *out, const cJSON *json, rec_error *err)
{
    char number_text[32];
    switch (json->type & 0xFF) {
    case cJSON_NULL:
        return rec_buffer_puts(out, "null", err);
    case cJSON_True:
        return rec_buffer_puts(out, "true", err);
    case cJSON_False:
        return rec_buffer_puts(out, "false", err);
    case cJSON_String:
        return print_string(out, json->valuestring, rec_json_text_length(json), err);
    case cJSON_Raw: /* JSON text the caller vouches for */
        return rec_buffer_puts(out, json->valuestring, err);
    case cJSON_Number:
        if (!isfinite(json->valuedouble))
            return rec_fail(err, REC_ERR_DATA, "JSON: NaN or infinity cannot be written");
        rec_format_double(number_text, json->valuedouble);
        return rec_buffer_puts(out, number_text, err);
    default:
        assert(cJSON_IsArray(json) || cJSON_IsObject(json));
        return print_children(out, json, err);
    }
}

char *rec_json_print(const cJSON *json, rec_error *err)
{
    rec_buffer out = {.data = NULL};
    char *text = print_value(&out, json, err) == REC_OK ? rec_buffer_take(&out, err) : NULL;
    rec_buffer_deinit(&out);
    return text;
}

rec_status rec_json_put_line(rec_buffer *out, const cJSON *json, rec_error *err)
{
    rec_status status = print_value(out, json, err);
    return status == REC_OK ? rec_buffer_puts(out, "\n", err) : status;
}

rec_status rec_json_write(const cJSON *json, const char *folder, const char *name, rec_error *err)
{
    rec_buffer text = {.data = NULL};
    char *path = rec_path_join(err, folder, name);
    rec_status status = path != NULL ? print_value(&text, json, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_atomic_write(path, text.data, text.length, err);
    rec_buffer_deinit(&text);
    free(path);
    return status;
}

static const cJSON *required(const cJSON *object, const char *key, rec_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (item == NULL)
        rec_fail(err, REC_ERR_DATA, "%s: missing", key);
    return item;
}

const char *rec_json_string(const cJSON *object, const char *key, rec_error *err)
{
    const cJSON *item = required(object, key, err);
    if (item == NULL)
        return NULL;
    if (!cJSON_IsString(item))
        rec_fail(err, REC_ERR_DATA, "%s: not a string", key);
    return cJSON_GetStringValue(item);
}

rec_status rec_json_number(double *out, const cJSON *object, const char *key, rec_error *err)
{
    const cJSON *item = required(object, key, err);
    if (item == NULL)
        return REC_ERR_DATA;
    if (!cJSON_IsNumber(item))
        return rec_fail(err, REC_ERR_DATA, "%s: not a number", key);
    *out = item->valuedouble;
    return REC_OK;
}
