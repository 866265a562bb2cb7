/* models/reclm_emb/original/truth_read.c: ground truths out of JSON (truth.h has the shapes). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"
#include "datasets/number.h"
#include "datasets/python_text.h"
#include "models/reclm_emb/original/truth.h"

rec_status rec_emb_item_number(uint32_t *item, const cJSON *json, size_t n_items, rec_error *err)
{
    double number = cJSON_IsNumber(json) ? json->valuedouble : NAN;
    if (!(number >= 1.0 && number <= (double)n_items && number == floor(number)))
        return rec_fail(err, REC_ERR_DATA,
                        "an item's number is due, 1 to %zu in the order of the data set", n_items);
    *item = (uint32_t)number - 1;
    return REC_OK;
}

rec_status rec_emb_item_numbers(const uint32_t **items, size_t *n, rec_emb_rows *rows,
                                const cJSON *json, size_t n_items, rec_error *err)
{
    bool is_list = cJSON_IsArray(json);
    const cJSON *element = is_list ? json->child : json;
    size_t room = is_list ? (size_t)cJSON_GetArraySize(json) : 1;
    uint32_t *found = rec_arena_alloc(&rows->arena, room > 0 ? room : 1, sizeof *found, err);
    rec_status status = found != NULL ? REC_OK : REC_ERR_RESOURCE;
    *n = 0;
    for (; *n < room && status == REC_OK; element = element->next)
        status = rec_emb_item_number(&found[(*n)++], element, n_items, err);
    *items = found;
    return status;
}

/* A condition list that grows in the order of the truth. */
typedef struct reader {
    const rec_emb_items *x;
    const rec_emb_row *row;
    rec_emb_condition *conditions; /* owned */
    size_t n, capacity;
} reader;

static rec_status add_condition(reader *r, rec_emb_condition c, rec_error *err)
{
    if (r->n == r->capacity) {
        size_t capacity = 2 * r->capacity + 8;
        rec_emb_condition *grown = rec_realloc(r->conditions, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        r->conditions = grown;
        r->capacity = capacity;
    }
    r->conditions[r->n++] = c;
    return REC_OK;
}

static rec_status read_value(reader *r, size_t attribute, const cJSON *value, rec_error *err)
{
    const rec_emb_attribute *a = &r->x->attributes[attribute];
    if (!cJSON_IsString(value))
        return rec_fail(err, REC_ERR_DATA, "ground_truth: \"%s\": a text is due", a->key);
    uint32_t number =
        rec_interner_find(&r->x->values, value->valuestring, strlen(value->valuestring));
    if (number == UINT32_MAX)
        return rec_fail(err, REC_ERR_DATA, "ground_truth: no item has the %s \"%.80s\"", a->key,
                        value->valuestring);
    return add_condition(
        r,
        (rec_emb_condition){.kind = REC_EMB_HAS, .attribute = (uint32_t)attribute, .value = number},
        err);
}

static rec_status read_values(reader *r, size_t attribute, const cJSON *value, rec_error *err)
{
    rec_status status = REC_OK;
    const cJSON *element;
    if (!cJSON_IsArray(value))
        return read_value(r, attribute, value, err);
    cJSON_ArrayForEach(element, value)
    {
        if (status == REC_OK)
            status = read_value(r, attribute, element, err);
    }
    return status;
}

/* The item that a title or description is of: the row's own, as a rule. */
static rec_status read_owner(reader *r, rec_emb_condition_kind kind, const char *text,
                             rec_error *err)
{
    const rec_emb_items *x = r->x;
    for (size_t k = 0; k <= x->n; k++) {
        uint32_t item = k == 0 ? r->row->item : (uint32_t)(k - 1);
        if (item == REC_NO_ITEM)
            continue;
        const char *own = kind == REC_EMB_TITLED   ? rec_emb_title(x, item)
                          : x->description != NULL ? x->description->text[item]
                                                   : NULL;
        if (own != NULL && strcmp(own, text) == 0)
            return add_condition(r, (rec_emb_condition){.kind = kind, .value = item}, err);
    }
    return rec_fail(err, REC_ERR_DATA, "ground_truth: no item has the %s \"%.80s\"",
                    kind == REC_EMB_TITLED ? "title" : "description", text);
}

static rec_status read_exact(reader *r, const char *key, const char *text, rec_error *err)
{
    double value;
    if (strcmp(key, "price") == 0) {
        if (rec_number_parse(&value, text, strlen(text)) != REC_NUMBER_OK)
            return rec_fail(err, REC_ERR_DATA, "ground_truth: price \"%.40s\": no number", text);
        return add_condition(r, rec_emb_exact_price(value), err);
    }
    rec_date_precision precision;
    if (r->x->dates_are_years && rec_partial_date(&value, &precision, text)) {
        rec_emb_condition year = {.kind = REC_EMB_DATE};
        rec_emb_span(&year.low, &year.high, value, false, 0);
        return add_condition(r, year, err);
    }
    if (!rec_python_date(&value, text))
        return rec_fail(err, REC_ERR_DATA,
                        "ground_truth: release date \"%.40s\": \"May 05, 2015\" is due", text);
    return add_condition(r, rec_emb_exact_day(value), err);
}

static rec_status read_pair(reader *r, const cJSON *pair, rec_error *err)
{
    const cJSON *key = cJSON_GetArrayItem(pair, 0), *value = cJSON_GetArrayItem(pair, 1);
    char name[64];
    if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2 || !cJSON_IsString(key))
        return rec_fail(err, REC_ERR_DATA, "ground_truth: pairs [\"key: \", value] are due");
    size_t n = strcspn(key->valuestring, ":");
    snprintf(name, sizeof name, "%.*s", (int)(n < 63 ? n : 63), key->valuestring);
    for (size_t a = 0; a < r->x->n_attributes; a++)
        if (strcmp(r->x->attributes[a].key, name) == 0)
            return read_values(r, a, value, err);
    if (!cJSON_IsString(value))
        return rec_fail(err, REC_ERR_DATA, "ground_truth: \"%s\": a text is due", name);
    if (strcmp(name, "title") == 0)
        return read_owner(r, REC_EMB_TITLED, value->valuestring, err);
    if (strcmp(name, "description") == 0)
        return read_owner(r, REC_EMB_DESCRIBED, value->valuestring, err);
    if (strcmp(name, "price") == 0 || strcmp(name, "release date") == 0)
        return read_exact(r, name, value->valuestring, err);
    return rec_fail(err, REC_ERR_DATA,
                    "ground_truth: no attribute \"%s\" (roles: lists, words say which there are)",
                    name);
}

