/* models/reclm_emb/original/write_items.c: item_embedding_prompt.jsonl, from which the original's evaluator
 * embeds items and judges predicates (preprocess/utils, get_item_text). */
#include <math.h>
#include <time.h>

#include "core/json_build.h"
#include "models/reclm_emb/files_private.h"
#include "models/reclm_emb/original/files.h"
#include "models/reclm_emb/original/format.h"
#include "models/reclm_emb/original/truth.h"

/* A calendar month away, the day clipped to the month's last (dateutil's relativedelta). */
static double shift_month(double seconds, int by)
{
    const double day = 86400.0;
    time_t moment = (time_t)seconds;
    struct tm calendar = {.tm_mday = 0};
    double low, high;
    gmtime_r(&moment, &calendar);
    rec_emb_span(&low, &high, seconds, true, by);
    double shifted = low + (calendar.tm_mday - 1) * day;
    return shifted < high ? shifted : high - day;
}

static rec_status add_date(cJSON *json, const char *key, double seconds, rec_error *err)
{
    char text[REC_EMB_NUMBER_MAX];
    rec_emb_long_date(text, seconds);
    if (!isnan(seconds))
        return rec_json_add_text(json, key, text, err);
    return cJSON_AddNullToObject(json, key) != NULL ? REC_OK
                                                    : rec_fail(err, REC_ERR_RESOURCE, "no memory");
}

static rec_status add_attribute(cJSON *list, const rec_emb_items *x, size_t attribute,
                                uint32_t item, rec_error *err)
{
    const rec_emb_attribute *a = &x->attributes[attribute];
    cJSON *values;
    if (a->start[item + 1] == a->start[item])
        return REC_OK;
    if (!a->is_list)
        return rec_emb_add_pair(list, NULL, a->key, a->column->text[item], err);
    rec_status status = rec_emb_add_list_pair(&values, list, a->key, err);
    for (size_t i = a->column->start[item]; i < a->column->start[item + 1] && status == REC_OK; i++)
        status = rec_json_add_text(values, NULL, a->column->texts[i], err);
    return status;
}

static rec_status add_features(cJSON *json, const rec_emb_items *x, uint32_t item, double price,
                               double date, rec_error *err)
{
    char text[REC_EMB_NUMBER_MAX];
    const char *description = x->description != NULL ? x->description->text[item] : NULL;
    cJSON *list;
    rec_status status;
    REC_TRY(rec_json_add_array(&list, json, "features", err));
    for (size_t a = 0; a < x->n_attributes; a++)
        REC_TRY(add_attribute(list, x, a, item, err));
    if (!isnan(price)) {
        rec_emb_float_text(text, price);
        REC_TRY(rec_emb_add_pair(list, NULL, "price", text, err));
    }
    if (!isnan(date)) {
        if (x->dates_are_years)
            rec_emb_date_text(text, date, true);
        else
            rec_emb_long_date(text, date);
        REC_TRY(rec_emb_add_pair(list, NULL, "release date", text, err));
    }
    if (description != NULL)
        status = rec_emb_add_pair(list, NULL, "description", description, err);
cleanup:
    return status;
}

static rec_status add_item(cJSON *json, const rec_emb_items *x, uint32_t item, rec_error *err)
{
    const char *title = rec_emb_title(x, item);
    double price = x->price != NULL ? x->price[item] : NAN;
    double date = x->date != NULL ? x->date[item] : NAN;
    rec_status status;
    REC_TRY(rec_json_add_count(json, "id", (size_t)item + 1, err));
    REC_TRY(rec_json_add_text(json, "text", x->texts[item], err));
    REC_TRY(rec_emb_add_pair(json, "title", "title", title != NULL ? title : "", err));
    REC_TRY(add_features(json, x, item, price, date, err));
    if (isnan(price))
        REC_TRY(add_date(json, "price", NAN, err));
    else
        REC_TRY(rec_json_add_real(json, "price", price, err));
    REC_TRY(add_date(json, "release date", date, err));
    REC_TRY(add_date(json, "next month", isnan(date) ? NAN : shift_month(date, 1), err));
    status = add_date(json, "last month", isnan(date) ? NAN : shift_month(date, -1), err);
cleanup:
    return status;
}

static rec_status write_item(FILE *out, const rec_emb_corpus *c, size_t item, rec_error *err)
{
    cJSON *json;
    rec_status status = rec_json_new_object(&json, err);
    if (status != REC_OK)
        return status;
    status = add_item(json, &c->items, (uint32_t)item, err);
    if (status == REC_OK)
        status = rec_emb_write_line(out, json, err);
    cJSON_Delete(json);
    return status;
}

rec_status rec_emb_original_write_items(const rec_emb_corpus *c, const char *folder, rec_error *err)
{
    static const char padding[] =
        "{\"id\":0,\"text\":\"padding\",\"title\":[\"padding\",null],\"features\":[\"padding\","
        "null],\"price\":null,\"release date\":null,\"next month\":null,\"last month\":null}\n";
    return rec_emb_write_items(c, folder, "item_embedding_prompt.jsonl", padding, write_item, err);
}
