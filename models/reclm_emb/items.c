#include "models/reclm_emb/items.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"
#include "datasets/number.h"
#include "models/reclm_emb/item_text.h"

const char *const rec_emb_layout_names[] = {"key-value-1", "reclm-emb-1"};

#define FIELD(name) offsetof(rec_emb_roles, name)
const rec_option rec_emb_role_options[] = {
    {"lists", "columns of several values (tags, genres); none: every list column", FIELD(lists),
     REC_OPT_STRINGS, .text = NULL},
    {"words", "columns of one short value (maker, brand)", FIELD(words), REC_OPT_STRINGS,
     .text = NULL},
    {"price", "column of prices; none: `price`, if it is a number", FIELD(price), REC_OPT_STRING,
     .text = NULL},
    {"date", "column of dates or of years; none: the first date column", FIELD(date),
     REC_OPT_STRING, .text = NULL},
    {"description", "column of running text; none: `description` or `plot`", FIELD(description),
     REC_OPT_STRING, .text = NULL},
    {"noun", "what an item is called in queries", FIELD(noun), REC_OPT_STRING, .text = "item"},
    {"nouns", "the same for several", FIELD(nouns), REC_OPT_STRING, .text = "items"},
    {"value_noun",
     "stands before attribute values of digits alone, which are ids: \"kind\" makes 17 \"kind 17\"",
     FIELD(value_noun), REC_OPT_STRING, .text = NULL},
    {"values_max", "of a list the first so many values count; 0 = all", FIELD(values_max),
     REC_OPT_INT, .value = 8, .min = 0, .max = 1000},
    {.key = NULL},
};
#undef FIELD

/* ---- roles ---- */

/* A column that must exist and be of one of two types. */
static rec_status need_column(const rec_column **out, const rec_catalogue *c, const char *role,
                              const char *name, rec_column_type a, rec_column_type b,
                              rec_error *err)
{
    static const char *const types[] = {"text", "numbers", "dates", "lists of text"};
    rec_status status;
    char who[32];
    snprintf(who, sizeof who, "roles: %s", role);
    status = rec_catalogue_need_column(out, c, who, name, err);
    if (status != REC_OK)
        return status;
    if ((*out)->type != a && (*out)->type != b)
        return rec_fail(err, REC_ERR_CONFIG, "roles: %s: column \"%s\" holds %s, not %s", role,
                        name, types[(*out)->type], types[a]);
    return REC_OK;
}

static const rec_column *usual_column(const rec_catalogue *c, const char *name,
                                      rec_column_type type)
{
    const rec_column *found = rec_catalogue_column(c, name);
    return found != NULL && found->type == type ? found : NULL;
}

static const rec_column *first_date_column(const rec_catalogue *c)
{
    for (size_t i = 0; i < c->n_columns; i++)
        if (c->columns[i].type == REC_COLUMN_DATE)
            return &c->columns[i];
    return NULL;
}

/* The columns of all roles, one after the other; NULL where a role has none. */
static const char *column_of_role(const rec_emb_roles *r, size_t i)
{
    const char *const single[] = {r->price, r->date, r->description};
    if (i < r->lists.n)
        return r->lists.items[i];
    i -= r->lists.n;
    return i < r->words.n ? r->words.items[i] : single[i - r->words.n];
}

/* Two roles of one column would say the same twice. */
static rec_status refuse_shared(const rec_emb_roles *r, rec_error *err)
{
    size_t n = r->lists.n + r->words.n + 3;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            const char *a = column_of_role(r, i), *b = column_of_role(r, j);
            if (a != NULL && b != NULL && strcmp(a, b) == 0)
                return rec_fail(err, REC_ERR_CONFIG,
                                "roles: column \"%s\" is named twice: a column plays one role", a);
        }
    return REC_OK;
}

/* ---- attributes ---- */

