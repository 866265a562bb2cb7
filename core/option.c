#include "core/option.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/yaml.h"

/* The field of an option inside the plug-in's struct, as the type its kind has. */
static void *field(void *self, const rec_option *o)
{
    return (char *)self + o->offset;
}

static const void *const_field(const void *self, const rec_option *o)
{
    return (const char *)self + o->offset;
}

/* ---- names ---- */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. "A guided tour to approximate
 * string matching", ACM Computing Surveys 33(1), 2001, section 5. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { MAX = 64 };
    size_t n = strlen(a), m = strlen(b);
    if (n > MAX || m > MAX)
        return SIZE_MAX;
    size_t d[3][MAX + 1]; /* the rows i - 2, i - 1, i, cyclically */
    for (size_t j = 0; j <= m; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = d[i % 3], *above = d[(i + 2) % 3], *above2 = d[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = min3(row[j], above2[j - 2] + 1, SIZE_MAX);
        }
    }
    return d[n % 3][m];
}

const char *rec_nearest(const char *word, const char *const *names, size_t n)
{
    const char *nearest = NULL;
    size_t allowed = strlen(word) / 3 + 1, least = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (distance <= allowed && distance < least) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

const char *rec_hint(char out[REC_HINT_MAX], const char *word, const char *const *names, size_t n)
{
    const char *nearest = rec_nearest(word, names, n);
    out[0] = '\0';
    if (nearest != NULL)
        snprintf(out, REC_HINT_MAX, ", did you mean \"%.100s\"?", nearest);
    return out;
}

const rec_option *rec_option_find(const rec_option *table, const char *key)
{
    for (; table != NULL && table->key != NULL; table++)
        if (strcmp(table->key, key) == 0)
            return table;
    return NULL;
}

static bool is_ignored(const char *const *ignore, const char *key)
{
    for (; ignore != NULL && *ignore != NULL; ignore++)
        if (strcmp(*ignore, key) == 0)
            return true;
    return false;
}

/* Every key that would be right here, the caller's own included. New array, borrowed strings. */
static const char **known_keys(size_t *n, const rec_option *table, const char *const *ignore,
                               rec_error *err)
{
    *n = 0;
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++)
        ++*n;
    for (size_t i = 0; ignore != NULL && ignore[i] != NULL; i++)
        ++*n;
    const char **names = rec_alloc(*n, sizeof *names, err);
    if (names == NULL)
        return NULL;
    size_t at = 0;
    for (size_t i = 0; ignore != NULL && ignore[i] != NULL; i++)
        names[at++] = ignore[i];
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++)
        names[at++] = o->key;
    return names;
}

static rec_status join(rec_buffer *out, const char *const *names, size_t n, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_buffer_printf(out, err, "%s%s", i > 0 ? ", " : "", names[i]);
    return status;
}

static rec_status unknown_key(const rec_yaml *map, size_t i, const rec_option *table,
                              const char *const *ignore, rec_error *err)
{
    size_t n;
    const char **names = known_keys(&n, table, ignore, err);
    if (names == NULL)
        return REC_ERR_RESOURCE;
    rec_buffer known = {.max = REC_ERROR_MESSAGE_MAX};
    rec_status status = join(&known, names, n, NULL); /* an overlong list is cut: still useful */
    (void)status;
    char hint[REC_HINT_MAX];
    rec_hint(hint, map->keys[i], names, n);
    rec_yaml_fail_key(err, map, i, "%.80s: unknown key%s (known: %s)", map->keys[i], hint,
                      known.data != NULL ? known.data : "none");
    rec_buffer_deinit(&known);
    free(names);
    return REC_ERR_CONFIG;
}

/* ---- values ---- */

/* "key: " before what a typed read said. */
static rec_status at_key(const rec_option *o, const rec_yaml *value, rec_error *err,
                         const char *message)
{
    return rec_yaml_fail(err, value, "%s: %s", o->key, message);
}

/* The typed reads put the place first; the key belongs between place and message. */
static rec_status name_key(const rec_option *o, const rec_yaml *value, rec_error *deep,
                           rec_error *err)
{
    if (deep->status != REC_ERR_CONFIG)
        return rec_fail(err, deep->status, "%s", deep->message);
    rec_error place;
    rec_yaml_fail(&place, value, "%s", "");
    return at_key(o, value, err, deep->message + strlen(place.message));
}

