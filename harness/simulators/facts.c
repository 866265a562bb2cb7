#include "harness/simulators/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "harness/replies/titles.h"
#include "harness/simulators/title_leak.h"

/* ---- columns ---- */

/* "release_year" -> "release year", "genres" -> "genre", "class" stays. */
static char *word_of(const char *name, rec_arena *arena, rec_error *err)
{
    size_t n = strlen(name);
    char *word = rec_arena_alloc(arena, n + 1, 1, err);
    if (word == NULL)
        return NULL;
    memcpy(word, name, n + 1);
    for (size_t i = 0; i < n; i++)
        if (word[i] == '_')
            word[i] = ' ';
    if (n > 2 && word[n - 1] == 's' && word[n - 2] != 's')
        word[n - 1] = '\0';
    return word;
}

static rec_status set_attribute(rec_attribute *out, const rec_column *column, const char *word,
                                rec_arena *arena, rec_error *err)
{
    char *folded = NULL;
    rec_status status = rec_title_folded(&folded, rec_span_of(word), err);
    char *kept = status == REC_OK ? rec_arena_alloc(arena, strlen(folded) + 1, 1, err) : NULL;
    if (kept != NULL)
        strcpy(kept, folded);
    free(folded);
    *out = (rec_attribute){.column = column, .word = word, .folded = kept};
    return kept != NULL ? REC_OK : status != REC_OK ? status : REC_ERR_RESOURCE;
}

static rec_status named_attribute(rec_attribute *out, const rec_catalogue *catalogue,
                                  const char *wanted, rec_arena *arena, rec_error *err)
{
    const char *equals = strchr(wanted, '=');
    size_t n = equals != NULL ? (size_t)(equals - wanted) : strlen(wanted);
    for (size_t i = 0; i < catalogue->n_columns; i++) {
        const rec_column *c = &catalogue->columns[i];
        if (strncmp(c->name, wanted, n) != 0 || c->name[n] != '\0')
            continue;
        const char *word = equals != NULL ? equals + 1 : word_of(c->name, arena, err);
        return word != NULL ? set_attribute(out, c, word, arena, err) : REC_ERR_RESOURCE;
    }
    return rec_fail(err, REC_ERR_DATA, "attributes: the catalogue has no column \"%.*s\"", (int)n,
                    wanted);
}

static rec_status all_lists(rec_attribute *out, size_t *n, const rec_catalogue *catalogue,
                            rec_arena *arena, rec_error *err)
{
    for (size_t i = 0; i < catalogue->n_columns; i++) {
        const rec_column *c = &catalogue->columns[i];
        if (c->type != REC_COLUMN_TEXTS)
            continue;
        const char *word = word_of(c->name, arena, err);
        rec_status status =
            word != NULL ? set_attribute(&out[*n], c, word, arena, err) : REC_ERR_RESOURCE;
        if (status != REC_OK)
            return status;
        (*n)++;
    }
    return REC_OK;
}

rec_status rec_attributes(const rec_attribute **out, size_t *n, const rec_catalogue *catalogue,
                          const rec_string_list *wanted, rec_arena *arena, rec_error *err)
{
    size_t room = wanted->n > 0 ? wanted->n : catalogue->n_columns;
    rec_attribute *attributes = rec_arena_alloc(arena, room, sizeof *attributes, err);
    rec_status status = attributes != NULL ? REC_OK : REC_ERR_RESOURCE;
    *n = 0;
    for (size_t i = 0; i < wanted->n && status == REC_OK; i++) {
        status = named_attribute(&attributes[i], catalogue, wanted->items[i], arena, err);
        *n = status == REC_OK ? i + 1 : i;
    }
    if (status == REC_OK && wanted->n == 0)
        status = all_lists(attributes, n, catalogue, arena, err);
    *out = attributes;
    return status;
}

/* ---- values ---- */

size_t rec_attribute_count(const rec_attribute *a, uint32_t item)
{
    const rec_column *c = a->column;
    switch (c->type) {
    case REC_COLUMN_TEXT:
        return c->text[item] != NULL ? 1 : 0;
    case REC_COLUMN_TEXTS:
        return c->start[item + 1] - c->start[item];
    default:
        return (size_t)!isnan(c->number[item]);
    }
}

const char *rec_attribute_value(const rec_attribute *a, uint32_t item, size_t i, char number[32])
{
    const rec_column *c = a->column;
    if (c->type == REC_COLUMN_TEXT)
        return c->text[item];
    if (c->type == REC_COLUMN_TEXTS)
        return c->texts[c->start[item] + i];
    rec_format_double(number, c->number[item]);
    return number;
}

bool rec_attribute_has(const rec_attribute *a, uint32_t item, const char *value)
{
    char number[32];
    for (size_t i = 0; i < rec_attribute_count(a, item); i++)
        if (strcmp(rec_attribute_value(a, item, i, number), value) == 0)
            return true;
    return false;
}

bool rec_attribute_is_asked(const rec_attribute *a, const char *message_folded, bool has_question)
{
    char plural[64];
    size_t n = strlen(a->folded);
    if (!has_question || n + 2 > sizeof plural)
        return false;
    memcpy(plural, a->folded, n);
    memcpy(plural + n, "s", 2);
    return rec_has_words(message_folded, a->folded) || rec_has_words(message_folded, plural);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The text with the longest run in a sorted array, the first of equals. */
static const char *longest_run(const char *const *texts, size_t n)
{
    const char *best = NULL;
    size_t best_length = 0;
    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n && strcmp(texts[end], texts[start]) == 0;)
            end++;
        if (end - start > best_length) {
            best = texts[start];
            best_length = end - start;
        }
    }
    return best;
}

rec_status rec_attribute_favourite(const char **out, const rec_attribute *a, const uint32_t *items,
                                   size_t n, rec_error *err)
{
    size_t n_values = 0, at = 0;
    *out = NULL;
    if (a->column->type != REC_COLUMN_TEXTS)
        return REC_OK;
    for (size_t i = 0; i < n; i++)
        n_values += rec_attribute_count(a, items[i]);
    const char **values = rec_alloc(n_values, sizeof *values, err);
    if (values == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        for (size_t v = 0; v < rec_attribute_count(a, items[i]); v++)
            values[at++] = rec_attribute_value(a, items[i], v, NULL);
    qsort(values, n_values, sizeof *values, compare_texts);
    *out = longest_run(values, n_values);
    free(values);
    return REC_OK;
}
