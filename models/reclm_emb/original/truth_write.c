/* models/reclm_emb/original/truth_write.c: ground truths as JSON (truth.h has the shapes). */
#include <math.h>
#include <stdlib.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "datasets/number.h"
#include "models/reclm_emb/original/format.h"
#include "models/reclm_emb/original/truth.h"

rec_status rec_emb_add_item_numbers(cJSON *json, const char *name, const uint32_t *items, size_t n,
                                    rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, json, name, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_json_add_count(list, NULL, (size_t)items[i] + 1, err);
    return status;
}

static rec_status write_items(cJSON *json, const rec_emb_row *row, rec_error *err)
{
    if (row->n_answers == 1 && rec_emb_tasks[row->task]->by_user)
        return rec_json_add_count(json, "ground_truth", (size_t)row->answers[0] + 1, err);
    return rec_emb_add_item_numbers(json, "ground_truth", row->answers, row->n_answers, err);
}

/* An array of the key alone. */
static rec_status start_pair(cJSON **pair, cJSON *parent, const char *name, const char *key,
                             rec_error *err)
{
    char *text = rec_format(err, "%s: ", key);
    rec_status status =
        text != NULL ? rec_json_add_array(pair, parent, name, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_json_add_text(*pair, NULL, text, err);
    free(text);
    return status;
}

rec_status rec_emb_add_pair(cJSON *parent, const char *name, const char *key, const char *text,
                            rec_error *err)
{
    cJSON *pair;
    rec_status status = start_pair(&pair, parent, name, key, err);
    return status == REC_OK ? rec_json_add_text(pair, NULL, text, err) : status;
}

rec_status rec_emb_add_list_pair(cJSON **values, cJSON *parent, const char *key, rec_error *err)
{
    cJSON *pair;
    rec_status status = start_pair(&pair, parent, NULL, key, err);
    return status == REC_OK ? rec_json_add_array(values, pair, NULL, err) : status;
}

/* Values of one list attribute that follow each other stand in one pair. */
static rec_status add_values(size_t *n_taken, cJSON *list, const rec_emb_items *x,
                             const rec_emb_condition *c, size_t n, rec_error *err)
{
    const rec_emb_attribute *a = &x->attributes[c->attribute];
    cJSON *values;
    *n_taken = 1;
    if (!a->is_list)
        return rec_emb_add_pair(list, NULL, a->key, x->values.texts[c->value], err);
    rec_status status = rec_emb_add_list_pair(&values, list, a->key, err);
    if (status == REC_OK)
        status = rec_json_add_text(values, NULL, x->values.texts[c->value], err);
    for (; *n_taken < n && c[*n_taken].kind == REC_EMB_HAS &&
           c[*n_taken].attribute == c->attribute && status == REC_OK;
         (*n_taken)++)
        status = rec_json_add_text(values, NULL, x->values.texts[c[*n_taken].value], err);
    return status;
}

static bool is_exact(const rec_emb_condition *c)
{
    double middle = c->low + (c->high - c->low) / 2.0;
    rec_emb_condition same =
        c->kind == REC_EMB_PRICE ? rec_emb_exact_price(middle) : rec_emb_exact_day(c->low);
    return same.low == c->low && same.high == c->high;
}

/* The day, or the year where dates are years, that the condition is; *stated false when it is neither. */
static void exact_date_text(bool *stated, char text[REC_EMB_NUMBER_MAX], const rec_emb_items *x,
                            const rec_emb_condition *c)
{
    double low, high;
    if (!x->dates_are_years) {
        *stated = is_exact(c);
        rec_emb_long_date(text, c->low);
        return;
    }
    *stated = !isinf(c->low);
    if (!*stated)
        return;
    rec_emb_span(&low, &high, c->low, false, 0);
    *stated = low == c->low && high == c->high;
    rec_emb_date_text(text, c->low, true);
}

static rec_status add_other(bool *stated, cJSON *list, const rec_emb_items *x,
                            const rec_emb_condition *c, rec_error *err)
{
    char text[REC_EMB_NUMBER_MAX];
    switch (c->kind) {
    case REC_EMB_TITLED:
        return rec_emb_add_pair(list, NULL, "title", rec_emb_title(x, c->value), err);
    case REC_EMB_DESCRIBED:
        return rec_emb_add_pair(list, NULL, "description", x->description->text[c->value], err);
    case REC_EMB_PRICE:
        *stated = is_exact(c);
        rec_emb_float_text(text, c->low + (c->high - c->low) / 2.0);
        return *stated ? rec_emb_add_pair(list, NULL, "price", text, err) : REC_OK;
    case REC_EMB_DATE:
        exact_date_text(stated, text, x, c);
        return *stated ? rec_emb_add_pair(list, NULL, "release date", text, err) : REC_OK;
    default:
        *stated = false;
        return REC_OK;
    }
}

static rec_status write_pairs(bool *stated, cJSON *list, const rec_emb_items *x,
                              const rec_emb_row *row, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0, n_taken; i < row->n_conditions && *stated && status == REC_OK;
         i += n_taken) {
        const rec_emb_condition *c = &row->conditions[i];
        n_taken = 1;
        status = c->kind == REC_EMB_HAS
                     ? add_values(&n_taken, list, x, c, row->n_conditions - i, err)
                     : add_other(stated, list, x, c, err);
    }
    return status;
}

