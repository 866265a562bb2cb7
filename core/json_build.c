#include "core/json_build.h"

#include <math.h>

static rec_status made(cJSON **out, cJSON *item, rec_error *err)
{
    *out = item;
    return item != NULL ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "out of memory (JSON)");
}

rec_status rec_json_take(cJSON *parent, const char *key, cJSON *item, rec_error *err)
{
    if (item != NULL && (key != NULL ? cJSON_AddItemToObject(parent, key, item)
                                     : cJSON_AddItemToArray(parent, item)))
        return REC_OK;
    cJSON_Delete(item);
    return rec_fail(err, REC_ERR_RESOURCE, "out of memory (JSON)");
}

rec_status rec_json_new_object(cJSON **out, rec_error *err)
{
    return made(out, cJSON_CreateObject(), err);
}

rec_status rec_json_new_array(cJSON **out, rec_error *err)
{
    return made(out, cJSON_CreateArray(), err);
}

rec_status rec_json_add_object(cJSON **out, cJSON *parent, const char *key, rec_error *err)
{
    *out = cJSON_CreateObject();
    return rec_json_take(parent, key, *out, err);
}

rec_status rec_json_add_array(cJSON **out, cJSON *parent, const char *key, rec_error *err)
{
    *out = cJSON_CreateArray();
    return rec_json_take(parent, key, *out, err);
}

rec_status rec_json_add_text(cJSON *parent, const char *key, const char *text, rec_error *err)
{
    return rec_json_take(parent, key, text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull(),
                         err);
}

rec_status rec_json_add_real(cJSON *parent, const char *key, double value, rec_error *err)
{
    return rec_json_take(parent, key,
                         isfinite(value) ? cJSON_CreateNumber(value) : cJSON_CreateNull(), err);
}

rec_status rec_json_add_count(cJSON *parent, const char *key, size_t value, rec_error *err)
{
    return rec_json_take(parent, key, cJSON_CreateNumber((double)value), err);
}

rec_status rec_json_add_bool(cJSON *parent, const char *key, bool value, rec_error *err)
{
    return rec_json_take(parent, key, cJSON_CreateBool(value), err);
}