static bool in_range(const rec_option *o, double value)
{
    return o->min == o->max || (value >= o->min && value <= o->max);
}

static rec_status out_of_range(const rec_option *o, const rec_yaml *value, rec_error *err)
{
    return rec_yaml_fail(err, value, "%s: %.80s is out of range (%.10g to %.10g)", o->key,
                         value->text, o->min, o->max);
}

static rec_status read_int(int64_t *out, const rec_option *o, const rec_yaml *value, rec_error *err)
{
    rec_error deep = {.status = REC_OK};
    if (rec_yaml_int(out, value, &deep) != REC_OK)
        return name_key(o, value, &deep, err);
    return in_range(o, (double)*out) ? REC_OK : out_of_range(o, value, err);
}

static rec_status read_real(double *out, const rec_option *o, const rec_yaml *value, rec_error *err)
{
    rec_error deep = {.status = REC_OK};
    if (rec_yaml_real(out, value, &deep) != REC_OK)
        return name_key(o, value, &deep, err);
    return in_range(o, *out) ? REC_OK : out_of_range(o, value, err);
}

static rec_status read_bool(bool *out, const rec_option *o, const rec_yaml *value, rec_error *err)
{
    rec_error deep = {.status = REC_OK};
    if (rec_yaml_bool(out, value, &deep) != REC_OK)
        return name_key(o, value, &deep, err);
    return REC_OK;
}

static rec_status read_enum(int *out, const rec_option *o, const rec_yaml *value, rec_error *err)
{
    rec_error deep = {.status = REC_OK};
    const char *text;
    if (rec_yaml_string(&text, value, &deep) != REC_OK)
        return name_key(o, value, &deep, err);
    size_t n = 0;
    for (; o->choices[n] != NULL; n++) {
        if (strcmp(o->choices[n], text) == 0) {
            *out = (int)n;
            return REC_OK;
        }
    }
    rec_buffer allowed = {.max = REC_ERROR_MESSAGE_MAX};
    rec_status status = join(&allowed, o->choices, n, err);
    if (status == REC_OK) {
        char hint[REC_HINT_MAX];
        rec_hint(hint, text, o->choices, n);
        status = rec_yaml_fail(err, value, "%s: unknown value \"%.80s\"%s (allowed: %s)", o->key,
                               text, hint, allowed.data);
    }
    rec_buffer_deinit(&allowed);
    return status;
}