static rec_status write_price(cJSON *list, const rec_emb_condition *c, rec_error *err)
{
    bool below = c == NULL || isinf(c->low);
    cJSON *pair;
    rec_status status = rec_json_add_array(&pair, list, NULL, err);
    if (status == REC_OK)
        status = rec_json_add_text(pair, NULL, below ? "less than" : "more than", err);
    if (status == REC_OK)
        status = rec_json_add_real(pair, NULL, c == NULL ? 0.0 : below ? c->high : c->low, err);
    return status;
}

/* The month or year that bounds: the first that is out before it, or the last that is out. */
static rec_status write_date(cJSON *list, const rec_emb_condition *c, rec_error *err)
{
    const double day = 86400.0;
    bool before = c != NULL && isinf(c->low), after = c != NULL && isinf(c->high);
    int year = 0, month = 1;
    char text[REC_EMB_NUMBER_MAX];
    cJSON *pair;
    if (c != NULL)
        rec_emb_calendar(&year, &month, before ? c->high : after ? c->low - day : c->low);
    rec_status status = rec_json_add_array(&pair, list, NULL, err);
    if (status == REC_OK)
        status = rec_json_add_text(pair, NULL, before ? "before" : after ? "after" : "in", err);
    if (status != REC_OK)
        return status;
    if (c == NULL || !c->by_month)
        return rec_json_add_real(pair, NULL, (double)year, err);
    rec_emb_long_date(text, (double)rec_date_seconds(year, month, 1));
    return rec_json_add_text(pair, NULL, text, err);
}

/* combine: 0 price, 1 date, 2 price and date, 3 date and price. */
static rec_status write_bounds(bool *stated, cJSON *list, const rec_emb_row *row, rec_error *err)
{
    const rec_emb_condition *price = NULL, *date = NULL, *c = row->conditions;
    for (size_t i = 0; i < row->n_conditions; i++) {
        price = c[i].kind == REC_EMB_PRICE ? &c[i] : price;
        date = c[i].kind == REC_EMB_DATE ? &c[i] : date;
        *stated = *stated && (c[i].kind == REC_EMB_DATE ||
                              (c[i].kind == REC_EMB_PRICE && isinf(c[i].low) != isinf(c[i].high)));
    }
    size_t combine = date == NULL ? 0 : price == NULL ? 1 : price < date ? 2 : 3;
    rec_status status = rec_json_add_count(list, NULL, combine, err);
    if (status == REC_OK)
        status = write_price(list, price, err);
    if (status == REC_OK)
        status = rec_json_add_count(list, NULL, date != NULL && date->by_month, err);
    return status == REC_OK ? write_date(list, date, err) : status;
}

rec_status rec_emb_truth_write(bool *stated, cJSON *json, const rec_emb_items *x,
                               const rec_emb_row *row, rec_error *err)
{
    rec_emb_truth truth = rec_emb_tasks[row->task]->truth;
    cJSON *list;
    *stated = true;
    if (row->n_conditions == 0 || truth == REC_EMB_TRUTH_ITEMS)
        return write_items(json, row, err);
    rec_status status = rec_json_add_array(&list, json, "ground_truth", err);
    if (status == REC_OK)
        status = truth == REC_EMB_TRUTH_BOUNDS ? write_bounds(stated, list, row, err)
                                               : write_pairs(stated, list, x, row, err);
    return status;
}