static rec_status read_pairs(reader *r, const cJSON *truth, rec_error *err)
{
    const cJSON *pair;
    rec_status status = REC_OK;
    cJSON_ArrayForEach(pair, truth)
    {
        if (status == REC_OK)
            status = read_pair(r, pair, err);
    }
    return status;
}

/* One of the words that a clause begins with, by its place among them; -1 for another. */
static int word_of(const cJSON *clause, const char *const *words, int n)
{
    const cJSON *word = cJSON_GetArrayItem(clause, 0);
    for (int i = 0; i < n && cJSON_IsArray(clause) && cJSON_IsString(word); i++)
        if (strcmp(word->valuestring, words[i]) == 0)
            return i;
    return -1;
}

static rec_status read_price(reader *r, const cJSON *clause, rec_error *err)
{
    static const char *const words[] = {"less than", "more than"};
    const cJSON *bound = cJSON_GetArrayItem(clause, 1);
    int word = word_of(clause, words, 2);
    if (word < 0 || !cJSON_IsNumber(bound))
        return rec_fail(err, REC_ERR_DATA,
                        "ground_truth: [\"less than\" or \"more than\", number] is due");
    return add_condition(r,
                         (rec_emb_condition){.kind = REC_EMB_PRICE,
                                             .low = word == 0 ? -INFINITY : bound->valuedouble,
                                             .high = word == 0 ? bound->valuedouble : INFINITY},
                         err);
}

/* The first moment of the year or month of a clause. */
static bool read_bound(double *start, const cJSON *bound, bool by_month)
{
    int year, month;
    if (by_month) {
        double day;
        if (!cJSON_IsString(bound) || !rec_python_date(&day, bound->valuestring))
            return false;
        rec_emb_calendar(&year, &month, day);
        *start = (double)rec_date_seconds(year, month, 1);
        return true;
    }
    if (!cJSON_IsNumber(bound) || !(bound->valuedouble >= 1.0 && bound->valuedouble <= 9999.0))
        return false;
    *start = (double)rec_date_seconds((int64_t)bound->valuedouble, 1, 1);
    return true;
}