static size_t variable_length(const char *text)
{
    if (text[0] != '$' || text[1] != '{')
        return 0;
    size_t n = strspn(text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && text[2 + n] == '}' ? n + 3 : 0;
}

static rec_status append_variable(rec_buffer *out, const char *text, size_t length,
                                  const rec_option *o, const rec_yaml *value, rec_error *err)
{
    char name[256];
    size_t n = length - 3; /* without ${} */
    if (n >= sizeof name)
        return at_key(o, value, err, "the name of an environment variable is too long");
    memcpy(name, text + 2, n);
    name[n] = '\0';
    const char *content = getenv(name);
    if (content == NULL)
        return rec_yaml_fail(err, value, "%s: environment variable %s is not set", o->key, name);
    return rec_buffer_puts(out, content, err);
}

/* ${NAME} anywhere in the text becomes the variable's content. */
static rec_status expand(char **out, const char *text, const rec_option *o, const rec_yaml *value,
                         rec_error *err)
{
    rec_buffer expanded = {.max = 1 << 20};
    rec_status status = rec_buffer_puts(&expanded, "", err);
    while (*text != '\0' && status == REC_OK) {
        size_t length = variable_length(text);
        status = length > 0 ? append_variable(&expanded, text, length, o, value, err)
                            : rec_buffer_append(&expanded, text, 1, err);
        text += length > 0 ? length : 1;
    }
    if (status == REC_OK)
        *out = rec_buffer_take(&expanded, err);
    rec_buffer_deinit(&expanded);
    return status != REC_OK ? status : *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* New string in *out. */
static rec_status read_text(char **out, const rec_option *o, const rec_yaml *value, rec_error *err)
{
    rec_error deep = {.status = REC_OK};
    const char *text;
    *out = NULL;
    if (rec_yaml_string(&text, value, &deep) != REC_OK)
        return name_key(o, value, &deep, err);
    if (o->from_env)
        return expand(out, text, o, value, err);
    if (variable_length(text) > 0 && text[variable_length(text)] == '\0')
        return at_key(o, value, err, "environment variables are not read in this field");
    *out = rec_strdup(text, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static void free_strings(rec_string_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
    *list = (rec_string_list){0};
}

static size_t n_elements(const rec_yaml *value)
{
    return value->kind == REC_YAML_LIST ? value->n : 1;
}

static const rec_yaml *element(const rec_yaml *value, size_t i)
{
    return value->kind == REC_YAML_LIST ? value->items[i] : value;
}

static rec_status read_ints(rec_int_list *out, const rec_option *o, const rec_yaml *value,
                            rec_error *err)
{
    rec_int_list list = {.items = rec_alloc(n_elements(value), sizeof *list.items, err)};
    rec_status status = list.items != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (; list.n < n_elements(value) && status == REC_OK; list.n++)
        status = read_int(&list.items[list.n], o, element(value, list.n), err);
    if (status != REC_OK) {
        free(list.items);
        return status;
    }
    free(out->items);
    *out = list;
    return REC_OK;
}

static rec_status read_reals(rec_real_list *out, const rec_option *o, const rec_yaml *value,
                             rec_error *err)
{
    rec_real_list list = {.items = rec_alloc(n_elements(value), sizeof *list.items, err)};
    rec_status status = list.items != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (; list.n < n_elements(value) && status == REC_OK; list.n++)
        status = read_real(&list.items[list.n], o, element(value, list.n), err);
    if (status != REC_OK) {
        free(list.items);
        return status;
    }
    free(out->items);
    *out = list;
    return REC_OK;
}

static rec_status read_strings(rec_string_list *out, const rec_option *o, const rec_yaml *value,
                               rec_error *err)
{
    rec_string_list list = {.items = rec_alloc(n_elements(value), sizeof *list.items, err)};
    rec_status status = list.items != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (; list.n < n_elements(value) && status == REC_OK; list.n++)
        status = read_text(&list.items[list.n], o, element(value, list.n), err);
    if (status != REC_OK) {
        free_strings(&list);
        return status;
    }
    free_strings(out);
    *out = list;
    return REC_OK;
}

static rec_status read_string(char **out, const rec_option *o, const rec_yaml *value,
                              rec_error *err)
{
    char *text = NULL;
    if (!rec_yaml_is_null(value)) {
        rec_status status = read_text(&text, o, value, err);
        if (status != REC_OK)
            return status;
    }
    free(*out);
    *out = text;
    return REC_OK;
}

static rec_status apply_map(void *self, const rec_option *table, const rec_yaml *map,
                            const char *const *ignore, rec_error *err);

rec_status rec_option_set(void *self, const rec_option *o, const rec_yaml *value, rec_error *err)
{
    void *out = field(self, o);
    switch (o->type) {
    case REC_OPT_BOOL:
        return read_bool(out, o, value, err);
    case REC_OPT_INT:
        return read_int(out, o, value, err);
    case REC_OPT_REAL:
        return read_real(out, o, value, err);
    case REC_OPT_ENUM:
        return read_enum(out, o, value, err);
    case REC_OPT_STRING:
    case REC_OPT_REFERENCE:
        return read_string(out, o, value, err);
    case REC_OPT_INTS:
        return read_ints(out, o, value, err);
    case REC_OPT_REALS:
        return read_reals(out, o, value, err);
    case REC_OPT_STRINGS:
        return read_strings(out, o, value, err);
    case REC_OPT_TABLE:
        if (value->kind != REC_YAML_MAP)
            return at_key(o, value, err, "expected a mapping");
        return apply_map(out, o->table, value, NULL, err);
    case REC_OPT_ANY:
        *(const rec_yaml **)out = rec_yaml_is_null(value) ? NULL : value;
        return REC_OK;
    }
    return rec_fail(err, REC_ERR_INTERNAL, "option %s has no type", o->key);
}

static rec_status check_required(const rec_option *table, const rec_yaml *map, rec_error *err)
{
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++) {
        if (!o->required || rec_yaml_get(map, o->key) != NULL)
            continue;
        if (map == NULL)
            return rec_fail(err, REC_ERR_CONFIG, "%s: missing (%s)", o->key, o->help);
        return rec_yaml_fail(err, map, "%s: missing (%s)", o->key, o->help);
    }
    return REC_OK;
}

/* The keys of a map over fields that hold their defaults. */
static rec_status apply_map(void *self, const rec_option *table, const rec_yaml *map,
                            const char *const *ignore, rec_error *err)
{
    if (map != NULL && map->kind != REC_YAML_MAP && !rec_yaml_is_null(map))
        return rec_yaml_fail(err, map, "expected a mapping of options");
    for (size_t i = 0; map != NULL && i < map->n; i++) {
        const rec_option *o = rec_option_find(table, map->keys[i]);
        rec_status status = REC_OK;
        if (o != NULL)
            status = rec_option_set(self, o, map->items[i], err);
        else if (!is_ignored(ignore, map->keys[i]))
            status = unknown_key(map, i, table, ignore, err);
        if (status != REC_OK)
            return status;
    }
    return check_required(table, map, err);
}

/* ---- defaults ---- */

/* A comma-separated default is read as the list it would be in a config. */
static rec_status list_default(void *self, const rec_option *o, rec_error *err)
{
    rec_yaml *list = rec_yaml_new(REC_YAML_LIST, NULL, "default", err);
    char *copy = rec_strdup(o->text, err), *rest = copy;
    rec_status status = list != NULL && copy != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (char *word; status == REC_OK && (word = strsep(&rest, ",")) != NULL;) {
        word += strspn(word, " ");
        rec_yaml *item = rec_yaml_new(REC_YAML_SCALAR, word, "default", err);
        status = item != NULL ? rec_yaml_append(list, item, err) : REC_ERR_RESOURCE;
    }
    if (status == REC_OK)
        status = rec_option_set(self, o, list, err);
    free(copy);
    rec_yaml_free(list);
    return status;
}

/* Defaults of the nested table, then those that differ here, written as in a config. */
static rec_status table_defaults(void *out, const rec_option *o, rec_error *err)
{
    rec_yaml *differing = NULL;
    rec_status status = rec_options_defaults(out, o->table, err);
    if (status != REC_OK || o->text == NULL)
        return status;
    status = rec_yaml_parse(&differing, o->text, strlen(o->text), "default", err);
    if (status == REC_OK)
        status = apply_map(out, o->table, differing, NULL, err);
    rec_yaml_free(differing);
    return status;
}

static rec_status set_default(void *self, const rec_option *o, rec_error *err)
{
    void *out = field(self, o);
    switch (o->type) {
    case REC_OPT_BOOL:
        *(bool *)out = o->value != 0.0;
        return REC_OK;
    case REC_OPT_INT:
        *(int64_t *)out = (int64_t)o->value;
        return REC_OK;
    case REC_OPT_REAL:
        *(double *)out = o->value;
        return REC_OK;
    case REC_OPT_ENUM:
        *(int *)out = (int)o->value;
        return REC_OK;
    case REC_OPT_STRING:
    case REC_OPT_REFERENCE:
        if (o->text == NULL)
            return REC_OK;
        *(char **)out = rec_strdup(o->text, err);
        return *(char **)out != NULL ? REC_OK : REC_ERR_RESOURCE;
    case REC_OPT_INTS:
    case REC_OPT_REALS:
    case REC_OPT_STRINGS:
        return o->text != NULL && *o->text != '\0' ? list_default(self, o, err) : REC_OK;
    case REC_OPT_TABLE:
        return table_defaults(out, o, err);
    case REC_OPT_ANY:
        return REC_OK;
    }
    return rec_fail(err, REC_ERR_INTERNAL, "option %s has no type", o->key);
}

static size_t field_size(const rec_option *o)
{
    switch (o->type) {
    case REC_OPT_BOOL:
        return sizeof(bool);
    case REC_OPT_INT:
        return sizeof(int64_t);
    case REC_OPT_REAL:
        return sizeof(double);
    case REC_OPT_ENUM:
        return sizeof(int);
    case REC_OPT_INTS:
        return sizeof(rec_int_list);
    case REC_OPT_REALS:
        return sizeof(rec_real_list);
    case REC_OPT_STRINGS:
        return sizeof(rec_string_list);
    case REC_OPT_STRING:
    case REC_OPT_REFERENCE:
    case REC_OPT_ANY:
        return sizeof(void *);
    case REC_OPT_TABLE:
        return 0; /* its own options are cleared one by one */
    }
    return 0;
}

static void clear(void *self, const rec_option *table)
{
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++) {
        memset(field(self, o), 0, field_size(o));
        if (o->type == REC_OPT_TABLE)
            clear(field(self, o), o->table);
    }
}

rec_status rec_options_defaults(void *self, const rec_option *table, rec_error *err)
{
    clear(self, table); /* first, so that a failure half-way can release all of them */
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++) {
        rec_status status = set_default(self, o, err);
        if (status != REC_OK) {
            rec_options_deinit(self, table);
            return status;
        }
    }
    return REC_OK;
}

rec_status rec_options_parse(void *self, const rec_option *table, const rec_yaml *map,
                             const char *const *ignore, rec_error *err)
{
    rec_status status = rec_options_defaults(self, table, err);
    if (status != REC_OK)
        return status;
    status = apply_map(self, table, map, ignore, err);
    if (status != REC_OK)
        rec_options_deinit(self, table);
    return status;
}

void rec_options_deinit(void *self, const rec_option *table)
{
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++) {
        void *out = field(self, o);
        if (o->type == REC_OPT_STRING || o->type == REC_OPT_REFERENCE)
            free(*(char **)out);
        else if (o->type == REC_OPT_INTS)
            free(((rec_int_list *)out)->items);
        else if (o->type == REC_OPT_REALS)
            free(((rec_real_list *)out)->items);
        else if (o->type == REC_OPT_STRINGS)
            free_strings(out);
        else if (o->type == REC_OPT_TABLE)
            rec_options_deinit(out, o->table);
        memset(out, 0, field_size(o));
    }
}

