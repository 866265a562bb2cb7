#include "harness/cli/arguments.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { FLAG_NAME_MAX = 64 };

void rec_arguments_deinit(rec_arguments *a)
{
    free(a->positional);
    free(a->given);
    *a = (rec_arguments){0};
}

void rec_flag_name(char *out, size_t size, const char *key)
{
    snprintf(out, size, "--%s", key);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
}

char rec_flag_letter(const rec_flag_alias *aliases, const char *key)
{
    for (; aliases != NULL && aliases->letter != 0; aliases++)
        if (strcmp(aliases->key, key) == 0)
            return aliases->letter;
    return 0;
}

static size_t table_length(const rec_option *table)
{
    size_t n = 0;
    while (table != NULL && table[n].key != NULL)
        n++;
    return n;
}

/* --- one value --------------------------------------------------------------------------------- */

static rec_status check_range(const rec_option *o, const char *flag, const char *text, double value,
                              rec_error *err)
{
    if (o->min == o->max || (value >= o->min && value <= o->max))
        return REC_OK;
    return rec_fail(err, REC_ERR_CONFIG, "%s: %s is out of range (%.10g to %.10g)", flag, text,
                    o->min, o->max);
}

static rec_status parse_int(int64_t *out, const rec_option *o, const char *flag, const char *text,
                            rec_error *err)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0')
        return rec_fail(err, REC_ERR_CONFIG, "%s: \"%s\" is not an integer", flag, text);
    if (errno == ERANGE)
        return rec_fail(err, REC_ERR_CONFIG, "%s: %s does not fit 64 bits", flag, text);
    *out = value;
    return check_range(o, flag, text, (double)value, err);
}

static rec_status parse_real(double *out, const rec_option *o, const char *flag, const char *text,
                             rec_error *err)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        return rec_fail(err, REC_ERR_CONFIG, "%s: \"%s\" is not a finite number", flag, text);
    *out = value;
    return check_range(o, flag, text, value, err);
}

static rec_status parse_bool(bool *out, const char *flag, const char *text, rec_error *err)
{
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *out = strcmp(text, yes[i]) == 0;
            return REC_OK;
        }
    }
    return rec_fail(err, REC_ERR_CONFIG, "%s: \"%s\" is neither true nor false", flag, text);
}