static rec_status read_date(reader *r, const cJSON *clause, bool by_month, rec_error *err)
{
    static const char *const words[] = {"before", "after", "in"};
    double start, low, high;
    int word = word_of(clause, words, 3);
    if (word < 0 || !read_bound(&start, cJSON_GetArrayItem(clause, 1), by_month))
        return rec_fail(err, REC_ERR_DATA,
                        "ground_truth: [\"before\", \"after\" or \"in\", %s] is due",
                        by_month ? "\"May 05, 2015\"" : "year");
    rec_emb_span(&low, &high, start, by_month, 0);
    return add_condition(r,
                         (rec_emb_condition){.kind = REC_EMB_DATE,
                                             .low = word == 0   ? -INFINITY
                                                    : word == 1 ? high
                                                                : low,
                                             .high = word == 0   ? low
                                                     : word == 1 ? INFINITY
                                                                 : high,
                                             .by_month = by_month},
                         err);
}

static rec_status read_bounds(reader *r, const cJSON *truth, rec_error *err)
{
    const cJSON *combine = cJSON_GetArrayItem(truth, 0), *price = cJSON_GetArrayItem(truth, 1);
    const cJSON *month = cJSON_GetArrayItem(truth, 2), *date = cJSON_GetArrayItem(truth, 3);
    if (!cJSON_IsNumber(combine) || !(combine->valuedouble >= 0 && combine->valuedouble <= 3) ||
        !(cJSON_IsNumber(month) || cJSON_IsBool(month)))
        return rec_fail(err, REC_ERR_DATA,
                        "ground_truth: [0 to 3, [less than | more than, number], by month, [before "
                        "| after | in, year | date]] is due");
    bool by_month = cJSON_IsTrue(month) || (cJSON_IsNumber(month) && month->valuedouble != 0.0);
    int which = (int)combine->valuedouble;
    rec_status status = REC_OK;
    if (which == 0 || which == 2)
        status = read_price(r, price, err);
    if (status == REC_OK && which > 0)
        status = read_date(r, date, by_month, err);
    if (status == REC_OK && which == 3)
        status = read_price(r, price, err);
    return status;
}

/* Whatever satisfies the conditions. */
static rec_status answer(rec_emb_rows *rows, rec_emb_row *row, const reader *r, rec_error *err)
{
    uint32_t *found = rec_alloc(r->x->n, sizeof *found, err);
    if (found == NULL)
        return REC_ERR_RESOURCE;
    row->n_conditions = r->n;
    row->conditions = rec_emb_rows_memdup(rows, r->conditions, r->n, sizeof *r->conditions, err);
    row->n_answers = rec_emb_satisfying(found, r->x, r->conditions, r->n);
    row->answers = rec_emb_rows_memdup(rows, found, row->n_answers, sizeof *found, err);
    free(found);
    return row->conditions != NULL && row->answers != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status read_items(rec_emb_rows *rows, rec_emb_row *row, const cJSON *truth,
                             size_t n_items, rec_error *err)
{
    const uint32_t *items;
    size_t n;
    rec_status status = rec_emb_item_numbers(&items, &n, rows, truth, n_items, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "ground_truth");
    uint32_t *sorted = rec_emb_rows_memdup(rows, items, n, sizeof *items, err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    row->answers = sorted;
    row->n_answers = rec_sort_distinct_u32(sorted, n);
    return REC_OK;
}

rec_status rec_emb_truth_read(rec_emb_rows *rows, rec_emb_row *row, const rec_emb_items *x,
                              const cJSON *truth, rec_error *err)
{
    reader r = {.x = x, .row = row};
    const cJSON *first = cJSON_IsArray(truth) ? truth->child : NULL;
    rec_emb_truth kind = rec_emb_tasks[row->task]->truth;
    bool by_bounds = kind == REC_EMB_TRUTH_BOUNDS && first != NULL && cJSON_IsNumber(first) &&
                     cJSON_IsArray(first->next);
    bool by_pairs = kind == REC_EMB_TRUTH_PAIRS && cJSON_IsArray(first);
    if (!by_bounds && !by_pairs)
        return read_items(rows, row, truth, x->n, err);
    rec_status status = by_bounds ? read_bounds(&r, truth, err) : read_pairs(&r, truth, err);
    if (status == REC_OK)
        status = answer(rows, row, &r, err);
    free(r.conditions);
    return status;
}