/* ---- JSON ---- */

static cJSON *text_json(const char *text)
{
    return text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull();
}

/* Integers beyond 2^53 are not doubles: they travel as text. */
static cJSON *int_json(int64_t value)
{
    const int64_t exact = (int64_t)1 << 53;
    if (value >= -exact && value <= exact)
        return cJSON_CreateNumber((double)value);
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return cJSON_CreateString(text);
}

static cJSON *list_json(const void *value, const rec_option *o)
{
    const rec_int_list *ints = value;
    const rec_real_list *reals = value;
    const rec_string_list *strings = value;
    size_t n = o->type == REC_OPT_INTS ? ints->n : o->type == REC_OPT_REALS ? reals->n : strings->n;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list != NULL && i < n; i++) {
        cJSON *item = o->type == REC_OPT_INTS    ? int_json(ints->items[i])
                      : o->type == REC_OPT_REALS ? cJSON_CreateNumber(reals->items[i])
                                                 : cJSON_CreateString(strings->items[i]);
        if (item == NULL || !cJSON_AddItemToArray(list, item)) {
            cJSON_Delete(item);
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static cJSON *value_json(const void *self, const rec_option *o)
{
    const void *value = const_field(self, o);
    switch (o->type) {
    case REC_OPT_BOOL:
        return cJSON_CreateBool(*(const bool *)value);
    case REC_OPT_INT:
        return int_json(*(const int64_t *)value);
    case REC_OPT_REAL:
        return cJSON_CreateNumber(*(const double *)value);
    case REC_OPT_ENUM:
        return cJSON_CreateString(o->choices[*(const int *)value]);
    case REC_OPT_STRING:
    case REC_OPT_REFERENCE:
        return text_json(*(char *const *)value);
    case REC_OPT_INTS:
    case REC_OPT_REALS:
    case REC_OPT_STRINGS:
        return list_json(value, o);
    case REC_OPT_TABLE:
        return rec_options_json(value, o->table, NULL);
    case REC_OPT_ANY: {
        const rec_yaml *any = *(const rec_yaml *const *)value;
        return any != NULL ? rec_yaml_json(any, NULL) : cJSON_CreateNull();
    }
    }
    return NULL;
}

cJSON *rec_options_json(const void *self, const rec_option *table, rec_error *err)
{
    cJSON *object = cJSON_CreateObject();
    for (const rec_option *o = table; object != NULL && o != NULL && o->key != NULL; o++) {
        if (o->secret)
            continue;
        cJSON *value = value_json(self, o);
        if (value == NULL || !cJSON_AddItemToObject(object, o->key, value)) {
            cJSON_Delete(value);
            cJSON_Delete(object);
            object = NULL;
        }
    }
    if (object == NULL)
        rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    return object;
}