static rec_status parse_enum(int *out, const rec_option *o, const char *flag, const char *text,
                             rec_error *err)
{
    char known[256] = "";
    for (int i = 0; o->choices[i] != NULL; i++) {
        if (strcmp(text, o->choices[i]) == 0) {
            *out = i;
            return REC_OK;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", o->choices[i]);
    }
    return rec_fail(err, REC_ERR_CONFIG, "%s: unknown value \"%s\" (known: %s)", flag, text, known);
}

/* --- lists ------------------------------------------------------------------------------------- */

static rec_status append_string(rec_string_list *list, const char *text, size_t length,
                                rec_error *err)
{
    char **items = rec_realloc(list->items, list->n + 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    list->items = items;
    items[list->n] = rec_format(err, "%.*s", (int)length, text);
    if (items[list->n] == NULL)
        return REC_ERR_RESOURCE;
    list->n++;
    return REC_OK;
}

static rec_status append_int(rec_int_list *list, int64_t value, rec_error *err)
{
    int64_t *items = rec_realloc(list->items, list->n + 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    list->items = items;
    items[list->n++] = value;
    return REC_OK;
}

static rec_status append_real(rec_real_list *list, double value, rec_error *err)
{
    double *items = rec_realloc(list->items, list->n + 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    list->items = items;
    items[list->n++] = value;
    return REC_OK;
}

static rec_status append_number(void *field, const rec_option *o, const char *flag,
                                const char *text, rec_error *err)
{
    rec_status status;
    if (o->type == REC_OPT_INTS) {
        int64_t value;
        status = parse_int(&value, o, flag, text, err);
        return status == REC_OK ? append_int(field, value, err) : status;
    }
    double value;
    status = parse_real(&value, o, flag, text, err);
    return status == REC_OK ? append_real(field, value, err) : status;
}

static rec_status append_numbers(void *field, const rec_option *o, const char *flag,
                                 const char *text, rec_error *err)
{
    char *copy = rec_strdup(text, err), *rest = copy;
    rec_status status = copy != NULL ? REC_OK : REC_ERR_RESOURCE;
    while (status == REC_OK && rest != NULL) {
        const char *part = strsep(&rest, ",");
        status = append_number(field, o, flag, part, err);
    }
    free(copy);
    return status;
}

rec_status rec_string_list_split(rec_string_list *list, rec_error *err)
{
    rec_string_list parts = {0};
    rec_status status = REC_OK;
    for (size_t i = 0; i < list->n && status == REC_OK; i++) {
        const char *part = list->items[i];
        for (;;) {
            size_t length = strcspn(part, ",");
            status = append_string(&parts, part, length, err);
            if (status != REC_OK || part[length] == '\0')
                break;
            part += length + 1;
        }
    }
    rec_string_list *drop = status == REC_OK ? list : &parts;
    for (size_t i = 0; i < drop->n; i++)
        free(drop->items[i]);
    free(drop->items);
    if (status == REC_OK)
        *list = parts;
    return status;
}

/* A list given on the command line replaces its default. */
static void clear_list(void *field, const rec_option *o)
{
    if (o->type == REC_OPT_STRINGS) {
        rec_string_list *list = field;
        for (size_t i = 0; i < list->n; i++)
            free(list->items[i]);
        free(list->items);
        *list = (rec_string_list){0};
    } else if (o->type == REC_OPT_INTS) {
        rec_int_list *list = field;
        free(list->items);
        *list = (rec_int_list){0};
    } else if (o->type == REC_OPT_REALS) {
        rec_real_list *list = field;
        free(list->items);
        *list = (rec_real_list){0};
    }
}

/* --- one flag ---------------------------------------------------------------------------------- */

static rec_status set_string(char **field, const char *text, rec_error *err)
{
    char *copy = rec_strdup(text, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    free(*field);
    *field = copy;
    return REC_OK;
}

static rec_status set_value(void *values, const rec_option *o, bool again, const char *flag,
                            const char *text, rec_error *err)
{
    void *field = (char *)values + o->offset;
    if (!again)
        clear_list(field, o);
    switch (o->type) {
    case REC_OPT_BOOL:
        return parse_bool(field, flag, text, err);
    case REC_OPT_INT:
        return parse_int(field, o, flag, text, err);
    case REC_OPT_REAL:
        return parse_real(field, o, flag, text, err);
    case REC_OPT_ENUM:
        return parse_enum(field, o, flag, text, err);
    case REC_OPT_STRING:
    case REC_OPT_REFERENCE:
        return set_string(field, text, err);
    case REC_OPT_STRINGS:
        return append_string(field, text, strlen(text), err);
    case REC_OPT_INTS:
    case REC_OPT_REALS:
        return append_numbers(field, o, flag, text, err);
    case REC_OPT_TABLE:
    case REC_OPT_ANY:
        break;
    }
    assert(0 && "a type that has no form on the command line");
    return REC_ERR_INTERNAL;
}

/* Where a flag was found: its set, its option, its place in rec_arguments.given. */
typedef struct flag_place {
    const rec_flag_set *set;
    const rec_option *option;
    size_t index;
} flag_place;

static bool key_matches(const char *key, const char *flag, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (key[i] == '\0' || key[i] != (flag[i] == '-' ? '_' : flag[i]))
            return false;
    return key[length] == '\0';
}

static bool find_key(flag_place *out, const rec_flag_set *sets, size_t n_sets, const char *name,
                     size_t length)
{
    size_t base = 0;
    for (size_t s = 0; s < n_sets; s++) {
        size_t n = table_length(sets[s].options);
        for (size_t i = 0; i < n; i++) {
            if (key_matches(sets[s].options[i].key, name, length)) {
                *out = (flag_place){&sets[s], &sets[s].options[i], base + i};
                return true;
            }
        }
        base += n;
    }
    return false;
}

static bool find_letter(flag_place *out, const rec_flag_set *sets, size_t n_sets, char letter)
{
    for (size_t s = 0; s < n_sets; s++) {
        for (const rec_flag_alias *a = sets[s].aliases; a != NULL && a->letter != 0; a++) {
            if (a->letter != letter)
                continue;
            bool found = find_key(out, sets, n_sets, a->key, strlen(a->key));
            assert(found); /* an alias of an option that does not exist */
            return found;
        }
    }
    return false;
}

static rec_status unknown_flag(const rec_flag_set *sets, size_t n_sets, const char *flag,
                               size_t length, rec_error *err)
{
    enum { MAX_FLAGS = 128 };
    char names[MAX_FLAGS][FLAG_NAME_MAX], word[FLAG_NAME_MAX];
    const char *pointers[MAX_FLAGS];
    size_t n = 0;
    for (size_t s = 0; s < n_sets; s++) {
        for (const rec_option *o = sets[s].options; o != NULL && o->key != NULL; o++) {
            if (n == MAX_FLAGS)
                break;
            rec_flag_name(names[n], sizeof names[n], o->key);
            pointers[n] = names[n];
            n++;
        }
    }
    snprintf(word, sizeof word, "%.*s", (int)length, flag);
    const char *nearest = rec_nearest(word, pointers, n);
    if (nearest != NULL)
        return rec_fail(err, REC_ERR_CONFIG, "unknown flag %s (did you mean %s?)", word, nearest);
    return rec_fail(err, REC_ERR_CONFIG, "unknown flag %s (--help lists them)", word);
}

/* --- the line ---------------------------------------------------------------------------------- */

typedef struct line_reader {
    const rec_flag_set *sets;
    size_t n_sets;
    char *const *argv;
    size_t argc, next;
    rec_arguments *out;
} line_reader;

static rec_status take_value(const char **value, line_reader *r, const char *flag, rec_error *err)
{
    if (r->next >= r->argc)
        return rec_fail(err, REC_ERR_CONFIG, "%s: a value is missing", flag);
    *value = r->argv[r->next++];
    return REC_OK;
}

static rec_status set_flag(line_reader *r, const flag_place *place, const char *flag,
                           const char *value, rec_error *err)
{
    rec_status status = REC_OK;
    if (value == NULL && place->option->type == REC_OPT_BOOL)
        value = "true";
    if (value == NULL)
        status = take_value(&value, r, flag, err);
    if (status == REC_OK)
        status = set_value(place->set->values, place->option, r->out->given[place->index], flag,
                           value, err);
    r->out->given[place->index] = true;
    return status;
}

static rec_status read_long(line_reader *r, const char *argument, rec_error *err)
{
    static const char negation[] = "no-";
    size_t length = strcspn(argument, "=");
    const char *value = argument[length] == '=' ? argument + length + 1 : NULL;
    const char *name = argument + 2;
    char flag[FLAG_NAME_MAX];
    snprintf(flag, sizeof flag, "%.*s", (int)length, argument);
    flag_place place;
    if (find_key(&place, r->sets, r->n_sets, name, length - 2))
        return set_flag(r, &place, flag, value, err);
    size_t skip = sizeof negation - 1;
    if (value == NULL && strncmp(name, negation, skip) == 0 &&
        find_key(&place, r->sets, r->n_sets, name + skip, length - 2 - skip) &&
        place.option->type == REC_OPT_BOOL)
        return set_flag(r, &place, flag, "false", err);
    return unknown_flag(r->sets, r->n_sets, argument, length, err);
}

static rec_status read_letters(line_reader *r, const char *argument, rec_error *err)
{
    for (const char *c = argument + 1; *c != '\0'; c++) {
        char flag[3] = {'-', *c, '\0'};
        flag_place place;
        if (!find_letter(&place, r->sets, r->n_sets, *c))
            return rec_fail(err, REC_ERR_CONFIG, "unknown flag %s (--help lists them)", flag);
        bool alone = place.option->type == REC_OPT_BOOL;
        const char *value = alone || c[1] == '\0' ? NULL : c + 1;
        rec_status status = set_flag(r, &place, flag, value, err);
        if (status != REC_OK || !alone)
            return status;
    }
    return REC_OK;
}

static rec_status read_line(line_reader *r, bool flags_only, rec_error *err)
{
    bool only_positional = false;
    while (r->next < r->argc) {
        char *argument = r->argv[r->next];
        bool is_flag = !only_positional && argument[0] == '-' && argument[1] != '\0';
        if (!is_flag && flags_only)
            return REC_OK;
        r->next++;
        rec_status status = REC_OK;
        if (!is_flag)
            r->out->positional[r->out->n_positional++] = argument;
        else if (strcmp(argument, "--") == 0)
            only_positional = true;
        else if (argument[1] == '-')
            status = read_long(r, argument, err);
        else
            status = read_letters(r, argument, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

rec_status rec_arguments_parse(rec_arguments *out, const rec_flag_set *sets, size_t n_sets,
                               char *const *argv, size_t argc, bool flags_only, rec_error *err)
{
    rec_status status;
    size_t n_options = 0;
    for (size_t s = 0; s < n_sets; s++)
        n_options += table_length(sets[s].options);
    *out = (rec_arguments){0};
    REC_TRY_NEW(out->positional, argc, err);
    REC_TRY_NEW(out->given, n_options, err);
    line_reader r = {.sets = sets, .n_sets = n_sets, .argv = argv, .argc = argc, .out = out};
    status = read_line(&r, flags_only, err);
    out->n_consumed = r.next;
cleanup:
    if (status != REC_OK)
        rec_arguments_deinit(out);
    return status;
}

rec_status rec_arguments_check(const rec_arguments *a, const rec_command *command, rec_error *err)
{
    for (size_t i = 0; i < table_length(command->options); i++) {
        if (!command->options[i].required || a->given[i])
            continue;
        char flag[FLAG_NAME_MAX];
        rec_flag_name(flag, sizeof flag, command->options[i].key);
        return rec_fail(err, REC_ERR_CONFIG, "%s is required: %s", flag, command->options[i].help);
    }
    const char *wrong = a->n_positional < command->min_arguments   ? "argument missing"
                        : a->n_positional > command->max_arguments ? "too many arguments"
                                                                   : NULL;
    if (wrong == NULL)
        return REC_OK;
    return rec_fail(err, REC_ERR_CONFIG, "%s (usage: recai %s%s%s)", wrong, command->name,
                    command->arguments[0] != '\0' ? " " : "", command->arguments);
}