/* "release_year" is shown as "release year". */
static char *key_of_column(const char *name, rec_error *err)
{
    char *key = rec_strdup(name, err);
    for (char *at = key; at != NULL && *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    return key;
}

/* The number of a value; digits alone get the noun before them. */
static rec_status number_value(uint32_t *value, rec_emb_items *x, const char *text,
                               const char *value_noun, rec_error *err)
{
    if (value_noun == NULL || text[strspn(text, "0123456789")] != '\0')
        return rec_interner_add(value, &x->values, text, strlen(text), err);
    char *whole = rec_format(err, "%s %s", value_noun, text);
    rec_status status = whole != NULL
                            ? rec_interner_add(value, &x->values, whole, strlen(whole), err)
                            : REC_ERR_RESOURCE;
    free(whole);
    return status;
}

static rec_status add_value(rec_emb_items *x, rec_emb_attribute *a, size_t item, const char *text,
                            const char *value_noun, rec_error *err)
{
    uint32_t value;
    size_t *n = &a->start[item + 1];
    if (text == NULL || text[0] == '\0')
        return REC_OK;
    rec_status status = number_value(&value, x, text, value_noun, err);
    for (size_t i = a->start[item]; status == REC_OK && i < *n; i++)
        if (a->value[i] == value)
            return REC_OK; /* named twice */
    if (status == REC_OK)
        a->value[(*n)++] = value;
    return status;
}

static rec_status fill_attribute(rec_emb_items *x, rec_emb_attribute *a, const rec_column *c,
                                 const rec_emb_roles *roles, rec_error *err)
{
    rec_status status = REC_OK;
    size_t values_max = (size_t)roles->values_max;
    size_t n_values = a->is_list ? c->start[x->n] : x->n;
    REC_TRY_NEW(a->start, x->n + 1, err);
    REC_TRY_NEW(a->value, n_values, err);
    for (size_t i = 0; i < x->n; i++) {
        a->start[i + 1] = a->start[i];
        if (!a->is_list) {
            REC_TRY(add_value(x, a, i, c->text[i], roles->value_noun, err));
            continue;
        }
        for (size_t v = c->start[i]; v < c->start[i + 1]; v++)
            if (values_max == 0 || a->start[i + 1] - a->start[i] < values_max)
                REC_TRY(add_value(x, a, i, c->texts[v], roles->value_noun, err));
    }
cleanup:
    return status;
}

static rec_status add_attribute(rec_emb_items *x, const rec_column *c, const rec_emb_roles *roles,
                                rec_error *err)
{
    rec_emb_attribute *a = &x->attributes[x->n_attributes++];
    a->is_list = c->type == REC_COLUMN_TEXTS;
    a->column = c;
    a->key = key_of_column(c->name, err);
    return a->key != NULL ? fill_attribute(x, a, c, roles, err) : REC_ERR_RESOURCE;
}

static rec_status add_attributes(rec_emb_items *x, const rec_emb_roles *roles, rec_error *err)
{
    const rec_catalogue *c = x->catalogue;
    const rec_column *column;
    rec_status status = REC_OK;
    REC_TRY_NEW(x->attributes, c->n_columns + roles->lists.n + roles->words.n, err);
    for (size_t i = 0; i < roles->lists.n; i++) {
        REC_TRY(need_column(&column, c, "lists", roles->lists.items[i], REC_COLUMN_TEXTS,
                            REC_COLUMN_TEXTS, err));
        REC_TRY(add_attribute(x, column, roles, err));
    }
    for (size_t i = 0; i < c->n_columns && roles->lists.n == 0; i++)
        if (c->columns[i].type == REC_COLUMN_TEXTS)
            REC_TRY(add_attribute(x, &c->columns[i], roles, err));
    for (size_t i = 0; i < roles->words.n; i++) {
        REC_TRY(need_column(&column, c, "words", roles->words.items[i], REC_COLUMN_TEXT,
                            REC_COLUMN_TEXT, err));
        REC_TRY(add_attribute(x, column, roles, err));
    }
cleanup:
    return status;
}

/* ---- numbers ---- */

static rec_status take_price(rec_emb_items *x, const rec_emb_roles *roles, rec_error *err)
{
    const rec_column *c = usual_column(x->catalogue, "price", REC_COLUMN_NUMBER);
    if (roles->price != NULL) {
        rec_status status = need_column(&c, x->catalogue, "price", roles->price, REC_COLUMN_NUMBER,
                                        REC_COLUMN_NUMBER, err);
        if (status != REC_OK)
            return status;
    }
    if (c == NULL)
        return REC_OK;
    x->price = rec_memdup(c->number, x->n * sizeof *x->price, err);
    return x->price != NULL ? REC_OK : REC_ERR_RESOURCE;
}

enum { FIRST_YEAR = 1000, LAST_YEAR = 3000 };

/* Years become their first moment; what is no year is unknown. */
static double start_of_year(double year)
{
    bool is_year = year >= FIRST_YEAR && year <= LAST_YEAR;
    return is_year ? (double)rec_date_seconds((int64_t)year, 1, 1) : NAN;
}

/* A column NAME_precision says "year" where no more is known of a date. */
static rec_status take_precision(rec_emb_items *x, const rec_column *date, rec_error *err)
{
    char *name = rec_format(err, "%s_precision", date->name);
    rec_status status = name != NULL ? REC_OK : REC_ERR_RESOURCE;
    const rec_column *c = name != NULL ? usual_column(x->catalogue, name, REC_COLUMN_TEXT) : NULL;
    if (c != NULL)
        REC_TRY_NEW(x->only_year, x->n, err);
    for (size_t i = 0; c != NULL && i < x->n; i++)
        x->only_year[i] = c->text[i] != NULL && strcmp(c->text[i], "year") == 0;
cleanup:
    free(name);
    return status;
}

static rec_status take_date(rec_emb_items *x, const rec_emb_roles *roles, rec_error *err)
{
    const rec_column *c = first_date_column(x->catalogue);
    if (roles->date != NULL) {
        rec_status status = need_column(&c, x->catalogue, "date", roles->date, REC_COLUMN_DATE,
                                        REC_COLUMN_NUMBER, err);
        if (status != REC_OK)
            return status;
    }
    if (c == NULL)
        return REC_OK;
    x->date = rec_memdup(c->number, x->n * sizeof *x->date, err);
    if (x->date == NULL)
        return REC_ERR_RESOURCE;
    x->dates_are_years = c->type == REC_COLUMN_NUMBER;
    for (size_t i = 0; x->dates_are_years && i < x->n; i++)
        x->date[i] = start_of_year(x->date[i]);
    return take_precision(x, c, err);
}

static rec_status take_description(rec_emb_items *x, const rec_emb_roles *roles, rec_error *err)
{
    if (roles->description != NULL)
        return need_column(&x->description, x->catalogue, "description", roles->description,
                           REC_COLUMN_TEXT, REC_COLUMN_TEXT, err);
    x->description = usual_column(x->catalogue, "description", REC_COLUMN_TEXT);
    if (x->description == NULL)
        x->description = usual_column(x->catalogue, "plot", REC_COLUMN_TEXT);
    return REC_OK;
}

/* ---- the whole ---- */

static rec_status write_texts(rec_emb_items *x, rec_error *err)
{
    rec_buffer text = {.length = 0};
    rec_status status = REC_OK;
    REC_TRY_NEW(x->texts, x->n, err);
    for (size_t i = 0; i < x->n; i++) {
        rec_buffer_clear(&text);
        REC_TRY(rec_buffer_puts(&text, "", err));
        REC_TRY(rec_emb_item_text(&text, x, (uint32_t)i, err));
        x->texts[i] = rec_strings_add(x->pool, text.data, text.length, err);
        if (x->texts[i] == NULL) {
            status = REC_ERR_RESOURCE;
            break;
        }
        x->n_without_text += text.length == 0;
        x->n_without_title += rec_emb_title(x, (uint32_t)i) == NULL;
    }
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

/* "crime and drama and Mann": all that is known in words. */
static rec_status name_by_attributes(char **name, rec_emb_items *x, size_t item, rec_buffer *text,
                                     rec_error *err)
{
    rec_status status = REC_OK;
    rec_buffer_clear(text);
    for (size_t a = 0; a < x->n_attributes; a++)
        for (size_t v = x->attributes[a].start[item]; v < x->attributes[a].start[item + 1]; v++)
            if (status == REC_OK)
                status = rec_buffer_printf(text, err, "%s%s", text->length > 0 ? " and " : "",
                                           x->values.texts[x->attributes[a].value[v]]);
    if (status != REC_OK || text->length == 0)
        return status;
    *name = rec_strings_add(x->pool, text->data, text->length, err);
    return *name != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status name_items(rec_emb_items *x, rec_error *err)
{
    rec_buffer text = {.length = 0};
    bool has_titles = x->n_without_title < x->n;
    rec_status status = REC_OK;
    REC_TRY_NEW(x->names, x->n, err);
    for (size_t i = 0; i < x->n; i++)
        if (!has_titles)
            REC_TRY(name_by_attributes(&x->names[i], x, i, &text, err));
        else if (rec_emb_title(x, (uint32_t)i) != NULL)
            x->names[i] = x->catalogue->titles[i];
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

rec_status rec_emb_items_init(rec_emb_items *out, const rec_emb_roles *roles,
                              const rec_catalogue *catalogue, rec_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_emb_items){.catalogue = catalogue,
                           .n = catalogue->n_items,
                           .layout = (rec_emb_layout)roles->layout,
                           .noun = roles->noun != NULL ? roles->noun : "item",
                           .nouns = roles->nouns != NULL ? roles->nouns : "items"};
    REC_TRY(rec_strings_new(&out->pool, err));
    out->values.pool = out->pool;
    REC_TRY(refuse_shared(roles, err));
    REC_TRY(add_attributes(out, roles, err));
    REC_TRY(take_price(out, roles, err));
    REC_TRY(take_date(out, roles, err));
    REC_TRY(take_description(out, roles, err));
    REC_TRY(write_texts(out, err));
    REC_TRY(name_items(out, err));
    if (out->n_without_text == out->n)
        status = rec_fail(err, REC_ERR_DATA,
                          "no item has a title or an attribute: there is no text to embed");
cleanup:
    if (status != REC_OK)
        rec_emb_items_deinit(out);
    return status;
}

void rec_emb_items_deinit(rec_emb_items *x)
{
    for (size_t a = 0; a < x->n_attributes; a++) {
        free(x->attributes[a].key);
        free(x->attributes[a].start);
        free(x->attributes[a].value);
    }
    free(x->attributes);
    rec_interner_deinit(&x->values);
    free(x->price);
    free(x->date);
    free(x->only_year);
    free(x->names);
    free(x->texts);
    rec_strings_free(x->pool);
    *x = (rec_emb_items){.n = 0};
}

const char *rec_emb_title(const rec_emb_items *x, uint32_t item)
{
    const char *title = x->catalogue->titles != NULL ? x->catalogue->titles[item] : NULL;
    return title != NULL && title[strspn(title, " \t\r\n")] != '\0' ? title : NULL;
}

const char *rec_emb_name(const rec_emb_items *x, uint32_t item)
{
    return x->names[item];
}

bool rec_emb_knows_month(const rec_emb_items *x, uint32_t item)
{
    return !x->dates_are_years && (x->only_year == NULL || !x->only_year[item]);
}

bool rec_emb_has_value(const rec_emb_items *x, uint32_t item, size_t attribute, uint32_t value)
{
    const rec_emb_attribute *a = &x->attributes[attribute];
    for (size_t i = a->start[item]; i < a->start[item + 1]; i++)
        if (a->value[i] == value)
            return true;
    return false;
}

/* ---- numbers as text ---- */

void rec_emb_price_text(char out[REC_EMB_NUMBER_MAX], double price)
{
    if (isnan(price))
        out[0] = '\0';
    else
        snprintf(out, REC_EMB_NUMBER_MAX, "%.10g", price);
}

void rec_emb_calendar(int *year, int *month, double seconds)
{
    time_t moment = (time_t)seconds;
    struct tm calendar = {.tm_year = 0};
    gmtime_r(&moment, &calendar);
    *year = calendar.tm_year + 1900;
    *month = calendar.tm_mon + 1;
}

void rec_emb_date_text(char out[REC_EMB_NUMBER_MAX], double seconds, bool year_only)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int year, month;
    out[0] = '\0';
    if (isnan(seconds))
        return;
    rec_emb_calendar(&year, &month, seconds);
    if (year_only)
        snprintf(out, REC_EMB_NUMBER_MAX, "%d", year);
    else
        snprintf(out, REC_EMB_NUMBER_MAX, "%s %d", months[month - 1], year);
}

void rec_emb_span(double *low, double *high, double seconds, bool by_month, int shift)
{
    int year, month;
    rec_emb_calendar(&year, &month, seconds);
    int first = by_month ? 12 * year + month - 1 + shift : 12 * (year + shift);
    int last = first + (by_month ? 1 : 12);
    *low = (double)rec_date_seconds(first / 12, first % 12 + 1, 1);
    *high = (double)rec_date_seconds(last / 12, last % 12 + 1, 1);
}
