#include "harness/serve/fields.h"

#include <math.h>

#include "core/json.h"

const cJSON *rec_field(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(item) ? NULL : item;
}

rec_status rec_field_bool(bool *out, const cJSON *object, const char *key, rec_api_error *err)
{
    const cJSON *item = rec_field(object, key);
    if (item == NULL)
        return REC_OK;
    if (!cJSON_IsBool(item))
        return rec_api_fail(err, 400, NULL, key, "\"%s\" is true or false", key);
    *out = cJSON_IsTrue(item);
    return REC_OK;
}

rec_status rec_field_real(double *out, const cJSON *object, const char *key, double min, double max,
                          rec_api_error *err)
{
    const cJSON *item = rec_field(object, key);
    if (item == NULL)
        return REC_OK;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= min && item->valuedouble <= max))
        return rec_api_fail(err, 400, NULL, key, "\"%s\" is a number from %g to %g", key, min, max);
    *out = item->valuedouble;
    return REC_OK;
}

rec_status rec_field_int(int64_t *out, const cJSON *object, const char *key, int64_t min,
                         int64_t max, rec_api_error *err)
{
    const cJSON *item = rec_field(object, key);
    if (item == NULL)
        return REC_OK;
    double value = cJSON_IsNumber(item) ? item->valuedouble : NAN;
    if (!(value >= (double)min && value <= (double)max) || value != floor(value))
        return rec_api_fail(err, 400, NULL, key, "\"%s\" is a whole number from %lld to %lld", key,
                            (long long)min, (long long)max);
    *out = (int64_t)value;
    return REC_OK;
}

rec_status rec_field_text(const char **out, const cJSON *object, const char *key,
                          rec_api_error *err)
{
    const cJSON *item = rec_field(object, key);
    if (item == NULL)
        return REC_OK;
    if (!cJSON_IsString(item))
        return rec_api_fail(err, 400, NULL, key, "\"%s\" is a string", key);
    *out = item->valuestring;
    return REC_OK;
}

rec_status rec_fields_parse(cJSON **out, const char *body, size_t length, rec_api_error *err)
{
    rec_error from;
    if (rec_json_parse(out, body, length, "body", 1, &from) != REC_OK)
        return rec_api_fail(err, from.status == REC_ERR_DATA ? 400 : 503, "invalid_json", NULL,
                            "%s", from.message);
    if (cJSON_IsObject(*out))
        return REC_OK;
    cJSON_Delete(*out);
    *out = NULL;
    return rec_api_fail(err, 400, "invalid_json", NULL, "the body is not a JSON object");
}
